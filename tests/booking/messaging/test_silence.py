"""Texts of which no last report came. The real SDK, the local Twilio."""

from datetime import timedelta

import pytest
import time_machine

from booking.messaging import outbox, silence
from booking.models import DeskTask, OutgoingMessage
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.usefixtures("clinic", "now")]


def ask(minutes):
    now = NOW + timedelta(minutes=minutes)
    with time_machine.travel(now, tick=False):
        return silence.ask(now=now)


@pytest.fixture
def sent(simulator):
    factories.a_request()
    simulator.faults.set(callbacks="lost", outcome="sent")
    row = OutgoingMessage.objects.get()
    outbox.attempt(row.pk, now=NOW)
    simulator.settle()
    row.refresh_from_db()
    assert row.state == "sent"
    return row


def test_a_text_whose_last_report_was_lost_is_asked_about(sent, simulator):
    simulator.store.change(sent.provider_id, status="delivered")
    assert ask(14) == 0
    assert ask(16) == 1
    sent.refresh_from_db()
    assert (sent.state, sent.finished_at) == ("delivered", NOW + timedelta(minutes=16))


def test_one_that_failed_silently_becomes_a_call(sent, simulator):
    simulator.store.change(sent.provider_id, status="undelivered", error_code=30006)
    ask(16)
    sent.refresh_from_db()
    assert (sent.state, sent.provider_error) == ("undelivered", 30006)
    assert DeskTask.objects.get().kind == "message_failed"


def test_the_pauses_between_questions_grow_and_end(sent):
    asked = [minutes for minutes in range(0, 48 * 60, 5) if ask(minutes)]
    assert asked == [15, 30, 60, 120, 240, 480]
    sent.refresh_from_db()
    assert (sent.state, sent.reason) == ("sent", "no_receipt")
    assert sent.finished_at is not None


def test_a_late_report_still_moves_a_text_that_rests(sent):
    for minutes in (15, 30, 60, 120, 240, 480):
        ask(minutes)
    outbox.record_report(
        provider_id=sent.provider_id, provider_status="delivered", error=None, callback_key="", now=NOW
    )
    sent.refresh_from_db()
    assert sent.state == "delivered"


def test_a_provider_that_does_not_answer_is_asked_later(sent, simulator, settings):
    settings.TWILIO_API_URL = "http://127.0.0.1:9"
    assert ask(16) == 1
    settings.TWILIO_API_URL = simulator.url
    simulator.store.change(sent.provider_id, status="delivered")
    assert ask(20) == 0
    assert ask(33) == 1
    sent.refresh_from_db()
    assert sent.state == "delivered"
