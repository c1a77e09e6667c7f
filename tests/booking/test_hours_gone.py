"""Patients whose time lies in hours that were taken away are on the list to call, whoever took them away."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking import actors, changes, desk_work, hours_gone, lifecycle, offers, unusual_time
from booking.admin.setting_time import Choice, against
from booking.models import AppointmentRequest, Closure, DateOverride, DeskTask, HeldTime, Visit, WeeklyHours
from pages.models import ClinicClosure
from tests import factories
from tests.factories import NOW, a_physician, an_office, at

pytestmark = pytest.mark.usefixtures("now", "clinic")
DAY = date(2026, 12, 16)  # a Wednesday: Los Angeles from 9 to 5
GONE = DeskTask.Kind.HOURS_GONE


def look(minutes: int = 0) -> int:
    return hours_gone.list_calls(now=NOW + timedelta(minutes=minutes))


def on_the_list() -> list[AppointmentRequest]:
    return [task.request for task in DeskTask.objects.open().filter(kind=GONE)]


def close(**changes: Any) -> Closure:
    return Closure.objects.create(**{"first_day": DAY, "last_day": DAY, **changes})


def take_hours_away(how: str) -> None:
    if how == "closed days":
        close()
    elif how == "a closure of the clinic":
        ClinicClosure.objects.create(first_day=DAY, last_day=DAY, name="Repairs")
    elif how == "a day off":
        DateOverride.objects.create(physician=a_physician(), day=DAY)
    elif how == "other hours on that date":
        DateOverride.objects.create(physician=a_physician(), office=an_office(), day=DAY, starts="13:00", ends="17:00")
    elif how == "the office on another weekday":
        WeeklyHours.objects.filter(weekday=2, office=an_office()).update(weekday=3)


def done(task: DeskTask, *, by: Any) -> None:
    assert desk_work.finish(task, about=0, by=by, now=NOW)


def test_a_time_in_usual_hours_is_nothing_to_call_about() -> None:
    factories.a_visit()
    assert look() == 0
    assert on_the_list() == []


@pytest.mark.parametrize(
    "how",
    [
        "closed days",
        "a closure of the clinic",
        "a day off",
        "other hours on that date",
        "the office on another weekday",
    ],
)
def test_a_visit_in_hours_that_are_gone_is_on_the_list_and_stays_confirmed(how: str) -> None:
    visit = factories.a_visit()
    take_hours_away(how)
    assert look() == 1
    assert on_the_list() == [visit.request]
    visit.refresh_from_db()
    assert visit.ended_at is None


def test_an_offered_time_is_as_good_as_a_visit() -> None:
    offer = factories.an_offer()
    close()
    assert look() > 0
    assert on_the_list() == [offer.request]


def test_each_look_asks_once() -> None:
    factories.a_visit()
    close()
    assert [look(), look(1), look(2)] == [1, 0, 0]
    assert DeskTask.objects.filter(kind=GONE).count() == 1


def test_what_staff_have_done_does_not_come_back_until_something_new_speaks_against_it(staff_user: Any) -> None:
    factories.a_visit()
    close(note="Painters")
    look()
    done(DeskTask.objects.get(kind=GONE), by=staff_user)
    assert look(1) == 0
    close(note="The doctor is ill")
    assert look(2) == 1


def test_a_day_that_was_opened_and_closed_again_is_news_again(staff_user: Any) -> None:
    factories.a_visit()
    first = close()
    look()
    done(DeskTask.objects.get(kind=GONE), by=staff_user)
    ids = {"first_day": first.first_day, "last_day": first.last_day, "pk": first.pk}
    first.delete()
    look(1)
    close(**ids)  # also where the database gives its number again
    assert look(2) == 1


def test_hours_that_came_back_need_no_call() -> None:
    factories.a_visit()
    closure = close()
    look()
    closure.delete()
    look(1)
    assert on_the_list() == []


def test_who_has_another_time_or_gave_it_up_needs_no_call(staff_user: Any) -> None:
    moved, given_up = factories.a_visit(), factories.a_visit(starts_at=at("2026-12-16", "13:00"))
    close()
    look()
    factories.a_visit(moved.request, starts_at=at("2026-12-18", "10:00"), by=staff_user)
    lifecycle.cancel(request=given_up.request, by=actors.PATIENT, now=NOW)
    look(1)
    assert on_the_list() == []
    assert not DeskTask.objects.open().filter(kind=GONE).exists()


def test_another_time_answers_it_at_once(staff_user: Any) -> None:
    visit = factories.a_visit()
    close()
    look()
    factories.a_visit(visit.request, starts_at=at("2026-12-18", "10:00"), by=staff_user)
    assert on_the_list() == []


def test_a_time_that_staff_set_in_spite_of_it_is_not_asked_about(staff_user: Any) -> None:
    asked = factories.a_request()
    closure = close()
    lifecycle.confirm(
        request=asked,
        physician=a_physician(),
        office=an_office(),
        service=asked.service,
        starts_at=at("2026-12-16", "10:00"),
        by=actors.staff(staff_user),
        now=NOW,
        against=f"closure:{closure.pk}",
    )
    assert look() == 0


def test_a_time_that_she_accepts_on_a_day_that_was_closed_meanwhile_is(staff_user: Any) -> None:
    offer = factories.an_offer()
    close()
    offers.accept(request=offer.request, number=offer.number, position=1, by=actors.PATIENT, now=NOW)
    assert look() == 1
    assert on_the_list() == [offer.request]


def test_a_closure_elsewhere_of_another_doctor_or_another_visit_takes_nothing_away() -> None:
    factories.a_visit()
    close(office=an_office("orange-county"))
    close(physician=factories.a_physician("Second Doctor"))
    close(service=factories.a_service("video"))
    assert look() == 0


def test_nobody_has_to_call_about_a_visit_that_is_over() -> None:
    factories.a_visit()
    close()
    assert hours_gone.list_calls(now=at("2026-12-16", "10:01")) == 0


def test_while_nobody_entered_the_doctors_hours_no_time_is_outside_of_them() -> None:
    factories.a_visit()
    WeeklyHours.objects.all().delete()
    assert look() == 0


def test_a_day_off_of_a_doctor_without_hours_is_about_that_day_alone() -> None:
    factories.a_visit()
    factories.a_visit(factories.a_request(), starts_at=at("2026-12-21", "10:00"))
    WeeklyHours.objects.all().delete()
    DateOverride.objects.create(physician=factories.a_physician(), day=date(2026, 12, 16))
    assert look() == 1


def test_hours_on_dates_count_the_same_for_one_time_as_for_all() -> None:
    first, second = factories.a_visit(), factories.a_visit(factories.a_request(), starts_at=at("2026-12-21", "10:00"))
    WeeklyHours.objects.all().delete()
    DateOverride.objects.create(
        physician=factories.a_physician(), office=an_office(), day=date(2026, 12, 16), starts=time(9), ends=time(17)
    )
    assert first.held_time is not None
    assert second.held_time is not None
    together = unusual_time.against([first.held_time, second.held_time])
    assert [set(together[one]) for one in (first.held_time, second.held_time)] == [set(), {unusual_time.OUTSIDE}]
    assert unusual_time.against([second.held_time]) == {second.held_time: together[second.held_time]}


def test_who_asked_for_another_time_and_still_has_the_old_one_is_on_the_list() -> None:
    visit = factories.a_visit()
    changes.ask(request=visit.request, keep=True, by=actors.PATIENT, now=NOW)
    close()
    assert look() == 1


def test_many_times_cost_no_more_questions_than_one() -> None:
    factories.a_visit()
    with CaptureQueriesContext(
        connection,
    ) as one:
        look()
    for hour in ("12:00", "13:30", "15:00"):
        factories.a_visit(factories.a_request(), starts_at=at("2026-12-16", hour))
    with CaptureQueriesContext(connection) as four:
        look()
    assert len(four) == len(one)


def test_what_is_stored_is_what_was_found() -> None:
    held = factories.a_visit().held_time
    assert isinstance(held, HeldTime)
    closure = close()
    found = unusual_time.against([held])[held]
    look()
    held.refresh_from_db()
    assert unusual_time.known(held) == found == {f"closure:{closure.pk}"}
    assert Visit.objects.get().held_time == held


def test_a_day_that_is_closed_while_the_clock_looks_keeps_its_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock had read that nothing speaks against her time; before it tidies up, somebody closes the day."""
    visit, looked = factories.a_visit(), unusual_time.against

    def and_then_the_day_is_closed(times: Sequence[HeldTime]) -> dict[HeldTime, frozenset[str]]:
        found = looked(times)
        monkeypatch.setattr(unusual_time, "against", looked)
        close()
        assert look() == 1
        return found

    monkeypatch.setattr(unusual_time, "against", and_then_the_day_is_closed)
    assert look() == 0
    assert on_the_list() == [visit.request]


def test_a_time_that_staff_set_after_the_doctors_hours_had_ended_is_not_asked_about(staff_user: Any) -> None:
    WeeklyHours.objects.update(valid_to=date(2026, 12, 14))
    factories.a_visit(starts_at=at("2026-12-14", "19:00"))  # so that the clock looks at days with hours, too
    asked, starts_at = factories.a_request(), at("2026-12-16", "10:00")
    wanted = Choice(starts_at, an_office().pk, asked.service, a_physician().pk)
    look()
    lifecycle.confirm(
        request=asked,
        physician=a_physician(),
        office=an_office(),
        service=asked.service,
        starts_at=starts_at,
        by=actors.staff(staff_user),
        now=NOW,
        against=against(wanted),
    )
    assert against(wanted) == "hours"
    assert look(1) == 0
