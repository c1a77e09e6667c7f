"""Close a day at the desk: look, close, and call until everybody was reached."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from booking import actors, outcomes
from booking.admin import rights
from booking.models import AccessEvent, AppointmentRequest, Closure, DayClosing
from tests import factories
from tests.booking.admin.desk import words
from tests.factories import NOW, at

pytestmark = pytest.mark.usefixtures("now", "clinic")
CLOSE = "/admin/booking/closure/close-day/"


def form(**changes: str) -> dict[str, str]:
    return {"day": "2026-12-16", "physician": "", "office": "", "note": "Ill", **changes}


def test_looking_shows_each_patient_and_her_message_and_closes_nothing(staff_client: Client) -> None:
    visit = factories.a_visit()
    page = words(staff_client.get(CLOSE, form()))
    assert "1 visit cannot take place" in page
    assert visit.request.name in page
    assert "We are closed on Wed Dec 16" in page
    assert not Closure.objects.exists()
    assert AccessEvent.objects.filter(request=visit.request, what="listed").exists()


def test_the_second_press_closes_and_the_list_stays_until_everybody_was_reached(
    staff_client: Client, staff_user: Any
) -> None:
    visit = factories.a_visit()
    page = words(staff_client.post(CLOSE, form(seen=str(visit.pk)), follow=True))
    assert "The day is closed: Wednesday, December 16." in page
    assert "To call: 1" in page
    assert visit.request.name in page
    assert "1 patient to call" in words(staff_client.get("/admin/"))
    asked = AppointmentRequest.objects.get(pk=visit.request_id)
    later = NOW + timedelta(minutes=1)
    outcomes.log_call(request=asked, outcome="spoke", by=actors.staff(staff_user), now=later)
    listed = words(staff_client.get(f"{CLOSE}{DayClosing.objects.get().pk}/"))
    assert "Everybody was reached." in listed
    assert "Reached: 1" in listed
    assert "to call" not in words(staff_client.get("/admin/"))


def test_a_long_list_costs_no_more_queries_than_a_short_one(
    staff_client: Client, django_assert_max_num_queries: Any
) -> None:
    visits = [factories.a_visit(starts_at=at("2026-12-16", "09:00"))]
    for number, clock in enumerate(("10:30", "12:00", "13:30", "15:00")):
        asked = factories.a_request(phone_e164=f"+1213555030{number}")
        visits.append(factories.a_visit(asked, starts_at=at("2026-12-16", clock)))
    closed = staff_client.post(CLOSE, form(seen=",".join(str(visit.pk) for visit in visits)))
    staff_client.get(closed["Location"])
    with django_assert_max_num_queries(6):
        page = words(staff_client.get(closed["Location"]))
    assert "To call: 5" in page
    assert page.count("Text: Waiting") == 5


def test_an_offer_that_is_shown_is_in_the_access_log_too(staff_client: Client) -> None:
    offer = factories.an_offer()
    assert offer.request.spaced_reference in words(staff_client.get(CLOSE, form()))
    assert AccessEvent.objects.filter(request=offer.request, what="listed").exists()


def test_a_press_that_closes_the_day_shows_nobody_and_logs_nobody(staff_client: Client) -> None:
    visit = factories.a_visit()
    assert staff_client.post(CLOSE, form(seen=str(visit.pk))).status_code == 302
    assert not AccessEvent.objects.exists()


def test_visits_that_were_not_shown_are_shown_before_anything_is_closed(staff_client: Client) -> None:
    visit = factories.a_visit()
    page = words(staff_client.post(CLOSE, form(seen="")))
    assert "Nothing is closed yet: the visits of that day have changed." in page
    assert visit.request.name in page
    assert not DayClosing.objects.exists()


def test_a_double_press_closes_once(staff_client: Client) -> None:
    visit = factories.a_visit()
    for _press in range(2):
        staff_client.post(CLOSE, form(seen=str(visit.pk)))
    assert DayClosing.objects.count() == 1


def test_a_day_without_visits_is_closed_all_the_same(staff_client: Client) -> None:
    assert "No visits ahead on that day." in words(staff_client.get(CLOSE, form()))
    staff_client.post(CLOSE, form(seen=""))
    assert Closure.objects.get().note == "Ill"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"day": ""}, "Choose a date"),
        ({"day": "2026-12-06"}, "This day is past"),
        ({"day": "2030-12-06"}, "more than a year ahead"),
        ({"office": "99999"}, "Select a valid choice"),
    ],
)
def test_a_day_that_cannot_be_closed_is_refused(changes: dict[str, str], sentence: str, staff_client: Client) -> None:
    assert sentence in words(staff_client.get(CLOSE, form(**changes)))
    assert sentence in words(staff_client.post(CLOSE, form(**changes)))
    assert not Closure.objects.exists()


def test_editors_neither_look_nor_close() -> None:
    rights.set_up()
    user = factories.a_staff_user(is_superuser=False)
    user.groups.add(Group.objects.get(name="Editors"))
    client = Client()
    client.force_login(user)
    assert client.get(CLOSE, form()).status_code == 403
    assert client.post(CLOSE, form(seen="")).status_code == 403


def test_a_second_close_from_an_old_tab_leads_to_the_first_one(staff_client: Client) -> None:
    visit = factories.a_visit()
    staff_client.post(CLOSE, form(seen=str(visit.pk)))
    page = words(staff_client.post(CLOSE, form(seen=""), follow=True))
    assert "This day was closed before: Wednesday, December 16. Nothing new happened." in page
    assert "To call: 1" in page
    assert DayClosing.objects.count() == 1


def test_a_closed_day_without_visits_says_that_nobody_has_to_be_called(staff_client: Client) -> None:
    page = words(staff_client.post(CLOSE, form(seen=""), follow=True))
    assert "No visit had to be cancelled: nobody to call." in page
    assert "Everybody was reached." not in page
