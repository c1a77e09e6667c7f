"""Managers set the feed of a doctor's calendar and the doctor's secret link."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from booking import links
from booking.models import DoctorCalendar
from tests import factories
from tests.booking.admin.desk import words

pytestmark = pytest.mark.usefixtures("now", "clinic")
FEED = "https://calendar.google.com/calendar/ical/x/private-s3cret/basic.ics"


@pytest.fixture
def calendar() -> DoctorCalendar:
    return DoctorCalendar.objects.get(physician=factories.a_physician())


def save(client: Client, calendar: DoctorCalendar, **form: str) -> Any:
    address = f"/admin/booking/doctorcalendar/{calendar.pk}/change/"
    return client.post(address, {"confirm_within": "1", "feed_address": "", **form}, follow=True)


def test_the_address_of_a_feed_is_kept_and_never_shown_again(staff_client: Client, calendar: DoctorCalendar) -> None:
    page = words(save(staff_client, calendar, feed_address=FEED))
    assert "The calendar is read within a minute" in page
    calendar.refresh_from_db()
    assert (calendar.feed_url, calendar.feed_host) == (FEED, "calendar.google.com")
    shown = words(staff_client.get(f"/admin/booking/doctorcalendar/{calendar.pk}/change/"))
    assert "calendar.google.com, last read: not yet." in shown
    assert "s3cret" not in shown
    assert not LogEntry.objects.filter(change_message__contains="s3cret").exists()


def test_an_empty_field_keeps_the_feed_and_a_tick_ends_it(staff_client: Client, calendar: DoctorCalendar) -> None:
    save(staff_client, calendar, feed_address=FEED)
    save(staff_client, calendar)
    calendar.refresh_from_db()
    assert calendar.feed_url == FEED
    save(staff_client, calendar, end_feed="on")
    calendar.refresh_from_db()
    assert (calendar.feed_url, calendar.feed_host) == ("", "")


def test_webcal_is_read_as_https(staff_client: Client, calendar: DoctorCalendar) -> None:
    save(staff_client, calendar, feed_address="webcal://p01-caldav.icloud.com/published/2/abc")
    calendar.refresh_from_db()
    assert calendar.feed_url == "https://p01-caldav.icloud.com/published/2/abc"


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"feed_address": "https://evil.example/a.ics"}, "not one of the calendar services that are allowed here"),
        ({"feed_address": "http://calendar.google.com/a.ics"}, "not a secure public address"),
        ({"feed_address": FEED, "end_feed": "on"}, "Either a new address or none"),
    ],
)
def test_an_address_that_may_not_be_asked_is_refused_in_words(
    staff_client: Client, calendar: DoctorCalendar, form: dict[str, str], sentence: str
) -> None:
    page = words(save(staff_client, calendar, **form))
    assert sentence in page
    calendar.refresh_from_db()
    assert not calendar.has_feed


def test_one_press_makes_the_doctors_link_and_another_a_new_one(staff_client: Client, calendar: DoctorCalendar) -> None:
    page = words(save(staff_client, calendar, _new_link="1"))
    calendar.refresh_from_db()
    first = links.calendar_url(calendar)
    assert first in page
    save(staff_client, calendar, _new_link="1")
    calendar.refresh_from_db()
    assert links.calendar_url(calendar) != first


def test_the_row_of_a_doctor_is_never_deleted(staff_client: Client, calendar: DoctorCalendar) -> None:
    answer = staff_client.post(f"/admin/booking/doctorcalendar/{calendar.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 403
