"""A time held for 20 minutes while staff talk with the patient."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from booking import actors, lifecycle, standing, talking
from booking.availability import Slot
from booking.models import AppointmentRequest, HeldTime
from tests import factories
from tests.factories import NOW, a_physician, a_service, an_office, at

pytestmark = pytest.mark.usefixtures("clinic", "now")


@pytest.fixture
def desk() -> actors.Actor:
    return actors.staff(factories.a_staff_user())


def hold(request: AppointmentRequest, desk: actors.Actor, clock: str = "10:00", **more: Any) -> HeldTime:
    starts = at("2026-12-16", clock)
    slot = Slot(starts, starts + timedelta(minutes=45), a_physician().pk, an_office().pk)
    values = {"service": a_service("hsg"), "by": desk, "now": NOW}
    return talking.hold(request=request, slot=slot, **{**values, **more})


def confirm(request: AppointmentRequest, desk: actors.Actor, clock: str = "10:00", **more: Any) -> Any:
    values = {"physician": a_physician(), "office": an_office(), "service": a_service("hsg"), "by": desk, "now": NOW}
    return lifecycle.confirm(request=request, starts_at=at("2026-12-16", clock), **{**values, **more})


def test_for_twenty_minutes_nobody_else_gets_it(desk: actors.Actor) -> None:
    held = hold(factories.a_request(), desk)
    assert held.expires_at == NOW + timedelta(minutes=20)
    other = factories.a_request(phone_e164="+12135550135")
    with pytest.raises(lifecycle.TimeTaken):
        confirm(other, desk, now=NOW + timedelta(minutes=19))
    assert confirm(other, desk, now=NOW + timedelta(minutes=20))


def test_it_becomes_the_visit_even_if_somebody_was_put_beside_it(desk: actors.Actor) -> None:
    request = factories.a_request()
    held = hold(request, desk)
    confirm(factories.a_request(), desk, overbooking_reason="Sisters who come together")
    visit = confirm(request, desk)
    assert visit.held_time == HeldTime.objects.get(pk=held.pk)
    assert (visit.held_time.kind, visit.held_time.expires_at, visit.held_time.made_by) == ("visit", None, None)


def test_holding_a_time_keeps_nobody_from_adding_a_message_or_a_line(desk: actors.Actor) -> None:
    request = factories.a_request()
    with CaptureQueriesContext(connection) as queries:
        hold(request, desk)
        talking.let_go(request=request, by=desk, now=NOW)
    # FOR UPDATE would stop the check of the foreign key at another's COMMIT: two that wait for each other.
    locks = [query["sql"] for query in queries if "FOR " in query["sql"]]
    assert [sql.endswith("FOR NO KEY UPDATE") for sql in locks] == [True, True] * (connection.vendor == "postgresql")


def test_one_for_each_member_of_staff_and_request(desk: actors.Actor) -> None:
    request = factories.a_request()
    hold(request, desk)
    hold(request, desk, "13:00")
    assert [held.starts_at for held in HeldTime.objects.all()] == [at("2026-12-16", "13:00")]
    colleague = actors.staff(factories.a_staff_user())
    hold(request, colleague, "13:15")  # her own time, held by two who talk about it
    assert len(talking.held_now(request, now=NOW)) == 2
    assert talking.mine(talking.held_now(request, now=NOW), user=desk.user).starts_at == at("2026-12-16", "13:00")


def test_a_taken_time_cannot_be_held_and_what_was_held_stays(desk: actors.Actor) -> None:
    factories.a_visit()
    request = factories.a_request(phone_e164="+12135550135")
    hold(request, desk, "13:00")
    with pytest.raises(lifecycle.TimeTaken) as lost:
        hold(request, desk, "10:30")
    assert lost.value.free[0].starts_at == at("2026-12-16", "11:00")
    assert [held.starts_at for held in request.held_times.all()] == [at("2026-12-16", "13:00")]


def test_it_can_be_let_go_and_that_is_written_down(desk: actors.Actor) -> None:
    request = factories.a_request()
    hold(request, desk)
    talking.let_go(request=request, by=desk, now=NOW)
    talking.let_go(request=request, by=desk, now=NOW)
    assert HeldTime.objects.count() == 0
    assert [event.verb for event in request.events.all()] == ["submit", "hold", "let_go"]


def test_confirming_another_time_frees_it(desk: actors.Actor) -> None:
    request = factories.a_request()
    hold(request, desk)
    confirm(request, desk, "13:00")
    assert [held.starts_at for held in HeldTime.objects.all()] == [at("2026-12-16", "13:00")]


def test_a_closed_request_holds_nothing(desk: actors.Actor) -> None:
    request = factories.a_request()
    stale = AppointmentRequest.objects.get(pk=request.pk)
    lifecycle.cancel(request=request, by=actors.PATIENT, now=NOW)
    for seen in (request, stale):
        with pytest.raises(standing.StaleRequest):
            hold(seen, desk)
    assert HeldTime.objects.count() == 0


def test_the_clock_forgets_what_ran_out(desk: actors.Actor) -> None:
    request = factories.a_request()
    hold(request, desk)
    assert talking.sweep(now=NOW + timedelta(minutes=19)) == 0
    assert talking.held_now(request, now=NOW + timedelta(minutes=20)) == []
    assert talking.sweep(now=NOW + timedelta(minutes=20)) == 1
    assert HeldTime.objects.count() == 0


def test_a_moved_visit_is_not_freed_by_holding_another_time(desk: actors.Actor) -> None:
    request = factories.a_visit().request
    hold(request, desk, "13:00")
    assert request.current_visit() is not None
    assert HeldTime.objects.count() == 2


@pytest.mark.parametrize("missing", ["made_by", "request"])
def test_the_database_wants_to_know_who_holds_it_for_whom(desk: actors.Actor, missing: str) -> None:
    values = {
        "physician": a_physician(),
        "service": a_service(),
        "kind": "talking",
        "starts_at": at("2026-12-16", "10:00"),
        "ends_at": at("2026-12-16", "10:45"),
        "busy_from": at("2026-12-16", "10:00"),
        "busy_to": at("2026-12-16", "11:00"),
        "expires_at": NOW,
        "request": factories.a_request(),
        "made_by": desk.user,
        missing: None,
    }
    with pytest.raises(IntegrityError, match="held_time_while_talking_names_both"), transaction.atomic():
        HeldTime.objects.create(**values)
