"""Whose text with the time of a near visit has not arrived."""

from datetime import timedelta

import pytest

from booking import call_today, clockwork
from booking.messaging import consent, outbox
from booking.models import ConsentEvent, DeskTask, OutgoingMessage
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


def test_a_text_that_a_stop_kept_back_is_on_the_list_once(told):
    consent.stop(number=told.contact_number, source=ConsentEvent.Source.TEXT, now=CONFIRMED_AT)
    outbox.suppress_waiting(number=told.contact_number, now=CONFIRMED_AT)
    assert call_today.list_undelivered(now=later(31)) == 0
    assert DeskTask.objects.filter(request=told.request).count() == 1


@pytest.mark.parametrize("waits", ["queued", "unknown"])
def test_a_text_that_still_waits_after_half_an_hour_counts(told, waits):
    state(told, waits)
    assert call_today.list_undelivered(now=later(31)) == 1


def test_a_text_about_a_time_that_was_moved_meanwhile_asks_nobody(told):
    factories.a_visit(told.request, starts_at=at("2026-12-23", "10:00"), now=later(5))
    state(told, "sent", sent_at=CONFIRMED_AT)
    assert call_today.list_undelivered(now=later(60)) == 0


@pytest.mark.parametrize(("visit_at", "calls"), [("2026-12-15", 1), ("2026-12-16", 0)])
def test_a_text_held_for_the_morning_is_on_time_unless_the_visit_is_that_morning(visit_at, calls):
    night = at("2026-12-14", "22:00")
    request = factories.a_request(office=None)
    factories.a_visit(request, starts_at=at(visit_at, "09:00"), now=night)
    assert OutgoingMessage.objects.get(kind="confirmed").state == "held"
    assert call_today.list_undelivered(now=night + timedelta(minutes=31)) == calls


def test_the_clock_lists_them_and_asks_few_questions(told, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        call_today.list_undelivered(now=later(10))
    state(told, "sent", sent_at=CONFIRMED_AT)
    clockwork.tick(now=later(31))
    assert DeskTask.objects.get(kind="not_delivered").request == told.request
