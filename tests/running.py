"""Starts the real site in processes of its own, as `make run` does, and ends it. Must not know what a test looks at."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
SECONDS_TO_START = 120
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "XDG_RUNTIME_DIR")


@dataclass
class Site:
    """A site that answers."""

    url: str
    phone_url: str
    environment: dict[str, str]
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    @property
    def output(self) -> str:
        """What all its processes have printed so far."""
        return "\n".join(self.lines)

    @property
    def password(self) -> str:
        """The demo user's, as it was printed once."""
        found = re.search(r"password (\S+)", self.output)
        assert found is not None, self.output
        return found[1]

    def manage(self, code: str) -> str:
        """Run Python in another process of this site, with its settings and database; what it printed."""
        command = [sys.executable, "-m", "clinic_site.launch", "manage", "shell", "-v", "0", "-c", code]
        ended = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS_TO_START,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout
        return ended.stdout


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, **more: str) -> dict[str, str]:
    """A machine on which nothing is set but where to put things."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    ports = {"PORT": str(free_port()), "SIMULATOR_PORT": str(free_port())}
    return {**kept, **ports, "CLINIC_VAR": str(folder), **more}


def by_day(*, now: datetime) -> dict[str, str]:
    """What launched() needs so that texts go out at once at whatever hour: a zone in which it is between noon and 1 pm
    (from 9 pm to 8 am they are held). `now` in UTC."""
    east = 12 - now.hour
    return {"CLINIC_SETTINGS": "tests.settings_by_day", "JOURNEY_ZONE": f"Etc/GMT{-east:+d}"}


@contextmanager
def launched(folder: Path, **more: str) -> Iterator[Site]:
    """`make run` without the installation; ends with the block, at the latest by force."""
    values = environment(folder, **more)
    command = [sys.executable, "-m", "clinic_site.launch", "run"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=values, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    site = Site(
        url=f"http://localhost:{values['PORT']}",
        phone_url=f"http://127.0.0.1:{values['SIMULATOR_PORT']}",
        environment=values,
        process=process,
    )
    assert process.stdout is not None
    reader = threading.Thread(target=_keep, args=(process.stdout, site.lines), daemon=True)
    reader.start()
    try:
        _wait_until_started(site)
        yield site
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(5)
        print(site.output)  # pytest shows it with a test that failed


def _keep(stream: IO[str], lines: list[str]) -> None:
    with stream:
        for line in stream:
            lines.append(line.rstrip())


def _wait_until_started(site: Site) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while "Ctrl-C ends all of it" not in site.output:
        assert site.process.poll() is None, f"The site did not start:\n{site.output}"
        assert time.monotonic() < deadline, f"The site took too long to start:\n{site.output}"
        time.sleep(0.1)


@contextmanager
def postgres_database(server: str, *, template: str = "template1") -> Iterator[str]:
    """The address of a fresh database on the server at `server`, a copy of `template`; dropped afterwards."""
    import psycopg2

    name = f"journey_{os.getpid()}_{free_port()}"
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE {name} TEMPLATE "{template}"')
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.close()
