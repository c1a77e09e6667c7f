"""The database itself refuses to rewrite a history, also for SQL that goes past the models."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.utils.module_loading import import_string

from booking import actors, lifecycle
from booking.encryption import rotate
from booking.models import AccessEvent, ConsentEvent, RequestEvent, WordingVersion
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("clinic", "now")
LEDGERS = import_string("booking.migrations.0007_wordings_and_evidence.LEDGERS")
TABLES = ("booking_consentevent", "booking_requestevent", "booking_accessevent", "booking_wordingversion")


@pytest.fixture
def histories():
    request = factories.a_request()
    staff = factories.a_staff_user()
    AccessEvent.objects.create(at=NOW, user=staff, request=request, what="read")
    words = {"kind": "help", "channel": "sms", "language": "en", "number": 1, "text": "{brand}: Call {phone}."}
    WordingVersion.objects.create(**words, saved_at=NOW, saved_by=staff)
    return request


def refuses(statement, *values):
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.parametrize("table", TABLES)
def test_a_line_cannot_be_deleted(histories, table):
    refuses(f"DELETE FROM {table}")


@pytest.mark.parametrize("table", TABLES)
def test_a_line_cannot_be_dated_back(histories, table):
    column = "saved_at" if table == "booking_wordingversion" else "at"
    refuses(f"UPDATE {table} SET {column} = %s", "2020-01-01 00:00:00+00:00")


@pytest.mark.parametrize(
    ("table", "columns"), [(table, columns) for table, columns, _free in LEDGERS], ids=lambda value: str(value)[:30]
)
def test_every_column_but_the_encrypted_one_is_guarded(table, columns):
    model = next(m for m in apps.get_app_config("booking").get_models() if m._meta.db_table == table)
    free = {"booking_consentevent": {"said"}, "booking_requestevent": {"note"}}.get(table, set())
    assert {field.column for field in model._meta.concrete_fields} - free == set(columns)


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
    lifecycle.add_note(request=histories, note="Called her sister", by=actors.SYSTEM, now=NOW)
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
    assert {table for table, _columns, _free in LEDGERS} == set(TABLES)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'")
            assert sorted(row[0] for row in cursor.fetchall()) == sorted(TABLES * 2)
        else:
            cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%%append_only'")
            assert sorted(row[0] for row in cursor.fetchall()) == sorted(TABLES)
