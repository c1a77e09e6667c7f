"""Somebody is called away from a half-typed form: after signing in again it is still there."""

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from booking.models import AppointmentRequest
from tests import factories
from tests.booking.admin.test_caller import FORM, call

pytestmark = pytest.mark.usefixtures("clinic")
PASSWORD = "a long test password"


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(factories.NOW, tick=False) as moved:
        yield moved


def called_away(client: Client, user: Any, clock: Any, typed: dict[str, Any] | None = None, path: str = FORM) -> str:
    """Open a form, be away for too long, press Save; the address to which signing in again leads."""
    client.force_login(user)
    client.get(path)
    clock.shift(31 * 60)
    answer = client.post(path, call() if typed is None else typed)
    assert answer.status_code == 302
    return str(answer["Location"])


def sign_in(client: Client, login: str, user: Any) -> str:
    answer = client.post(login, {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_what_was_typed_waits_behind_the_sign_in_and_one_press_sends_it(
    client: Client, staff_user: Any, clock: Any
) -> None:
    login = called_away(client, staff_user, clock)
    assert not AppointmentRequest.objects.exists()
    back = sign_in(client, login, staff_user)
    assert back == FORM
    page = unescape(client.get(back).content.decode())
    assert "You were signed out while you typed" in page
    assert "Ana Caller" in page
    assert '<input type="hidden" name="phone" value="213 555 0177">' in page
    assert not AppointmentRequest.objects.exists()
    client.post(FORM, call())
    assert AppointmentRequest.objects.get().name == "Ana Caller"
    assert "You were signed out" not in client.get(FORM).content.decode()


def test_it_can_be_thrown_away(client: Client, staff_user: Any, clock: Any) -> None:
    sign_in(client, called_away(client, staff_user, clock), staff_user)
    assert client.post(FORM, {"throw-kept-form-away": "yes"})["Location"] == FORM
    assert "Ana Caller" not in client.get(FORM).content.decode()
    assert not AppointmentRequest.objects.exists()


def test_nobody_else_sees_it(client: Client, staff_user: Any, clock: Any) -> None:
    other = factories.a_staff_user("other")
    back = sign_in(client, called_away(client, staff_user, clock), other)
    assert "Ana Caller" not in client.get(back).content.decode()
    client.post("/admin/logout/")
    sign_in(client, "/admin/login/", staff_user)
    assert "Ana Caller" not in client.get(FORM).content.decode()


def test_other_pages_are_not_in_the_way(client: Client, staff_user: Any, clock: Any) -> None:
    sign_in(client, called_away(client, staff_user, clock), staff_user)
    assert "You were signed out" not in client.get("/admin/").content.decode()
    assert "Ana Caller" in client.get(FORM).content.decode()


def test_it_cannot_be_read_in_the_database(client: Client, staff_user: Any, clock: Any) -> None:
    called_away(client, staff_user, clock)
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_data FROM django_session")
        stored = "".join(row[0] for row in cursor.fetchall())
    assert stored
    assert "Caller" not in stored


@pytest.mark.parametrize("typed", [{"old_password": "x", "note": "y"}, {"note": "x" * 100_001}, {}])
def test_passwords_and_endless_texts_are_not_kept(
    typed: dict[str, str], client: Client, staff_user: Any, clock: Any
) -> None:
    back = sign_in(client, called_away(client, staff_user, clock, typed), staff_user)
    assert "You were signed out" not in client.get(back).content.decode()


@pytest.mark.parametrize("name", ["code", "feed_address", "new_password1"])
def test_a_secret_is_never_kept(client: Client, staff_user: Any, clock: Any, name: str) -> None:
    typed = {name: "s3cret-word", "physician": "1"}
    back = sign_in(client, called_away(client, staff_user, clock, typed), staff_user)
    assert "kept_form" not in client.session
    assert "s3cret-word" not in client.get(back).content.decode()


def test_a_form_whose_secret_stayed_empty_is_kept(client: Client, staff_user: Any, clock: Any) -> None:
    called_away(client, staff_user, clock, call(feed_address=""))
    assert "kept_form" in client.session


def test_what_the_machine_added_is_not_shown_and_fields_have_names_of_people(
    client: Client, staff_user: Any, clock: Any
) -> None:
    typed = {"title_es": "Preguntas", "points-0-text_en": "Rest", "points-TOTAL_FORMS": "77", "points-0-id": "78"}
    sign_in(client, called_away(client, staff_user, clock, {**typed, "_save": "79", "sent_by": "Ana"}), staff_user)
    shown = unescape(client.get(FORM).content.decode()).split("<dl")[1].split("</dl>")[0]
    for label in ("Title (Spanish)", "Text (English), 1", "Sent by"):
        assert f"<dt>{label}</dt>" in shown
    assert not any(machine in shown for machine in ("77", "78", "79"))


def test_what_a_patient_said_is_shown_too(client: Client, staff_user: Any, clock: Any) -> None:
    sign_in(client, called_away(client, staff_user, clock, {"said": "No more texts", "seen": "77"}), staff_user)
    shown = unescape(client.get(FORM).content.decode()).split("<dl")[1].split("</dl>")[0]
    assert "No more texts" in shown
