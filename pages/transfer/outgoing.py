"""Reads all content of this site into plain data. Must not write anything."""

from typing import Any

from pages import publishing
from pages.fact_list import FACTS
from pages.models import SECTION_MODELS, Fact, FactChange, Page
from pages.transfer import tables
from pages.transfer.file import Content
from pages.transfer.tables import Row, Table

_TRIES = 5


class NeverStillError(Exception):
    """Somebody changed content each time it was read."""


def content() -> Content:
    """Everything, as it was at one moment: who changes content raises the generation, so an unchanged one proves that
    nothing moved while the tables were read, on any database."""
    for _try in range(_TRIES):
        before = publishing.generation()
        found = read()
        if publishing.generation() == before:
            return found
    raise NeverStillError("The content is being changed just now. Try again in a minute.")


def read() -> Content:
    """Every table in the order of the file, within the caller's transaction."""
    sections = _sections()
    return {
        table.name: [_row(table, row, sections) for row in tables.rows(table) if _is_known(row)]
        for table in tables.TABLES
    }


def _is_known(row: Any) -> bool:
    """A row whose fact left the list of facts is no fact any more."""
    fact = row.fact if isinstance(row, FactChange) else row
    return not isinstance(fact, Fact) or fact.key in FACTS


def _row(table: Table, row: Any, sections: dict[int, list[Row]]) -> Row:
    data = tables.as_data(table, row)
    if isinstance(row, Page):
        data["references"] = list(row.references.order_by("key").values_list("key", flat=True))
        data["sections"] = sections.get(row.pk, [])
    if table is tables.PUBLICATIONS:
        data["number"] = row.version.number
    return data


def _sections() -> dict[int, list[Row]]:
    """The sections of every page, in the order in which they stand."""
    found: dict[int, list[tuple[tuple[int, str, int], Row]]] = {}
    for model in SECTION_MODELS:
        table = tables.SECTIONS[model.kind]
        for row in tables.rows(table):
            data = {"kind": model.kind, **tables.as_data(table, row)}
            found.setdefault(row.parent_id, []).append(((row.ordering, model.kind, row.pk), data))
    return {page: [data for _place, data in sorted(rows, key=lambda item: item[0])] for page, rows in found.items()}
