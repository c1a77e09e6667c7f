"""What became of each message, in words with the reason, and what clears the list of people to call."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from booking.messaging import inbound
from booking.models import AppointmentRequest, DeskTask
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


def test_a_task_says_which_message_did_not_arrive_and_what_she_wrote(
    staff_client: Client, asked: AppointmentRequest, now: datetime
) -> None:
    asked.messages.filter(channel="sms").update(state="undelivered", provider_error=30006, finished_at=now)
    DeskTask.objects.create(request=asked, kind="message_failed", opened_at=now)
    inbound.receive(provider_id="SM1", from_number=PHONE, body="Is there parking?", keyword="", now=now)
    page = read(staff_client, address(asked))
    assert "We have your request: This number is a landline. It cannot get texts." in page
    assert '<span class="under">“Is there parking?”</span>' in page


def test_a_call_that_reached_her_clears_what_is_settled_by_talking(
    staff_client: Client, asked: AppointmentRequest, now: datetime
) -> None:
    for kind in ("message_failed", "message_unknown", "not_delivered", "wants_to_cancel", "read_text"):
        DeskTask.objects.create(request=asked, kind=kind, opened_at=now)
    press(staff_client, asked, "call", {"outcome": "spoke", "calls": "0"})
    assert [task.kind for task in DeskTask.objects.open()] == ["read_text"]
