"""What settings promise about the database, cookies and TLS, seen in behaviour and not in the settings file."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from clinic_site import env
from tests import production

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def two_connections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any
) -> Iterator[tuple[Any, Any]]:
    """Two connections to one SQLite file, configured as the site configures them."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    config: dict[str, Any] = env.database(tmp_path / "clinic.sqlite3")
    config["OPTIONS"] = {**config["OPTIONS"], "timeout": 0}
    handlers = [ConnectionHandler({"default": dict(config)}) for _ in range(2)]
    first, second = (handler["default"] for handler in handlers)
    for one in (first, second):
        one.inc_thread_sharing()
    with django_db_blocker.unblock():
        yield first, second
        first.close()
        second.close()


def pragma(connection: Any, name: str) -> Any:
    with connection.cursor() as cursor:
        return cursor.execute(f"PRAGMA {name}").fetchone()[0]


def test_sqlite_runs_with_a_write_ahead_log_and_enforces_foreign_keys(two_connections: Any) -> None:
    first, _second = two_connections
    assert pragma(first, "journal_mode") == "wal"
    assert pragma(first, "foreign_keys") == 1
    assert pragma(first, "synchronous") == 1


def test_a_transaction_takes_its_lock_at_once(two_connections: Any) -> None:
    first, second = two_connections
    first.ensure_connection()
    second.ensure_connection()
    with Atomic(first), pytest.raises(OperationalError, match="locked"), Atomic(second):
        pass


def test_reading_goes_on_while_somebody_writes(two_connections: Any) -> None:
    first, second = two_connections
    with first.cursor() as cursor:
        cursor.execute("CREATE TABLE t (x)")
    with Atomic(first):
        with first.cursor() as cursor:
            cursor.execute("INSERT INTO t VALUES (1)")
        with second.cursor() as cursor:
            assert cursor.execute("SELECT count(*) FROM t").fetchone() == (0,)


class Atomic:
    """transaction.atomic() for a connection that is not in django.db.connections."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def __enter__(self) -> None:
        self.connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)

    def __exit__(self, *_: object) -> None:
        self.connection.rollback()
        self.connection.set_autocommit(True)


SHOWN = (
    "SESSION_COOKIE_NAME",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_NAME",
    "CSRF_COOKIE_SECURE",
    "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS",
    "IS_PRODUCTION",
    "DEBUG",
)


def settings_with(tmp_path: Path, **changes: str) -> dict[str, str]:
    """The settings that another process sees with this environment."""
    code = f"from clinic_site import settings as s\nfor n in {SHOWN!r}: print(n, getattr(s, n))"
    environment = {**production.environment(tmp_path), **changes}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def test_everything_that_depends_on_tls_follows_from_the_scheme(tmp_path: Path) -> None:
    public = settings_with(tmp_path)
    assert public["IS_PRODUCTION"] == public["SESSION_COOKIE_SECURE"] == public["SECURE_SSL_REDIRECT"] == "True"
    assert public["SESSION_COOKIE_NAME"] == "__Host-session"
    assert public["CSRF_COOKIE_NAME"] == "__Host-csrf"
    assert int(public["SECURE_HSTS_SECONDS"]) > 31_536_000
    local = settings_with(tmp_path, SITE_URL="http://localhost:8000")
    assert local["IS_PRODUCTION"] == local["SESSION_COOKIE_SECURE"] == local["SECURE_SSL_REDIRECT"] == "False"
    assert local["SESSION_COOKIE_NAME"] == "session"


def test_debug_is_off_unless_asked_for(tmp_path: Path) -> None:
    assert settings_with(tmp_path)["DEBUG"] == "False"
    assert settings_with(tmp_path, DEBUG="1", SITE_URL="http://localhost:8000")["DEBUG"] == "True"


def test_debug_pages_cannot_be_switched_on_for_strangers(tmp_path: Path) -> None:
    assert settings_with(tmp_path, DEBUG="1")["DEBUG"] == "False"
    done = manage(tmp_path, "check", DEBUG="1")
    assert "DEBUG is on while SITE_URL is public" in done.stderr
    assert done.returncode != 0


def manage(tmp_path: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {**production.environment(tmp_path), **changes}
    (tmp_path / "static").mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_wrong_environment_is_sentences_and_no_traceback(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", SECRET_KEY="", FIELD_ENCRYPTION_KEYS="nonsense", DATABASE_URL="nonsense")
    assert done.returncode != 0
    for name in ("SECRET_KEY is missing", "FIELD_ENCRYPTION_KEYS holds a key", "DATABASE_URL is not an address"):
        assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_the_server_does_not_start_with_a_wrong_environment(tmp_path: Path) -> None:
    environment = {**production.environment(tmp_path), "LINK_KEY": ""}
    (tmp_path / "static").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", "import clinic_site.wsgi"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "LINK_KEY is missing." in done.stderr
    assert "Traceback" not in done.stderr
