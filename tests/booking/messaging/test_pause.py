"""A refused set-up stops its channel: one try at a time, one email to staff, and everybody sees it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django_tasks_db.models import DBTaskResult

from booking.messaging import outbox, pause
from booking.models import OutgoingMessage, SendingPause
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("clinic", "now")


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def attempt(row: OutgoingMessage, minutes: float = 0) -> str:
    with time_machine.travel(later(minutes), tick=False):
        outbox.attempt(row.pk, now=later(minutes))
    row.refresh_from_db()
    return row.state


@pytest.fixture
def three() -> list[OutgoingMessage]:
    """Three texts to three people."""
    for last in (4, 5, 6):
        factories.a_request(phone_e164=f"+1213555013{last}", phone_typed=f"213 555 013{last}")
    return list(OutgoingMessage.objects.order_by("pk"))


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every call that was made to the provider."""
    made: list[str] = []
    real = outbox.twilio.send

    def counted(**call: Any) -> Any:
        made.append(call["callback_key"])
        return real(**call)

    monkeypatch.setattr(outbox.twilio, "send", counted)
    return made


@pytest.fixture
def wrong_secret(settings: Any, simulator: Any) -> Callable[[], None]:
    """The account refuses us; the answer repairs it."""
    settings.TWILIO_API_KEY_SECRET = "wrong"

    def repair() -> None:
        settings.TWILIO_API_KEY_SECRET = "api-key-secret"

    return repair


def test_after_a_refusal_no_other_text_is_tried(
    three: list[OutgoingMessage], wrong_secret: Callable[[], None], calls: list[str]
) -> None:
    assert [attempt(row) for row in three] == ["queued"] * 3
    assert len(calls) == 1
    assert [row.attempts for row in three] == [0, 0, 0]
    assert SendingPause.objects.count() == 1


def test_what_waits_is_not_woken_and_not_rewritten_while_it_lasts(
    three: list[OutgoingMessage], wrong_secret: Callable[[], None]
) -> None:
    attempt(three[0])
    before = [row.next_attempt_at for row in OutgoingMessage.objects.filter(pk__gt=three[0].pk)]
    assert outbox.sweep(now=later(9)) == 0
    assert [row.next_attempt_at for row in OutgoingMessage.objects.filter(pk__gt=three[0].pk)] == before


def test_after_the_pause_one_is_tried_and_a_second_refusal_goes_on_with_it(
    three: list[OutgoingMessage], wrong_secret: Callable[[], None], calls: list[str]
) -> None:
    attempt(three[0])
    DBTaskResult.objects.all().delete()
    assert outbox.sweep(now=later(12)) == 3
    for row in three:
        attempt(row, 12)
    assert len(calls) == 2
    assert not pause.may_try("sms", now=later(21))
    assert pause.may_try("sms", now=later(23))


def test_only_one_worker_may_try_after_a_pause(three: list[OutgoingMessage], wrong_secret: Any) -> None:
    attempt(three[0])
    assert [pause.may_try("sms", now=later(11)) for _ in range(3)] == [True, False, False]


def test_when_it_works_again_everything_goes_out_once(
    three: list[OutgoingMessage], wrong_secret: Callable[[], None], simulator: Any
) -> None:
    attempt(three[0])
    wrong_secret()
    assert attempt(three[1], 11) == "sent"
    assert SendingPause.objects.get().ended_at == later(11)
    assert [attempt(row, 12) for row in three] == ["sent"] * 3
    assert len(simulator.messages) == 3


def test_a_text_that_was_taken_before_the_refusal_ends_nothing(three: list[OutgoingMessage]) -> None:
    pause.begin(channel="sms", code=20003, by_report=False, now=NOW)
    pause.end(channel="sms", sent_after=later(-1), was_delivered=False, now=NOW)
    assert pause.running()
    pause.end(channel="sms", sent_after=later(1), was_delivered=False, now=later(1))
    assert not pause.running()


def test_a_refusal_in_a_report_pauses_too_and_only_a_delivered_text_ends_it(
    three: list[OutgoingMessage], simulator: Any
) -> None:
    attempt(three[0])
    report = {"error": 30034, "callback_key": "", "now": later(1)}
    outbox.record_report(provider_id=three[0].provider_id or "", provider_status="undelivered", **report)
    assert attempt(three[1], 2) == "queued"
    assert attempt(three[1], 12) == "sent"
    assert attempt(three[2], 13) == "queued"
    report = {"error": None, "callback_key": "", "now": later(14)}
    outbox.record_report(provider_id=three[1].provider_id or "", provider_status="delivered", **report)
    assert attempt(three[2], 15) == "sent"


def test_email_goes_on_while_texts_are_paused(wrong_secret: Any) -> None:
    pause.begin(channel="sms", code=20003, by_report=False, now=NOW)
    factories.a_request(contact="email", email="maria@mail.example")
    assert attempt(OutgoingMessage.objects.get(), 1) == "sent"


class TestTellingStaff:
    def test_one_email_for_one_incident_without_a_name_or_a_number(
        self, three: list[OutgoingMessage], wrong_secret: Any, deliver_all: Callable[[], int]
    ) -> None:
        for minutes in (0, 11, 22):
            for row in three:
                attempt(row, minutes)
        deliver_all()
        (alert,) = mail.outbox
        assert alert.to == ["desk@clinic.example"]
        assert "Code: 20003" in alert.body
        for secret in ("213", "0134", "María", "/r/"):
            assert secret not in alert.subject + alert.body

    def test_a_new_incident_later_tells_again_and_a_relapse_does_not(self, deliver_all: Callable[[], int]) -> None:
        for minutes in (0, 60, 60 + 7 * 60):
            pause.begin(channel="sms", code=20003, by_report=False, now=later(minutes))
            pause.end(channel="sms", sent_after=later(minutes), was_delivered=True, now=later(minutes + 1))
        deliver_all()
        assert len(mail.outbox) == 2

    def test_without_an_address_nobody_is_told_and_nothing_breaks(self, settings: Any) -> None:
        settings.STAFF_EMAIL = []
        pause.tell_staff.func("sms", 20003)
        assert mail.outbox == []

    def test_the_first_page_of_the_desk_shows_one_banner_until_it_is_over(self, staff_client: Client) -> None:
        pause.begin(channel="sms", code=20003, by_report=False, now=NOW)
        pause.begin(channel="sms", code=20003, by_report=False, now=NOW)
        page = staff_client.get("/admin/").content.decode()
        assert page.count("Texts are not going out") == 1
        assert "The text service is not set up right" in page
        pause.end(channel="sms", sent_after=NOW, was_delivered=True, now=NOW)
        assert "Texts are not going out" not in staff_client.get("/admin/").content.decode()

    def test_readyz_says_so(self, client: Client) -> None:
        pause.begin(channel="sms", code=20003, by_report=False, now=later(-12))
        assert "sms: paused since 12 min, set-up refused (code 20003)" in client.get("/readyz").json()["reasons"]
