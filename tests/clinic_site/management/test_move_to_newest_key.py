"""The command says which keys nothing needs any more, and shows no value and no session."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command

from booking import newest_key
from booking.encryption import encrypt, key_number
from booking.models import AppointmentRequest, ContactNumber
from clinic_site.management.commands import move_to_newest_key
from clinic_site.session_store import SessionStore
from tests import factories
from tests.booking.test_newest_key import cell, write

pytestmark = pytest.mark.usefixtures("clinic", "now")
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
PutInFront = Callable[[], None]


@pytest.fixture
def new_key(settings: Any) -> PutInFront:
    """What the operator does: a new key in front of the old one."""
    settings.FIELD_ENCRYPTION_KEYS = [OLD]

    def put_in_front() -> None:
        settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]

    return put_in_front


def say(*options: str) -> str:
    """What it says when all is well."""
    out, errors = StringIO(), StringIO()
    call_command("move_to_newest_key", *options, stdout=out, stderr=errors)
    assert errors.getvalue() == ""
    return out.getvalue()


def fails(*options: str) -> tuple[str, str]:
    """What it says, then why it ends with 1."""
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("move_to_newest_key", *options, stdout=out, stderr=out)
    assert caught.value.returncode == 1
    return out.getvalue(), str(caught.value)


def counted(said: str) -> tuple[int, int]:
    found = re.search(r"^(\d+) of (\d+) values are under the newest key\.$", said, re.MULTILINE)
    assert found is not None, said
    return int(found[1]), int(found[2])


def test_afterwards_the_site_does_without_the_old_key(new_key: PutInFront, settings: Any) -> None:
    asked = factories.a_request(name="María")
    new_key()
    said = say()
    under_the_newest, all_values = counted(said)
    assert under_the_newest == all_values >= 3
    assert "Key 2 of FIELD_ENCRYPTION_KEYS: nothing needs it. It may be removed" in said
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert AppointmentRequest.objects.get(pk=asked.pk).name == "María"
    assert ContactNumber.objects.get().number == factories.PHONE


def test_check_only_counts(new_key: PutInFront) -> None:
    asked = factories.a_request(name="María")
    before = cell(AppointmentRequest, "name", asked.pk)
    new_key()
    said = say("--check")
    under_the_newest, all_values = counted(said)
    assert under_the_newest == 0
    assert f"Key 2 of FIELD_ENCRYPTION_KEYS: keep it. Values that need it: {all_values}." in said
    assert cell(AppointmentRequest, "name", asked.pk) == before
    factories.a_request(name="Ana", phone_e164="+12135550135")
    some, more = counted(say("--check"))
    assert 0 < some < more


def test_with_one_key_there_is_nothing_to_remove(new_key: PutInFront) -> None:
    factories.a_request()
    assert "Key " not in say()


def test_what_no_key_opens_is_named_without_its_value_and_the_rest_is_moved(new_key: PutInFront) -> None:
    strange = Fernet(Fernet.generate_key()).encrypt(b"Zoraida").decode()
    first, second = factories.a_request(name="Zoraida"), factories.a_request(name="Ben", phone_e164="+12135550135")
    write(AppointmentRequest, "name", first.pk, strange)
    new_key()
    for options in ((), ("--check",)):
        said, why = fails(*options)
        assert f"booking_appointmentrequest {first.pk}: no key opens “name”." in said
        assert "Values that could not be read and were left as they are: 1." in why
        assert strange[10:30] not in said + why
        under_the_newest, all_values = counted(said)
        assert under_the_newest == all_values - 1
        assert "nothing needs it" in said
    assert cell(AppointmentRequest, "name", first.pk) == strange
    assert key_number(cell(AppointmentRequest, "name", second.pk)) == 0


def test_a_value_that_came_under_the_old_key_meanwhile_keeps_that_key(new_key: PutInFront, monkeypatch: Any) -> None:
    """A process that nobody has started again with the new list goes on writing under the old key."""
    asked = factories.a_request(name="María")
    late = encrypt("Ana")
    new_key()
    real = newest_key.look

    def look(place: newest_key.Place) -> Any:
        write(AppointmentRequest, "name", asked.pk, late)
        return real(place)

    monkeypatch.setattr(newest_key, "look", look)
    said, why = fails()
    assert "Key 2 of FIELD_ENCRYPTION_KEYS: keep it. Values that need it: 1." in said
    assert "Start every part of the site again" in why


def test_what_the_database_refuses_to_change_is_said_and_keeps_its_key(new_key: PutInFront, monkeypatch: Any) -> None:
    factories.a_request(name="María")
    new_key()
    real = newest_key._write

    def refusing(place: newest_key.Place, *values: Any) -> bool:
        if place.table == "booking_contactnumber":
            raise newest_key.IntegrityError("This history is only ever added to.")
        return real(place, *values)

    monkeypatch.setattr(newest_key, "_write", refusing)
    said, _why = fails()
    assert "booking_contactnumber: values that could not be changed: 1." in said
    assert "Key 2 of FIELD_ENCRYPTION_KEYS: keep it. Values that need it: 1." in said


def a_session(**values: str) -> str:
    session = SessionStore()
    session.update(values)
    session.save()
    return str(session.session_key)


def test_sessions_are_moved_so_that_nobody_is_signed_out_or_loses_a_half_filled_form(
    new_key: PutInFront, settings: Any
) -> None:
    key = a_session(name="María")
    new_key()
    said = say()
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert SessionStore(key)["name"] == "María"
    assert key not in said


def test_a_session_that_is_over_needs_no_key(new_key: PutInFront) -> None:
    a_session(name="María")
    Session.objects.update(expire_date=factories.NOW - timedelta(minutes=1))
    new_key()
    assert "nothing needs it" in say("--check")


def test_a_session_that_no_key_opens_is_no_loss_and_is_not_named(new_key: PutInFront) -> None:
    key = a_session(name="María")
    Session.objects.update(session_data="nonsense")
    new_key()
    said = say()
    assert "django_session: no key opens 1; they end by themselves" in said
    assert key not in said
    assert counted(said) == (0, 0)


def test_it_says_how_far_it_is(new_key: PutInFront, monkeypatch: Any) -> None:
    monkeypatch.setattr(newest_key, "AT_ONCE", 2)
    monkeypatch.setattr(move_to_newest_key, "SAY_EVERY", 0)
    for number in range(3):
        factories.a_request(phone_e164=f"+1213555{1000 + number}")
    new_key()
    lines = [line for line in say().splitlines() if line.startswith("booking_appointmentrequest, moving")]
    assert [line.split(": ")[1] for line in lines] == ["2 of 3 rows", "3 of 3 rows", "3 rows, done"]
