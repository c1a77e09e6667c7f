"""What speaks against a time that staff typed."""

from datetime import date

import pytest

from booking import unusual_time
from booking.models import CalendarBusy, Closure, DateOverride
from booking.unusual_time import Doubts
from tests.factories import NOW, a_physician, a_service, an_office, at

pytestmark = pytest.mark.usefixtures("clinic")
DAY = "2026-12-16"  # a Wednesday: Los Angeles from 9 to 5


def doubts(clock: str = "10:00", *, day: str = DAY, office: str | None = "los-angeles") -> Doubts:
    return unusual_time.doubts(
        service=a_service("hsg"),
        physician_id=a_physician().pk,
        office_id=an_office(office).pk if office else None,
        starts_at=at(day, clock),
        now=NOW,
    )


def test_nothing_speaks_against_a_time_within_the_hours() -> None:
    assert not doubts()
    assert not doubts("16:15")  # ends with the day


@pytest.mark.parametrize(
    ("clock", "day", "office"),
    [
        ("08:45", DAY, "los-angeles"),  # begins too early
        ("16:30", DAY, "los-angeles"),  # ends too late
        ("10:00", DAY, "orange-county"),  # the doctor is elsewhere
        ("10:00", "2026-12-20", "los-angeles"),  # a Sunday
        ("10:00", DAY, None),  # by video: in the evening alone
    ],
)
def test_the_doctor_is_not_there(clock: str, day: str, office: str | None) -> None:
    found = doubts(clock, day=day, office=office)
    assert (found.is_outside, found.is_closed, found.is_busy) == (True, False, False)


def test_it_says_where_the_doctor_is_that_day() -> None:
    found = doubts("10:00", office="orange-county")
    assert [one.office_id for one in found.hours] == [an_office("los-angeles").pk, None]


def test_hours_on_one_date_count_instead_of_the_weekly_ones() -> None:
    DateOverride.objects.create(physician=a_physician(), day=date(2026, 12, 16))
    found = doubts()
    assert (found.is_outside, found.hours) == (True, ())


def test_a_closure_covers_the_day() -> None:
    Closure.objects.create(first_day=DAY, last_day=DAY, office=an_office("los-angeles"))
    assert doubts().is_closed
    assert not doubts(day="2026-12-18").is_closed


def test_the_doctors_own_calendar_says_busy() -> None:
    CalendarBusy.objects.create(physician=a_physician(), starts_at=at(DAY, "10:30"), ends_at=at(DAY, "11:00"))
    assert doubts().is_busy
    assert not doubts("13:00").is_busy


def test_after_the_clocks_change_the_hours_are_those_on_the_wall() -> None:
    assert not doubts("16:15", day="2027-03-15")
