"""The sheet of one office and day, on paper."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from booking import actors, lifecycle
from booking.admin import rights
from booking.models import AccessEvent
from tests import factories
from tests.booking.admin.desk import words
from tests.factories import an_office, at

pytestmark = pytest.mark.usefixtures("now", "clinic")
SHEET = "/admin/booking/heldtime/day-sheet/"


def sheet(client: Client, *, day: str = "2026-12-16", office: str = "los-angeles") -> str:
    place = office if office == "video" else an_office(office).pk
    return words(client.get(f"{SHEET}?day={day}&office={place}"))


def test_the_sheet_names_time_patient_phone_and_needs(staff_client: Client) -> None:
    asked = factories.a_request(speaks="es", interpreter=True, step_free=True)
    factories.a_visit(asked)
    page = sheet(staff_client)
    for said in (
        "10 a.m.",
        "to 10:45 a.m.",
        asked.name,
        "(213) 555-0134",
        "Speaks Español",
        "Interpreter",
        "Step-free",
    ):
        assert said in page
    assert "Made Mon, Dec 7, 10 a.m. by desk" in page


def test_each_patient_on_the_sheet_is_noted_in_the_access_log(staff_client: Client) -> None:
    visit = factories.a_visit()
    sheet(staff_client)
    assert AccessEvent.objects.filter(request=visit.request, what="day_sheet").count() == 1


def test_another_office_another_day_and_a_cancelled_visit_are_not_on_it(staff_client: Client) -> None:
    visit = factories.a_visit()
    assert "No visits on this day." in sheet(staff_client, office="san-diego")
    assert "No visits on this day." in sheet(staff_client, office="video")
    assert "No visits on this day." in sheet(staff_client, day="2026-12-17")
    lifecycle.cancel(request=visit.request, by=actors.PATIENT, now=factories.NOW)
    assert "No visits on this day." in sheet(staff_client)


def test_a_late_visit_stands_on_the_sheet_of_its_local_day(staff_client: Client) -> None:
    visit = factories.a_visit(starts_at=at("2026-12-16", "22:00"))  # the next day in UTC
    assert visit.request.name in sheet(staff_client)


def test_a_day_that_is_none_is_today(staff_client: Client) -> None:
    assert "Day sheet: Monday, December 7" in sheet(staff_client, day="soon")


def test_names_are_for_staff_who_may_see_them(client: Client) -> None:
    rights.set_up()
    for group, status in (("Editors", 403), ("Front desk", 200)):
        user = factories.a_staff_user(is_superuser=False)
        user.groups.add(Group.objects.get(name=group))
        client.force_login(user)
        assert client.get(SHEET).status_code == status
