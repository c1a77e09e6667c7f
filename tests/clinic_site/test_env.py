"""A wrong variable is remembered with a hint and never raised; no message repeats a value."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from clinic_site import env

SECRET = "hunter2-value-that-must-not-show"


@pytest.fixture(autouse=True)
def fresh_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(env, "PROBLEMS", [])


def read(monkeypatch: pytest.MonkeyPatch, name: str, value: str, reader: Callable[[], Any]) -> Any:
    monkeypatch.setenv(name, value)
    return reader()


WRONG: list[tuple[str, str, Callable[[], Any]]] = [
    ("DEBUG", SECRET, lambda: env.flag("DEBUG", default=False)),
    ("PORT", SECRET, lambda: env.whole("PORT", 8000, least=1, most=65535)),
    ("PORT", "0", lambda: env.whole("PORT", 8000, least=1, most=65535)),
    ("PORT", "70000", lambda: env.whole("PORT", 8000, least=1, most=65535)),
    ("SECRET_KEY", "", lambda: env.secret("SECRET_KEY")),
    ("SECRET_KEY", "hunter2", lambda: env.secret("SECRET_KEY")),
    ("FIELD_ENCRYPTION_KEYS", "", lambda: env.fernet_keys("FIELD_ENCRYPTION_KEYS")),
    ("FIELD_ENCRYPTION_KEYS", SECRET, lambda: env.fernet_keys("FIELD_ENCRYPTION_KEYS")),
    ("SITE_URL", SECRET, lambda: env.site_url("http://localhost")),
    ("SITE_URL", "https://clinic.example/path", lambda: env.site_url("http://localhost")),
    ("SITE_URL", "ftp://clinic.example", lambda: env.site_url("http://localhost")),
    ("SITE_URL", "http://[broken", lambda: env.site_url("http://localhost")),
    ("SITE_URL", "http://localhost:port", lambda: env.site_url("http://localhost")),
    ("DATABASE_URL", SECRET, lambda: env.database(Path("/x"))),
    ("DATABASE_URL", f"mysql://u:{SECRET}@h/db", lambda: env.database(Path("/x"))),
    ("DATABASE_URL", f"postgres://u:{SECRET}@h:port/db", lambda: env.database(Path("/x"))),
    ("CACHE_URL", f"foo://{SECRET}", env.cache),
    ("EMAIL_URL", SECRET, lambda: env.email(Path("/x"))),
    ("EMAIL_URL", f"smtp://u:{SECRET}@h:99999", lambda: env.email(Path("/x"))),
]


@pytest.mark.parametrize(("name", "value", "reader"), WRONG)
def test_a_wrong_value_is_one_problem_with_a_hint_and_does_not_show_the_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reader: Callable[[], Any]
) -> None:
    read(monkeypatch, name, value, reader)
    [problem] = env.PROBLEMS
    assert problem.name == name
    assert problem.name in problem.message
    assert len(problem.hint) > 10
    assert "hunter2" not in f"{problem.message} {problem.hint}"


def test_right_values_are_no_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, "DEBUG", "yes", lambda: env.flag("DEBUG", default=False)) is True
    assert read(monkeypatch, "DEBUG", "off", lambda: env.flag("DEBUG", default=True)) is False
    assert read(monkeypatch, "PORT", " 81 ", lambda: env.whole("PORT", 8000, least=1, most=65535)) == 81
    assert read(monkeypatch, "SITE_URL", "https://a.example/", lambda: env.site_url("")) == "https://a.example"
    keys = ",".join([Fernet.generate_key().decode(), Fernet.generate_key().decode()])
    assert len(read(monkeypatch, "FIELD_ENCRYPTION_KEYS", keys, lambda: env.fernet_keys("FIELD_ENCRYPTION_KEYS"))) == 2
    assert env.PROBLEMS == []


def test_a_missing_key_is_replaced_by_one_of_this_process_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    first, second = env.secret("SECRET_KEY"), env.secret("SECRET_KEY")
    assert len(first) >= 32
    assert first != second


def test_sqlite_in_a_folder_is_the_default_whatever_the_folder_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert env.database(Path("/my #1 clinic/50%?/db.sqlite3"))["NAME"] == "/my #1 clinic/50%?/db.sqlite3"


def test_postgres_connections_are_kept_and_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    config = read(
        monkeypatch, "DATABASE_URL", "postgres://u:p@h:5433/clinic?sslmode=require", lambda: env.database(Path("/x"))
    )
    assert config["ENGINE"] == "django.db.backends.postgresql"
    assert config["OPTIONS"] == {"sslmode": "require"}
    assert config["CONN_HEALTH_CHECKS"] is True


def test_mail_has_a_timeout_and_lands_in_an_absolute_folder_without_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMAIL_URL", raising=False)
    config = env.email(Path("/var/mail"))
    assert config["EMAIL_FILE_PATH"] == "/var/mail"
    assert config["EMAIL_TIMEOUT"] == 20


def test_a_mail_server_without_a_port_gets_djangos_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "EMAIL_PORT" not in read(monkeypatch, "EMAIL_URL", "smtp://mail.example", lambda: env.email(Path("/x")))


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://localhost:8000", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:8000", True),
        ("https://clinic.example", False),
        ("http://192.0.2.1", False),
        ("http://localhost.clinic.example", False),
    ],
)
def test_only_this_machine_is_not_production(url: str, loopback: bool) -> None:
    assert env.is_loopback(url) is loopback
