"""Reads the environment into typed settings and remembers what is wrong. Must not raise: a wrong value becomes a
system check with a hint (clinic_site/checks.py), never a traceback at the first request."""

import os
import secrets
import warnings
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import environ
from cryptography.fernet import Fernet

LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Problem:
    """One wrong or missing value: the variable's name, what is wrong, what to do. Never the value itself."""

    name: str
    message: str
    hint: str


PROBLEMS: list[Problem] = []


def problem(name: str, message: str, hint: str) -> None:
    """Remember that `name` is wrong; clinic_site.checks reports it."""
    PROBLEMS.append(Problem(name, message, hint))


def text(name: str, default: str = "") -> str:
    """The variable without surrounding space."""
    return os.environ.get(name, default).strip()


def words(name: str, default: str = "") -> list[str]:
    """A comma list."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def flag(name: str, *, default: bool) -> bool:
    """1, true, yes, on against 0, false, no, off."""
    value = text(name).lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"", "0", "false", "no", "off"}:
        return default if value == "" else False
    problem(name, f"{name} is neither true nor false.", f"Set {name}=1 or {name}=0.")
    return default


def debug(*, is_production: bool) -> bool:
    """DEBUG; on a public site never, because its error pages show what patients typed."""
    wanted = flag("DEBUG", default=False)
    if wanted and is_production:
        problem("DEBUG", "DEBUG is on while SITE_URL is public.", "Leave DEBUG out, or use a SITE_URL of this machine.")
    return wanted and not is_production


def whole(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number within bounds."""
    value = text(name)
    if not value:
        return default
    if value.isdecimal() and least <= int(value) <= most:
        return int(value)
    problem(name, f"{name} is not a whole number from {least} to {most}.", f"For example {name}={default}.")
    return default


def secret(name: str, *, least: int = 32) -> str:
    """A key of at least `least` characters; without one a key of this process alone, and a problem."""
    value = text(name)
    if len(value) >= least:
        return value
    state = "missing" if not value else f"shorter than {least} characters"
    problem(
        name,
        f"{name} is {state}.",
        "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'",
    )
    return secrets.token_urlsafe(48)


def fernet_keys(name: str) -> list[str]:
    """Keys for data at rest, newest first; a key of this process alone, and a problem, when none is usable."""
    keys = words(name)
    try:
        for key in keys:
            Fernet(key)
    except ValueError:
        problem(name, f"{name} holds a key that is not a Fernet key.", _FERNET_HINT)
        keys = []
    else:
        if not keys:
            problem(name, f"{name} is missing.", _FERNET_HINT)
    return keys or [Fernet.generate_key().decode()]


_FERNET_HINT = (
    "Make one with: python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'. "
    "To rotate, put the new key first and keep the old ones."
)


def site_url(default: str) -> str:
    """The public address: scheme and host, no path."""
    value = text("SITE_URL", default).rstrip("/") or default
    try:
        parts = urlsplit(value)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a broken IPv6 address, or a port that is no number
        is_address = False
    if is_address and not parts.path and not parts.query and not parts.fragment and not parts.username:
        return value
    problem("SITE_URL", "SITE_URL is not an address like https://clinic.example.", "Scheme and host, without a path.")
    return default


def is_loopback(url: str) -> bool:
    """Whether the address can only be reached from this machine."""
    host = urlsplit(url).hostname or ""
    return host in LOOPBACK_HOSTS or host.endswith(".localhost")  # RFC 6761 keeps that name for this machine


def database(default_file: Path) -> dict[str, object]:
    """DATABASE_URL as Django's DATABASES entry; SQLite gets the journal and locks that two processes need."""
    own_file: dict[str, object] = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default_file)}
    config = _parsed(
        "DATABASE_URL", "db_url_config", own_file, "DATABASE_URL=postgres://user:password@host:5432/clinic"
    )
    if "sqlite" in str(config["ENGINE"]):
        # IMMEDIATE: a transaction that will write takes its lock at once, so that it never fails half-way.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        }
    else:
        config["CONN_HEALTH_CHECKS"] = True
    # SQLite too: closing the last connection of a file copies the whole journal back, 5 ms for each request.
    config["CONN_MAX_AGE"] = 60
    return config


def cache() -> dict[str, object]:
    """CACHE_URL as Django's CACHES entry; without one, each process has its own."""
    in_process: dict[str, object] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    return _parsed("CACHE_URL", "cache_url_config", in_process, "CACHE_URL=redis://127.0.0.1:6379/0")


def email(default_folder: Path) -> dict[str, object]:
    """EMAIL_URL as Django's EMAIL_* settings; without one, mail lands in a folder."""
    in_folder: dict[str, object] = {
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": str(default_folder),
    }
    config = _parsed("EMAIL_URL", "email_url_config", in_folder, "EMAIL_URL=smtp+tls://user:password@host:587")
    # Without a timeout a silent mail server would stop the worker for good.
    return {"EMAIL_TIMEOUT": 20, **{name: value for name, value in config.items() if value is not None}}


_KNOWN = ("django.db.backends.sqlite3", "django.db.backends.postgresql", "django.core.")


def _parsed(name: str, parser: str, default: dict[str, object], example: str) -> dict[str, object]:
    """The variable through django-environ; `default` without one, and with a problem when it is not understood."""
    value = text(name)
    if not value:
        return default
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # the parser warns about an unknown engine, with the address in its text
            parsed = dict(getattr(environ.Env, parser)(value))
    except Exception:  # any failure of the parser means the same to the reader: the address is wrong
        parsed = {}
    backend = parsed.get("ENGINE") or parsed.get("BACKEND") or parsed.get("EMAIL_BACKEND") or ""
    if str(backend).startswith(_KNOWN):
        return parsed
    problem(name, f"{name} is not an address that is understood.", f"For example {example}")
    return default
