"""Moves stored values to the newest data key, so that an older one can be retired. Must not know which tables there
are (the registry of models does), nor tell anybody a value.

Each batch is read and encrypted without a lock and written in one transaction that waits for nobody: rows that somebody
holds at that moment are done one by one afterwards. A value is written only over the ciphertext that was read, so what
changed meanwhile stays as it is. Killed at any moment, it goes on when it is started again.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.apps.registry import Apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Cast

from booking.encryption import EncryptedTextField, key_number, rotate

AT_ONCE = 50
REST = 0.1  # seconds between two batches on SQLite, whose waiting writers look about ten times a second
TRIES = 5  # for a row that changes whenever it is looked at
Ciphertexts = dict[str, str]  # by field


@dataclass(frozen=True)
class Place:
    """Rows of one table and which of their fields are encrypted. `pass_away`: they end by themselves, the site does
    without them, and their primary keys are nobody's business (sessions)."""

    rows: "QuerySet[Any]"
    fields: tuple[str, ...]
    pass_away: bool = False

    @property
    def table(self) -> str:
        """Its name in the database."""
        return str(self.rows.model._meta.db_table)


@dataclass(frozen=True)
class Seen:
    """A value: where it stands, and which key of the list opens it (0 is the newest, None: none does)."""

    pk: Any
    field: str
    key: int | None


@dataclass(frozen=True)
class Batch:
    """Some rows of a place: how many, and what was seen in them or could not be moved."""

    rows: int
    seen: list[Seen]


def places(registry: Apps = apps) -> list[Place]:
    """Every table with an encrypted field, also those that nobody has thought of yet."""
    found = []
    for model in registry.get_models(include_auto_created=True):
        names = tuple(f.name for f in model._meta.local_concrete_fields if isinstance(f, EncryptedTextField))
        if names and model._meta.managed:
            found.append(Place(model._base_manager.all(), names))
    return found


def look(place: Place) -> Iterator[Batch]:
    """Which key opens each value. Changes nothing."""
    for rows in _batches(place):
        yield Batch(len(rows), [Seen(pk, name, key_number(text)) for pk, now in rows for name, text in now.items()])


def move(place: Place) -> Iterator[Batch]:
    """Put each value under the newest key, a batch for each step. What a batch has seen is what the database refused
    to change: the history of a table that lets nobody write."""
    for rows in _batches(place):
        waiting = {pk: old for pk, now in rows if (old := _older(now))}
        left = _move_together(place, waiting) if waiting else []
        if waiting and not connection.features.has_select_for_update:
            time.sleep(REST)  # there a batch holds the whole database, and the site must come in between
        yield Batch(len(rows), [seen for pk in left for seen in _move_alone(place, pk)])


def _move_together(place: Place, waiting: dict[Any, Ciphertexts]) -> list[Any]:
    """One transaction, in which no row is waited for: whoever waits while holding others can stop the site. Returns
    the rows that are left."""
    moved = {pk: _under_the_newest(old) for pk, old in waiting.items()}
    try:
        with transaction.atomic():
            # SQLite knows no locks of rows: there the transaction has the whole database.
            free = place.rows.filter(pk__in=waiting).select_for_update(skip_locked=True, no_key=True)
            done = {pk for pk in free.values_list("pk", flat=True) if _write(place, pk, waiting[pk], moved[pk])}
    except IntegrityError:
        done = set()
    return [pk for pk in waiting if pk not in done]


def _move_alone(place: Place, pk: Any) -> list[Seen]:
    """One row as it is now. What is still under an older key in the end: the database refuses, or it never rests."""
    old: Ciphertexts = {}
    for _try in range(TRIES):
        old = _older(dict(_read(place, _stored(place).filter(pk=pk))).get(pk, {}))
        try:
            with transaction.atomic():
                if not old or _write(place, pk, old, _under_the_newest(old)):
                    return []
        except IntegrityError:
            break
    return [Seen(pk, name, key_number(text)) for name, text in old.items()]


def _write(place: Place, pk: Any, old: Ciphertexts, new: Ciphertexts) -> bool:
    """Whether the row still held what was read, and now holds the same under the newest key."""
    as_read = _stored(place).filter(pk=pk, **{_alias(name): text for name, text in old.items()})
    texts = {name: Value(text, output_field=models.TextField()) for name, text in new.items()}
    return as_read.update(**texts) == 1


def _batches(place: Place) -> Iterator[list[tuple[Any, Ciphertexts]]]:
    """All rows by their primary keys, a batch at a time, so that memory does not grow with the table."""
    rows = _stored(place).order_by("pk")
    batch = _read(place, rows[:AT_ONCE])
    while batch:
        yield batch
        batch = _read(place, rows.filter(pk__gt=batch[-1][0])[:AT_ONCE])


def _read(place: Place, rows: "QuerySet[Any]") -> list[tuple[Any, Ciphertexts]]:
    """Primary keys and ciphertexts; what is blank is left out."""
    names = place.fields
    found = rows.values_list("pk", *map(_alias, names))
    return [(pk, {name: text for name, text in zip(names, texts, strict=True) if text}) for pk, *texts in found]


def _stored(place: Place) -> "QuerySet[Any]":
    """With the columns as they are in the database: the field itself would open them, and refuses to be compared."""
    columns = {_alias(name): Cast(name, models.TextField()) for name in place.fields}
    stored: QuerySet[Any] = place.rows.annotate(**columns)
    return stored


def _alias(name: str) -> str:
    return f"{name}_as_stored"


def _older(texts: Ciphertexts) -> Ciphertexts:
    """Those that an older key opens; what none opens stays as it is."""
    return {name: text for name, text in texts.items() if key_number(text)}


def _under_the_newest(texts: Ciphertexts) -> Ciphertexts:
    return {name: rotate(text) for name, text in texts.items()}
