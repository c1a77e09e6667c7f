"""The first page of the admin, for the front desk."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from booking.models import AccessEvent, Heartbeat, Visit
from tests import factories
from tests.booking.admin.desk import address, member_of, press, read, who_may

pytestmark = pytest.mark.usefixtures("now", "clinic")


def test_three_boxes_say_what_needs_somebody(staff_client: Client, now: datetime) -> None:
    factories.a_request()
    page = read(staff_client, "/admin/")
    for words in ("Needs you now", "Visits today and tomorrow", "Quick actions", "New caller"):
        assert words in page
    assert "No visits today or tomorrow." in page


def test_visits_of_tomorrow_are_listed_and_looking_is_logged(
    staff_client: Client, staff_user: Any, now: datetime
) -> None:
    visit = factories.a_visit(starts_at=factories.at("2026-12-08", "15:30"))
    page = read(staff_client, "/admin/")
    assert "3:30 p.m." in page
    assert "Tomorrow" in page
    assert AccessEvent.objects.filter(user=staff_user, request=visit.request, what="listed").exists()


def test_a_visit_late_today_is_today_although_it_is_tomorrow_in_london(staff_client: Client, now: datetime) -> None:
    factories.a_visit(starts_at=factories.at("2026-12-07", "17:30"))
    assert "Tomorrow" not in read(staff_client, "/admin/")


class TestAVisitOfTodayThatIsOver:
    MARK = "Did the patient come?"

    def over(self, now: datetime) -> Visit:
        visit = factories.a_visit(starts_at=factories.at("2026-12-07", "15:30"))
        Visit.objects.update(starts_at=now - timedelta(hours=2), ends_at=now - timedelta(hours=1))
        return visit

    def test_leads_to_where_it_is_marked(self, staff_client: Client, now: datetime) -> None:
        visit = self.over(now)
        assert f'href="{address(visit.request)}#over-head">{self.MARK}</a>' in read(staff_client, "/admin/")
        assert 'id="over-head"' in read(staff_client, address(visit.request))

    def test_is_not_asked_about_any_more_once_it_is_marked(self, staff_client: Client, now: datetime) -> None:
        press(staff_client, self.over(now).request, "came")
        assert self.MARK not in read(staff_client, "/admin/")

    def test_nor_before_it_is_over(self, staff_client: Client, now: datetime) -> None:
        factories.a_visit(starts_at=factories.at("2026-12-07", "15:30"))
        assert self.MARK not in read(staff_client, "/admin/")

    def test_nor_where_somebody_else_marks_it(self, now: datetime) -> None:
        self.over(now)
        assert self.MARK not in read(who_may("view_appointmentrequest"), "/admin/")


def test_the_day_after_tomorrow_is_not_listed(staff_client: Client, now: datetime) -> None:
    factories.a_visit(starts_at=factories.at("2026-12-09", "09:00"))
    assert "No visits today or tomorrow." in read(staff_client, "/admin/")


def test_editors_see_what_is_due_for_a_check_and_what_waits_for_the_doctor(now: datetime) -> None:
    page = read(member_of("Editors"), "/admin/")
    assert "Content to check" in page
    assert "Nothing is due in the next 30 days." in page
    assert "0 things wait for the doctor" in page


def test_the_front_desk_is_not_shown_what_editors_do(now: datetime) -> None:
    assert "Content to check" not in read(member_of("Front desk"), "/admin/")


def test_staff_are_told_when_the_worker_is_silent_and_not_before(staff_client: Client, now: datetime) -> None:
    words = "Texts, emails and reminders are not going out"
    Heartbeat.objects.create(name="worker", at=now - timedelta(seconds=30))
    assert words not in read(staff_client, "/admin/")
    Heartbeat.objects.update(at=now - timedelta(minutes=3))
    assert words in read(staff_client, "/admin/")
    Heartbeat.objects.all().delete()
    assert words in read(staff_client, "/admin/")


def test_a_patient_is_found_from_the_first_page(staff_client: Client) -> None:
    asked = factories.a_request(name="Rosa Example")
    assert 'action="/admin/booking/appointmentrequest/search/"' in read(staff_client, "/admin/")
    answer = staff_client.post("/admin/booking/appointmentrequest/search/", {"q": "Rosa"}, follow=True)
    assert asked.spaced_reference in answer.content.decode()
