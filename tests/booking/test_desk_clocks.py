"""When to call again, and by when a written estimate is due."""

from datetime import date, time

import pytest

from booking import desk_clocks
from pages.models import ClinicClosure, OpeningHours
from tests import factories
from tests.factories import at


@pytest.fixture
def weekday_hours(db: None) -> None:
    factories.facts()
    for weekday in range(5):
        OpeningHours.objects.create(office=None, weekday=weekday, opens=time(9), closes=time(17))


# When a written estimate is due


@pytest.mark.parametrize(
    ("visit_day", "due_on"),
    [
        ("2026-12-09", None),  # Monday to Wednesday: 2 business days ahead
        ("2026-12-10", "2026-12-08"),  # 3 ahead: within 1
        ("2026-12-18", "2026-12-08"),  # 9 ahead
        ("2026-12-21", "2026-12-10"),  # 10 ahead: within 3
        ("2027-02-01", "2026-12-10"),
    ],
)
def test_the_estimate_is_due_in_business_days_after_the_time_was_set(weekday_hours, visit_day, due_on):
    due = desk_clocks.estimate_due_on(set_at=at("2026-12-07", "10:00"), visit_day=date.fromisoformat(visit_day))
    assert due == (date.fromisoformat(due_on) if due_on else None)


def test_closed_days_count_neither_ahead_nor_for_the_due_day(weekday_hours):
    ClinicClosure.objects.create(
        first_day=date(2026, 12, 8), last_day=date(2026, 12, 9), name_en="Repairs", name_es="Reparaciones"
    )
    monday = at("2026-12-07", "10:00")
    assert desk_clocks.estimate_due_on(set_at=monday, visit_day=date(2026, 12, 11)) is None  # Thu, Fri: 2 ahead
    assert desk_clocks.estimate_due_on(set_at=monday, visit_day=date(2026, 12, 14)) == date(2026, 12, 10)


def test_the_estimates_clock_runs_although_the_clinics_hours_are_unknown(db):
    friday_night = at("2026-12-11", "23:30")
    assert desk_clocks.estimate_due_on(set_at=friday_night, visit_day=date(2026, 12, 16)) == date(2026, 12, 14)


def test_the_day_on_which_a_time_was_set_is_the_clinics_own(weekday_hours):
    late_on_monday = at("2026-12-07", "23:30")  # Tuesday already in UTC
    assert desk_clocks.estimate_due_on(set_at=late_on_monday, visit_day=date(2026, 12, 10)) == date(2026, 12, 8)


# When to call again


@pytest.mark.parametrize(
    ("called", "best", "again"),
    [
        (at("2026-12-07", "10:00"), "any", at("2026-12-07", "15:30")),
        (at("2026-12-07", "14:00"), "any", at("2026-12-08", "10:00")),
        (at("2026-12-11", "16:55"), "any", at("2026-12-14", "10:00")),
        (at("2026-12-07", "10:00"), "morning", at("2026-12-08", "10:00")),
        (at("2026-12-07", "10:00"), "midday", at("2026-12-07", "12:30")),
        (at("2026-12-07", "16:00"), "late_afternoon", at("2026-12-08", "15:30")),
        (at("2026-12-12", "10:00"), "any", at("2026-12-14", "10:00")),  # a Saturday
        (at("2027-03-12", "15:00"), "any", at("2027-03-15", "10:00")),  # over the change of the clocks
    ],
)
def test_a_call_is_tried_again_in_another_part_of_the_day_in_business_hours(weekday_hours, called, best, again):
    assert desk_clocks.next_try(called_at=called, best_time=best) == again


def test_a_clinic_that_closes_at_noon_calls_the_next_morning(db):
    for weekday in range(5):
        OpeningHours.objects.create(office=None, weekday=weekday, opens=time(8), closes=time(12))
    assert desk_clocks.next_try(called_at=at("2026-12-07", "10:00")) == at("2026-12-08", "10:00")
    assert desk_clocks.next_try(called_at=at("2026-12-07", "10:00"), best_time="late_afternoon") == at(
        "2026-12-08", "11:00"
    )
