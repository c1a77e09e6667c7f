"""A new private link: the old one opens nothing, and whatever she is sent from now on opens her page."""

from datetime import timedelta

import pytest

from booking import actors, fresh_link, lifecycle, links, reminders
from booking.messaging import outbox
from booking.models import AppointmentRequest, OutgoingMessage
from tests import factories
from tests.factories import NOW, at

pytestmark = pytest.mark.usefixtures("clinic", "now")


@pytest.fixture
def desk():
    return actors.staff(factories.a_staff_user())


def bodies(simulator):
    return [message.body for message in simulator.messages]


def kinds(request):
    return [(row.kind, row.channel, row.state, row.reason) for row in request.messages.order_by("pk")]


def test_goes_to_her_at_once(desk, simulator, deliver_all):
    request = factories.a_request()
    deliver_all()
    old = links.token(request)
    sent = fresh_link.give(request=request, by=desk, now=NOW)
    deliver_all()
    assert [row.kind for row in sent] == ["link"]
    assert links.find(old, now=NOW) is None
    assert links.find(links.token(request), now=NOW) == request
    assert links.url(request) in bodies(simulator)[-1]


@pytest.mark.parametrize("clock", ["05:30", "21:30"])
def test_does_not_wake_her_where_staff_press_early_or_late(desk, simulator, clock):
    request = factories.a_request()
    OutgoingMessage.objects.update(state="sent", sent_at=NOW)
    pressed = at("2026-12-08", clock)
    [row] = fresh_link.give(request=request, by=desk, now=pressed)
    outbox.attempt(row.pk, now=pressed)
    row.refresh_from_db()
    assert (row.state, row.reason) == ("held", "quiet_hours")
    assert simulator.messages == []


def test_goes_by_email_where_she_did_not_agree_to_texts(desk):
    request = factories.a_request(contact="email", email="maria@mail.example")
    [row] = fresh_link.give(request=request, by=desk, now=NOW)
    assert (row.kind, row.channel) == ("link", "email")
    assert links.url(request) in row.body


def test_what_waited_goes_once_and_with_a_link_that_opens(desk, simulator, deliver_all):
    request = factories.a_request()
    old = links.token(request)
    fresh_link.give(request=request, by=desk, now=NOW)
    deliver_all()
    said = bodies(simulator)
    assert len(said) == 2
    assert sum("We have your request" in body for body in said) == 1
    assert all(links.url(request) in body for body in said)
    assert not any(old in body for body in said)
    assert kinds(request)[0] == ("received", "sms", "cancelled", "new_link")


def test_what_waited_in_the_mailboxs_line_too(desk, deliver_all):
    request = factories.a_request(contact="email", email="maria@mail.example")
    fresh_link.give(request=request, by=desk, now=NOW)
    deliver_all()
    gone = request.messages.filter(state="delivered") | request.messages.filter(state="sent")
    assert sorted(row.kind for row in gone) == ["link", "received"]
    assert all(links.url(request) in row.body for row in gone)


def test_news_of_a_visit_keeps_its_time(desk, simulator, deliver_all):
    visit = factories.a_visit()
    fresh_link.give(request=visit.request, by=desk, now=NOW)
    deliver_all()
    [told] = [body for body in bodies(simulator) if "Your visit is set" in body]
    assert "Wed Dec 16, 10 am" in told
    assert links.url(visit.request) in told


def test_a_reminder_that_waited_comes_back_by_the_clock(desk, simulator, deliver_all):
    visit = factories.a_visit(starts_at=at("2026-12-16", "10:00"))
    deliver_all()
    the_day_before = at("2026-12-15", "12:00")
    reminders.queue_due(now=the_day_before)
    fresh_link.give(request=visit.request, by=desk, now=the_day_before)
    [held] = visit.request.messages.filter(kind="day_before")
    outbox.attempt(held.pk, now=the_day_before)
    reminders.queue_due(now=the_day_before + timedelta(minutes=1))
    [again] = visit.request.messages.filter(kind="day_before").exclude(pk=held.pk)
    held.refresh_from_db()
    assert (held.state, held.reason) == ("cancelled", "new_link")
    assert links.url(visit.request) in again.body


def test_who_had_read_the_old_link_sends_the_new_one(desk, simulator, deliver_all):
    """A move that began before and ends after: what it queues was worked out from the old link."""
    request = factories.a_request()
    deliver_all()
    read_before = AppointmentRequest.objects.get(pk=request.pk)
    fresh_link.give(request=request, by=desk, now=NOW)
    outbox.queue(request=read_before, kind="nudge", occasion="once", now=NOW)
    deliver_all()
    [nudge] = [body for body in bodies(simulator) if "choose your days" in body]
    assert links.url(request) in nudge


def test_a_second_one_ends_the_first_also_where_that_still_waits(desk, simulator, deliver_all):
    request = factories.a_request()
    deliver_all()
    for _ in range(2):
        fresh_link.give(request=request, by=desk, now=NOW)
    deliver_all()
    assert all(links.url(request) in body for body in bodies(simulator)[1:])


def test_two_presses_in_the_evening_are_one_text_in_the_morning(desk, simulator):
    request = factories.a_request()
    OutgoingMessage.objects.update(state="sent", sent_at=NOW)
    for clock in ("21:30", "21:40"):
        [row] = fresh_link.give(request=request, by=desk, now=at("2026-12-08", clock))
        outbox.attempt(row.pk, now=at("2026-12-08", clock))
    for row in request.messages.order_by("pk"):
        outbox.attempt(row.pk, now=at("2026-12-09", "08:00"))
    assert len(simulator.messages) == 1
    assert links.url(request) in simulator.messages[0].body


def test_one_that_a_stop_keeps_from_her_is_a_call(desk):
    request = factories.a_request()
    OutgoingMessage.objects.update(state="sent", sent_at=NOW)
    fresh_link.give(request=request, by=desk, now=NOW)
    outbox.suppress_waiting(number=request.contact_number, now=NOW)
    assert [task.kind for task in request.tasks.open()] == ["message_failed"]


def test_nothing_goes_where_no_message_can(desk):
    assert fresh_link.give(request=factories.a_request(sms_consent=False), by=desk, now=NOW) == []


def test_nothing_goes_when_it_would_open_nothing(desk):
    request = factories.a_request()
    lifecycle.cancel(request=request, by=actors.PATIENT, now=NOW)
    assert fresh_link.give(request=request, by=desk, now=NOW + timedelta(days=31)) == []


def test_a_message_without_a_link_or_with_the_present_one_is_left_as_it_is(desk):
    request = factories.a_request()
    assert not links.has_old_link("CVI: Call us. 213 555 0134", request)
    assert not links.has_old_link(f"CVI: {links.url(request)}", request)
    before = links.url(request)
    fresh_link.rotate(request=request, by=desk, now=NOW)
    assert links.has_old_link(f"CVI: {before}", request)
