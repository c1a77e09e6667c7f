"""Personal values at rest: an encrypted text field and keyed hashes to find rows by. Must not know any model.

Data keys (`FIELD_ENCRYPTION_KEYS`, newest first) may be rotated and retired; the lookup key (`LOOKUP_KEY`) is one
of its own, because a hash derived from a retired data key would lose a stored STOP.
"""

import hashlib
import hmac
import unicodedata
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    TextFieldBase = models.TextField[str, str]
else:
    TextFieldBase = models.TextField


class UnreadableValue(Exception):
    """A stored value that none of the configured keys opens. The message never holds the value."""


@lru_cache(maxsize=4)
def _ciphers(keys: tuple[str, ...]) -> tuple[Fernet, ...]:
    return tuple(Fernet(key) for key in keys)


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet(_ciphers(keys))


def encrypt(value: str) -> str:
    """Encrypt under the newest key. The empty string stays empty, so that a blanked field shows as blank."""
    if value == "":
        return ""
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).encrypt(value.encode()).decode()


def decrypt(stored: str) -> str:
    """Open a stored value with any configured key. Raises UnreadableValue for a wrong key or a changed value."""
    if stored == "":
        return ""
    try:
        return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).decrypt(stored.encode()).decode()
    except InvalidToken:
        raise UnreadableValue("A stored value cannot be opened with FIELD_ENCRYPTION_KEYS.") from None


def rotate(stored: str) -> str:
    """The same value under the newest key."""
    return "" if stored == "" else _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).rotate(stored.encode()).decode()


def key_number(stored: str) -> int | None:
    """Which key of the list opens a stored value; 0 is the newest. None: no key does."""
    for number, cipher in enumerate(_ciphers(tuple(settings.FIELD_ENCRYPTION_KEYS))):
        with suppress(InvalidToken):
            cipher.decrypt(stored.encode())
            return number
    return None


def lookup_hash(kind: str, value: str) -> str:
    """A keyed hash (128 bits, hex) to find rows by. `kind` keeps equal values of different fields apart."""
    digest = hmac.new(settings.LOOKUP_KEY.encode(), f"{kind}:{value}".encode(), hashlib.sha256)
    return digest.hexdigest()[:32]


def folded(text: str) -> str:
    """Lower case, accents off, inner space single: how names and searches are compared."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(plain.casefold().split())


class EncryptedTextField(TextFieldBase):
    """A text column that holds ciphertext. It cannot be searched or sorted: use lookup_hash columns for that."""

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        """Opens the stored value."""
        return None if value is None else decrypt(value)

    def get_prep_value(self, value: Any) -> str | None:
        """Encrypts on the way in."""
        prepared = super().get_prep_value(value)
        return None if prepared is None else encrypt(str(prepared))

    def get_lookup(self, lookup_name: str) -> Any:
        """Refuses every lookup but isnull: comparing ciphertexts would silently find nothing."""
        if lookup_name != "isnull":
            raise TypeError(f"{self.name} is encrypted: look rows up by a keyed hash instead.")
        return super().get_lookup(lookup_name)
