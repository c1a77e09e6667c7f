"""The database itself refuses to rewrite a history, also for SQL that goes past the models."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils.module_loading import import_string

from booking import lifecycle
from booking.encryption import rotate
from booking.models import AccessEvent, ConsentEvent, RequestEvent
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("clinic", "now")
TABLES = ("booking_consentevent", "booking_requestevent", "booking_accessevent")


@pytest.fixture
def histories():
    request = factories.a_request()
    AccessEvent.objects.create(at=NOW, user=factories.a_staff_user(), request=request, what="read")
    return request


def refuses(statement, *values):
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.parametrize("table", TABLES)
def test_a_line_cannot_be_deleted(histories, table):
    refuses(f"DELETE FROM {table}")


@pytest.mark.parametrize("table", TABLES)
def test_a_line_cannot_be_dated_back(histories, table):
    refuses(f"UPDATE {table} SET at = %s", "2020-01-01 00:00:00+00:00")


def test_the_words_of_a_consent_cannot_be_changed(histories):
    refuses("UPDATE booking_consentevent SET wording = %s", "You agree to everything")


def test_a_queryset_cannot_do_it_either(histories):
    with pytest.raises(DatabaseError), transaction.atomic():
        ConsentEvent.objects.update(kind="stopped")
    with pytest.raises(DatabaseError), transaction.atomic():
        RequestEvent.objects.all().delete()


def test_the_encrypted_column_may_be_blanked_and_never_filled_in_afterwards(histories):
    RequestEvent.objects.update(note="")
    with pytest.raises(DatabaseError), transaction.atomic():
        RequestEvent.objects.update(note="Made up later")


def test_the_encrypted_column_may_be_written_again_under_a_new_key(histories):
    lifecycle.add_note(request=histories, note="Called her sister", by=lifecycle.SYSTEM, now=NOW)
    event = RequestEvent.objects.get(verb="note")
    with connection.cursor() as cursor:
        cursor.execute("SELECT note FROM booking_requestevent WHERE id = %s", [event.pk])
        (old,) = cursor.fetchone()
        cursor.execute("UPDATE booking_requestevent SET note = %s WHERE id = %s", [rotate(old), event.pk])
        cursor.execute("SELECT note FROM booking_requestevent WHERE id = %s", [event.pk])
        assert cursor.fetchone() != (old,)
    event.refresh_from_db()
    assert event.note == "Called her sister"
    refuses("UPDATE booking_requestevent SET note = %s WHERE id = %s", "in plain words", event.pk)


def test_every_guarded_table_still_has_its_triggers():
    ledgers = import_string("booking.migrations.0005_append_only_ledgers.LEDGERS")
    assert {table for table, _columns, _free in ledgers} == set(TABLES)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'")
            assert sorted(row[0] for row in cursor.fetchall()) == sorted(TABLES * 2)
        else:
            cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%%append_only'")
            assert sorted(row[0] for row in cursor.fetchall()) == sorted(TABLES)
