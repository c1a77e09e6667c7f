"""The front desk learns by email of new and late requests: once an hour, whatever happens, and never whose."""

import smtplib
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail

from booking import clockwork, staff_alert, unplaced
from booking.messaging import inbound
from booking.models import AppointmentRequest, StaffAlert
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("clinic")
SOON = NOW + timedelta(minutes=5)
NEXT_HOUR = NOW + timedelta(hours=1, minutes=5)


def tell(now: datetime = SOON) -> bool:
    with time_machine.travel(now, tick=False):
        return staff_alert.tell(now=now)


def test_new_requests_are_told_in_one_email_that_names_nobody() -> None:
    request = factories.a_request(email="m@mail.example")
    factories.a_request()
    assert tell()
    (sent,) = mail.outbox
    assert sent.subject == "2 new requests"
    assert "2 requests wait for an answer." in sent.body
    assert "/admin/booking/appointmentrequest/" in sent.body
    for personal in (request.name, "María", request.reference, request.phone_typed, "mail.example"):
        assert personal not in sent.subject + sent.body


def test_one_email_an_hour_and_each_request_once() -> None:
    factories.a_request()
    assert tell()
    factories.a_request(now=SOON + timedelta(minutes=1))
    assert not tell(SOON + timedelta(minutes=20))
    assert tell(NEXT_HOUR)
    assert [sent.subject for sent in mail.outbox] == ["1 new request", "1 new request"]
    assert not tell(NEXT_HOUR + timedelta(hours=1))


def test_a_request_that_becomes_late_is_told_once() -> None:
    request = factories.a_request()
    tell()
    due = request.promise_due_at
    assert due is not None
    assert not tell(due - timedelta(minutes=1))
    assert tell(due + timedelta(minutes=1))
    assert mail.outbox[-1].subject == "1 request became late"
    assert not tell(due + timedelta(hours=2))


def test_texts_that_nobody_reads_are_told_once_by_number_and_without_a_word_of_them() -> None:
    for number in range(3):
        inbound.receive(provider_id=f"SM{number}", from_number="+12135550199", body="I am Rosa", keyword="", now=NOW)
    assert not tell(NOW + timedelta(minutes=59))
    assert tell(NOW + timedelta(minutes=61))
    (sent,) = mail.outbox
    assert sent.subject == "1 number wrote a text that we cannot place"
    for personal in ("Rosa", "0199", "213"):
        assert personal not in sent.subject + sent.body
    assert not tell(NOW + timedelta(hours=3))


def test_a_text_that_was_read_within_the_hour_is_no_news() -> None:
    text = inbound.receive(provider_id="SM1", from_number="+12135550199", body="Hi", keyword="", now=NOW)
    unplaced.mark_read([text.pk], by=factories.a_staff_user(), now=NOW)
    assert not tell(NOW + timedelta(minutes=61))


def test_what_was_answered_in_time_or_entered_by_staff_is_no_news() -> None:
    factories.a_visit()
    caller = factories.a_request()
    AppointmentRequest.objects.filter(pk=caller.pk).update(source="phone")
    assert not tell()


def test_what_looks_automated_is_told_too() -> None:
    factories.a_request(quarantine_reason="too_fast")
    assert tell()


def test_without_an_address_or_without_news_nothing_is_sent(settings: Any) -> None:
    assert not tell()
    factories.a_request()
    settings.STAFF_EMAIL = []
    assert not tell()
    assert not StaffAlert.objects.exists()


def test_two_workers_send_one() -> None:
    factories.a_request()
    row = StaffAlert.objects.create(hour=SOON.replace(minute=0), tried_at=SOON - timedelta(seconds=5))
    assert not tell()
    assert tell(SOON + timedelta(minutes=6))  # the other one died
    row.refresh_from_db()
    assert row.sent_at is not None


class Server:
    """A mail server that fails as told."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    def send(self, *_messages: Any) -> None:
        raise self.failure


def test_a_refused_email_is_tried_again_in_the_same_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.a_request()
    with monkeypatch.context() as broken:
        broken.setattr(mail.EmailMessage, "send", Server(smtplib.SMTPResponseException(451, "later")).send)
        assert not tell()
    assert not tell(SOON + timedelta(minutes=2))
    assert tell(SOON + timedelta(minutes=6))


def test_after_silence_the_next_hour_tells_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.a_request()
    with monkeypatch.context() as broken:
        broken.setattr(mail.EmailMessage, "send", Server(TimeoutError()).send)
        assert not tell()
    assert not tell(SOON + timedelta(minutes=30))
    assert tell(NEXT_HOUR)


def test_the_clock_does_it_and_the_email_says_that_a_machine_wrote_it() -> None:
    factories.a_request()
    with time_machine.travel(SOON, tick=False):
        clockwork.tick(now=SOON)
    (sent,) = mail.outbox
    assert sent.to == settings.STAFF_EMAIL
    assert sent.message()["Auto-Submitted"] == "auto-generated"
    assert sent.message()["Message-ID"] == f"<{StaffAlert.objects.get().key}@{settings.SITE_HOST}>"
    assert AppointmentRequest.objects.get().status == "new"
