"""Database sessions whose data is encrypted at rest: half-filled requests hold names and phone numbers.
Must not change how sessions live or end (Django's own rules do)."""

import json
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from booking.encryption import UnreadableValue, decrypt, encrypt


class SessionStore(DatabaseStore):
    """Django's database session with Fernet instead of signing: authenticated and unreadable."""

    def encode(self, session_dict: dict[str, Any]) -> str:
        """Session data as ciphertext."""
        return encrypt(json.dumps(session_dict, separators=(",", ":")))

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """Session data back; empty (a new session) where no key opens it."""
        text = session_data if isinstance(session_data, str) else session_data.decode()
        try:
            return dict(json.loads(decrypt(text)))
        except (UnreadableValue, ValueError):
            return {}
