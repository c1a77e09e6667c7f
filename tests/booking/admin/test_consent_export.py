"""The evidence of one number can be printed, whole, and taking it out is logged."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from booking.messaging import consent
from booking.models import AccessEvent, ConsentEvent, ContactNumber
from tests import factories
from tests.booking.admin.desk import address, member_of, read

pytestmark = pytest.mark.usefixtures("now", "clinic")


def export(number: ContactNumber) -> str:
    return reverse("admin:booking_consentevent_number", args=[number.pk])


@pytest.fixture
def number(clinic: None, now: datetime) -> ContactNumber:
    """Agreed in the form, stopped by text."""
    request = factories.a_request()
    assert request.contact_number is not None
    consent.stop(number=request.contact_number, source=ConsentEvent.Source.TEXT, now=now, said="no más mensajes")
    return request.contact_number


def test_every_line_is_there_with_its_words_and_where_they_stood(number: ContactNumber, staff_client: Client) -> None:
    page = read(staff_client, export(number))
    granted = ConsentEvent.objects.get(kind="granted")
    for words in ("(213) 555-0134", "Agreed to texts", "Stopped texts", "no más mensajes", "/request/contact/"):
        assert words in page
    assert "Message and data rates may apply." in page
    assert f"{granted.wording_hash} – checked, it fits" in page
    assert "2026-12-07 18:00:00 UTC (Mon, Dec 7, 10 a.m.)" in page
    assert "Texts must not be sent to this number." in page


def test_words_that_do_not_fit_their_fingerprint_are_said(now: datetime, staff_client: Client) -> None:
    number = consent.number_for("+12135550199", now=now)
    ConsentEvent.objects.create(
        contact_number=number, kind="granted", source="form", at=now, wording="Something else", wording_hash="0" * 64
    )
    assert "does not fit the words" in read(staff_client, export(number))


def test_taking_it_out_is_logged_for_each_request(number: ContactNumber, staff_client: Client) -> None:
    factories.a_request()
    read(staff_client, export(number))
    assert AccessEvent.objects.filter(what="exported").count() == 2


def test_a_deleted_number_keeps_its_evidence(number: ContactNumber, staff_client: Client) -> None:
    ContactNumber.objects.update(number="")
    page = read(staff_client, export(number))
    assert "Number deleted" in page
    assert number.number_hash in page


def test_the_request_leads_to_it(number: ContactNumber, staff_client: Client) -> None:
    request = number.requests.get()
    assert export(number) in read(staff_client, address(request))


def test_editors_cannot_take_it_out_and_nobody_can_post_to_it(number: ContactNumber, staff_client: Client) -> None:
    assert member_of("Editors").get(export(number)).status_code == 403
    assert member_of("Front desk").get(export(number)).status_code == 200
    assert staff_client.post(export(number)).status_code == 405
