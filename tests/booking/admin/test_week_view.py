"""The week of a doctor as a picture and as a table."""

import re
from typing import Any

import pytest
from django.test import Client

from booking import held_time
from booking.models import AccessEvent, CalendarBusy, Closure, HeldTime
from tests import factories
from tests.booking.admin.desk import words
from tests.factories import a_physician, an_office, at

pytestmark = pytest.mark.usefixtures("now", "clinic")
WEEK = "/admin/booking/heldtime/week/?day=2026-12-16"


def row(page: str, clock: str) -> str:
    """The row of the table that begins with this time."""
    found = re.search(rf"<tr[^>]*>\s*<th scope=\"row\">{re.escape(clock)}.*?</tr>", page, re.DOTALL)
    assert found is not None, clock
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def test_free_held_and_blocked_time_stand_in_order_with_their_office(staff_client: Client, staff_user: Any) -> None:
    visit = factories.a_visit(starts_at=at("2026-12-16", "10:00"))
    held_time.block(
        physician=a_physician(),
        starts_at=at("2026-12-16", "12:00"),
        ends_at=at("2026-12-16", "13:00"),
        note="Meeting",
        by=staff_user,
        now=factories.NOW,
    )
    CalendarBusy.objects.create(
        physician=a_physician(), starts_at=at("2026-12-16", "15:00"), ends_at=at("2026-12-16", "16:00")
    )
    page = staff_client.get(WEEK).content.decode()
    assert "Free Los Angeles" in row(page, "9 a.m. to 10 a.m.")
    assert f"Visit Los Angeles {visit.request.spaced_reference}" in row(page, "10 a.m. to 10:45 a.m.")
    assert "Free" in row(page, "11 a.m. to noon")
    assert "Blocked Meeting Free it" in row(page, "noon to 1 p.m.")
    assert "Busy in the doctor’s calendar" in row(page, "3 p.m. to 4 p.m.")
    assert "Free Video" in row(page, "5 p.m. to 6 p.m.")
    assert visit.request.name not in page


def test_the_picture_shows_each_stretch_as_a_box_and_holds_no_style(staff_client: Client) -> None:
    factories.a_visit(starts_at=at("2026-12-16", "10:00"))
    page = staff_client.get(WEEK).content.decode()
    drawing = page[page.index('<svg class="week-drawing"') : page.index("</svg>", page.index("week-drawing"))]
    assert drawing.count('class="box-visit"') == 1
    assert drawing.count('class="box-free"') == 11  # five days with an office and video, Wednesday in two parts
    assert "style=" not in drawing
    assert 'aria-hidden="true"' in drawing


def test_the_week_begins_on_monday_and_leads_to_its_neighbours(staff_client: Client) -> None:
    page = staff_client.get(WEEK).content.decode()
    assert "Week of Monday, December 14" in page
    assert "day=2026-12-07" in page
    assert "day=2026-12-21" in page


@pytest.mark.parametrize("day", ["", "yesterday", "9999-12-31", "0001-01-01", "2026-02-30"])
def test_a_day_that_is_none_is_this_week(day: str, staff_client: Client) -> None:
    assert "Week of Monday, December 7" in words(staff_client.get(f"/admin/booking/heldtime/week/?day={day}&doctor=x"))


def test_a_closed_day_says_so(staff_client: Client) -> None:
    Closure.objects.create(first_day=at("2026-12-16", "12:00").date(), last_day=at("2026-12-16", "12:00").date())
    page = staff_client.get(WEEK).content.decode()
    assert re.search(r"Wednesday, December 16 <span class=\"badge\">Closed", page)
    assert "box-closed" in page


def test_the_clock_change_draws_nine_oclock_at_nine(staff_client: Client) -> None:
    page = staff_client.get("/admin/booking/heldtime/week/?day=2027-03-10").content.decode()
    # Wednesday before and Monday after stand in two weeks; both begin at the same height.
    later = staff_client.get("/admin/booking/heldtime/week/?day=2027-03-15").content.decode()
    heights = [re.findall(r'box-free" x="\d+" y="(\d+)"', text)[0] for text in (page, later)]
    assert heights[0] == heights[1]


def test_who_looked_is_noted_for_each_request_in_the_week(staff_client: Client) -> None:
    visit = factories.a_visit()
    staff_client.get(WEEK)
    assert AccessEvent.objects.filter(request=visit.request, what="listed").count() == 1


def test_a_second_doctor_has_a_week_of_her_own(staff_client: Client) -> None:
    other = a_physician("other", name="Other Example, MD", short_name="Dr. Other")
    factories.a_visit()
    page = words(staff_client.get(f"{WEEK}&doctor={other.pk}"))
    assert "Dr. Other" in page
    assert "No hours." in page


def test_an_expired_hold_is_not_drawn(staff_client: Client) -> None:
    held = factories.a_visit(starts_at=at("2026-12-16", "10:00")).held_time
    HeldTime.objects.filter(pk=held.pk).update(kind="offer", expires_at=factories.NOW)
    assert "Offered" not in row(staff_client.get(WEEK).content.decode(), "9 a.m. to 5 p.m.")


def test_the_week_needs_the_right_to_see_held_time(client: Client) -> None:
    client.force_login(factories.a_staff_user(is_superuser=False))
    assert client.get(WEEK).status_code == 403


def test_the_week_costs_few_queries_whatever_lies_in_it(
    staff_client: Client, django_assert_max_num_queries: Any
) -> None:
    for hour in (9, 10, 11, 13):
        factories.a_visit(
            factories.a_request(phone_e164=f"+12135550{hour:03d}", office=an_office()),
            starts_at=at("2026-12-16", f"{hour:02d}:00"),
        )
    with django_assert_max_num_queries(16):
        staff_client.get(WEEK)
