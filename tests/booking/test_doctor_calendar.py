"""The feed of a doctor's calendar from the clock to the days that are offered, and the doctor's secret link."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from icalendar import Calendar

from booking import availability, clockwork, doctor_calendar, held_time, links
from booking.models import FEED_IS_FRESH, CalendarBusy, DoctorCalendar, HeldTime
from tests import factories
from tests.booking import calendar_service
from tests.booking.calendar_service import Service
from tests.factories import NOW, a_physician, a_service, an_office, at

pytestmark = pytest.mark.usefixtures("clinic")
BUSY = ("20261216T170000Z", "20261216T200000Z")  # 9 to noon on the wall


@pytest.fixture
def service(settings: Any) -> Iterator[Service]:
    settings.CALENDAR_FEED_HOSTS, settings.CALENDAR_FEEDS_MAY_BE_LOCAL = ["127.0.0.1"], True
    with calendar_service.running() as running:
        yield running


@pytest.fixture
def calendar(service: Service) -> DoctorCalendar:
    """The doctor's calendar with a feed; somebody has to look at it each business day."""
    found = DoctorCalendar.objects.get(physician=a_physician())
    found.confirm_within = 1
    found.save()
    doctor_calendar.set_feed(calendar=found, url=service.url, now=NOW)
    return found


def starts() -> list[str]:
    slots = availability.free_slots(
        service=a_service(), office=an_office(), day=at("2026-12-16", "12:00").date(), now=NOW, for_staff=True
    )
    return [slot.starts_at.astimezone(availability.zone()).strftime("%H:%M") for slot in slots]


def spans() -> int:
    return CalendarBusy.objects.count()


def test_the_clock_reads_the_feed_and_its_busy_times_are_not_offered(
    service: Service, calendar: DoctorCalendar
) -> None:
    service.says_busy(BUSY)
    clockwork.tick(now=NOW)
    assert starts()[0] == "12:00"
    calendar.refresh_from_db()
    assert (calendar.feed_good_at, calendar.feed_problem) == (NOW, "")


def test_the_feed_is_read_every_ten_minutes_and_by_one_worker(service: Service, calendar: DoctorCalendar) -> None:
    for minutes, times in ((0, 1), (5, 1), (10, 2), (19, 2), (21, 3)):
        doctor_calendar.read_next(now=NOW + timedelta(minutes=minutes))
        doctor_calendar.read_next(now=NOW + timedelta(minutes=minutes))
        assert len(service.asked) == times


def test_each_doctor_has_a_feed_of_her_own(service: Service, calendar: DoctorCalendar) -> None:
    other = DoctorCalendar.objects.get(physician=a_physician("other"))
    doctor_calendar.set_feed(calendar=other, url=service.url, now=NOW)
    service.says_busy(BUSY)
    assert doctor_calendar.read_next(now=NOW)
    assert doctor_calendar.read_next(now=NOW)
    assert not doctor_calendar.read_next(now=NOW)
    assert CalendarBusy.objects.values("physician").distinct().count() == 2


def test_a_fresh_feed_shows_days_without_a_press(service: Service, calendar: DoctorCalendar) -> None:
    def days() -> list[availability.OpenDay]:
        return availability.open_days(service=a_service(), office=None, now=NOW)

    assert days() == []
    doctor_calendar.read_next(now=NOW)
    assert days()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"status": 404}, "refused"),
        ({"status": 302}, "moved"),
        ({"status": 500}, "no_answer"),
        ({"body": b"<html>Sign in</html>"}, "not_calendar"),
        ({"body": b""}, "not_calendar"),
    ],
)
def test_a_feed_that_fails_keeps_the_last_good_times_and_says_why(
    service: Service, calendar: DoctorCalendar, change: dict[str, Any], problem: str, caplog: Any
) -> None:
    service.says_busy(BUSY)
    doctor_calendar.read_next(now=NOW)
    for name, value in change.items():
        setattr(service, name, value)
    with caplog.at_level(logging.WARNING):
        doctor_calendar.read_next(now=NOW + timedelta(minutes=10))
    assert starts()[0] == "12:00"
    calendar.refresh_from_db()
    assert (calendar.feed_problem, calendar.feed_good_at) == (problem, NOW)
    assert "s3cret" not in caplog.text
    assert "127.0.0.1" not in caplog.text


def test_a_feed_that_works_again_is_good_again(service: Service, calendar: DoctorCalendar) -> None:
    service.status = 500
    doctor_calendar.read_next(now=NOW)
    service.status = 200
    doctor_calendar.read_next(now=NOW + timedelta(minutes=10))
    calendar.refresh_from_db()
    assert calendar.feed_problem == ""


def test_a_stale_feed_degrades_readiness_and_nothing_else(
    service: Service, calendar: DoctorCalendar, client: Client, now: Any
) -> None:
    DoctorCalendar.objects.update(feed_good_at=NOW - FEED_IS_FRESH - timedelta(hours=1))
    clockwork.beat(name="worker", now=NOW)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["reasons"] == ["calendar: the feed of a doctor was last read 3 h ago"]


def test_what_left_the_feed_is_free_again_and_an_unchanged_feed_rewrites_nothing(
    service: Service, calendar: DoctorCalendar
) -> None:
    service.says_busy(BUSY)
    doctor_calendar.read_next(now=NOW)
    kept = CalendarBusy.objects.get().pk
    doctor_calendar.read_next(now=NOW + timedelta(minutes=10))
    assert CalendarBusy.objects.get().pk == kept
    service.says_busy()
    doctor_calendar.read_next(now=NOW + timedelta(minutes=20))
    assert spans() == 0
    assert starts()[0] == "09:00"


def test_an_address_that_was_changed_meanwhile_is_not_overwritten_by_the_old_answer(
    service: Service, calendar: DoctorCalendar
) -> None:
    service.says_busy(BUSY)
    old = DoctorCalendar.objects.get(pk=calendar.pk)
    doctor_calendar.set_feed(calendar=calendar, url=service.url, now=NOW + timedelta(seconds=1))
    doctor_calendar.read(calendar=old, now=NOW)
    assert spans() == 0


def test_ending_the_feed_forgets_its_times(service: Service, calendar: DoctorCalendar) -> None:
    service.says_busy(BUSY)
    doctor_calendar.read_next(now=NOW)
    doctor_calendar.end_feed(calendar=calendar)
    assert spans() == 0
    assert not doctor_calendar.read_next(now=NOW + timedelta(hours=1))


def test_neither_the_address_nor_a_title_can_be_read_in_the_database(
    service: Service, calendar: DoctorCalendar
) -> None:
    service.says_busy(BUSY)
    doctor_calendar.read_next(now=NOW)
    with connection.cursor() as cursor:
        for table in (DoctorCalendar._meta.db_table, CalendarBusy._meta.db_table):
            cursor.execute(f"SELECT * FROM {table}")
            cells = repr(cursor.fetchall())
            assert "s3cret" not in cells
            assert "dinner" not in cells
    assert DoctorCalendar.objects.get(pk=calendar.pk).feed_url == service.url


# The doctor's link


def the_file(client: Client, calendar: DoctorCalendar) -> Any:
    return client.get(links.calendar_url(calendar).removeprefix("http://testserver.localhost"))


@pytest.fixture
def linked() -> DoctorCalendar:
    """A calendar with a link."""
    found = DoctorCalendar.objects.get(physician=a_physician())
    doctor_calendar.new_link(calendar=found)
    return found


def test_the_doctor_reads_what_is_held_under_neutral_titles(
    client: Client, linked: DoctorCalendar, now: Any, staff_user: Any
) -> None:
    visit = factories.a_visit()
    held_time.block(
        physician=a_physician(),
        starts_at=at("2026-12-17", "09:00"),
        ends_at=at("2026-12-17", "10:00"),
        note="Dentist",
        by=staff_user,
        now=now,
    )
    answer = the_file(client, linked)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    book = Calendar.from_ical(answer.content)
    events = book.walk("VEVENT")
    assert [str(event["SUMMARY"]) for event in events] == ["Visit, Los Angeles", "Blocked"]
    assert events[0]["DTSTART"].dt == visit.starts_at
    text = answer.content.decode()
    for secret in (visit.request.name, visit.request.reference, "HSG", "Dentist", "555"):
        assert secret not in text


def test_offers_are_tentative_and_what_ran_out_is_gone(client: Client, linked: DoctorCalendar, now: Any) -> None:
    held = factories.a_visit().held_time
    HeldTime.objects.filter(pk=held.pk).update(kind="offer", expires_at=NOW + timedelta(hours=1))
    assert b"STATUS:TENTATIVE" in the_file(client, linked).content
    HeldTime.objects.filter(pk=held.pk).update(expires_at=NOW)
    assert b"VEVENT" not in the_file(client, linked).content


def test_our_own_file_read_back_as_a_feed_says_nothing(
    client: Client, linked: DoctorCalendar, service: Service, calendar: DoctorCalendar, now: Any
) -> None:
    factories.a_visit()
    service.body = the_file(client, linked).content
    doctor_calendar.read_next(now=NOW)
    assert spans() == 0


def test_a_new_link_ends_the_old_one_and_another_doctors_visits_are_not_in_it(
    client: Client, linked: DoctorCalendar, now: Any
) -> None:
    old = links.calendar_url(linked).removeprefix("http://testserver.localhost")
    doctor_calendar.new_link(calendar=linked)
    assert client.get(old).status_code == 404
    factories.a_visit()
    other = DoctorCalendar.objects.get(physician=a_physician("other"))
    doctor_calendar.new_link(calendar=other)
    assert b"VEVENT" not in the_file(client, other).content


@pytest.mark.parametrize("token", ["A" * 22, "A" * 200, "", "..", "%00"])
def test_an_unknown_link_is_not_found(client: Client, linked: DoctorCalendar, token: str) -> None:
    assert client.get(f"/calendar/{token}.ics").status_code == 404


def test_without_a_link_there_is_no_address() -> None:
    assert links.calendar_url(DoctorCalendar.objects.get(physician=a_physician())) == ""
