"""People who press at the same moment: each has a connection of its own, waits for the others, and presses once. Must
not know what they press."""

import http.client
import multiprocessing
import re
import threading
from dataclasses import dataclass, field
from html import unescape
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any
from urllib.parse import urlencode

PROCESSES = 4
SECONDS = 120
_TAGS = re.compile(r"<(script|style)[^>]*>.*?</\1>|<[^>]+>", re.DOTALL)


@dataclass(frozen=True)
class Shot:
    """One press: where, with which form, and whose cookies."""

    port: int
    path: str
    form: dict[str, str]
    cookies: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What the one who pressed sees in the end."""

    status: int
    words: str


class Field:
    """PROCESSES processes, and in them as many rivals as there are presses."""

    def __init__(self) -> None:
        self._lines: list[tuple[Connection, Any]] = []
        for _ in range(PROCESSES):
            here, there = multiprocessing.get_context("spawn").Pipe()
            process = multiprocessing.get_context("spawn").Process(target=_stand_by, args=(there,), daemon=True)
            process.start()
            self._lines.append((here, process))

    def press(self, shots: list[Shot]) -> list[Answer]:
        """All at once; what each sees, in the same order."""
        for number, (line, _process) in enumerate(self._lines):
            line.send(shots[number::PROCESSES])
        for line, _process in self._lines:
            line.recv()  # everybody is connected
        for line, _process in self._lines:
            line.send("go")
        answers: list[Answer] = [Answer(0, "")] * len(shots)
        for number, (line, _process) in enumerate(self._lines):
            if not line.poll(SECONDS):
                raise TimeoutError("A rival got no answer.")
            answers[number::PROCESSES] = line.recv()
        return answers

    def close(self) -> None:
        """Everybody goes home."""
        for line, process in self._lines:
            line.send(None)
            process.join(5)
            if process.is_alive():
                process.kill()
                process.join()
            process.close()
            line.close()


def _stand_by(line: Connection) -> None:
    while (shots := line.recv()) is not None:
        barrier = threading.Barrier(len(shots) + 1)
        answers: list[Answer] = [Answer(0, "")] * len(shots)
        threads = [
            threading.Thread(target=_press, args=(shot, number, answers, barrier)) for number, shot in enumerate(shots)
        ]
        for thread in threads:
            thread.start()
        line.send("ready")
        line.recv()
        barrier.wait(SECONDS)
        for thread in threads:
            thread.join(SECONDS)
        line.send(answers)


def _press(shot: Shot, number: int, answers: list[Answer], barrier: Barrier | threading.Barrier) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", shot.port, timeout=SECONDS)
    try:
        connection.connect()
        barrier.wait(SECONDS)
        answers[number] = _follow(connection, shot)
    except (OSError, http.client.HTTPException) as error:
        answers[number] = Answer(599, type(error).__name__)
    finally:
        connection.close()


def _follow(connection: http.client.HTTPConnection, shot: Shot) -> Answer:
    """Press, and go where the answer sends a browser."""
    cookies = dict(shot.cookies)
    method, path, body = "POST", shot.path, urlencode(shot.form)
    for _ in range(4):
        headers = {"Host": "localhost", "Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())}
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body if method == "POST" else None, headers)
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            cookies[name] = value
        location = response.headers.get("Location")
        if not location:
            return Answer(response.status, " ".join(unescape(_TAGS.sub(" ", text)).split()))
        method, path = "GET", location
    return Answer(508, f"sent in circles to {path}")
