"""The reports on the desk, and their file for managers."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from booking.admin.reports_page import harmless
from booking.models import AccessEvent, FlowCount
from tests import factories
from tests.booking.admin.desk import QUEUE, address, member_of, read, words

pytestmark = pytest.mark.usefixtures("now", "clinic")
PAGE = f"{QUEUE}reports/"
ALL = {"first": "2026-12-01", "last": "2026-12-31"}


def test_the_page_has_a_table_and_a_chart_that_says_the_same(staff_client: Client) -> None:
    factories.a_visit()
    FlowCount.add("began", day=date(2026, 12, 7))
    page = read(staff_client, PAGE)
    assert '<th scope="row">Got a time</th><td>1</td><td>100 %</td>' in page
    assert 'role="img" aria-label="Got a time: 1; No time so far, or lost: 0"' in page
    assert '<h2 id="report-steps">Steps of the form</h2>' in page
    assert PAGE in read(staff_client, QUEUE)


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ({"first": "2026-12-31", "last": "2026-12-01"}, "The last day is before the first day"),
        ({"first": "2020-01-01", "last": "2026-12-01"}, "Choose at most a year"),
        ({"first": "soon", "last": ""}, "Enter a valid date"),
    ],
)
def test_a_range_that_makes_no_sense_says_so_and_shows_the_usual_days(
    days: dict[str, str], sentence: str, staff_client: Client
) -> None:
    response = staff_client.get(PAGE, days)
    assert response.status_code == 200
    assert sentence in words(response)
    assert "Steps of the form" in words(response)


def test_managers_take_out_a_file_and_it_is_written_down() -> None:
    factories.a_request(name="Mariposa Example")
    managers = member_of("Managers")
    response = managers.post(PAGE, ALL)
    assert response["Content-Type"].startswith("text/csv")
    text = response.content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["Report", "Line", "Number", "Percent"]
    assert ["Requests that got a time", "No time so far, or lost", "1", "100"] in rows
    assert "Mariposa" not in text
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.object_repr) == ("of-managers", "Reports 2026-12-01 to 2026-12-31")


def test_the_front_desk_sees_the_reports_and_takes_out_no_file() -> None:
    desk = member_of("Front desk")
    assert "Download as CSV" not in read(desk, PAGE)
    assert desk.post(PAGE, ALL).status_code == 403
    assert member_of("Editors").get(PAGE).status_code == 403
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(start: str) -> None:
    assert harmless(f"{start}cmd|' /C calc'!A0").startswith("'")
    assert harmless("Got a time") == "Got a time"


def test_an_error_that_somebody_forged_into_a_formula_is_text_in_the_file() -> None:
    FlowCount.add("error =HYPERLINK(1)", day=date(2026, 12, 7))
    assert "'=HYPERLINK(1)" in member_of("Managers").post(PAGE, ALL).content.decode()


class TestAccessLog:
    def test_managers_see_who_looked_at_a_request(self, staff_client: Client, staff_user: Any) -> None:
        asked, other = factories.a_request(), factories.a_request(phone_e164="+12135550135")
        staff_client.get(address(asked))
        staff_client.get(address(other))
        managers = member_of("Managers")
        where = f"/admin/booking/accessevent/?request={asked.pk}"
        assert where in read(managers, address(asked))
        shown = managers.get(where).context["cl"].result_list
        assert {row.request_id for row in shown} == {asked.pk}
        page = read(managers, f"{where}&what=opened")
        assert "desk" in page
        assert "Opened the request" in page

    def test_the_front_desk_does_not_see_the_log_and_nobody_changes_it(self, staff_client: Client) -> None:
        staff_client.get(address(factories.a_request()))
        line = AccessEvent.objects.first()
        assert line is not None
        assert member_of("Front desk").get("/admin/booking/accessevent/").status_code == 403
        assert staff_client.post(f"/admin/booking/accessevent/{line.pk}/delete/", {"post": "yes"}).status_code == 403

    @pytest.mark.parametrize("number", ["x", "", "9" * 30, "-1"])
    def test_a_made_up_request_breaks_nothing(self, number: str, staff_client: Client) -> None:
        assert staff_client.get(f"/admin/booking/accessevent/?request={number}").status_code == 200
