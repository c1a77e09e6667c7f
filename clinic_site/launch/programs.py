"""Runs several programs as one: their output with a name before each line, and when one ends, all end. Must not know
what the programs do."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

SECONDS_TO_END = 5.0
# A program that has lived so long was started right: if it ends now, something outside of it went away.
SECONDS_TO_PROVE_ITSELF = 5.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Program:
    """One program: the name before its lines, its command, its environment, and whether it is started again when it
    ends by itself, as systemd does on a server: a worker ends with its connection to PostgreSQL."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    comes_back: bool = False


class Together:
    """Programs that live and end together."""

    def __init__(self, programs: Sequence[Program], *, folder: Path) -> None:
        self.programs = programs
        self.folder = folder
        self.running: dict[str, subprocess.Popen[str]] = {}
        self.asked_to_end = threading.Event()
        self._started: dict[str, float] = {}
        self._pauses: dict[str, float] = {}
        self._width = max(len(program.name) for program in programs)
        self._printing = threading.Lock()
        self._readers: list[threading.Thread] = []

    def run(self, *, when_started: Callable[["Together"], None]) -> int:
        """Start all, call `when_started`, and stay until one ends for good or somebody asks. The exit code to leave
        with."""
        with self._signals():
            try:
                for program in self.programs:
                    self.running[program.name] = self._start(program)
                when_started(self)
                while not self.asked_to_end.wait(0.2) and self._all_run():
                    pass
                ended = None if self.asked_to_end.is_set() else self.first_ended()
            finally:
                self.end()
        if ended is None:
            print("Everything has ended.", flush=True)
            return 0
        name, code = ended
        print(f"{name} ended by itself ({_words(code)}), so the others were ended too.", file=sys.stderr, flush=True)
        return 1

    def first_ended(self) -> tuple[str, int] | None:
        """The name and exit code of a program that is no longer there."""
        for name, process in self.running.items():
            if process.poll() is not None:
                return name, process.returncode
        return None

    def _all_run(self) -> bool:
        """False when one has ended that does not come back; one that does is started again after a growing pause."""
        for program in self.programs:
            process = self.running[program.name]
            if process.poll() is None:
                continue
            lived = time.monotonic() - self._started[program.name]
            if not program.comes_back or (program.name not in self._pauses and lived < SECONDS_TO_PROVE_ITSELF):
                return False
            pause = min(LONGEST_PAUSE, 2 * self._pauses.get(program.name, 0)) or FIRST_PAUSE
            self._pauses[program.name] = FIRST_PAUSE if lived > LONGEST_PAUSE else pause
            said = f"{program.name} ended by itself ({_words(process.returncode)}) and is started again."
            print(said, file=sys.stderr, flush=True)
            if self.asked_to_end.wait(self._pauses[program.name]):
                return True
            self.running[program.name] = self._start(program)
        return True

    def goes_on(self) -> bool:
        """Whether everything still runs and nobody asked to end."""
        return not self.asked_to_end.is_set() and self.first_ended() is None

    def end(self) -> None:
        """Ask all to end, wait a little, then make them."""
        for process in self.running.values():
            _send(process, signal.SIGTERM)
        deadline = time.monotonic() + SECONDS_TO_END
        for process in self.running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _send(process, signal.SIGKILL)
                process.wait()
        for reader in self._readers:
            reader.join(1)  # the last lines are shown, too

    def _start(self, program: Program) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            list(program.command),
            env=program.environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Ctrl-C reaches this process alone, which then ends the others in order.
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - it calls the kernel alone
        )
        self._started[program.name] = time.monotonic()
        reader = threading.Thread(target=self._pass_on, args=(program.name, process), daemon=True)
        reader.start()
        self._readers.append(reader)
        return process

    def _pass_on(self, name: str, process: subprocess.Popen[str]) -> None:
        if process.stdout is None:
            return
        with process.stdout as lines:
            for line in lines:
                with self._printing:
                    print(f"{name:<{self._width}} | {line.rstrip()}", flush=True)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def ask(number: int, frame: FrameType | None) -> None:
            self.asked_to_end.set()

        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, ask) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _end_with_parent() -> None:
    """Linux: if even the launcher is killed, its programs get SIGTERM and free their ports."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _send(process: subprocess.Popen[str], number: signal.Signals) -> None:
    if process.poll() is None:
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return


def _words(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
