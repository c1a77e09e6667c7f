"""The tables of the site, made by the migrations once for a run and then copied: making them takes twelve seconds. Must
not be used where the first start of a bare machine is what is tested."""

import fcntl
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent


def folder() -> Path:
    """What all processes of a run share."""
    return Path(os.environ["CLINIC_TEST_VAR"])


def is_made() -> bool:
    """Whether somebody in this run needed it."""
    return (folder() / "migrated.stamp").exists()


def file() -> Path:
    """The SQLite database to copy; made at the first call of a run, by whichever process comes first."""
    original = folder() / "migrated.sqlite3"
    with _once() as is_first:
        if is_first:
            _migrate(f"sqlite:///{original}")
    return original


def copy_to(place: Path) -> None:
    """An empty SQLite database with all tables."""
    with closing(sqlite3.connect(file())) as original, closing(sqlite3.connect(place)) as copy:
        original.backup(copy)


def template(server: str) -> str:
    """The name of the PostgreSQL database to copy on the server at `server`; made like `file`."""
    name = _name()
    with _once() as is_first:
        if is_first:
            _execute(server, f'CREATE DATABASE "{name}"')
            _migrate(urlunsplit(urlsplit(server)._replace(path=f"/{name}")))
    return name


def drop_template(server: str) -> None:
    """At the end of a run: the server may be somebody's own."""
    if is_made():
        _execute(server, f'DROP DATABASE IF EXISTS "{_name()}" WITH (FORCE)')


def use_for(settings: dict[str, Any]) -> None:
    """Let Django's test database, described by `settings`, begin as a copy."""
    if "sqlite" in settings["ENGINE"]:
        copy_to(Path(settings["TEST"]["NAME"]))
    else:
        settings["TEST"]["TEMPLATE"] = template(os.environ["TEST_DATABASE_URL"])


def _name() -> str:
    return f"migrated_{folder().name}"


@contextmanager
def _once() -> Iterator[bool]:
    """Whether this process is the first; the others wait for it."""
    stamp = folder() / "migrated.stamp"
    with (folder() / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield not stamp.exists()
        stamp.touch()


def _migrate(address: str) -> None:
    values = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "TEST_DATABASE_URL": address}
    command = [sys.executable, "-W", "ignore", "manage.py", "migrate", "--run-syncdb", "-v", "0"]
    subprocess.run(command, cwd=ROOT, env=values, check=True)


def _execute(server: str, command: str) -> None:
    import psycopg2

    with closing(psycopg2.connect(server)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(command)
