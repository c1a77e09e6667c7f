"""Which way a database takes to an answer, asked where there is something to choose: with thousands of rows, counted.

On an empty table PostgreSQL takes any way; told what not to take, it says nothing of what it would do."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import connection, models
from django.test.utils import CaptureQueriesContext

Row = TypeVar("Row", bound=models.Model)


def many_like(row: Row, number: int, differing: Callable[[int], dict[str, Any]]) -> list[Row]:
    """Stores this many rows that are as `row` but for what `differing` says of each; nothing else is done."""
    model = type(row)
    same = {one.attname: getattr(row, one.attname) for one in model._meta.concrete_fields if not one.primary_key}
    return model._base_manager.bulk_create(model(**{**same, **differing(one)}) for one in range(number))


def plan(ask: Callable[[], Any]) -> str:
    """The way to the answer of the one query that `ask` makes, in the database's words, after it has counted."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as seen:
        ask()
    [query] = seen.captured_queries
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {query['sql']}")
        return "\n".join(str(row) for row in cursor.fetchall())
