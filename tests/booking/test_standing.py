"""Where a request stands, and how one move claims it."""

from datetime import date

import pytest

from booking import actors, standing
from booking.models import AppointmentRequest, DeskCard, Status
from tests import factories
from tests.factories import NOW, at

pytestmark = pytest.mark.usefixtures("clinic", "now")


@pytest.fixture
def desk():
    return actors.staff(factories.a_staff_user())


@pytest.mark.parametrize(
    ("timing", "reason", "status"),
    [
        ("days", "", Status.NEW),
        ("help", "", Status.NEW),
        ("later", "", Status.WAITING),
        ("days", "honeypot", "quarantined"),
    ],
)
def test_a_request_begins_where_its_answers_and_its_sender_put_it(timing, reason, status):
    assert standing.at_first(timing=timing, quarantine_reason=reason) == {"status": status, "status_reason": reason}


def test_a_claim_moves_the_status_writes_its_columns_and_one_line(desk):
    request = factories.a_request()
    standing.claim(request, verb="decline", by=desk, now=NOW, note="Why", status_reason="no_time")
    stored = AppointmentRequest.objects.get(pk=request.pk)
    for row in (request, stored):
        assert (row.status, row.status_reason, row.closed_at) == (Status.DECLINED, "no_time", NOW)
    line = request.events.last()
    assert (line.verb, line.actor, line.from_status, line.to_status, line.note) == (
        "decline",
        desk.user,
        "new",
        "declined",
        "Why",
    )


def test_a_claim_ends_who_is_on_it_and_the_next_call(desk):
    request = factories.a_request()
    DeskCard.objects.create(request=request, on_it=desk.user, on_it_since=NOW, next_call_at=NOW)
    standing.claim(request, verb="decline", by=desk, now=NOW)
    card = DeskCard.objects.get()
    assert (card.on_it, card.on_it_since, card.next_call_at) == (None, None, None)


def test_the_second_of_two_claims_moves_and_writes_nothing(desk):
    request = factories.a_request()
    stale = AppointmentRequest.objects.get(pk=request.pk)
    standing.claim(request, verb="decline", by=desk, now=NOW)
    with pytest.raises(standing.StaleRequest):
        standing.claim(stale, verb="cancel", by=actors.PATIENT, now=NOW)
    assert AppointmentRequest.objects.get().status == Status.DECLINED
    assert [line.verb for line in request.events.all()] == ["submit", "decline"]


@pytest.mark.parametrize(("verb", "target"), [("release", None), ("decline", None), ("choose_days", "confirmed")])
def test_a_move_that_is_not_in_the_table_is_refused(verb, target):
    request = factories.a_request()
    with pytest.raises(standing.StaleRequest):
        standing.claim(request, verb=verb, by=actors.PATIENT, now=NOW, target=target)
    assert request.events.count() == 1


def test_her_clock_is_the_promise_or_the_day_on_which_it_comes_back():
    request = factories.a_request(timing="help", days=())
    standing.set_clock(request, now=NOW)
    assert (request.promise_due_at, request.review_on) == (at("2026-12-08", "17:00"), date(2026, 12, 14))
    waits = factories.a_request(timing="later", days=())
    standing.set_clock(waits, now=NOW)
    assert (waits.promise_due_at, waits.review_on) == (None, date(2027, 1, 11))


def test_who_stands_in_line_reads_the_newest_and_is_told_when_the_request_moved_on(desk):
    request = factories.a_request()
    seen = AppointmentRequest.objects.get(pk=request.pk)
    AppointmentRequest.objects.filter(pk=request.pk).update(promise_met_at=NOW)
    standing.stand_in_line(seen)
    assert seen.promise_met_at == NOW
    standing.claim(request, verb="decline", by=desk, now=NOW)
    with pytest.raises(standing.StaleRequest):
        standing.stand_in_line(seen)


def test_a_visit_is_ended_once_and_only_the_one_that_was_seen(desk):
    visit = factories.a_visit(by=desk.user)
    standing.refuse_another(visit, seen=None)
    standing.refuse_another(visit, seen=1)
    for given, seen in ((visit, 2), (visit, 0), (None, 1)):
        with pytest.raises(standing.StaleRequest):
            standing.refuse_another(given, seen=seen)
    standing.end_visit(visit, now=NOW)
    with pytest.raises(standing.StaleRequest):
        standing.end_visit(visit, now=NOW)
    standing.end_visit(None, now=NOW)
