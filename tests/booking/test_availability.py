"""Which days and times are free."""

from datetime import date, time, timedelta

import pytest

from booking import availability
from booking.models import Closure, DateOverride, HeldTime, WeeklyHours
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
        kind=HeldTime.Kind.TALKING,
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


def test_ninety_days_at_three_offices_need_few_queries(clinic, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        assert len(days_of()) > 50


def test_the_loser_of_a_race_is_shown_the_next_times(clinic, now):
    factories.a_visit(starts_at=at("2026-12-16", "10:00"))
    free = availability.next_free(
        service=a_service("hsg"), office=an_office(), after=at("2026-12-16", "10:00"), now=NOW
    )
    assert [s.starts_at for s in free] == [at("2026-12-16", "11:00") + timedelta(minutes=15 * n) for n in range(3)]
