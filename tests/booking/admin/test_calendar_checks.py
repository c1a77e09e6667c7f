"""“The calendar is right” on the front page."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from booking import availability
from booking.admin import rights
from booking.models import DoctorCalendar
from tests import factories
from tests.booking.admin.desk import words

pytestmark = pytest.mark.usefixtures("now", "clinic")


@pytest.fixture
def calendar() -> DoctorCalendar:
    """The doctor's calendar, at which nobody has looked."""
    DoctorCalendar.objects.update(confirm_within=1)
    return DoctorCalendar.objects.get()


def press(client: Client, calendar: DoctorCalendar) -> Any:
    return client.post(f"/admin/booking/doctorcalendar/{calendar.physician_id}/confirm/", follow=True)


def open_days() -> list[date]:
    days = availability.open_days(service=factories.a_service(), office=None, now=factories.NOW)
    return [day.day for day in days]


def test_one_press_on_the_front_page_shows_days_to_patients(staff_client: Client, calendar: DoctorCalendar) -> None:
    assert open_days() == []
    assert "Patients see no days now." in words(staff_client.get("/admin/"))
    answer = words(press(staff_client, calendar))
    assert "Patients see the free days of Atabak Allaei, MD" in answer
    assert "Look again by Tue, Dec 8, 5 p.m." in answer
    assert open_days()


def test_the_press_is_kept_with_the_name_of_who_pressed(staff_client: Client, staff_user: Any, calendar: Any) -> None:
    press(staff_client, calendar)
    press(staff_client, calendar)
    calendar.refresh_from_db()
    assert (calendar.confirmed_at, calendar.confirmed_by) == (factories.NOW, staff_user)


def test_the_first_press_makes_the_row(staff_client: Client, calendar: DoctorCalendar) -> None:
    DoctorCalendar.objects.all().delete()
    press(staff_client, calendar)
    assert DoctorCalendar.objects.get().confirmed_at == factories.NOW


def test_by_get_nothing_is_said(staff_client: Client, calendar: DoctorCalendar) -> None:
    staff_client.get(f"/admin/booking/doctorcalendar/{calendar.physician_id}/confirm/")
    assert not DoctorCalendar.objects.filter(confirmed_at__isnull=False).exists()


def test_the_front_desk_may_press_and_an_editor_may_not(calendar: DoctorCalendar) -> None:
    rights.set_up()
    for group, status in (("Editors", 403), ("Front desk", 200)):
        user = factories.a_staff_user(is_superuser=False)
        user.groups.add(Group.objects.get(name=group))
        client = Client()
        client.force_login(user)
        assert press(client, calendar).status_code == status


def test_a_feed_that_could_not_be_read_says_so_on_the_front_page(
    staff_client: Client, calendar: DoctorCalendar
) -> None:
    then = factories.NOW - timedelta(hours=5)
    calendar.feed_host, calendar.feed_set_at, calendar.feed_good_at = "calendar.example", then, then
    calendar.feed_problem = DoctorCalendar.Problem.NOT_A_CALENDAR
    calendar.save()
    page = words(staff_client.get("/admin/"))
    assert "The calendar feed was last read Mon, Dec 7, 5 a.m." in page
    assert "The answer is not a calendar." in page


def test_a_doctor_whom_nobody_has_to_confirm_has_no_end(staff_client: Client) -> None:
    page = words(staff_client.get("/admin/"))
    assert "Patients see free days." in page
    assert "Look again" not in page
