"""Personal values at rest: an encrypted text field and keyed hashes to find rows by. Must not know any model.

Data keys (`FIELD_ENCRYPTION_KEYS`, newest first) may be rotated and retired; the lookup key (`LOOKUP_KEY`) is one
of its own, because a hash derived from a retired data key would lose a stored STOP.
"""

import hashlib
import hmac
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.db.models.query_utils import DeferredAttribute

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


@dataclass(frozen=True)
class _Sealed:
    stored: str


class _OpenedWhenAsked(DeferredAttribute):
    """The attribute of a sealed field on a row. With __set__ it is asked even where the row holds a value."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, _Sealed):
            value = instance.__dict__[self.field.attname] = decrypt(value.stored)
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class SealedTextField(EncryptedTextField):
    """The same column, opened when a row's value is asked for and not when the row is read: UnreadableValue is raised
    there, and the row can be listed, replaced and deleted all the same. Not to be read through values()."""

    descriptor_class = _OpenedWhenAsked

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        """Keeps the stored value closed."""
        return None if value is None else _Sealed(value)

    def deconstruct(self) -> Any:
        """As the field that it is in the database: when it is opened is nothing to migrate."""
        name, _path, args, kwargs = super().deconstruct()
        return name, f"{EncryptedTextField.__module__}.{EncryptedTextField.__qualname__}", args, kwargs
