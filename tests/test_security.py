"""What an attacker tries against the whole site: floods, strangers' numbers, other people's pages, forged frames."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation

from booking import actors, lifecycle, links
from booking.messaging import consent
from booking.models import AppointmentRequest, ConsentEvent, OutgoingMessage, Status
from tests import factories
from tests.booking.views.flow import CONTACT, TIMES, VISIT, answer, fill, hidden, send

pytestmark = pytest.mark.django_db
NOW = factories.NOW
# A megabyte of it took minutes when accents were put in order; what a field may hold is judged in an instant.
ACCENTS = "a" + "\u0316\u0300" * 200_000


@pytest.fixture(autouse=True)
def clock(clinic: None) -> Iterator[Any]:
    """A clock that the test moves."""
    cache.clear()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def her_page(hers: AppointmentRequest, page: str = "") -> str:
    return Client().get(f"/r/{links.token(hers)}/{page}").content.decode()


def ask_for_the_link(hers: AppointmentRequest, phone: str = "(213) 555-0134") -> None:
    client = Client()
    page = hidden(client.get("/find-request/"))
    client.post("/find-request/", {**page, "reference": hers.reference, "phone": phone})


def links_sent() -> int:
    return OutgoingMessage.objects.filter(kind="link_again").count()


# A stranger's phone


def test_a_quarantined_request_does_not_reach_a_stranger_by_the_lost_link_form() -> None:
    factories.a_request()  # the number gets texts
    ask_for_the_link(factories.a_request(quarantine_reason="many_for_number"))
    assert links_sent() == 0


def test_a_drawer_full_of_old_requests_cannot_fill_a_strangers_phone(clock: Any, settings: Any) -> None:
    settings.REQUEST_LIMIT_PER_HOUR = 0
    hers = [factories.a_request(now=NOW + timedelta(days=day)) for day in range(6)]
    clock.move_to(NOW + timedelta(days=6))
    for asked in hers:
        ask_for_the_link(asked)
    assert links_sent() == 3
    clock.move_to(NOW + timedelta(days=7))
    ask_for_the_link(hers[0])
    assert links_sent() == 4


def test_nor_a_strangers_mailbox_with_ever_new_phones(clock: Any, settings: Any) -> None:
    settings.REQUEST_LIMIT_PER_HOUR = 0
    mail = {"email": "stranger@example.com", "contact": "email", "sms_consent": False}
    phones = [f"+1213555{number:04}" for number in range(140, 145)]
    for phone in phones:
        ask_for_the_link(factories.a_request(phone_e164=phone, **mail), phone)
    assert links_sent() == 3


# Her page says nothing about other people with the number


def test_who_types_a_strangers_number_does_not_learn_that_the_clinic_knows_it() -> None:
    factories.a_request()  # a patient, who gets texts
    nosy = factories.a_request(contact="phone", voicemail=False, sms_consent=False)
    unknown = factories.a_request(phone_e164="+12135550199", contact="phone", voicemail=False, sms_consent=False)
    assert ("stop-texts" in her_page(nosy)) == ("stop-texts" in her_page(unknown))


def test_nor_that_the_stranger_said_stop() -> None:
    stopped = factories.a_request()
    assert stopped.contact_number is not None
    consent.stop(number=stopped.contact_number, source=ConsentEvent.Source.TEXT, now=NOW)
    nosy, unknown = factories.a_request(), factories.a_request(phone_e164="+12135550199")
    assert ("stop-texts" in her_page(nosy)) == ("stop-texts" in her_page(unknown))


def test_who_did_not_agree_to_texts_cannot_end_those_of_a_stranger() -> None:
    patient = factories.a_request()
    nosy = factories.a_request(contact="phone", voicemail=False, sms_consent=False)
    Client().post(f"/r/{links.token(nosy)}/stop-texts/")
    assert consent.may_text(patient.contact_number)


def test_a_quarantined_request_can_be_withdrawn_like_any_other() -> None:
    suspect = factories.a_request(quarantine_reason="honeypot")
    assert f"/r/{links.token(suspect)}/cancel/" in her_page(suspect)
    client = Client()
    path = f"/r/{links.token(suspect)}/cancel/"
    client.post(path, hidden(client.get(path)))
    suspect.refresh_from_db()
    assert suspect.status == Status.CANCELLED


def test_the_token_of_one_request_opens_nothing_of_another() -> None:
    mine, hers = factories.a_request(), factories.a_visit().request
    for page in ("", "days/", "plan/", "calendar.ics", "cancel/"):
        html = Client().get(f"/r/{links.token(mine)}/{page}", follow=True).content.decode()
        assert hers.spaced_reference not in html, page
        assert links.token(hers) not in html, page


# The ledger says what was on the screen


def test_the_ledger_keeps_the_language_in_which_the_box_was_ticked(clock: Any) -> None:
    client = Client()
    fill(client)
    clock.shift(60)
    with translation.override("es"):
        in_spanish = reverse("booking:check")
    answer(client, in_spanish, {})
    given = ConsentEvent.objects.get()
    assert given.wording == consent.box("en").text
    assert (given.wording_language, given.page) == ("en", "/request/contact/")
    assert AppointmentRequest.objects.get().page_language == "es"


def test_a_second_request_without_the_tick_grants_nothing() -> None:
    factories.a_request(contact="phone", voicemail=False, sms_consent=False)
    factories.a_request(contact="phone", voicemail=False, sms_consent=False)
    assert not ConsentEvent.objects.exists()
    assert not OutgoingMessage.objects.exists()


# Floods


@pytest.mark.timeout(60)  # what grows with the square of the length takes minutes
@pytest.mark.parametrize("field", ["name", "phone", "email", "other_language"])
def test_a_field_full_of_accents_does_not_stop_the_server(field: str) -> None:
    client = Client()
    answer(client, "/request/", VISIT)
    answer(client, "/request/times/", TIMES)
    page = hidden(client.get("/request/contact/"))
    response = client.post("/request/contact/", {**page, **CONTACT, field: ACCENTS}, follow=True)
    assert response.redirect_chain[-1][0] == "/request/contact/"
    assert 'class="errors"' in response.content.decode()


def test_an_uploaded_file_is_never_written_down(clock: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = Client()
    page = hidden(client.get("/request/"))
    big = SimpleUploadedFile("big", b"x" * 3_000_000)
    response = client.post("/request/", {**page, **VISIT, "file": big})
    assert response.wsgi_request.FILES == {}


@pytest.mark.parametrize("body", ["a=1&" * 2500, "name=" + "x" * 1_200_000])
def test_absurd_bodies_are_refused_in_words(body: str) -> None:
    client = Client(raise_request_exception=False)
    client.get("/request/")
    response = client.post("/request/", body, content_type="application/x-www-form-urlencoded")
    assert response.status_code in (400, 413)
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


# Staff


def test_messages_to_staff_do_not_travel_in_a_readable_cookie(staff_client: Client) -> None:
    hers = factories.a_request()
    answered = staff_client.post(f"/admin/booking/appointmentrequest/{hers.pk}/note/", {"note": "Call her sister"})
    assert "messages" not in answered.cookies
    assert "The note is saved" in staff_client.get(answered.headers["Location"]).content.decode()


@pytest.mark.parametrize("pk", ["²", "٣", "9" * 40, "1/../2", "%00"])
def test_an_absurd_number_of_a_request_is_not_found(staff_client: Client, pk: str) -> None:
    assert staff_client.get(f"/admin/booking/appointmentrequest/{pk}/change/").status_code in (302, 404)


HOSTILE = "<img src=x onerror=alert(1)>\"'><script>alert(1)</script>{{7*7}}"


def test_what_a_patient_typed_is_only_text_to_staff_and_to_her(staff_client: Client) -> None:
    hers = factories.a_request(name=HOSTILE, avoid=HOSTILE, other_language=HOSTILE, speaks="other", phone_typed=HOSTILE)
    lifecycle.add_note(request=hers, note=HOSTILE, by=actors.PATIENT, now=NOW)
    for address in (
        "/admin/",
        "/admin/booking/appointmentrequest/",
        f"/admin/booking/appointmentrequest/?q={HOSTILE}",
        f"/admin/booking/appointmentrequest/{hers.pk}/change/",
        f"/r/{links.token(hers)}/",
        f"/faq/?q={HOSTILE}",
    ):
        html = Client().get(address) if address.startswith(("/r/", "/faq")) else staff_client.get(address)
        assert not re.search(r"<img src=x|<script>alert|>\s*49\s*<", html.content.decode()), address


def test_the_check_page_shows_hostile_answers_as_text(clock: Any) -> None:
    client = Client()
    fill(client, times={**TIMES, "avoid": "<script>alert(1)</script>"}, contact={**CONTACT, "name": HOSTILE[:100]})
    html = client.get("/request/check/").content.decode()
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    clock.shift(60)
    assert send(client).status_code == 302
