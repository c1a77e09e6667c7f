"""What became of each message, in words with the reason, and what clears the list of people to call."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking.messaging import inbound, outbox, settling
from booking.models import AppointmentRequest, DeskTask, IncomingText
from tests import factories
from tests.booking.admin.desk import address, press, read
from tests.factories import NOW, PHONE

pytestmark = pytest.mark.usefixtures("now", "clinic")
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def asked(clinic: None, now: datetime) -> AppointmentRequest:
    """A fresh request, by text."""
    return factories.a_request()


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"state": "queued"}, "Waiting to be sent."),
        ({"state": "sent", "sent_at": NOW}, "Sent 10 a.m. The phone company has not said yet whether it arrived."),
        ({"state": "delivered", "sent_at": NOW, "finished_at": LATER}, "Sent 10 a.m. Delivered 10:01 a.m."),
        (
            {"state": "undelivered", "sent_at": NOW, "finished_at": LATER, "provider_error": 30006},
            "Sent 10 a.m. Not delivered 10:01 a.m. This number is a landline. It cannot get texts.",
        ),
        (
            {"state": "undelivered", "finished_at": LATER, "provider_error": 30003},
            "Not delivered 10:01 a.m. The phone was off or out of reach.",
        ),
        (
            {"state": "suppressed", "reason": "stopped", "finished_at": LATER},
            "Not sent: no consent 10:01 a.m. This person said STOP.",
        ),
        (
            {"state": "unknown", "reason": "no_answer", "attempts": 2, "wording_version": 3},
            (
                "Not known whether it was sent. The text service did not answer. We ask whether it arrived. "
                "Tried 2 times. Words: version 3."
            ),
        ),
    ],
)
def test_what_became_of_a_text_is_told_in_words(
    staff_client: Client, asked: AppointmentRequest, columns: dict[str, Any], said: str
) -> None:
    asked.messages.filter(channel="sms").update(**columns)
    page = read(staff_client, address(asked))
    assert f'<span class="under">{said}</span>' in page


def is_not_delivered(asked: AppointmentRequest, kind: str, *, code: int) -> None:
    """The provider reports that a text of ours did not arrive."""
    asked.messages.filter(kind=kind, channel="sms").update(state="sent", provider_id=f"SM-{kind}", sent_at=NOW)
    outbox.record_report(
        provider_id=f"SM-{kind}", provider_status="undelivered", error=code, callback_key="", now=LATER
    )


def stays_unknown(asked: AppointmentRequest, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can say whether a text of ours went out."""
    row = asked.messages.get(kind=kind, channel="sms")
    asked.messages.filter(pk=row.pk).update(state="unknown", reason="no_answer", claimed_at=NOW)
    monkeypatch.setattr(settling, "look", lambda _row, now: settling.Verdict())
    outbox.attempt(row.pk, now=LATER)


def writes(number: int, body: str) -> None:
    """She sends a text."""
    moment = NOW + timedelta(minutes=number)
    inbound.receive(provider_id=f"SM{number}", from_number=PHONE, body=body, keyword="", now=moment)


def asks_for_tasks(seen: CaptureQueriesContext) -> list[str]:
    """The questions for the open tasks and their texts."""
    return [query["sql"] for query in seen.captured_queries if "desktask" in query["sql"]]


class TestWhatATaskIsAbout:
    """Each quotes the texts that it was made for, whatever came after it."""

    def quotes(self, client: Client, asked: AppointmentRequest) -> dict[str, list[str]]:
        return {task.what: task.why for task in client.get(address(asked)).context["tasks"]}

    def test_a_task_says_which_message_did_not_arrive_and_what_she_wrote(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        is_not_delivered(asked, "received", code=30006)
        writes(1, "Is there parking?")
        page = read(staff_client, address(asked))
        assert "We have your request: This number is a landline. It cannot get texts.</span>" in page
        assert '<span class="under">“Is there parking?”</span>' in page

    def test_a_text_that_failed_and_one_that_nobody_knows_of_are_each_told_in_their_own_task(
        self, staff_client: Client, asked: AppointmentRequest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        factories.a_visit(asked)
        is_not_delivered(asked, "received", code=30006)
        stays_unknown(asked, "confirmed", monkeypatch)
        assert self.quotes(staff_client, asked) == {
            "A message did not arrive: call": ["We have your request: This number is a landline. It cannot get texts."],
            "Not known whether a message arrived: call": [
                "Time set: The text service did not answer. We ask whether it arrived."
            ],
        }

    def test_the_order_in_which_they_came_changes_nothing(
        self, staff_client: Client, asked: AppointmentRequest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        factories.a_visit(asked)
        stays_unknown(asked, "received", monkeypatch)
        is_not_delivered(asked, "confirmed", code=30003)
        quotes = self.quotes(staff_client, asked)
        assert quotes["A message did not arrive: call"] == ["Time set: The phone was off or out of reach."]
        assert quotes["Not known whether a message arrived: call"][0].startswith("We have your request: ")

    def test_what_she_wants_to_cancel_and_what_she_asks_are_each_told_in_their_own_task(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        factories.a_visit(asked)
        writes(1, "I need to cancel my appointment")
        writes(2, "Is there parking?")
        assert self.quotes(staff_client, asked) == {
            "Probably wants to cancel: call": ["“I need to cancel my appointment”"],
            "Wrote a text: read it": ["“Is there parking?”"],
        }

    def test_texts_that_wait_together_are_one_task_that_quotes_all_of_them(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        writes(1, "Is there parking?")
        writes(2, "And where is the entrance?")
        assert self.quotes(staff_client, asked) == {
            "Wrote a text: read it": ["“Is there parking?”", "“And where is the entrance?”"]
        }

    def test_a_text_that_was_read_is_not_quoted_again_by_the_next_task(
        self, staff_client: Client, staff_user: Any, asked: AppointmentRequest
    ) -> None:
        writes(1, "Is there parking?")
        DeskTask.objects.get().finish(by=staff_user, at=NOW)
        writes(2, "And where is the entrance?")
        assert self.quotes(staff_client, asked) == {"Wrote a text: read it": ["“And where is the entrance?”"]}

    def test_texts_that_were_understood_late_and_together_are_told_apart(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        factories.a_visit(asked)
        for number, body in enumerate(("Is there parking?", "I need to cancel my appointment"), start=1):
            IncomingText.objects.create(
                provider_id=f"SM{number}", contact_number=asked.contact_number, body=body, received_at=NOW
            )
        inbound.sweep(now=NOW + timedelta(hours=1))
        quotes = self.quotes(staff_client, asked)
        assert quotes["Probably wants to cancel: call"] == ["“I need to cancel my appointment”"]
        assert quotes["Wrote a text: read it"] == ["“Is there parking?”"]

    def test_one_that_arrived_after_all_says_so(
        self, staff_client: Client, asked: AppointmentRequest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stays_unknown(asked, "received", monkeypatch)
        asked.messages.update(state="delivered", reason="")
        assert self.quotes(staff_client, asked) == {
            "Not known whether a message arrived: call": ["We have your request: Delivered"]
        }

    def test_words_that_were_forgotten_are_not_quoted(self, staff_client: Client, asked: AppointmentRequest) -> None:
        writes(1, "Is there parking?")
        IncomingText.objects.update(body="")
        assert self.quotes(staff_client, asked) == {"Wrote a text: read it": []}

    def test_many_tasks_and_texts_cost_no_more_questions_than_one(
        self, staff_client: Client, asked: AppointmentRequest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        factories.a_visit(asked)
        writes(1, "Is there parking?")
        with CaptureQueriesContext(connection) as one:
            staff_client.get(address(asked))
        writes(2, "I need to cancel my appointment")
        writes(3, "And where is the entrance?")
        is_not_delivered(asked, "received", code=30006)
        stays_unknown(asked, "confirmed", monkeypatch)
        with CaptureQueriesContext(connection) as many:
            staff_client.get(address(asked))
        assert [len(asks_for_tasks(seen)) for seen in (one, many)] == [4, 4]


def test_a_call_that_reached_her_clears_what_is_settled_by_talking(
    staff_client: Client, asked: AppointmentRequest, now: datetime
) -> None:
    for kind in ("message_failed", "message_unknown", "not_delivered", "wants_to_cancel", "read_text"):
        DeskTask.objects.create(request=asked, kind=kind, opened_at=now)
    press(staff_client, asked, "call", {"outcome": "spoke", "calls": "0"})
    assert [task.kind for task in DeskTask.objects.open()] == ["read_text"]


@pytest.mark.parametrize(
    ("typed", "shown"), [("213 555 0134 ext. 12", "(213) 555-0134 ext. 12"), ("213-555-0134", "(213) 555-0134")]
)
def test_the_call_button_names_the_extension_that_she_gave(
    typed: str, shown: str, staff_client: Client, asked: AppointmentRequest
) -> None:
    asked.phone_typed = typed
    asked.save(update_fields=["phone_typed"])
    assert f"{shown}</a>" in read(staff_client, address(asked))
