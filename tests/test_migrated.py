"""The copies that tests begin with are what the migrations make."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from tests import migrated


def test_in_a_copy_nothing_is_left_to_migrate_and_no_table_is_missing(db: None) -> None:
    call_command("migrate", check_unapplied=True, verbosity=0)
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    assert tables <= set(connection.introspection.table_names())


def test_nobody_is_in_a_copy(tmp_path: Path, db: None) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM auth_user")
            assert cursor.fetchone() == (0,)
        return
    migrated.copy_to(tmp_path / "copy.sqlite3")
    with closing(sqlite3.connect(tmp_path / "copy.sqlite3")) as copy:
        assert copy.execute("SELECT count(*) FROM auth_user").fetchone() == (0,)


def test_the_migrations_run_once_and_everybody_waits_for_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setenv("CLINIC_TEST_VAR", str(tmp_path))
    monkeypatch.setattr(migrated, "_migrate", ran.append)
    assert not migrated.is_made()
    assert migrated.file() == migrated.file() == tmp_path / "migrated.sqlite3"
    assert ran == [f"sqlite:///{tmp_path / 'migrated.sqlite3'}"]
    assert migrated.is_made()
