"""Counts the queries of one cold page in a process that has answered nothing yet. Prints one number."""

import sys

import django
from django.db import connection
from django.test import Client


def main(path: str) -> None:
    """Ask once."""
    django.setup()
    queries: list[str] = []

    def count(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        if " FROM " in sql:  # Django also asks SQLite, once in a process, whether it knows JSON
            queries.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        answer = Client(HTTP_HOST="localhost").get(path)
    assert answer.status_code == 200, answer.status_code
    print(len(queries))


if __name__ == "__main__":
    main(sys.argv[1])
