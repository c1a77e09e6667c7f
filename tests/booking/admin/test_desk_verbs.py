"""Ticks, who is on it, whom we may speak with, and one person who asked twice, each by one press on the screen."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from booking.models import AccessEvent, AppointmentRequest, DeskCard, Readiness, Status
from tests import factories
from tests.booking.admin.desk import QUEUE, address, member_of, press, read, who_may, words
from tests.factories import NOW, at

pytestmark = pytest.mark.usefixtures("now", "clinic")


class TestReadiness:
    def test_the_list_shows_what_is_left_and_one_press_ticks_it(self, staff_client: Client) -> None:
        asked = factories.a_visit().request
        assert "Written estimate sent" in read(staff_client, address(asked))
        assert "due Tue, Dec 8" in read(staff_client, address(asked))
        page = words(press(staff_client, asked, "tick", {"kind": "estimate"}))
        assert "Ticked: Written estimate sent." in page
        assert "desk, 10 a.m." in page
        page = words(press(staff_client, asked, "untick", {"kind": "estimate"}))
        assert "Written estimate sent – taken back" in page
        assert not Readiness.objects.filter(ticked_at__isnull=False).exists()

    def test_what_is_overdue_says_so_and_is_counted(self, staff_client: Client, time_machine: Any) -> None:
        asked = factories.a_visit().request
        time_machine.move_to(at("2026-12-14", "10:00"), tick=False)
        staff_client.force_login(factories.a_staff_user())
        assert "late: was due Tue, Dec 8" in read(staff_client, address(asked))
        numbers = {c.key: c.number for c in staff_client.get(QUEUE).context["counters"]}
        assert (numbers["prescriptions"], numbers["estimates"]) == (1, 1)
        for part in ("prescriptions", "estimates"):
            assert asked.spaced_reference in read(staff_client, f"{QUEUE}?show={part}")
        press(staff_client, asked, "tick", {"kind": "estimate"})
        numbers = {c.key: c.number for c in staff_client.get(QUEUE).context["counters"]}
        assert (numbers["prescriptions"], numbers["estimates"]) == (1, 0)

    def test_a_kind_that_does_not_exist_changes_nothing(self, staff_client: Client) -> None:
        asked = factories.a_visit().request
        assert "Nothing changed" in words(press(staff_client, asked, "tick", {"kind": "pregnant"}))

    def test_a_request_without_a_visit_has_no_list(self, staff_client: Client) -> None:
        assert "Before the visit" not in read(staff_client, address(factories.a_request()))


class TestWhoIsOnIt:
    def test_one_press_takes_it_and_the_queue_shows_it(self, staff_client: Client) -> None:
        asked = factories.a_request()
        assert "I am on it" in read(staff_client, address(asked))
        assert "On it: desk, since 10 a.m." in words(press(staff_client, asked, "take"))
        assert "On it: desk, since 10 a.m." in read(staff_client, QUEUE)
        assert "Let go" in read(staff_client, address(asked))

    def test_a_colleague_takes_over_with_one_press_and_can_work_without(self, staff_client: Client) -> None:
        asked = factories.a_request()
        press(staff_client, asked, "take")
        other = member_of("Front desk")
        assert "Take over" in read(other, address(asked))
        press(other, asked, "note", {"note": "Not blocked"})
        press(other, asked, "take")
        assert DeskCard.objects.get().on_it.username == "of-front-desk"  # type: ignore[union-attr]
        press(other, asked, "let_go")
        assert "On it" not in read(other, QUEUE)


class TestTheNextCall:
    def test_the_screen_and_the_queue_say_when(self, staff_client: Client, time_machine: Any) -> None:
        asked = factories.a_request()
        press(staff_client, asked, "call", {"calls": 0, "outcome": "no_answer"})
        assert "Next try: 3:30 p.m." in read(staff_client, address(asked))
        assert "Call: 3:30 p.m." in read(staff_client, QUEUE)
        time_machine.move_to(at("2026-12-07", "15:31"), tick=False)
        staff_client.force_login(factories.a_staff_user())
        assert "Call again: due since 3:30 p.m." in read(staff_client, address(asked))
        numbers = {c.key: c.number for c in staff_client.get(QUEUE).context["counters"]}
        assert numbers["call_back"] == 1
        assert asked.spaced_reference in read(staff_client, f"{QUEUE}?show=call_back")


class TestMaySpeakWith:
    def test_a_name_is_kept_unreadable_and_shown(self, staff_client: Client) -> None:
        asked = factories.a_request()
        assert "May speak with: Carlos" in words(press(staff_client, asked, "speak_with", {"name": " Carlos "}))
        press(staff_client, asked, "speak_with", {"name": ""})
        assert "May speak with: " not in read(staff_client, address(asked))

    def test_more_than_a_name_is_refused_and_kept_in_the_box(self, staff_client: Client) -> None:
        long = "x" * 81
        page = words(press(staff_client, factories.a_request(), "speak_with", {"name": long}))
        assert "The name must be 80 characters or fewer" in page
        assert f'value="{long}"' in page


class TestOnePerson:
    def test_one_press_joins_and_the_place_is_kept(self, staff_client: Client) -> None:
        first = factories.a_request(now=NOW - timedelta(days=2))
        second = factories.a_request(days=(date(2026, 12, 21),))
        assert "Same person: join" in read(staff_client, address(second))
        page = words(press(staff_client, second, "join", {"other": first.pk}))
        assert f"Joined. {first.spaced_reference} is closed" in page
        assert "Received 2 days ago" in page
        second.refresh_from_db()
        assert second.created_at == NOW - timedelta(days=2)

    def test_a_second_press_and_a_made_up_number_do_no_harm(self, staff_client: Client) -> None:
        first, second = factories.a_request(), factories.a_request()
        press(staff_client, second, "join", {"other": first.pk})
        assert "changed meanwhile" in words(press(staff_client, second, "join", {"other": first.pk}))
        assert press(staff_client, second, "join", {"other": "99999"}).status_code == 404
        assert press(staff_client, second, "join", {"other": "'; --"}).status_code == 404

    def test_her_page_says_that_we_go_on_with_the_other(self, staff_client: Client, client: Client) -> None:
        from booking import links

        first, second = factories.a_request(), factories.a_request()
        press(staff_client, second, "join", {"other": first.pk})
        first.refresh_from_db()
        assert first.status == Status.DECLINED
        assert "We go on with that one" in read(client, links.path(first))

    def test_the_request_of_a_stranger_never_ends_in_favour_of_hers(self, staff_client: Client) -> None:
        hers, stranger = factories.a_request(), factories.a_request(phone_e164="+12135550199")
        assert press(staff_client, hers, "join", {"other": stranger.pk}).status_code == 404
        stranger.refresh_from_db()
        assert stranger.status == Status.NEW

    def test_a_request_with_a_visit_offers_no_join_into_another(self, staff_client: Client) -> None:
        factories.a_visit()
        asked = factories.a_request()
        page = read(staff_client, address(asked))
        assert "Same phone number or email" in page
        assert "Same person: join" not in page


class TestRivals:
    def test_who_else_wants_the_day_is_named_in_fair_order(self, staff_client: Client, now: datetime) -> None:
        asked = factories.a_request(days=(date(2026, 12, 16), date(2026, 12, 18)))
        first = factories.a_request(phone_e164="+12135550135", days=(date(2026, 12, 16),), office=None)
        later = factories.a_request(phone_e164="+12135550136", days=(date(2026, 12, 16), date(2026, 12, 30)))
        elsewhere = factories.an_office("san-diego")
        other = factories.a_request(phone_e164="+12135550137", days=(date(2026, 12, 16),), office=elsewhere)
        page = read(staff_client, address(asked))
        wanted = page.split("Also wanted by:")[1].split("</p>")[0]
        assert first.spaced_reference in wanted
        assert later.spaced_reference in wanted
        assert other.spaced_reference not in page
        assert wanted.count("before this one in the queue") == 1
        assert (
            wanted.index(first.spaced_reference)
            < wanted.index("before this one")
            < wanted.index(later.spaced_reference)
        )

    def test_that_they_were_shown_is_in_the_access_log(self, staff_client: Client) -> None:
        asked, other = factories.a_request(), factories.a_request(phone_e164="+12135550135")
        read(staff_client, address(asked))
        assert AccessEvent.objects.filter(request=other, what="listed").count() == 1

    def test_who_sees_no_times_sees_no_rivals_and_none_is_logged(self) -> None:
        asked, other = factories.a_request(), factories.a_request(phone_e164="+12135550135")
        page = read(who_may("view_appointmentrequest"), address(asked))
        assert other.spaced_reference not in page
        assert not AccessEvent.objects.filter(request=other).exists()

    def test_a_closed_request_wants_nothing(self, staff_client: Client) -> None:
        asked, other = factories.a_request(), factories.a_request(phone_e164="+12135550135")
        press(staff_client, other, "cancel")
        assert "Also wanted by" not in read(staff_client, address(asked))


def test_editors_press_none_of_it(staff_client: Client) -> None:
    asked, editors = factories.a_visit().request, member_of("Editors")
    for name in ("tick", "untick", "take", "let_go", "speak_with", "join"):
        assert editors.post(address(asked, name)).status_code == 403
    assert AppointmentRequest.objects.get().status == Status.CONFIRMED


def test_when_her_days_are_full_the_next_open_ones_are_shown_and_none_is_filled_in(staff_client: Client) -> None:
    asked = factories.a_request(days=(date(2026, 12, 19),))  # a Saturday
    page = read(staff_client, address(asked))
    assert "No free time on this day." in page
    assert "Friday, December 11" in page or "Monday, December 14" in page
    assert "Show the message first" in page
    assert "Confirm and send" not in page
