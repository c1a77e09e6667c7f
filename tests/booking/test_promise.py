"""The honest clock."""

from datetime import UTC, date, time

import pytest

from booking import promise
from pages.models import ClinicClosure, OpeningHours
from tests import factories
from tests.factories import at


@pytest.fixture
def weekday_hours(db: None) -> None:
    factories.facts()
    for weekday in range(5):
        OpeningHours.objects.create(office=None, weekday=weekday, opens=time(9), closes=time(17))


@pytest.mark.parametrize(
    ("received", "promised"),
    [
        (at("2026-12-07", "10:00"), at("2026-12-08", "17:00")),
        (at("2026-12-07", "22:00"), at("2026-12-08", "17:00")),
        (at("2026-12-11", "10:00"), at("2026-12-14", "17:00")),
        (at("2026-12-12", "10:00"), at("2026-12-14", "17:00")),
        # The clocks go forward on March 14, 2027: the promise is wall time.
        (at("2027-03-12", "16:00"), at("2027-03-15", "17:00")),
    ],
)
def test_a_request_is_answered_by_the_close_of_the_next_business_day(weekday_hours, received, promised):
    assert promise.due_at(received_at=received) == promised


def test_days_when_the_clinic_is_closed_do_not_count(weekday_hours):
    ClinicClosure.objects.create(
        first_day=date(2026, 12, 24), last_day=date(2026, 12, 25), name_en="Holidays", name_es="Días festivos"
    )
    assert promise.due_at(received_at=at("2026-12-23", "10:00")) == at("2026-12-28", "17:00")


def test_there_is_no_promise_while_the_clinics_hours_are_unknown(db):
    assert promise.due_at(received_at=at("2026-12-07", "10:00")) is None


def test_the_promise_is_told_in_the_clinics_wall_time_and_the_readers_language(db):
    due = at("2026-12-08", "17:00")
    assert due.astimezone(UTC).hour == 1
    assert promise.words(due, "en") == "Tuesday, December 8, 5\N{NO-BREAK SPACE}pm"
    assert promise.words(due, "es") == "martes 8 de diciembre, 5\N{NO-BREAK SPACE}p.\N{NO-BREAK SPACE}m."


@pytest.mark.parametrize(
    ("received", "promised"),
    [
        # The clocks go back on November 7, 2027, and forward on March 14, 2027: 5 pm stays 5 pm on the wall.
        (at("2027-11-05", "10:00"), at("2027-11-08", "17:00")),
        (at("2027-11-07", "01:30"), at("2027-11-08", "17:00")),
        (at("2027-03-14", "03:30"), at("2027-03-15", "17:00")),
        (at("2028-02-28", "12:00"), at("2028-02-29", "17:00")),
    ],
)
def test_the_promise_is_wall_time_when_the_clocks_change_and_in_leap_years(weekday_hours, received, promised):
    assert promise.due_at(received_at=received) == promised
