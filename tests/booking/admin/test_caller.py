"""A request for somebody on the phone."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from booking import desk_work, standing
from booking.models import AccessEvent, AppointmentRequest, ConsentEvent, OutgoingMessage
from tests import factories
from tests.booking.admin.desk import QUEUE, address, read, words

pytestmark = pytest.mark.usefixtures("now", "clinic")
FORM = f"{QUEUE}new-caller/"


def call(**changes: Any) -> dict[str, Any]:
    """What staff type for an ordinary caller."""
    usual = {
        "form_id": "caller-form-000000000001",
        "source": "phone",
        "name": "Ana Caller",
        "phone": "213 555 0177",
        "visit": factories.a_service("hsg").pk,
        "office": str(factories.an_office("san-diego").pk),
        "timing": "days",
        "day_1": "2026-12-17",
        "day_2": "2026-12-24",
        "contact": "phone",
        "voicemail": "yes",
        "language": "en",
        "sms_consent": "yes",
    }
    return {**usual, **changes}


def test_a_caller_is_in_the_queue_with_consent_as_spoken(staff_client: Client, staff_user: Any) -> None:
    assert FORM in read(staff_client, QUEUE)
    answer = staff_client.post(FORM, call(), follow=True)
    asked = AppointmentRequest.objects.get()
    assert f"Saved. The reference is {asked.spaced_reference}." in words(answer)
    assert answer.redirect_chain[0][0] == address(asked)
    assert (asked.source, asked.name, asked.office and asked.office.slug) == ("phone", "Ana Caller", "san-diego")
    assert [row.day for row in asked.days.all()] == [date(2026, 12, 17), date(2026, 12, 24)]
    consent = ConsentEvent.objects.get()
    assert (consent.source, consent.recorded_by, consent.kind) == ("staff", staff_user, "granted")
    event = asked.events.get()
    assert (event.verb, event.actor) == ("submit", staff_user)


def test_without_the_tick_there_is_no_consent_and_no_text(staff_client: Client) -> None:
    typed = call()
    del typed["sms_consent"]
    staff_client.post(FORM, typed)
    assert not ConsentEvent.objects.exists()
    assert not OutgoingMessage.objects.exists()


def test_a_spanish_speaker_gets_spanish_messages(staff_client: Client) -> None:
    staff_client.post(FORM, call(language="es"))
    assert AppointmentRequest.objects.get().page_language == "es"
    assert ConsentEvent.objects.get().wording_language == "es"


def test_pressing_save_twice_makes_one_request(staff_client: Client) -> None:
    first = staff_client.post(FORM, call())
    second = staff_client.post(FORM, call())
    assert first["Location"] == second["Location"]
    assert AppointmentRequest.objects.count() == 1


def test_a_number_with_an_open_request_warns_once(staff_client: Client) -> None:
    known = factories.a_request(phone_e164="+12135550177")
    answer = staff_client.post(FORM, call())
    page = words(answer)
    assert "This number already has a request" in page
    assert known.spaced_reference in page
    assert 'value="Ana Caller"' in page
    assert AppointmentRequest.objects.count() == 1
    staff_client.post(FORM, call(anyway="yes"))
    assert AppointmentRequest.objects.count() == 2


def test_the_same_person_who_calls_again_keeps_her_place_and_gets_the_new_days(staff_client: Client) -> None:
    known = factories.a_request(phone_e164="+12135550177", now=factories.NOW - timedelta(days=2))
    page = words(staff_client.post(FORM, call()))
    assert "Same person: add to it" in page
    answer = staff_client.post(FORM, call(join=str(known.pk)), follow=True)
    assert f"Added to the request of this person: {known.spaced_reference}." in words(answer)
    assert answer.redirect_chain[0][0] == address(known)
    days = [date(2026, 12, 16), date(2026, 12, 17), date(2026, 12, 18), date(2026, 12, 24)]
    assert [row.day for row in known.days.all()] == days
    known.refresh_from_db()
    assert known.created_at == factories.NOW - timedelta(days=2)
    other = AppointmentRequest.objects.exclude(pk=known.pk).get()
    assert (other.status, other.status_reason) == ("declined", "duplicate")
    assert not OutgoingMessage.objects.filter(request=other).exclude(state="cancelled").exists()
    staff_client.post(FORM, call(join=str(known.pk)))
    assert AppointmentRequest.objects.count() == 2


def test_the_request_to_add_to_that_was_closed_meanwhile_is_shown_again_and_logged(
    staff_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(**_: Any) -> None:
        raise standing.StaleRequest

    known = factories.a_request(phone_e164="+12135550177")
    monkeypatch.setattr(desk_work, "join", too_late)
    page = words(staff_client.post(FORM, call(join=str(known.pk))))
    assert "This request was changed meanwhile" in page
    assert known.spaced_reference in page
    assert AppointmentRequest.objects.get() == known
    assert AccessEvent.objects.filter(request=known, what="listed").count() == 1


def test_a_visit_of_the_same_number_is_said_with_its_time(staff_client: Client) -> None:
    factories.a_visit(factories.a_request(phone_e164="+12135550177"))
    assert "has a visit on Wed, Dec 16, 10 a.m." in words(staff_client.post(FORM, call()))


def test_a_made_up_number_to_add_to_only_warns(staff_client: Client) -> None:
    factories.a_request(phone_e164="+12135550177")
    assert "This number already has a request" in words(staff_client.post(FORM, call(join="999")))
    assert AppointmentRequest.objects.count() == 1


def test_the_script_is_on_the_page_in_both_languages(staff_client: Client) -> None:
    page = read(staff_client, FORM)
    assert "Patient agreed to texts after I read this" in page
    assert '<blockquote lang="en">' in page
    assert '<blockquote lang="es">' in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Enter your full name"),
        ({"phone": "12"}, "Enter a phone number with 10 digits"),
        ({"visit": ""}, "Select what the patient wants"),
        ({"office": ""}, "Select an office, or any office"),
        ({"office": "999"}, "Select one of the options on this page"),
        ({"day_1": "", "day_2": ""}, "Enter at least one day"),
        ({"day_1": "2026-12-01"}, "Choose a day from today on"),
        ({"day_1": "tomorrow"}, "Enter a valid date"),
        ({"source": "web"}, "Select one of the options on this page"),
        ({"contact": "email"}, "Enter your email address"),
    ],
)
def test_a_wrong_answer_says_the_fix_and_keeps_the_rest(
    changes: dict[str, str], sentence: str, staff_client: Client
) -> None:
    answer = staff_client.post(FORM, call(**changes))
    page = words(answer)
    assert answer.status_code == 200
    assert sentence in page
    assert "2026-12-24" in page or changes.get("day_2") == ""
    assert not AppointmentRequest.objects.exists()


def test_help_and_any_office_need_no_days(staff_client: Client, now: datetime) -> None:
    staff_client.post(
        FORM, call(timing="help", office="any", day_1="", day_2="", contact="email", email="a@example.com")
    )
    asked = AppointmentRequest.objects.get()
    assert (asked.office, asked.timing, asked.days.count()) == (None, "help", 0)
