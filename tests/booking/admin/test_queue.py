"""The list of requests that the front desk lives in."""

import re
import secrets
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from booking import outcomes
from booking.admin import parts
from booking.admin.counters import LABELS, PAGES, counters
from booking.admin.queue_filters import ShowFilter
from booking.models import AccessEvent, AppointmentRequest, DeskCard, DeskTask, Status, Visit
from tests import factories
from tests.booking.admin.desk import QUEUE, address, look_for, member_of, press, read, words
from tests.plans import many_like, plan

pytestmark = pytest.mark.usefixtures("now", "clinic")


def test_who_loses_her_chance_first_stands_first(staff_client: Client, now: datetime) -> None:
    later = factories.a_request(name="Later Example", days=(date(2026, 12, 30),))
    soon = factories.a_request(name="Soon Example", phone_e164="+12135550135", days=(date(2026, 12, 14),))
    page = read(staff_client, QUEUE)
    assert page.index(soon.spaced_reference) < page.index(later.spaced_reference)


def test_the_list_starts_with_what_waits_for_staff(staff_client: Client, now: datetime) -> None:
    factories.a_visit(factories.a_request(name="Set Example"))
    factories.a_request(name="Open Example", phone_e164="+12135550135")
    page = read(staff_client, QUEUE)
    assert "Open Example" in page
    assert "Set Example" not in page


def test_a_row_says_everything_needed_for_a_call(staff_client: Client, now: datetime) -> None:
    factories.a_request(now=now - timedelta(hours=3))
    page = read(staff_client, QUEUE)
    assert "3 h" in page
    assert 'href="tel:+12135550134"' in page
    assert "(213) 555-0134" in page
    assert "Wed, Dec 16" in page
    assert "Fri, Dec 18" in page
    assert "Voice message: not asked · Texts: yes" in page
    assert "HSG test" in page


def test_a_missed_promise_is_said_in_words(staff_client: Client, now: datetime) -> None:
    factories.a_request(now=now - timedelta(days=6))
    assert "6 days – late" in read(staff_client, QUEUE)


@pytest.mark.parametrize(
    "typed",
    [
        "(213) 555-0134",
        "+1 213 555 0134",
        "2135550134",
        "0134",
        "Maria@Example.com ",
        "lopez",
        "LÓPEZ maria",
        "REFERENCE",
        "reference with a dash",
    ],
)
def test_people_are_found_by_what_staff_hear(typed: str, staff_client: Client, now: datetime) -> None:
    found = factories.a_request(email="maria@example.com")
    factories.a_request(name="Other Person", phone_e164="+13105550199", email="other@example.com")
    known = {"REFERENCE": found.reference, "reference with a dash": found.spaced_reference.lower()}
    response = look_for(staff_client, known.get(typed, typed))
    assert [row.pk for row in response.context["cl"].result_list] == [found.pk]


@pytest.mark.parametrize("typed", ["lopes", "0135", "213 555 0199", "nobody@example.com", "maria nobody", "%", "'"])
def test_near_misses_find_nobody(typed: str, staff_client: Client, now: datetime) -> None:
    factories.a_request(email="maria@example.com")
    response = look_for(staff_client, typed)
    assert list(response.context["cl"].result_list) == []


def test_a_search_that_finds_nobody_says_how_to_search(staff_client: Client, now: datetime) -> None:
    page = words(look_for(staff_client, "lop"))
    assert "whole words only: try one surname, or the last 4 digits of the phone" in page
    assert "Choose another list" not in page
    assert "Choose another list" in read(staff_client, f"{QUEUE}?show=late")


def test_a_search_looks_at_closed_requests_too(staff_client: Client, now: datetime) -> None:
    asked = factories.a_request()
    press(staff_client, asked, "cancel")
    response = look_for(staff_client, "0134")
    assert [row.pk for row in response.context["cl"].result_list] == [asked.pk]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"show": "new"}, {"new"}),
        ({"show": "confirmed"}, {"set"}),
        ({"show": "today"}, {"set"}),
        ({"show": "automated"}, {"robot"}),
        ({"show": "tasks"}, {"new"}),
        ({"show": "late"}, set()),
        ({"show": "patient"}, {"link"}),
        ({"show": "closed"}, set()),
        ({"show": "all"}, {"new", "set", "robot", "link"}),
        ({"show": "all", "source": "phone"}, set()),
        ({"show": "all", "speaks": "es"}, {"link"}),
        ({"show": "all", "office": "any"}, {"link"}),
        ({"show": "nonsense"}, {"new"}),
    ],
)
def test_each_filter_shows_its_part(
    query: dict[str, str], expected: set[str], staff_client: Client, now: datetime
) -> None:
    rows = {
        "new": factories.a_request(name="New"),
        "set": factories.a_visit(factories.a_request(phone_e164="+12135550135")).request,
        "robot": factories.a_request(phone_e164="+12135550136", quarantine_reason="website"),
        "link": factories.a_request(phone_e164="+12135550137", timing="later", days=(), speaks="es", office=None),
    }
    DeskTask.objects.create(request=rows["new"], kind=DeskTask.Kind.MESSAGE_FAILED, opened_at=now)
    shown = {row.pk for row in staff_client.get(QUEUE, query).context["cl"].result_list}
    assert shown == {rows[name].pk for name in expected}


@pytest.mark.parametrize("name", ["office", "service"])
@pytest.mark.parametrize("value", ["x", "9" * 20, "9" * 5000])
def test_a_filter_that_is_no_id_filters_nothing(name: str, value: str, staff_client: Client, now: datetime) -> None:
    asked = factories.a_request()
    assert asked.spaced_reference in read(staff_client, f"{QUEUE}?{name}={value}")


@pytest.mark.parametrize("key", ["x", "9" * 20, "9" * 5000])
def test_a_request_that_is_no_id_does_not_exist(key: str, staff_client: Client, now: datetime) -> None:
    assert staff_client.get(f"{QUEUE}{key}/change/").status_code == 404


def a_visit_that_was(starts_at: datetime, **fields: Any) -> Visit:
    """A confirmed visit of an hour that began then, of which nobody has said anything."""
    visit = factories.a_visit(factories.a_request(**fields))
    Visit.objects.filter(pk=visit.pk).update(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
    visit.refresh_from_db()
    return visit


def test_the_counters_count_work(staff_client: Client, now: datetime) -> None:
    late = factories.a_request(now=now - timedelta(days=6))
    factories.a_request(phone_e164="+12135550135")
    factories.a_visit(factories.a_request(phone_e164="+12135550136"))
    DeskTask.objects.create(request=late, kind=DeskTask.Kind.MESSAGE_FAILED, opened_at=now)
    DeskTask.objects.create(request=late, kind=DeskTask.Kind.READ_TEXT, opened_at=now)
    numbers = {c.key: c.number for c in staff_client.get(QUEUE).context["counters"]}
    nothing = {"call_back": 0, "over": 0, "prescriptions": 0, "estimates": 0}
    assert numbers == {"late": 1, "new": 2, "tasks": 2, "failed": 1, "unplaced": 0, "today": 1, **nothing}


def test_every_counter_leads_to_as_many_requests_as_it_counts(staff_client: Client, now: datetime) -> None:
    factories.a_request(now=now - timedelta(days=7))
    asked = factories.a_request(phone_e164="+12135550135")
    DeskTask.objects.create(request=asked, kind=DeskTask.Kind.MESSAGE_FAILED, opened_at=now)
    DeskCard.objects.create(request=asked, next_call_at=now)
    factories.a_visit(factories.a_request(phone_e164="+12135550136"), starts_at=factories.at("2026-12-08", "10:00"))
    a_visit_that_was(now - timedelta(hours=2), phone_e164="+12135550137")
    shown = {one.key: one for one in counters(now=now) if one.key not in PAGES}
    assert {key: one.number for key, one in shown.items()} == {
        key: staff_client.get(one.url).context["cl"].result_count for key, one in shown.items()
    }
    assert all(one.number for key, one in shown.items() if key not in ("prescriptions", "estimates"))


class TestVisitsToMark:
    """Whose visit is over and nobody said whether they came: the desk sees a number, not only who looks for it."""

    def number(self, now: datetime) -> int:
        return next(one.number for one in counters(now=now) if one.key == "over")

    def test_the_counter_says_so_in_words(self, staff_client: Client, now: datetime) -> None:
        a_visit_that_was(now - timedelta(hours=2))
        assert re.search(r"<strong>1</strong> <span>Visits to mark</span>", read(staff_client, "/admin/"))

    @pytest.mark.parametrize("days", [1, 3, 6])
    def test_counts_what_the_clock_has_not_completed_yet(self, days: int, now: datetime) -> None:
        a_visit_that_was(now - timedelta(days=days))
        assert self.number(now) == 1

    def test_does_not_count_what_the_clock_completes(self, now: datetime) -> None:
        a_visit_that_was(now - timedelta(days=8))
        assert self.number(now) == 0
        assert outcomes.complete_past_visits(now=now) == 1

    def test_at_the_same_instant_it_is_either_to_mark_or_the_clocks(self, now: datetime) -> None:
        visit = a_visit_that_was(now - timedelta(hours=2))
        for moment in (visit.ends_at + outcomes.COMPLETES_AFTER, visit.ends_at):
            assert self.number(moment) == 1
            assert outcomes.complete_past_visits(now=moment) == 0

    def test_does_not_count_a_visit_that_lies_ahead_or_goes_on(self, now: datetime) -> None:
        a_visit_that_was(now - timedelta(minutes=30))
        factories.a_visit(factories.a_request(), starts_at=factories.at("2026-12-16", "15:00"))
        assert self.number(now) == 0

    @pytest.mark.parametrize("verb", ["came", "no_show", "not_done", "cancel"])
    def test_is_done_with_one_press(self, verb: str, staff_client: Client, now: datetime) -> None:
        visit = a_visit_that_was(now - timedelta(hours=2))
        press(staff_client, visit.request, verb)
        assert self.number(now) == 0

    def test_does_not_count_a_visit_that_was_moved(self, now: datetime) -> None:
        visit = a_visit_that_was(now - timedelta(hours=2))
        Visit.objects.filter(pk=visit.pk).update(ended_at=now)
        assert self.number(now) == 0

    def test_is_asked_by_the_index_of_starts_and_not_by_every_visit(self, now: datetime) -> None:
        visit = a_visit_that_was(now - timedelta(hours=2))
        others = many_like(
            visit.request,
            2000,
            lambda one: {
                "reference": f"R{one:07}",
                "form_id": secrets.token_urlsafe(24),
                "link_hash": secrets.token_hex(32),
                **({"status": Status.COMPLETED, "closed_at": now} if one > 400 else {}),
            },
        )
        starts = [now + timedelta(days=30 - one // 4, hours=one % 4) for one in range(2000)]
        many_like(
            visit,
            2000,
            lambda one: {
                "request_id": others[one].pk,
                "starts_at": starts[one],
                "ends_at": starts[one] + timedelta(minutes=45),
                "held_time_id": None,
            },
        )
        assert "visit_by_start" in plan(lambda: list(parts.visits_to_mark(now=now)))


def test_the_counter_of_times_set_says_so_and_stands_last_because_nothing_is_left_to_do(now: datetime) -> None:
    assert [str(one.label) for one in counters(now=now)][-1] == "Times set today"


def test_every_part_that_can_be_chosen_exists(rf: RequestFactory, now: datetime) -> None:
    offered = dict(ShowFilter(rf.get(QUEUE), {}, AppointmentRequest, None).lookup_choices)  # type: ignore[arg-type]
    assert set(offered) == set(parts.counted(now=now))
    assert set(LABELS) - set(PAGES) <= set(offered)


def test_a_visit_that_is_over_is_listed_also_when_she_asked_for_another_time(
    staff_client: Client, now: datetime
) -> None:
    visit = factories.a_visit(starts_at=factories.at("2026-12-08", "10:00"))
    AppointmentRequest.objects.update(status=Status.CHANGE_REQUESTED)
    Visit.objects.update(starts_at=now - timedelta(hours=2), ends_at=now - timedelta(hours=1))
    assert visit.request.spaced_reference in read(staff_client, f"{QUEUE}?show=over")


def test_the_counters_are_one_query_and_stop_counting_somewhere(now: datetime, monkeypatch: Any) -> None:
    monkeypatch.setattr("booking.admin.counters.COUNTED_AT_MOST", 2)
    for number in range(3):
        factories.a_request(phone_e164=f"+1213555{1000 + number}")
    with CaptureQueriesContext(connection) as seen:
        found = {counter.key: counter for counter in counters(now=now)}
    assert len(seen.captured_queries) == 1
    assert (found["new"].number, found["new"].shown) == (2, "1+")
    assert (found["late"].number, found["late"].shown) == (0, "0")


def test_what_is_typed_into_the_search_box_stands_in_no_address(staff_client: Client, now: datetime) -> None:
    asked = factories.a_request()
    there = staff_client.post(f"{QUEUE}search/", {"q": "(213) 555-0134"})
    assert re.fullmatch(rf"{QUEUE}\?found=[\w-]{{8}}", there["Location"])
    page = read(staff_client, there["Location"])
    assert 'value="(213) 555-0134"' in page
    assert asked.spaced_reference in page
    assert not re.search(r'(href|action)="[^"]*(0134|555)', page.replace("tel:+12135550134", ""))
    assert 'method="get"' not in page.split('id="changelist-search"')[0].rpartition("<form")[2]


def test_a_search_can_be_narrowed_and_is_kept_for_its_tab(staff_client: Client, now: datetime) -> None:
    asked = factories.a_request()
    press(staff_client, asked, "cancel")
    assert [row.pk for row in look_for(staff_client, "0134").context["cl"].result_list] == [asked.pk]
    assert "found=" in look_for(staff_client, "0134").context["cl"].get_query_string({"show": "new"})
    there = staff_client.post(f"{QUEUE}search/", {"q": "0134"})["Location"]
    assert list(staff_client.get(f"{there}&show=new").context["cl"].result_list) == []
    look_for(staff_client, "nobody")
    assert [row.pk for row in staff_client.get(there).context["cl"].result_list] == [asked.pk]


def test_a_search_in_an_address_is_not_looked_at_and_a_stale_one_shows_the_queue(
    staff_client: Client, now: datetime
) -> None:
    factories.a_request()
    for address_of_list in (f"{QUEUE}?q=nobody", f"{QUEUE}?found=forgotten"):
        response = staff_client.get(address_of_list)
        assert (response.status_code, len(response.context["cl"].result_list)) == (200, 1)
    assert staff_client.get(f"{QUEUE}search/")["Location"] == QUEUE
    assert staff_client.post(f"{QUEUE}search/", {"q": " "})["Location"] == QUEUE


def test_editors_cannot_search(now: datetime) -> None:
    assert member_of("Editors").post(f"{QUEUE}search/", {"q": "0134"}).status_code == 403


def _queries(client: Client, rows: int) -> int:
    for number in range(AppointmentRequest.objects.count(), rows):
        factories.a_request(name=f"Patient {number}", phone_e164=f"+1213555{1000 + number}")
    with CaptureQueriesContext(
        connection,
    ) as seen:
        response = client.get(QUEUE)
    assert len(response.context["cl"].result_list) == rows
    # The generation of the content is read at most twice a second by every page; it is not the queue's query.
    return len([query for query in seen.captured_queries if "pages_generation" not in query["sql"]])


def test_fifty_rows_cost_no_more_queries_than_five(now: datetime) -> None:
    client = member_of("Front desk")
    client.get(QUEUE)
    # An open task costs the box above the list: one query, with all that a usual day asks.
    DeskTask.objects.create(request=factories.a_request(), kind=DeskTask.Kind.READ_TEXT, opened_at=now)
    five = _queries(client, 5)
    assert _queries(client, 50) == five
    assert five <= 13


def test_every_listed_row_is_in_the_access_log(staff_client: Client, staff_user: Any, now: datetime) -> None:
    one, two = factories.a_request(), factories.a_request(phone_e164="+12135550135")
    staff_client.get(QUEUE)
    logged = AccessEvent.objects.filter(user=staff_user, what="listed", at=now)
    assert set(logged.values_list("request_id", flat=True)) == {one.pk, two.pk}


def test_nothing_can_be_deleted_added_or_edited_by_the_stock_forms(staff_client: Client, now: datetime) -> None:
    asked = factories.a_request()
    assert staff_client.post(f"{QUEUE}{asked.pk}/delete/", {"post": "yes"}).status_code == 403
    assert staff_client.post(f"{QUEUE}add/", {}).status_code == 403
    assert staff_client.post(address(asked), {"status": "confirmed"}).status_code == 405
    bulk = {"action": "delete_selected", "_selected_action": asked.pk}
    staff_client.post(QUEUE, bulk)
    asked.refresh_from_db()
    assert asked.status == Status.NEW


def test_a_name_with_markup_is_shown_as_text(staff_client: Client, now: datetime) -> None:
    asked = factories.a_request(name="<script>alert(1)</script> & Co", avoid="<b>bold</b>")
    for url in (QUEUE, address(asked), "/admin/"):
        raw = staff_client.get(url).content.decode()
        assert "<script>alert(1)" not in raw
        assert "<b>bold</b>" not in raw


def test_pages_of_the_desk_hold_no_inline_script_or_style(staff_client: Client, now: datetime) -> None:
    asked = factories.a_request()
    for url in (QUEUE, address(asked), "/admin/", f"{QUEUE}new-caller/"):
        raw = staff_client.get(url).content.decode()
        assert "<style" not in raw
        assert " style=" not in raw
        assert "<script>" not in raw
