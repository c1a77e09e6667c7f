"""Whose text with the time of a near visit has not arrived."""

from datetime import timedelta

import pytest

from booking import call_today
from booking.models import DeskTask, OutgoingMessage
from tests import factories
from tests.factories import at

pytestmark = pytest.mark.usefixtures("clinic", "now")
CONFIRMED_AT = at("2026-12-14", "10:00")


def later(minutes):
    return CONFIRMED_AT + timedelta(minutes=minutes)


@pytest.fixture
def told():
    """The confirmation of a visit two days ahead."""
    visit = factories.a_visit(now=CONFIRMED_AT)
    return OutgoingMessage.objects.get(request=visit.request, kind="confirmed")


def state(row, name, **fields):
    OutgoingMessage.objects.filter(pk=row.pk).update(state=name, **fields)


def test_after_half_an_hour_without_a_delivery_somebody_calls(told):
    state(told, "sent", sent_at=CONFIRMED_AT)
    assert call_today.list_undelivered(now=later(29)) == 0
    assert call_today.list_undelivered(now=later(31)) == 1
    assert DeskTask.objects.get().kind == "not_delivered"


def test_a_delivered_text_asks_nobody(told):
    state(told, "delivered", finished_at=CONFIRMED_AT)
    assert call_today.list_undelivered(now=later(31)) == 0


def test_a_task_that_staff_finished_stays_finished(told):
    state(told, "sent", sent_at=CONFIRMED_AT)
    call_today.list_undelivered(now=later(31))
    DeskTask.objects.get().finish(by=factories.a_staff_user(), at=later(40))
    assert call_today.list_undelivered(now=later(60)) == 0


def test_a_visit_further_away_can_wait():
    visit = factories.a_visit(starts_at=at("2026-12-21", "10:00"), now=CONFIRMED_AT)
    row = OutgoingMessage.objects.get(request=visit.request, kind="confirmed")
    state(row, "sent", sent_at=CONFIRMED_AT)
    assert call_today.list_undelivered(now=later(31)) == 0


def test_a_text_that_a_stop_kept_back_told_nobody(told):
    state(told, "suppressed", finished_at=CONFIRMED_AT)
    assert call_today.list_undelivered(now=later(31)) == 1
