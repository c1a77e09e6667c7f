"""Sets up one race course: a fresh database, two web processes, a referee and the rivals; ends all of it. Must not
judge."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clinic_site.launch import ports
from tests import running
from tests.races.rivals import Answer, Field, Shot

SERVERS = 2
SECONDS_TO_START = 60


@dataclass
class Tally:
    """What came of the rounds of one race."""

    race: str
    rivals: int = 0
    rounds: int = 0
    winners: int = 0
    losers: int = 0
    with_times: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Course:
    """One set-up; `run` a race on it for some rounds."""

    def __init__(self, referee: subprocess.Popen[str], rivals: Field, web_ports: list[int], count: int) -> None:
        self._referee, self._rivals, self._ports = referee, rivals, web_ports
        self.races: list[str] = self._ask({"rivals": count})["races"]

    def run(self, race: str, *, rounds: int, seconds: float = float("inf")) -> Tally:
        """This race, again and again, as long as the seconds last."""
        tally, began = Tally(race), time.monotonic()
        for number in range(rounds):
            if time.monotonic() - began > seconds:
                break
            shots = self._ask({"do": "prepare", "race": race, "round": number})["shots"]
            answers = self._rivals.press([self._aimed(shot, turn) for turn, shot in enumerate(shots)])
            seen = [{"status": answer.status, "words": answer.words} for answer in answers]
            self._count(tally, self._ask({"do": "judge", "race": race, "answers": seen}), answers)
        tally.seconds = time.monotonic() - began
        return tally

    def _aimed(self, shot: dict[str, Any], turn: int) -> Shot:
        return Shot(self._ports[turn % len(self._ports)], shot["path"], shot["form"], shot["cookies"])

    def _count(self, tally: Tally, verdict: dict[str, Any], answers: list[Answer]) -> None:
        tally.rounds += 1
        tally.rivals = len(answers)
        tally.winners += verdict["winners"]
        tally.losers += verdict["losers"]
        tally.with_times += verdict["with_times"]
        tally.wrong += [f"round {tally.rounds}: {what}" for what in verdict["wrong"]]

    def _ask(self, question: dict[str, Any]) -> Any:
        assert self._referee.stdin is not None
        assert self._referee.stdout is not None
        self._referee.stdin.write(json.dumps(question) + "\n")
        self._referee.stdin.flush()
        line = self._referee.stdout.readline()
        assert line, "The referee left."
        return json.loads(line)


@contextmanager
def course(folder: Path, *, rivals: int, database: str = "") -> Iterator[Course]:
    """Everything on loopback, ended with the block, at the latest by force."""
    values = running.environment(folder, REQUEST_LIMIT_PER_HOUR="0")
    if database:
        values["DATABASE_URL"] = database
    subprocess.run(_server("prepare"), cwd=running.ROOT, env=values, check=True, stdout=subprocess.DEVNULL)
    web_ports = [int(values["PORT"]), *(running.free_port() for _ in range(SERVERS - 1))]
    processes: list[subprocess.Popen[str]] = []
    people: Field | None = None
    log = (folder / "servers.log").open("w")
    try:
        for port in web_ports:
            processes.append(
                subprocess.Popen(_server(str(port)), cwd=running.ROOT, env=values, text=True, stdout=log, stderr=log)
            )
        referee = subprocess.Popen(
            _server("referee"), cwd=running.ROOT, env=values, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        processes.append(referee)
        for port in web_ports:
            assert ports.answers(port, host="localhost", within=SECONDS_TO_START, goes_on=lambda: True)
        people = Field()
        yield Course(referee, people, web_ports, rivals)
    finally:
        if people is not None:
            people.close()
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        log.close()
        print((folder / "servers.log").read_text()[-4000:])


def _server(what: str) -> list[str]:
    return [sys.executable, "-m", "tests.races.server", what]


def machine() -> str:
    """On what it ran."""
    return f"{os.cpu_count()} processors, {SERVERS} web processes"
