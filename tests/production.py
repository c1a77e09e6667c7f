"""A complete, made-up production environment, for checks of what a real clinic would run. Must not reach anything."""

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet


def environment(folder: Path) -> dict[str, str]:
    """Every variable that production needs, valid and opening nothing."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV") if name in os.environ}
    return kept | {
        "CLINIC_VAR": str(folder),
        "SITE_URL": "https://clinic.example",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "LOOKUP_KEY": secrets.token_urlsafe(48),
        "LINK_KEY": secrets.token_urlsafe(48),
        "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "DATABASE_URL": f"sqlite:///{folder / 'clinic.sqlite3'}",
        "EMAIL_URL": "smtp+tls://clinic:secret@mail.clinic.example:587",
        "DEFAULT_FROM_EMAIL": "hello@clinic.example",
        "STAFF_EMAIL": "desk@clinic.example",
        "TRUSTED_PROXIES": "127.0.0.1",
        "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
        "TWILIO_API_KEY_SID": "SK" + secrets.token_hex(16),
        "TWILIO_API_KEY_SECRET": secrets.token_hex(16),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_MESSAGING_SERVICE_SID": "MG" + secrets.token_hex(16),
    }
