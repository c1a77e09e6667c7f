"""Which tables the file holds, and how a row becomes plain data and data a checked row. Must not write rows
(incoming.py does)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet

from pages.models import (
    SECTION_MODELS,
    ClinicClosure,
    Fact,
    FactChange,
    Office,
    OpeningHours,
    Page,
    PageVersion,
    Physician,
    PriceLine,
    Publication,
    Question,
    Redirect,
    Reference,
    Topic,
)
from pages.transfer.file import UnusableFileError

Row = dict[str, Any]
_USER = get_user_model()
# What a row of another table is called in the file. A member of staff whom this site does not have is left out.
_NAMES: dict[type[models.Model], str] = {
    Office: "slug",
    Topic: "key",
    Page: "key",
    Fact: "key",
    Reference: "key",
    _USER: "username",
}


@dataclass(frozen=True)
class Table:
    """One list of the file. `key` names its rows; a table without one is replaced as a whole."""

    name: str
    model: type[models.Model]
    key: str = ""
    order: tuple[str, ...] = ()
    also: frozenset[str] = frozenset()  # keys of a row that are no columns
    without: frozenset[str] = field(default_factory=lambda: frozenset({"id", "parent"}))


KEYED = (
    Table("references", Reference, "key"),
    Table("doctors", Physician, "slug"),
    Table("offices", Office, "slug"),
    Table("topics", Topic, "key"),
    Table("questions", Question, "key"),
    Table("facts", Fact, "key"),
    Table("pages", Page, "key", also=frozenset({"references", "sections"})),
)
REPLACED = (
    Table("hours", OpeningHours, order=("office__slug", "weekday", "opens")),
    Table("closures", ClinicClosure, order=("first_day", "last_day", "pk")),
    Table("prices", PriceLine, order=("service", "position", "pk")),
)
FACT_CHANGES = Table("fact_changes", FactChange, order=("made_at", "fact__key", "pk"))
VERSIONS = Table("versions", PageVersion, order=("page__key", "language", "number"))
PUBLICATIONS = Table(
    "publications",
    Publication,
    order=("path", "starts_at", "pk"),
    also=frozenset({"number"}),
    without=frozenset({"id", "version"}),
)
REDIRECTS = Table("redirects", Redirect, order=("path",))
TABLES = (*KEYED, *REPLACED, FACT_CHANGES, VERSIONS, PUBLICATIONS, REDIRECTS)
SECTIONS = {model.kind: Table(model.kind, model, also=frozenset({"kind"})) for model in SECTION_MODELS}


def columns(table: Table) -> list[models.Field[Any, Any]]:
    """The columns of the file: those per language, not the one that modeltranslation fills itself."""
    fields = [f for f in table.model._meta.concrete_fields if f.name not in table.without]
    doubled = {f.translated_field.name for f in fields if hasattr(f, "translated_field")}
    return [f for f in fields if f.name not in doubled]


def rows(table: Table) -> QuerySet[Any]:
    """Every row, in an order that is the same on every site. Plain querysets: modeltranslation's managers would look
    at one language."""
    found: QuerySet[Any] = QuerySet(table.model).order_by(*(table.order or (table.key or "pk",)))
    return found.select_related(*(f.name for f in columns(table) if f.remote_field))


def as_data(table: Table, row: models.Model) -> Row:
    """A row as the file has it."""
    return {f.name: _plain(getattr(row, f.name), f) for f in columns(table)}


def checked(table: Table, data: Any, where: str) -> Row:
    """The row of the file, if it has exactly the keys that it must have."""
    if not isinstance(data, dict):
        raise UnusableFileError(f"{where} is no row.")
    wanted = {f.name for f in columns(table)} | table.also
    for name in sorted(wanted - set(data)):
        raise UnusableFileError(f"{where}: “{name}” is missing.")
    for name in sorted(set(data) - wanted):
        raise UnusableFileError(f"{where}: there is no “{name[:60]}” here.")
    return data


def filled(table: Table, row: Any, data: Mapping[str, Any], where: str, *, leave: Sequence[str] = ()) -> Any:
    """The row with the values of the file, cleaned and checked the way a form does it; not saved. What stands in
    `leave` is for the caller to fill and check."""
    for f in columns(table):
        setattr(row, f.name, _value(f, data[f.name], f"{where}, {f.name}"))
    try:
        if leave:
            row.clean_fields(exclude=leave)
        else:
            row.full_clean()
    except ValidationError as error:
        said = "; ".join(f"{name}: {' '.join(words)}" for name, words in error.message_dict.items())
        raise UnusableFileError(f"{where}: {said}") from error
    return row


def save(row: models.Model, data: Mapping[str, Any]) -> None:
    """Save it; a moment of change that Django would set to now stays what it was."""
    row.save()
    moments = {f.name: f.to_python(data[f.name]) for f in row._meta.concrete_fields if getattr(f, "auto_now", False)}
    if moments:
        QuerySet(type(row)).filter(pk=row.pk).update(**moments)


def here(table: Table, name: str) -> Any | None:
    """The row of this site that the file calls by this name."""
    return QuerySet(table.model).filter(**{table.key: name}).first()


def lists(content: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The lists of a file, each of which must be there."""
    names = {table.name for table in TABLES}
    for name in sorted(set(content) ^ names):
        words = "is missing" if name in names else "is not known here"
        raise UnusableFileError(f"The list “{name[:60]}” {words}.")
    for name in sorted(names):
        if not isinstance(content[name], list):
            raise UnusableFileError(f"“{name}” is no list.")
    return dict(content)


def texts(value: Any, where: str) -> list[str]:
    """A list of names."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise UnusableFileError(f"{where} is no list of names.")
    return value


def _plain(value: Any, f: models.Field[Any, Any]) -> Any:
    if value is not None and f.remote_field:
        return getattr(value, _NAMES[f.remote_field.model])
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return value


def _value(f: models.Field[Any, Any], value: Any, where: str) -> Any:
    if value is None:
        if not f.null:
            raise UnusableFileError(f"{where} is empty.")
        return None
    if f.remote_field:
        return _other_row(f.remote_field.model, value, where)
    if not isinstance(value, _kinds(f)) or (isinstance(value, bool) and not isinstance(f, models.BooleanField)):
        raise UnusableFileError(f"{where} is of the wrong kind.")
    try:
        return f.to_python(value)
    except (ValidationError, OverflowError) as error:
        raise UnusableFileError(f"{where}: this value cannot be.") from error


def _other_row(model: type[models.Model], name: Any, where: str) -> Any | None:
    if not isinstance(name, str):
        raise UnusableFileError(f"{where} is no name.")
    found = QuerySet(model).filter(**{_NAMES[model]: name}).first()
    if found is None and model is not _USER:
        raise UnusableFileError(f"{where}: there is no “{name[:60]}” in the file.")
    return found


def _kinds(f: models.Field[Any, Any]) -> type | tuple[type, ...]:
    if isinstance(f, models.BooleanField):
        return bool
    if isinstance(f, models.IntegerField):
        return int
    return dict if isinstance(f, models.JSONField) else str


def once(found: Iterable[str], where: str) -> None:
    """Refuses a name that stands twice in a list."""
    seen: set[str] = set()
    for name in found:
        if name in seen:
            raise UnusableFileError(f"{where}: “{name[:60]}” stands there twice.")
        seen.add(name)
