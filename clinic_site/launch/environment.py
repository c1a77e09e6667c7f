"""What the programs of one machine get as environment: local keys, and made-up Twilio credentials where none are set.
Must not put a value of its own over one that was set from outside, nor invent keys for a public site."""

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet

from clinic_site import env

ROOT = Path(__file__).resolve().parent.parent.parent
DEFAULT_PORT = 8000
DEFAULT_SIMULATOR_PORT = 8001


class CannotStart(Exception):
    """Why nothing was started, as one sentence for the person at the keyboard."""


def folder() -> Path:
    """Where the database, the keys and the collected static files of this machine live; only its owner may look."""
    place = Path(os.environ.get("CLINIC_VAR") or ROOT / "var")
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        raise CannotStart(f"{place} cannot be made. Give yourself the right to write there.") from None
    if not os.access(place, os.W_OK | os.X_OK):
        raise CannotStart(f"{place} cannot be written to. Give yourself the right to write there.")
    return place


def port(name: str, default: int) -> int:
    """A port from the environment. A wrong one is named here, because nothing could be started on it."""
    value = env.text(name) or str(default)
    if value.isdecimal() and 1 <= int(value) <= 65535:
        return int(value)
    raise CannotStart(f"{name} is not a port: set {name} to a whole number from 1 to 65535.")


def is_public() -> bool:
    """Whether SITE_URL says that strangers can reach the site."""
    return not env.is_loopback(env.text("SITE_URL") or "http://localhost")


def uses_simulator() -> bool:
    """No Twilio account is configured, and nobody but this machine is a patient."""
    return not env.text("TWILIO_ACCOUNT_SID") and not is_public()


def for_programs(*, debug: bool) -> dict[str, str]:
    """The whole environment: what was set from outside, then what this machine needs in addition."""
    added = {"PYTHONUNBUFFERED": "1"}
    if not is_public():
        added |= local_keys(folder() / "local.env")
    values = {**added, **{name: value for name, value in os.environ.items() if value.strip()}}
    values["DEBUG"] = "1" if debug else "0"
    # Not DJANGO_SETTINGS_MODULE from outside: a shell may hold that of another project. Tests name settings of theirs.
    values["DJANGO_SETTINGS_MODULE"] = values.get("CLINIC_SETTINGS", "clinic_site.settings")
    if uses_simulator():
        values |= _simulated_twilio()
    return values


def local_keys(file: Path) -> dict[str, str]:
    """Keys made once for this machine: without the same ones again, nothing that was stored could be read."""
    if not file.exists():
        made = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "LOOKUP_KEY": secrets.token_urlsafe(48),
            "LINK_KEY": secrets.token_urlsafe(48),
        }
        lines = "".join(f"{name}={value}\n" for name, value in made.items())
        text = "# Made once by `make run` for this machine alone. Whoever loses it cannot read the database.\n" + lines
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as target:
            target.write(text)
    pairs = (line.split("=", 1) for line in file.read_text().splitlines() if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def _simulated_twilio() -> dict[str, str]:
    """Made-up credentials, new at each start: the simulator forgets everything when it ends, too."""
    return {
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_API_KEY_SID": "SK" + "0" * 32,
        "TWILIO_API_KEY_SECRET": secrets.token_hex(16),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_MESSAGING_SERVICE_SID": "MG" + "0" * 32,
        "TWILIO_FROM_NUMBER": "",
        "TWILIO_API_URL": f"http://127.0.0.1:{port('SIMULATOR_PORT', DEFAULT_SIMULATOR_PORT)}",
    }
