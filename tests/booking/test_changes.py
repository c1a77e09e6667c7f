"""A confirmed patient asks for another time."""

from datetime import date, timedelta
from typing import Any

import pytest

from booking import actors, changes, closings, lifecycle, offers, outcomes, reminders, standing
from booking.availability import Slot
from booking.models import CLOSED, AppointmentRequest, HeldTime, OutgoingMessage, Status, Visit
from tests import factories
from tests.factories import NOW, a_physician, a_service, an_office, at

pytestmark = pytest.mark.usefixtures("clinic", "now")


@pytest.fixture
def desk() -> actors.Actor:
    return actors.staff(factories.a_staff_user())


@pytest.fixture
def request_with_visit() -> AppointmentRequest:
    return factories.a_visit().request


def ask(request: AppointmentRequest, *, keep: bool) -> None:
    changes.ask(request=request, keep=keep, by=actors.PATIENT, now=NOW + timedelta(hours=1))


def confirm(request: AppointmentRequest, desk: actors.Actor, day: str, clock: str) -> Visit:
    return lifecycle.confirm(
        request=request,
        physician=a_physician(),
        office=an_office(),
        service=a_service("hsg"),
        starts_at=at(day, clock),
        by=desk,
        now=NOW + timedelta(hours=2),
    )


def test_who_keeps_the_old_time_holds_it_until_a_new_one_is_set(
    request_with_visit: AppointmentRequest, desk: actors.Actor
) -> None:
    request = request_with_visit
    ask(request, keep=True)
    assert request.status == Status.CHANGE_REQUESTED
    assert request.current_visit() is not None
    with pytest.raises(lifecycle.TimeTaken):
        confirm(factories.a_request(), desk, "2026-12-16", "10:00")
    new = confirm(request, desk, "2026-12-18", "14:00")
    assert new.version == 2
    assert [held.starts_at for held in HeldTime.objects.all()] == [at("2026-12-18", "14:00")]
    assert Visit.objects.get(version=1).ended_at is not None
    assert list(request.messages.order_by("pk").values_list("kind", "occasion"))[-1] == ("moved", "v2")


def test_who_releases_it_has_no_visit_and_the_time_is_free(
    request_with_visit: AppointmentRequest, desk: actors.Actor
) -> None:
    ask(request_with_visit, keep=False)
    assert request_with_visit.status == Status.CHANGE_REQUESTED
    assert request_with_visit.current_visit() is None
    assert HeldTime.objects.count() == 0
    confirm(factories.a_request(), desk, "2026-12-16", "10:00")


def test_a_new_promise_starts_and_the_old_last_day_no_longer_counts(request_with_visit: AppointmentRequest) -> None:
    ask(request_with_visit, keep=True)
    request = AppointmentRequest.objects.get(pk=request_with_visit.pk)
    assert (request.promise_due_at, request.promise_met_at) == (at("2026-12-08", "17:00"), None)
    assert request.last_acceptable_day is None
    assert request.is_late(now=NOW + timedelta(days=3))


def test_she_may_change_her_mind_and_come_at_the_old_time(request_with_visit: AppointmentRequest) -> None:
    ask(request_with_visit, keep=True)
    changes.keep(request=request_with_visit, by=actors.PATIENT, now=NOW)
    assert request_with_visit.status == Status.CONFIRMED
    assert request_with_visit.current_visit() is not None


def test_a_time_that_was_released_cannot_be_kept_any_more(request_with_visit: AppointmentRequest) -> None:
    ask(request_with_visit, keep=False)
    with pytest.raises(standing.StaleRequest):
        changes.keep(request=request_with_visit, by=actors.PATIENT, now=NOW)


def test_she_may_release_it_later(request_with_visit: AppointmentRequest, desk: actors.Actor) -> None:
    ask(request_with_visit, keep=True)
    changes.release(request=request_with_visit, by=actors.PATIENT, now=NOW + timedelta(hours=2))
    assert HeldTime.objects.count() == 0
    assert [event.verb for event in request_with_visit.events.all()][-2:] == ["ask_change", "release_time"]
    with pytest.raises(standing.StaleRequest):
        changes.release(request=request_with_visit, by=actors.PATIENT, now=NOW)


def test_pressing_twice_asks_once(request_with_visit: AppointmentRequest) -> None:
    stale = AppointmentRequest.objects.get(pk=request_with_visit.pk)
    ask(request_with_visit, keep=True)
    with pytest.raises(standing.StaleRequest):
        ask(stale, keep=False)
    assert request_with_visit.current_visit() is not None


def test_a_visit_that_has_begun_cannot_be_changed_by_her(request_with_visit: AppointmentRequest) -> None:
    with pytest.raises(standing.StaleRequest):
        changes.ask(request=request_with_visit, keep=True, by=actors.PATIENT, now=at("2026-12-16", "10:00"))


def test_reminders_follow_the_visit_in_force(request_with_visit: AppointmentRequest) -> None:
    ask(request_with_visit, keep=True)
    reminders.queue_due(now=at("2026-12-15", "10:30"))
    assert set(OutgoingMessage.objects.filter(kind="day_before").values_list("occasion", flat=True)) == {"v1"}


def test_a_released_visit_is_not_reminded_of(request_with_visit: AppointmentRequest) -> None:
    ask(request_with_visit, keep=False)
    reminders.queue_due(now=at("2026-12-15", "10:30"))
    assert not OutgoingMessage.objects.filter(kind="day_before").exists()


def test_choosing_other_days_keeps_her_place(request_with_visit: AppointmentRequest) -> None:
    ask(request_with_visit, keep=True)
    days = (date(2026, 12, 21), date(2026, 12, 23))
    lifecycle.choose_days(request=request_with_visit, days=days, daypart="any", by=actors.PATIENT, now=NOW)
    assert request_with_visit.status == Status.CHANGE_REQUESTED
    assert [row.day for row in request_with_visit.days.all()] == list(days)


def test_declining_or_cancelling_ends_the_old_visit_too(
    request_with_visit: AppointmentRequest, desk: actors.Actor
) -> None:
    ask(request_with_visit, keep=True)
    lifecycle.decline(request=request_with_visit, reason="no_time", by=desk, now=NOW)
    assert request_with_visit.current_visit() is None
    assert HeldTime.objects.count() == 0


def test_waiting_with_a_kept_time_comes_back_as_what_it_was(
    request_with_visit: AppointmentRequest, desk: actors.Actor
) -> None:
    ask(request_with_visit, keep=True)
    outcomes.wait(request=request_with_visit, until=date(2026, 12, 10), by=desk, now=NOW)
    assert outcomes.sweep(now=at("2026-12-10", "10:00")) == 1
    request_with_visit.refresh_from_db()
    assert request_with_visit.status == Status.CHANGE_REQUESTED


class TestWaitingWithAKeptTime:
    """We tried to reach her three times, or she thinks it over: the old time is hers all the while."""

    @pytest.fixture
    def waiting(self, request_with_visit: AppointmentRequest, desk: actors.Actor) -> AppointmentRequest:
        ask(request_with_visit, keep=True)
        outcomes.wait(request=request_with_visit, until=date(2026, 12, 30), by=desk, now=NOW)
        return AppointmentRequest.objects.get(pk=request_with_visit.pk)

    def test_its_day_can_be_closed(self, waiting: AppointmentRequest, desk: actors.Actor) -> None:
        visit = waiting.current_visit()
        assert visit is not None
        day = date(2026, 12, 16)
        closings.close(day=day, physician=None, office=None, seen=[visit.pk], note="", by=desk, now=NOW)
        waiting.refresh_from_db()
        assert (waiting.status, waiting.current_visit()) == (Status.CHANGE_REQUESTED, None)
        assert waiting.promise_due_at is not None

    @pytest.mark.parametrize("outcome", [outcomes.came, outcomes.no_show, outcomes.not_done])
    def test_staff_can_say_what_became_of_it(
        self, waiting: AppointmentRequest, desk: actors.Actor, outcome: Any
    ) -> None:
        outcome(request=waiting, by=desk, now=at("2026-12-16", "12:00"))
        assert waiting.status in CLOSED

    def test_an_offer_that_comes_to_nothing_leaves_it_asked_to_be_changed(
        self, waiting: AppointmentRequest, desk: actors.Actor
    ) -> None:
        starts = at("2026-12-18", "10:00")
        slot = Slot(starts, starts + timedelta(minutes=45), a_physician().pk, an_office().pk)
        runs_out = offers.runs_out_at(now=NOW)
        offers.offer(request=waiting, service=a_service(), slots=[slot], expires_at=runs_out, by=desk, now=NOW)
        offers.withdraw(request=waiting, by=desk, now=NOW)
        assert waiting.status == Status.CHANGE_REQUESTED
        assert waiting.current_visit() is not None

    def test_choosing_other_days_asks_for_a_change_again(self, waiting: AppointmentRequest) -> None:
        days = (date(2026, 12, 21),)
        lifecycle.choose_days(request=waiting, days=days, daypart="any", by=actors.PATIENT, now=NOW)
        assert waiting.status == Status.CHANGE_REQUESTED
        changes.keep(request=waiting, by=actors.PATIENT, now=NOW)
        assert waiting.status == Status.CONFIRMED

    def test_it_never_runs_out_of_days(self, waiting: AppointmentRequest) -> None:
        AppointmentRequest.objects.update(last_acceptable_day=date(2026, 12, 10))
        assert outcomes.sweep(now=at("2026-12-11", "10:00")) == 0
        waiting.refresh_from_db()
        assert waiting.status == Status.WAITING


def test_the_next_cycle_frees_the_old_time_and_says_so(
    request_with_visit: AppointmentRequest, desk: actors.Actor
) -> None:
    ask(request_with_visit, keep=True)
    outcomes.next_cycle(request=request_with_visit, by=desk, now=NOW)
    assert request_with_visit.current_visit() is None
    assert HeldTime.objects.count() == 0
    assert request_with_visit.messages.filter(kind="cancelled", occasion="v1").exists()


def test_a_kept_time_that_passes_is_staffs_to_judge(request_with_visit: AppointmentRequest, desk: actors.Actor) -> None:
    ask(request_with_visit, keep=True)
    assert outcomes.complete_past_visits(now=at("2026-12-30", "10:00")) == 0
    outcomes.no_show(request=request_with_visit, by=desk, now=at("2026-12-16", "12:00"))
    assert request_with_visit.status == Status.NO_SHOW


def test_without_a_visit_nobody_can_have_come(request_with_visit: AppointmentRequest, desk: actors.Actor) -> None:
    ask(request_with_visit, keep=False)
    with pytest.raises(standing.StaleRequest):
        outcomes.came(request=request_with_visit, by=desk, now=at("2026-12-16", "12:00"))
