"""Personal values at rest."""

import pytest
from cryptography.fernet import Fernet
from django.db import connection

from booking.encryption import (
    EncryptedTextField,
    SealedTextField,
    UnreadableValue,
    decrypt,
    encrypt,
    folded,
    key_number,
    lookup_hash,
    rotate,
)
from booking.models import AppointmentRequest, SecondFactor
from tests import factories


def test_what_is_stored_is_not_what_was_typed():
    stored = encrypt("María")
    assert "María" not in stored
    assert decrypt(stored) == "María"


def test_a_blank_value_stays_blank():
    assert encrypt("") == ""
    assert decrypt("") == ""


def test_an_old_key_still_opens_and_rotating_moves_to_the_new_one(settings):
    old = settings.FIELD_ENCRYPTION_KEYS
    stored = encrypt("María")
    new = Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, *old]
    moved = rotate(stored)
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert decrypt(moved) == "María"
    with pytest.raises(UnreadableValue):
        decrypt(stored)


def test_it_can_be_told_which_key_opens_a_value(settings):
    first, second, strange = (Fernet.generate_key().decode() for _ in range(3))
    settings.FIELD_ENCRYPTION_KEYS = [second]
    stored = encrypt("María")
    settings.FIELD_ENCRYPTION_KEYS = [first, second]
    assert key_number(encrypt("María")) == 0
    assert key_number(stored) == 1
    assert key_number("María, never encrypted") is None
    settings.FIELD_ENCRYPTION_KEYS = [strange]
    assert key_number(stored) is None


def test_a_changed_value_is_refused_and_the_error_does_not_show_it():
    stored = encrypt("María")
    changed = stored[:-4] + ("AAA=" if not stored.endswith("AAA=") else "BBB=")
    with pytest.raises(UnreadableValue) as caught:
        decrypt(changed)
    assert changed not in str(caught.value)


def test_lookups_on_an_encrypted_column_are_refused():
    with pytest.raises(TypeError, match="keyed hash"):
        AppointmentRequest.objects.filter(name="María")


def test_hashes_of_different_fields_differ_and_survive_a_retired_data_key(settings):
    before = lookup_hash("phone", "+12135550134")
    assert before != lookup_hash("email", "+12135550134")
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert lookup_hash("phone", "+12135550134") == before


def test_names_are_compared_without_accents_and_case():
    assert folded("  José  MARÍA ") == "jose maria"


def test_a_stolen_table_shows_no_name_phone_or_email(clinic, now):
    factories.a_request(name="Zoraida Uniquename", email="zoraida@mail.example")
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')  # the names come from the database itself
            text = str(cursor.fetchall())
            for secret in ("Zoraida", "Uniquename", "zoraida@mail.example", "5550134", "555-0134"):
                assert secret not in text, table


def a_second_step(stored: str) -> SecondFactor:
    """As it comes out of the database, with this text in the column."""
    return SecondFactor.from_db("default", ["id", "secret"], [1, SealedTextField().from_db_value(stored)])


def test_a_sealed_value_is_opened_when_it_is_asked_for_and_then_stays_open() -> None:
    row = a_second_step(encrypt("a secret"))
    assert row.secret == "a secret"
    row.secret = "another"
    assert row.secret == "another"


def test_a_sealed_value_that_no_key_opens_is_refused_there_and_not_when_the_row_is_read() -> None:
    row = a_second_step(Fernet(Fernet.generate_key()).encrypt(b"a secret").decode())
    assert row.pk == 1
    with pytest.raises(UnreadableValue):
        _ = row.secret


def test_a_sealed_column_is_an_encrypted_one_to_the_database() -> None:
    path = SealedTextField().deconstruct()[1]
    assert path == EncryptedTextField().deconstruct()[1] == "booking.encryption.EncryptedTextField"
