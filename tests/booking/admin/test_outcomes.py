"""Calls and what became of a request, each by one press on its screen."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.test import Client

from booking import actors, changes, lifecycle, outcomes
from booking.admin.parts import part
from booking.messaging import inbound
from booking.models import AppointmentRequest, Call, Status
from tests import factories
from tests.booking.admin.desk import QUEUE, address, member_of, press, read, words
from tests.factories import NOW, at

pytestmark = pytest.mark.usefixtures("now", "clinic")
AFTER_THE_VISIT = at("2026-12-16", "11:00")


@pytest.fixture
def asked(clinic: None, now: datetime) -> AppointmentRequest:
    """A fresh request."""
    return factories.a_request()


def a_past_visit() -> AppointmentRequest:
    """A confirmed request whose visit was on December 16 at 10."""
    return factories.a_visit().request


@contextmanager
def at_the_desk(client: Client, moment: datetime) -> Iterator[None]:
    """Time passed, and the sign-in ran out meanwhile: signed in again."""
    with time_machine.travel(moment, tick=False):
        client.force_login(get_user_model().objects.get(username="desk"))
        yield


def call(client: Client, asked: AppointmentRequest, outcome: str, seen: str = "0") -> Any:
    return press(client, asked, "call", {"outcome": outcome, "calls": seen})


def test_a_wish_to_cancel_that_came_after_the_screen_was_made_is_not_finished_by_the_call(
    staff_client: Client,
) -> None:
    visit = factories.a_visit()
    before = re.search(r'name="read" value="(\d+)"', read(staff_client, address(visit.request)))
    assert before is not None
    inbound.receive(provider_id="SM1", from_number=factories.PHONE, body="I have to cancel", keyword="", now=NOW)
    data = {"outcome": "spoke", "calls": "0", "read": before[1]}
    page = words(press(staff_client, visit.request, "call", data))
    assert "She wrote meanwhile" in page
    assert "“I have to cancel”" in page
    after = re.search(r'name="read" value="(\d+)"', read(staff_client, address(visit.request)))
    assert after is not None
    page = words(press(staff_client, visit.request, "call", {**data, "calls": "1", "read": after[1]}))
    assert "She wrote meanwhile" not in page
    assert not visit.request.tasks.open().exists()


class TestCalls:
    @pytest.mark.parametrize(
        ("outcome", "said"),
        [
            ("spoke", "Called: spoke"),
            ("no_answer", "Called: no answer"),
            ("voicemail", "Called: left a voice message"),
            ("wrong_number", "Called: wrong number"),
        ],
    )
    def test_one_press_writes_a_call_down(
        self, outcome: str, said: str, staff_client: Client, staff_user: Any, asked: AppointmentRequest
    ) -> None:
        page = words(call(staff_client, asked, outcome))
        assert "The call is written down" in page
        assert said in page
        assert [(row.outcome, row.by, row.at) for row in asked.calls.all()] == [(outcome, staff_user, NOW)]

    def test_a_wrong_number_is_said_plainly_on_every_request_of_it(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        other = factories.a_request()
        assert "No more texts go to it" in words(call(staff_client, asked, "wrong_number"))
        for page in (read(staff_client, address(asked)), read(staff_client, address(other))):
            assert "Wrong number: no texts" in page
            assert "the phone number is wrong and there is no email address" in page
            assert "Confirm and send" not in page
        assert "Wrong number: no texts" in read(staff_client, QUEUE)

    def test_a_wrong_number_pressed_by_mistake_is_put_right_by_speaking_and_her_word(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        call(staff_client, asked, "wrong_number")
        call(staff_client, asked, "spoke", seen="1")
        assert "This number was written down as wrong" in read(staff_client, address(asked))
        assert "Agreed to texts: saved." in words(press(staff_client, asked, "consent", {"agreed": "on"}))
        page = read(staff_client, address(asked))
        assert "Texts: yes" in page
        assert "Confirm and send" in page

    def test_the_screen_lists_the_calls_with_who_and_when(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        call(staff_client, asked, "voicemail")
        shown = staff_client.get(address(asked)).context["calls"]
        assert [(str(line.what), line.who, line.at) for line in shown] == [("Left a voice message", "desk", NOW)]

    def test_a_second_press_of_the_same_button_writes_nothing(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        call(staff_client, asked, "no_answer")
        assert "A call was written down meanwhile" in words(call(staff_client, asked, "no_answer"))
        assert Call.objects.count() == 1
        call(staff_client, asked, "no_answer", seen="1")
        assert Call.objects.count() == 2

    @pytest.mark.parametrize("outcome", ["", "asleep", "SPOKE"])
    def test_an_unknown_end_of_a_call_is_refused(
        self, outcome: str, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        assert "Choose how the call ended" in words(call(staff_client, asked, outcome))
        assert not Call.objects.exists()

    def test_the_third_try_says_that_it_is_the_patients_turn_now(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        desk = actors.staff(factories.a_staff_user())
        for hours in (0, 24):
            outcomes.log_call(request=asked, outcome="voicemail", by=desk, now=NOW + timedelta(hours=hours))
        with at_the_desk(staff_client, NOW + timedelta(hours=49)):
            page = words(call(staff_client, asked, "no_answer", seen="2"))
        assert "Waiting for the patient until Wed, Dec 16" in page

    def test_a_closed_request_can_still_be_called_about(self, staff_client: Client, asked: AppointmentRequest) -> None:
        lifecycle.cancel(request=asked, by=actors.PATIENT, now=NOW)
        assert "The call is written down" in words(call(staff_client, asked, "spoke"))


class TestAfterTheVisit:
    @pytest.mark.parametrize(
        ("verb", "status", "said"),
        [
            ("came", Status.COMPLETED, "The patient came: the visit is complete."),
            ("no_show", Status.NO_SHOW, "Written down: the patient did not come."),
            ("not_done", Status.NOT_DONE, "Written down: the patient came and it was not done."),
        ],
    )
    def test_one_press_says_what_became_of_the_visit(
        self, verb: str, status: str, said: str, staff_client: Client
    ) -> None:
        asked = a_past_visit()
        with at_the_desk(staff_client, AFTER_THE_VISIT):
            page = read(staff_client, address(asked))
            for button in ("Came", "Did not come", "Came, but it was not done"):
                assert f">{button}</button>" in page
            assert said in words(press(staff_client, asked, verb))
        asked.refresh_from_db()
        assert asked.status == status

    @pytest.mark.parametrize("verb", ["came", "no_show", "not_done"])
    def test_nothing_is_said_of_a_visit_that_has_not_begun(self, verb: str, staff_client: Client) -> None:
        asked = a_past_visit()
        assert "Did not come" not in read(staff_client, address(asked))
        press(staff_client, asked, verb)
        asked.refresh_from_db()
        assert asked.status == Status.CONFIRMED

    @pytest.mark.parametrize("verb", ["no_show", "not_done"])
    def test_who_missed_it_goes_back_into_the_queue_with_one_press(self, verb: str, staff_client: Client) -> None:
        asked = a_past_visit()
        with at_the_desk(staff_client, AFTER_THE_VISIT):
            assert "Back into the queue" in words(press(staff_client, asked, verb))
            press(staff_client, asked, "rebook")
        asked.refresh_from_db()
        assert asked.status == Status.NEXT_CYCLE
        assert asked.current_visit() is None

    def test_a_second_press_changes_nothing(self, staff_client: Client) -> None:
        asked = a_past_visit()
        with at_the_desk(staff_client, AFTER_THE_VISIT):
            shown = staff_client.get(address(asked)).context["seen"]
            staff_client.post(address(asked, "no_show"), {"seen": shown})
            answer = staff_client.post(address(asked, "came"), {"seen": shown}, follow=True)
        assert "Nothing was changed" in words(answer)
        asked.refresh_from_db()
        assert asked.status == Status.NO_SHOW


class TestAMistake:
    """“Did not come” pressed on the wrong patient."""

    def said(self, page: str) -> dict[str, str]:
        found = re.search(r'name="mistake" value="(\d+)"', page)
        assert found is not None
        return {"mistake": found[1]}

    @pytest.mark.parametrize("verb", ["came", "no_show", "not_done"])
    def test_is_taken_back_with_one_press(self, verb: str, staff_client: Client) -> None:
        asked = a_past_visit()
        with at_the_desk(staff_client, AFTER_THE_VISIT):
            page = words(press(staff_client, asked, verb))
            assert "It was a mistake: take it back" in page
            assert "On Wed, Dec 16, 11 a.m. desk wrote down “" in page
            assert "”. Nothing was sent to the patient." in page
            assert "You can do this until Wed, Dec 23," in page
            page = words(press(staff_client, asked, "take_back", self.said(page)))
        assert "Taken back. Nothing was sent to the patient." in page
        assert "Did the patient come?" in page
        assert "Taken back: it was a mistake" in page
        assert "take it back</button>" not in page
        asked.refresh_from_db()
        assert asked.status == Status.CONFIRMED

    def test_cannot_be_taken_back_after_a_week(self, staff_client: Client) -> None:
        asked = a_past_visit()
        with at_the_desk(staff_client, AFTER_THE_VISIT):
            said = self.said(words(press(staff_client, asked, "no_show")))
        with at_the_desk(staff_client, AFTER_THE_VISIT + timedelta(days=8)):
            assert "It was a mistake" not in read(staff_client, address(asked))
            page = words(press(staff_client, asked, "take_back", said))
        assert "This can no longer be taken back. Write a note instead." in page
        asked.refresh_from_db()
        assert asked.status == Status.NO_SHOW

    @pytest.mark.parametrize("said", [{}, {"mistake": ""}, {"mistake": "x"}, {"mistake": "0"}])
    def test_a_press_that_names_no_line_takes_nothing_back(self, said: dict[str, str], staff_client: Client) -> None:
        asked = a_past_visit()
        with at_the_desk(staff_client, AFTER_THE_VISIT):
            press(staff_client, asked, "no_show")
            press(staff_client, asked, "take_back", said)
        asked.refresh_from_db()
        assert asked.status == Status.NO_SHOW

    def test_offered_times_that_it_withdrew_are_said_before_and_after(self, staff_client: Client) -> None:
        asked = a_past_visit()
        changes.ask(request=asked, keep=True, by=actors.PATIENT, now=NOW)
        factories.an_offer(asked, ("2026-12-21", "10:00"), now=at("2026-12-16", "09:00"))
        with at_the_desk(staff_client, AFTER_THE_VISIT):
            page = words(press(staff_client, asked, "no_show"))
            assert "stay withdrawn" in page
            page = words(press(staff_client, asked, "take_back", self.said(page)))
        assert "The times that were offered stay withdrawn. Offer times again." in page

    def test_is_not_offered_for_what_is_no_mistake(self, staff_client: Client, asked: AppointmentRequest) -> None:
        assert "Was this a mistake?" not in read(staff_client, address(asked))
        assert "Was this a mistake?" not in read(staff_client, address(a_past_visit()))


class TestLater:
    def test_next_cycle_is_one_press(self, staff_client: Client, asked: AppointmentRequest) -> None:
        assert "Moved to the next cycle" in words(press(staff_client, asked, "next_cycle"))
        asked.refresh_from_db()
        assert asked.status == Status.NEXT_CYCLE

    def test_waiting_starts_with_a_week(self, staff_client: Client, asked: AppointmentRequest) -> None:
        form = staff_client.get(address(asked)).context["wait_form"]
        assert form["until"].value() == date(2026, 12, 14)
        page = words(press(staff_client, asked, "wait", {"until": "2026-12-14"}))
        assert "Waiting for the patient until Mon, Dec 14" in page
        asked.refresh_from_db()
        assert (asked.status, asked.review_on) == (Status.WAITING, date(2026, 12, 14))

    def test_the_week_ends_on_her_last_day(self, staff_client: Client) -> None:
        soon = factories.a_request(days=(date(2026, 12, 10),))
        assert staff_client.get(address(soon)).context["wait_form"]["until"].value() == date(2026, 12, 10)

    @pytest.mark.parametrize(
        ("until", "sentence"),
        [
            ("", "Choose a date"),
            ("2026-12-07", "Choose a day after today"),
            ("2028-01-01", "Choose a day within a year"),
            ("2026-12-19", "The last day that works for the patient is Friday, December 18"),
            ("soon", "Enter a valid date"),
        ],
    )
    def test_a_wrong_day_says_what_to_do(
        self, until: str, sentence: str, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        assert sentence in words(press(staff_client, asked, "wait", {"until": until}))
        asked.refresh_from_db()
        assert asked.status == Status.NEW

    def test_only_what_is_allowed_is_offered(self, staff_client: Client) -> None:
        page = read(staff_client, address(factories.a_visit().request))
        for button in ("Next cycle", "Wait for the patient until", "Back into the queue"):
            assert button not in page


class TestRights:
    def test_the_front_desk_does_all_of_it(self, asked: AppointmentRequest) -> None:
        client = member_of("Front desk")
        call(client, asked, "spoke")
        press(client, asked, "next_cycle")
        asked.refresh_from_db()
        assert (asked.calls.count(), asked.status) == (1, Status.NEXT_CYCLE)

    @pytest.mark.parametrize(
        "verb", ["call", "came", "no_show", "not_done", "take_back", "rebook", "next_cycle", "wait"]
    )
    def test_editors_do_none_of_it(self, verb: str, asked: AppointmentRequest) -> None:
        assert member_of("Editors").post(address(asked, verb), {"outcome": "spoke"}).status_code == 403

    @pytest.mark.parametrize(
        "verb", ["call", "came", "no_show", "not_done", "take_back", "rebook", "next_cycle", "wait"]
    )
    def test_nothing_changes_by_a_get(self, verb: str, staff_client: Client, asked: AppointmentRequest) -> None:
        assert staff_client.get(address(asked, verb), {"outcome": "spoke"})["Location"] == address(asked)
        assert asked.events.count() == 1


class TestQueue:
    def test_the_lists_find_who_to_look_at(self, staff_client: Client, asked: AppointmentRequest) -> None:
        past = a_past_visit()
        desk = actors.staff(factories.a_staff_user())
        outcomes.next_cycle(request=asked, by=desk, now=NOW)
        rows = AppointmentRequest.objects.all()
        with at_the_desk(staff_client, AFTER_THE_VISIT):
            assert list(part(rows, "next_cycle", now=AFTER_THE_VISIT)) == [asked]
            assert list(part(rows, "over", now=AFTER_THE_VISIT)) == [past]
            outcomes.no_show(request=past, by=desk, now=AFTER_THE_VISIT)
            assert list(part(rows, "over", now=AFTER_THE_VISIT)) == []
            assert list(part(rows, "missed", now=AFTER_THE_VISIT)) == [past]
            page = read(staff_client, f"{QUEUE}?show=missed")
        assert past.spaced_reference in page
        assert "Visit over: did they come?" in page
