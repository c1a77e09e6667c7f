"""Times that became free again, and whom they would fit."""

from datetime import date, timedelta
from typing import Any

import pytest

from booking import actors, availability, freed_time, lifecycle, offers, outcomes
from booking.availability import Slot
from booking.models import AppointmentRequest, Offer, Visit
from tests import factories
from tests.factories import NOW, a_physician, a_service, an_office, at

pytestmark = pytest.mark.usefixtures("clinic", "now")


@pytest.fixture
def desk() -> actors.Actor:
    return actors.staff(factories.a_staff_user())


def cancelled_visit() -> Visit:
    visit = factories.a_visit()
    lifecycle.cancel(request=visit.request, by=actors.PATIENT, now=NOW)
    return visit


def waiting(number: int, **fields: Any) -> AppointmentRequest:
    return factories.a_request(phone_e164=f"+1213555{number:04d}", **fields)


def offer(request: AppointmentRequest, desk: actors.Actor) -> Offer:
    starts = at("2026-12-16", "10:00")
    slot = Slot(starts, starts + timedelta(minutes=45), a_physician().pk, an_office().pk)
    end = offers.runs_out_at(now=NOW)
    return offers.offer(request=request, service=a_service("hsg"), slots=[slot], expires_at=end, by=desk, now=NOW)


def freed_starts() -> list[Any]:
    return [one.slot.starts_at for one in freed_time.freed(now=NOW)]


def test_a_cancelled_visit_is_a_freed_time() -> None:
    visit = cancelled_visit()
    [one] = freed_time.freed(now=NOW)
    assert (one.slot.starts_at, one.office, one.had_by) == (visit.starts_at, visit.office, {visit.request_id})


def test_no_more_days_are_asked_about_than_somebody_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    for number, day in enumerate(("2026-12-14", "2026-12-16", "2026-12-18")):
        visit = factories.a_visit(waiting(number), starts_at=at(day, "10:00"))
        lifecycle.cancel(request=visit.request, by=actors.PATIENT, now=NOW)
    asked, free_slots = [], availability.free_slots

    def noted(**what: Any) -> list[Slot]:
        asked.append(what["day"])
        return free_slots(**what)

    monkeypatch.setattr(availability, "free_slots", noted)
    monkeypatch.setattr(freed_time, "MOST_TIMES", 2)
    assert freed_starts() == [at("2026-12-14", "10:00"), at("2026-12-16", "10:00")]
    assert asked == [date(2026, 12, 14), date(2026, 12, 16)]


def test_a_moved_visit_leaves_its_old_time() -> None:
    request = factories.a_visit().request
    factories.a_visit(request, starts_at=at("2026-12-18", "09:00"))
    assert freed_starts() == [at("2026-12-16", "10:00")]


@pytest.mark.parametrize("how", ["turned down", "ran out"])
def test_an_offer_that_came_to_nothing_frees_its_time(desk: actors.Actor, how: str) -> None:
    request = factories.a_request()
    made = offer(request, desk)
    assert freed_starts() == []
    if how == "turned down":
        offers.turn_down(request=request, number=1, by=actors.PATIENT, now=NOW)
    else:
        offers.sweep(now=made.expires_at)
    assert freed_starts() == [at("2026-12-16", "10:00")]


def test_a_time_that_was_taken_again_is_no_longer_freed() -> None:
    cancelled_visit()
    factories.a_visit(waiting(1))
    assert freed_starts() == []


def test_freeing_one_of_two_overbooked_visits_frees_nothing(desk: actors.Actor) -> None:
    first = factories.a_visit()
    lifecycle.confirm(
        request=waiting(1),
        physician=a_physician(),
        office=an_office(),
        service=a_service("hsg"),
        starts_at=first.starts_at,
        by=desk,
        now=NOW,
        overbooking_reason="Sisters who come together",
    )
    lifecycle.cancel(request=first.request, by=actors.PATIENT, now=NOW)
    assert freed_starts() == []


def test_what_is_past_is_no_longer_freed() -> None:
    cancelled_visit()
    assert freed_time.freed(now=at("2026-12-16", "10:00")) == []


def test_only_requests_whose_days_office_and_part_of_the_day_contain_it_fit() -> None:
    cancelled_visit()
    fits = [waiting(1), waiting(2, office=None), waiting(3, timing="any", days=()), waiting(4, daypart="morning")]
    waiting(5, days=(date(2026, 12, 18),))
    waiting(6, office=an_office("san-diego"))
    waiting(7, daypart="afternoon")
    waiting(8, service=a_service("video"))
    waiting(9, timing="help", days=())
    [one] = freed_time.freed(now=NOW)
    assert {asked.pk for asked in freed_time.fitting(one)} == {asked.pk for asked in fits}


def test_next_cycle_and_who_came_in_vain_are_first_then_who_loses_her_chance_first(desk: actors.Actor) -> None:
    cancelled_visit()
    late = waiting(1, days=(date(2026, 12, 16), date(2026, 12, 30)))
    soon = waiting(2, days=(date(2026, 12, 16),))
    next_cycle = waiting(3)
    outcomes.next_cycle(request=next_cycle, by=desk, now=NOW)
    [one] = freed_time.freed(now=NOW)
    assert [asked.pk for asked in freed_time.fitting(one)] == [next_cycle.pk, soon.pk, late.pk]


def test_who_let_it_go_is_not_asked_again(desk: actors.Actor) -> None:
    request = factories.a_request()
    offer(request, desk)
    offers.turn_down(request=request, number=1, by=actors.PATIENT, now=NOW)
    [one] = freed_time.freed(now=NOW)
    assert freed_time.fitting(one) == []


def test_the_request_that_freed_a_time_knows_it() -> None:
    visit = cancelled_visit()
    assert freed_time.freed_by(visit.request, now=NOW)
    assert not freed_time.freed_by(visit.request, now=at("2026-12-17", "10:00"))
