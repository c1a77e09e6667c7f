"""Reads the rows that pages show as they are now (offices, hours, doctors, prices, questions, sources) in one query.
Must not format them for people (rendering.py does)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import time
from typing import Any

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import JSONObject

from pages.models import Office, OpeningHours, Physician, PriceLine, Question, Reference

# What a section kind needs besides the offices, their hours and the doctors, which every page reads for its frame.
NEEDS = {"prices": "price", "topic": "question", "references": "reference"}


@dataclass(frozen=True)
class Hours:
    """One interval of one weekday (0 is Monday)."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True)
class OfficeRow:
    """An office with its hours."""

    slug: str
    name: str
    street: str
    city: str
    state: str
    postal_code: str
    phone: str
    description: str
    parking: str
    access: str
    hours: tuple[Hours, ...]


@dataclass(frozen=True)
class PersonRow:
    """A doctor."""

    slug: str
    name: str
    short_name: str
    role: str
    certificates: str
    summary: str


@dataclass(frozen=True)
class PriceRow:
    """A line of what a price covers."""

    service: str
    included: bool
    label: str


@dataclass(frozen=True)
class QuestionRow:
    """A question with its answer (cleaned HTML, tokens unresolved)."""

    key: str
    topic: str
    question: str
    answer: str
    synonyms: str


@dataclass(frozen=True)
class ReferenceRow:
    """An approved source."""

    key: str
    citation: str
    url: str


@dataclass(frozen=True)
class Live:
    """All rows that one page needs, in their order."""

    offices: tuple[OfficeRow, ...]
    hours: tuple[Hours, ...]
    people: tuple[PersonRow, ...]
    prices: tuple[PriceRow, ...]
    questions: tuple[QuestionRow, ...]
    references: tuple[ReferenceRow, ...]


def load(language: str, *, kinds: Iterable[str] = ()) -> Live:
    """The rows in a language: those of the frame, and those that the section kinds need. One statement for all tables,
    because a page that nobody has read since the last change must not cost a dozen queries."""
    tables = ["office", "hours", "person", *sorted({NEEDS[kind] for kind in kinds if kind in NEEDS})]
    queries = [_QUERIES[table](language) for table in tables]
    found: dict[str, list[dict[str, Any]]] = {table: [] for table in (*tables, *NEEDS.values())}
    for table, position, row in queries[0].union(*queries[1:], all=True):
        found[table].append({**row, "position": position})
    for rows in found.values():
        rows.sort(key=lambda row: (row["position"], row["id"]))
    return Live(
        offices=tuple(_office(row, found["hours"]) for row in found["office"]),
        hours=_hours(found["hours"], None),
        people=tuple(PersonRow(**_fields(PersonRow, row)) for row in found["person"]),
        prices=tuple(PriceRow(**_fields(PriceRow, row)) for row in found["price"]),
        questions=tuple(QuestionRow(**_fields(QuestionRow, row)) for row in found["question"]),
        references=tuple(ReferenceRow(**_fields(ReferenceRow, row)) for row in found["reference"]),
    )


def _office(row: dict[str, Any], hours: list[dict[str, Any]]) -> OfficeRow:
    return OfficeRow(hours=_hours(hours, row["id"]), **_fields(OfficeRow, row))


def _hours(rows: list[dict[str, Any]], office_id: int | None) -> tuple[Hours, ...]:
    mine = [row for row in rows if row["office_id"] == office_id]
    found = [Hours(row["weekday"], time.fromisoformat(row["opens"]), time.fromisoformat(row["closes"])) for row in mine]
    return tuple(sorted(found, key=lambda interval: (interval.weekday, interval.opens)))


def _fields(kind: type[Any], row: dict[str, Any]) -> dict[str, Any]:
    """The row's values for a dataclass; a missing text is empty."""
    return {f.name: "" if row[f.name] is None else row[f.name] for f in fields(kind) if f.name in row}


def _rows(table: str, query: QuerySet[Any], position: str, *names: str, **columns: str) -> QuerySet[Any, Any]:
    """Every table in the same three columns: which one it is, the order, and the row as JSON. Plain querysets:
    modeltranslation's managers would put another order and other columns into the union."""
    columns |= {name: name for name in ("id", *names)}
    query = query.order_by().annotate(table=Value(table, CharField()), place=F(position), row=JSONObject(**columns))
    return query.values_list("table", "place", "row")


def _offices(language: str) -> QuerySet[Any, Any]:
    words = {name: f"{name}_{language}" for name in ("description", "parking", "access")}
    address = ("slug", "name", "street", "city", "state", "postal_code", "phone")
    return _rows("office", QuerySet(Office), "position", *address, **words)


def _opening_hours(language: str) -> QuerySet[Any, Any]:
    return _rows("hours", QuerySet(OpeningHours), "weekday", "office_id", "weekday", "opens", "closes")


def _people(language: str) -> QuerySet[Any, Any]:
    words = {name: f"{name}_{language}" for name in ("role", "certificates", "summary")}
    return _rows("person", QuerySet(Physician), "position", "slug", "name", "short_name", **words)


def _prices(language: str) -> QuerySet[Any, Any]:
    labelled: QuerySet[Any] = QuerySet(PriceLine).filter(**{f"label_{language}__gt": ""})
    return _rows("price", labelled, "position", "service", "included", label=f"label_{language}")


def _questions(language: str) -> QuerySet[Any, Any]:
    words = {name: f"{name}_{language}" for name in ("question", "answer")}
    said: QuerySet[Any] = QuerySet(Question).filter(is_shown=True, **{f"{name}__gt": "" for name in words.values()})
    return _rows("question", said, "position", "key", "synonyms", topic="topic__key", **words)


def _references(language: str) -> QuerySet[Any, Any]:
    approved: QuerySet[Any] = QuerySet(Reference).filter(approved_on__isnull=False)
    return _rows("reference", approved, "position", "key", "citation", "url")


_QUERIES: dict[str, Callable[[str], QuerySet[Any, Any]]] = {
    "office": _offices,
    "hours": _opening_hours,
    "person": _people,
    "price": _prices,
    "question": _questions,
    "reference": _references,
}
