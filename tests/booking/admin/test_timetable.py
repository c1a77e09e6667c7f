"""Staff edit the doctor's hours and closed days."""

from datetime import date, time
from html import unescape
from typing import Any

import pytest
from django.test import Client

from booking import availability
from booking.admin import queue_filters, week_view, whom_to_call
from booking.models import AccessEvent, Closure, DateOverride, TravelTime, WeeklyHours
from tests import factories
from tests.booking.admin.desk import words

pytestmark = pytest.mark.usefixtures("now", "clinic")
ADMIN = "/admin/booking/"


def hours(**changes: Any) -> dict[str, Any]:
    """Tuesday morning in Los Angeles."""
    usual = {
        "physician": factories.a_physician().pk,
        "office": factories.an_office().pk,
        "weekday": "1",
        "starts": "07:00",
        "ends": "08:00",
        "valid_from": "",
        "valid_to": "",
    }
    return {**usual, **changes}


def test_new_hours_are_offered_at_once(staff_client: Client) -> None:
    staff_client.post(f"{ADMIN}weeklyhours/add/", hours())
    assert WeeklyHours.objects.filter(weekday=1, starts=time(7)).exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"starts": "10:00", "ends": "11:00"}, "This overlaps Tuesday 09:00-17:00 (Orange County)"),
        ({"starts": "16:30", "ends": "18:30"}, "This overlaps Tuesday"),
        ({"ends": "06:00"}, "The end has to be after the start"),
        ({"valid_from": "2027-01-02", "valid_to": "2027-01-01"}, "The last day is before the first day"),
    ],
)
def test_hours_that_cannot_be_are_refused_with_the_reason(
    changes: dict[str, str], sentence: str, staff_client: Client
) -> None:
    before = WeeklyHours.objects.count()
    answer = staff_client.post(f"{ADMIN}weeklyhours/add/", hours(**changes))
    assert sentence in words(answer)
    assert WeeklyHours.objects.count() == before


def test_hours_of_another_season_do_not_overlap(staff_client: Client) -> None:
    WeeklyHours.objects.filter(weekday=1).update(valid_to="2026-12-31")
    answer = staff_client.post(f"{ADMIN}weeklyhours/add/", hours(starts="10:00", ends="11:00", valid_from="2027-01-01"))
    assert answer.status_code == 302


def test_closing_a_day_names_the_visits_to_call_about(staff_client: Client) -> None:
    visit = factories.a_visit()
    day = {"first_day": "2026-12-16", "last_day": "2026-12-16", "office": "", "service": "", "note": ""}
    answer = staff_client.post(f"{ADMIN}closure/add/", day, follow=True)
    page = unescape(answer.content.decode())
    assert "These visits stay confirmed. Call the patients:" in page
    assert visit.request.spaced_reference in page
    assert visit.request.name not in page
    assert Closure.objects.exists()


def test_a_long_list_says_how_many_more_there_are_and_where(
    staff_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whom_to_call, "NAMED", 1)
    first = factories.a_visit(starts_at=factories.at("2026-12-16", "10:00"))
    for day in ("2026-12-16", "2026-12-21"):
        asked = factories.a_request(phone_e164=f"+121355502{day[-2:]}")
        factories.a_visit(asked, starts_at=factories.at(day, "14:00"))
    page = words(staff_client.post(f"{ADMIN}closure/add/", {"office": factories.an_office().pk}, follow=True))
    assert "and 2 more from Wed, Dec 16 on" in page
    assert f'href="{week_view.address(date(2026, 12, 16), factories.a_physician())}"' in page.replace("&amp;", "&")
    logged = AccessEvent.objects.filter(what="listed").values_list("request", flat=True)
    assert list(logged) == [first.request_id]


def test_closing_another_office_names_nobody(staff_client: Client) -> None:
    factories.a_visit()
    day = {"first_day": "2026-12-16", "last_day": "2026-12-16", "office": factories.an_office("san-diego").pk}
    answer = staff_client.post(f"{ADMIN}closure/add/", day, follow=True)
    assert "Call the patients" not in words(answer)


def test_a_closure_takes_its_days_from_the_offer(staff_client: Client, now: Any) -> None:
    day = {"first_day": "2026-12-16", "last_day": "2026-12-16"}
    staff_client.post(f"{ADMIN}closure/add/", day)
    service, office = factories.a_service(), factories.an_office()
    slots = availability.free_slots(
        service=service, office=office, day=factories.at("2026-12-16", "12:00").date(), now=now
    )
    assert slots == []


def test_a_closure_that_ends_before_it_starts_is_refused(staff_client: Client) -> None:
    answer = staff_client.post(f"{ADMIN}closure/add/", {"first_day": "2026-12-16", "last_day": "2026-12-15"})
    assert "The last day is before the first day" in words(answer)


def test_a_day_off_warns_about_its_visits(staff_client: Client) -> None:
    visit = factories.a_visit()
    off = {"physician": factories.a_physician().pk, "day": "2026-12-16", "office": "", "starts": "", "ends": ""}
    answer = staff_client.post(f"{ADMIN}dateoverride/add/", off, follow=True)
    assert visit.request.spaced_reference in words(answer)


def test_one_time_alone_is_refused(staff_client: Client) -> None:
    off = {"physician": factories.a_physician().pk, "day": "2026-12-16", "starts": "09:00", "ends": ""}
    answer = staff_client.post(f"{ADMIN}dateoverride/add/", off)
    assert "Enter both times, or none for a day off" in words(answer)
    assert not DateOverride.objects.exists()


def test_held_time_is_only_looked_at(staff_client: Client) -> None:
    held = factories.a_visit().held_time
    assert held is not None
    assert "Confirmed visit" in words(staff_client.get(f"{ADMIN}heldtime/"))
    assert staff_client.get(f"{ADMIN}heldtime/add/").status_code == 403
    assert staff_client.post(f"{ADMIN}heldtime/{held.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_list_of_held_times_can_be_reached_by_keyboard(staff_client: Client) -> None:
    factories.a_visit()
    table = words(staff_client.get(f"{ADMIN}heldtime/")).split('id="result_list"')[1].split("</table>")[0]
    assert 'href="?o=' in table


def test_held_time_is_counted_no_further_than_anybody_turns_pages(
    staff_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.a_visit()
    factories.a_visit(factories.a_request(phone_e164="+12135550135"), starts_at=factories.at("2026-12-16", "14:00"))
    monkeypatch.setattr(queue_filters, "COUNTED_AT_MOST", 1)
    assert staff_client.get(f"{ADMIN}heldtime/").context["cl"].result_count == 1


def test_a_visit_type_is_never_deleted(staff_client: Client) -> None:
    pk = factories.a_service().pk
    assert staff_client.post(f"{ADMIN}service/{pk}/delete/", {"post": "yes"}).status_code == 403


# Closures that name less than everything


def test_a_closure_of_nothing_in_particular_is_refused(staff_client: Client) -> None:
    answer = staff_client.post(f"{ADMIN}closure/add/", {"note": "Oops"})
    assert "Enter a day, a doctor, an office or a visit type" in words(answer)
    assert not Closure.objects.exists()


def test_a_closure_without_an_end_names_every_visit_ahead_and_reads_until_further_notice(staff_client: Client) -> None:
    visit = factories.a_visit()
    answer = staff_client.post(f"{ADMIN}closure/add/", {"office": factories.an_office().pk}, follow=True)
    assert visit.request.spaced_reference in words(answer)
    assert "until further notice" in words(answer)


def test_a_closure_of_another_doctor_names_nobody(staff_client: Client) -> None:
    factories.a_visit()
    day = {"first_day": "2026-12-16", "last_day": "2026-12-16", "physician": factories.a_physician("other").pk}
    answer = staff_client.post(f"{ADMIN}closure/add/", day, follow=True)
    assert "Call the patients" not in words(answer)


# Travel times


def way(one: str = "los-angeles", other: str = "san-diego", minutes: str = "120") -> dict[str, Any]:
    return {"first": factories.an_office(one).pk, "second": factories.an_office(other).pk, "minutes": minutes}


def test_a_travel_time_is_kept_once_whatever_the_order(staff_client: Client) -> None:
    staff_client.post(f"{ADMIN}traveltime/add/", way("san-diego", "los-angeles"))
    kept = TravelTime.objects.get()
    assert kept.first_id < kept.second_id
    answer = staff_client.post(f"{ADMIN}traveltime/add/", way("los-angeles", "san-diego"))
    assert "The time between these two offices is entered already" in words(answer)
    assert TravelTime.objects.count() == 1


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"other": "los-angeles"}, "Choose two different offices"),
        ({"minutes": "0"}, "Enter 1 to 480 minutes"),
        ({"minutes": "481"}, "Enter 1 to 480 minutes"),
    ],
)
def test_a_travel_time_that_cannot_be_is_refused(form: dict[str, str], sentence: str, staff_client: Client) -> None:
    assert sentence in words(staff_client.post(f"{ADMIN}traveltime/add/", way(**form)))
    assert not TravelTime.objects.exists()


# Hours on one date


def on_date(**changes: str) -> dict[str, Any]:
    usual = {"physician": factories.a_physician().pk, "office": factories.an_office().pk, "day": "2026-12-23"}
    return {**usual, "starts": "09:00", "ends": "12:00", **changes}


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ({}, {"starts": "11:00", "ends": "13:00"}, "This overlaps 09:00-12:00 (Los Angeles)"),
        ({}, {"starts": "", "ends": ""}, "This date has hours already"),
        ({"starts": "", "ends": ""}, {}, "This date is a day off already"),
    ],
)
def test_two_answers_for_one_hour_of_a_date_are_refused(
    first: dict[str, str], second: dict[str, str], sentence: str, staff_client: Client
) -> None:
    staff_client.post(f"{ADMIN}dateoverride/add/", on_date(**first))
    assert DateOverride.objects.count() == 1
    assert sentence in words(staff_client.post(f"{ADMIN}dateoverride/add/", on_date(**second)))
    assert DateOverride.objects.count() == 1


def test_two_intervals_of_one_date_side_by_side_and_midnight_are_fine(staff_client: Client) -> None:
    for starts, ends in (("00:00", "09:00"), ("09:00", "12:00"), ("12:00", "14:00")):
        staff_client.post(f"{ADMIN}dateoverride/add/", on_date(starts=starts, ends=ends))
    assert DateOverride.objects.count() == 3


def test_a_closure_puts_the_patients_of_that_day_under_open_tasks_at_once(staff_client: Client) -> None:
    visit = factories.a_visit()
    closed = {"first_day": "2026-12-16", "last_day": "2026-12-16", "physician": "", "office": "", "service": ""}
    page = words(staff_client.post(f"{ADMIN}closure/add/", {**closed, "note": ""}, follow=True))
    assert "1 patient has a time in hours that are gone. Until somebody called, she stays under" in page
    assert visit.request.name in words(staff_client.get(f"{ADMIN}appointmentrequest/"))


@pytest.mark.parametrize("how", ["change", "delete"])
def test_weekly_hours_that_end_put_their_patients_there_too(how: str, staff_client: Client) -> None:
    factories.a_visit()
    row = WeeklyHours.objects.get(weekday=2, office=factories.an_office())
    if how == "change":
        answer = {"weekday": "2", "starts": "13:00", "ends": "17:00"}
        page = words(staff_client.post(f"{ADMIN}weeklyhours/{row.pk}/change/", hours(**answer), follow=True))
    else:
        page = words(staff_client.post(f"{ADMIN}weeklyhours/{row.pk}/delete/", {"post": "yes"}, follow=True))
    assert "1 patient has a time in hours that are gone." in page
