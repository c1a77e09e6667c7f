"""Which days and times are free."""

from datetime import date, time, timedelta

import pytest

from booking import availability
from booking.models import (
    FEED_IS_FRESH,
    CalendarBusy,
    Closure,
    DateOverride,
    DoctorCalendar,
    HeldTime,
    WeeklyHours,
)
from pages.models import ClinicClosure, OpeningHours
from tests import factories
from tests.factories import NOW, a_physician, a_service, an_office, at


def days_of(service_key="hsg", office=None, now=NOW):
    return [d.day for d in availability.open_days(service=a_service(service_key), office=office, now=now)]


def starts_on(day, *, office=None, key="hsg", for_staff=True, now=NOW):
    slots = availability.free_slots(
        service=a_service(key), office=office, day=date.fromisoformat(day), now=now, for_staff=for_staff
    )
    return [s.starts_at.astimezone(availability.zone()).strftime("%H:%M") for s in slots]


def test_days_come_from_the_doctors_real_hours_at_that_office(clinic):
    days = days_of(office=an_office("orange-county"))
    assert days
    assert {day.weekday() for day in days} == {1}


def test_the_first_hsg_day_leaves_time_for_the_answer_the_prescription_and_the_medicine(clinic):
    # Monday: answered by Tuesday, two days to fill the prescription, two days of medicine before.
    assert min(days_of()) == date(2026, 12, 14)
    assert availability.earliest_day(service=a_service("hsg"), now=NOW) == date(2026, 12, 12)


def test_a_video_visit_needs_no_medicine_and_no_office(clinic):
    assert min(days_of("video", office=an_office("san-diego"))) == date(2026, 12, 8)


def test_days_end_at_the_horizon(clinic):
    service = a_service("hsg")
    service.horizon_days = 14
    service.save()
    assert max(days_of()) <= date(2026, 12, 21)


def test_a_visit_fits_wholly_inside_the_hours(clinic):
    starts = starts_on("2026-12-16", office=an_office())
    assert starts[0] == "09:00"
    assert starts[-1] == "16:15"


def test_a_day_says_in_which_part_of_it_there_is_time(db):
    factories.weekly_hours(office=an_office(), weekdays=(2,), starts="09:00", ends="11:00")
    day = availability.open_days(service=a_service("hsg"), office=an_office(), now=NOW)[0]
    assert (day.morning, day.afternoon) == (True, False)


def test_held_time_and_its_buffers_are_not_offered(clinic, now):
    factories.a_visit(starts_at=at("2026-12-16", "10:00"))
    starts = starts_on("2026-12-16", office=an_office())
    assert "09:00" in starts  # 45 minutes and 15 to clean up end at 10
    for busy in ("09:15", "10:00", "10:45"):
        assert busy not in starts
    assert "11:00" in starts


def test_a_hold_that_ran_out_is_offered_again(clinic):
    HeldTime.objects.create(
        physician=a_physician(),
        service=a_service(),
        kind=HeldTime.Kind.OFFER,
        starts_at=at("2026-12-16", "10:00"),
        ends_at=at("2026-12-16", "10:45"),
        busy_from=at("2026-12-16", "10:00"),
        busy_to=at("2026-12-16", "11:00"),
        expires_at=NOW,
    )
    assert "10:00" in starts_on("2026-12-16", office=an_office())


def test_a_closure_beats_everything_and_may_name_only_an_office_or_a_service(clinic):
    Closure.objects.create(first_day=date(2026, 12, 16), last_day=date(2026, 12, 16))
    assert starts_on("2026-12-16", office=an_office()) == []
    Closure.objects.create(first_day=date(2026, 12, 18), last_day=date(2026, 12, 18), office=an_office("san-diego"))
    assert starts_on("2026-12-18", office=an_office()) != []
    Closure.objects.create(first_day=date(2026, 12, 21), last_day=date(2026, 12, 21), service=a_service("hsg"))
    assert starts_on("2026-12-21", office=an_office()) == []
    assert starts_on("2026-12-21", key="video") != []


def test_hours_of_one_date_replace_the_weekly_ones(clinic):
    DateOverride.objects.create(
        physician=a_physician(), office=an_office(), day=date(2026, 12, 16), starts=time(13), ends=time(14)
    )
    assert starts_on("2026-12-16", office=an_office()) == ["13:00", "13:15"]


def test_a_date_without_times_means_the_doctor_is_away_from_every_office(clinic):
    DateOverride.objects.create(physician=a_physician(), office=an_office("san-diego"), day=date(2026, 12, 16))
    assert starts_on("2026-12-16", office=an_office()) == []


def test_hours_count_only_while_they_are_valid(db):
    WeeklyHours.objects.create(
        physician=a_physician(),
        office=an_office(),
        weekday=2,
        starts=time(9),
        ends=time(12),
        valid_from=date(2026, 12, 20),
        valid_to=date(2026, 12, 31),
    )
    assert days_of() == [date(2026, 12, 23), date(2026, 12, 30)]


def test_an_office_closed_for_requests_is_not_offered_as_any_office(clinic):
    office = an_office("orange-county")
    office.is_open_for_requests = False
    office.save()
    assert all(day.weekday() != 1 for day in days_of())


def test_a_day_at_its_cap_is_full(clinic, now):
    service = a_service("hsg")
    service.cap_per_day = 1
    service.save()
    factories.a_visit(starts_at=at("2026-12-16", "10:00"))
    assert date(2026, 12, 16) not in days_of(office=an_office())


@pytest.mark.parametrize(("day", "hours_in_utc"), [("2027-03-12", 17), ("2027-03-15", 16)])
def test_both_sides_of_the_clock_change_open_at_nine_on_the_wall(clinic, day, hours_in_utc):
    slots = availability.free_slots(
        service=a_service("hsg"), office=an_office(), day=date.fromisoformat(day), now=NOW, for_staff=True
    )
    assert slots[0].starts_at.hour == hours_in_utc


def test_no_time_in_the_past_is_free(clinic):
    later = at("2026-12-16", "13:07")
    assert starts_on("2026-12-16", office=an_office(), now=later)[0] == "13:15"


def test_ninety_days_at_three_offices_need_two_queries(clinic, django_assert_num_queries):
    service = a_service("hsg")
    with django_assert_num_queries(2):  # the facts, and everything else
        assert len(availability.open_days(service=service, office=None, now=NOW)) > 50


def test_the_loser_of_a_race_is_shown_the_next_times(clinic, now):
    factories.a_visit(starts_at=at("2026-12-16", "10:00"))
    free = availability.next_free(
        service=a_service("hsg"), office=an_office(), after=at("2026-12-16", "10:00"), now=NOW, for_staff=True
    )
    assert [s.starts_at for s in free] == [at("2026-12-16", "11:00") + timedelta(minutes=15 * n) for n in range(3)]


# Closures


@pytest.mark.parametrize(
    "days",
    [
        {"first_day": date(2026, 12, 16)},
        {"last_day": date(2026, 12, 16)},
        {},
    ],
)
def test_a_closure_without_a_first_or_last_day_is_open_on_that_side(clinic, days):
    Closure.objects.create(office=an_office(), **days)
    assert starts_on("2026-12-16", office=an_office()) == []
    assert starts_on("2026-12-18", office=an_office()) == ([] if "last_day" not in days else starts_on("2026-12-21"))
    assert starts_on("2026-12-17", office=an_office("san-diego")) != []


def test_a_closure_may_name_one_doctor(clinic):
    other = a_physician("other")
    Closure.objects.create(physician=other, first_day=date(2026, 12, 16), last_day=date(2026, 12, 16))
    assert starts_on("2026-12-16", office=an_office()) != []
    Closure.objects.create(physician=a_physician(), first_day=date(2026, 12, 16), last_day=date(2026, 12, 16))
    assert starts_on("2026-12-16", office=an_office()) == []


def test_nothing_is_offered_while_the_whole_clinic_is_closed(clinic):
    ClinicClosure.objects.create(first_day=date(2026, 12, 16), last_day=date(2026, 12, 18), name="Holidays")
    assert not {date(2026, 12, 16), date(2026, 12, 18)} & set(days_of(office=an_office()))


def test_an_office_that_takes_no_requests_any_more_is_left_to_staff(clinic):
    office = an_office()
    office.is_open_for_requests = False
    office.save()
    assert days_of(office=office) == []
    assert starts_on("2026-12-16", office=office) != []
    assert starts_on("2026-12-16", office=office, for_staff=False) == []


# The doctor's own calendar


def test_time_that_the_doctors_calendar_calls_busy_is_not_offered(clinic):
    CalendarBusy.objects.create(
        physician=a_physician(), starts_at=at("2026-12-16", "09:40"), ends_at=at("2026-12-16", "16:00")
    )
    assert starts_on("2026-12-16", office=an_office()) == ["16:00", "16:15"]


def the_calendar(**fields):
    """The doctor's calendar, to be looked at every business day, and by nobody yet."""
    row = DoctorCalendar.objects.get(physician=a_physician())
    row.confirm_within = 1
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()


def test_no_days_are_shown_while_nobody_looked_at_the_calendar_but_staff_see_times(clinic):
    the_calendar()
    assert days_of(office=an_office()) == []
    assert starts_on("2026-12-16", office=an_office(), for_staff=False) == []
    assert starts_on("2026-12-16", office=an_office()) != []


def test_a_doctor_without_any_calendar_row_was_never_looked_at(clinic):
    DoctorCalendar.objects.all().delete()
    assert days_of() == []


@pytest.mark.parametrize(
    ("looked", "asked", "are_days_shown"),
    [
        (("2026-12-07", "10:00"), ("2026-12-07", "11:00"), True),
        (("2026-12-07", "10:00"), ("2026-12-08", "17:00"), True),
        (("2026-12-07", "10:00"), ("2026-12-08", "17:01"), False),
        # Friday evening counts until Monday's close: Saturday and Sunday are no business days.
        (("2026-12-04", "18:00"), ("2026-12-07", "16:59"), True),
        (("2026-12-04", "18:00"), ("2026-12-08", "09:00"), False),
    ],
)
def test_a_look_at_the_calendar_counts_to_the_close_of_the_next_business_day(clinic, looked, asked, are_days_shown):
    the_calendar(confirmed_at=at(*looked))
    assert bool(days_of(office=an_office(), now=at(*asked))) is are_days_shown


def test_a_holiday_does_not_use_up_the_look_at_the_calendar(clinic):
    ClinicClosure.objects.create(first_day=date(2026, 12, 8), last_day=date(2026, 12, 8), name="Holiday")
    the_calendar(confirmed_at=at("2026-12-07", "10:00"))
    assert days_of(now=at("2026-12-09", "16:00"))


def test_without_known_hours_a_look_counts_for_a_working_day(clinic):
    OpeningHours.objects.all().delete()
    the_calendar(confirmed_at=at("2026-12-04", "10:00"))
    assert days_of(now=at("2026-12-07", "23:00"))
    assert days_of(now=at("2026-12-08", "00:30")) == []


def test_a_fresh_feed_counts_as_looked_at_and_a_stale_one_does_not(clinic):
    the_calendar(feed_host="calendar.example", feed_set_at=NOW, feed_good_at=NOW - FEED_IS_FRESH)
    assert days_of()
    the_calendar(feed_good_at=NOW - FEED_IS_FRESH - timedelta(minutes=1))
    assert days_of() == []


def test_one_doctor_whose_calendar_is_known_is_enough(clinic):
    the_calendar()
    other = a_physician("other")
    WeeklyHours.objects.create(physician=other, office=an_office(), weekday=2, starts=time(9), ends=time(12))
    assert set(days_of()) <= {day for day in days_of() if day.weekday() == 2}
    assert days_of()
