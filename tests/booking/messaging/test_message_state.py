"""Where a message stands: each move happens once, from where the caller saw it."""

from datetime import timedelta

import pytest

from booking.messaging import message_state, twilio
from booking.models import OutgoingMessage
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("clinic", "now")
State = OutgoingMessage.State
LATER = NOW + timedelta(minutes=30)
ACCEPTED = twilio.Accepted(provider_id="SM1", status="queued", provider_status="queued")


def as_stored(row):
    return OutgoingMessage.objects.get(pk=row.pk)


@pytest.fixture
def waits():
    """A text that waits to be sent."""
    factories.a_request()
    return OutgoingMessage.objects.get()


@pytest.fixture
def claimed(waits):
    """A text that this process is sending."""
    assert message_state.claim(waits, now=NOW)
    return as_stored(waits)


MOVES_OF_ONE_THAT_WAITS = {
    "sending": lambda row: message_state.claim(row, now=NOW),
    "held": lambda row: message_state.hold(row, until=LATER),
    "suppressed": lambda row: message_state.suppress(row, reason="stopped", now=NOW),
    "cancelled": lambda row: message_state.drop(row, reason="visit_over", now=NOW),
}
MOVES_OF_ONE_THAT_IS_SENT = {
    "sent": lambda row: message_state.mark_taken(row, ACCEPTED, state=State.SENT, now=NOW),
    "failed": lambda row: message_state.mark_failed(row, reason="recipient", code=21211, now=NOW),
    "unknown": lambda row: message_state.mark_unknown(row, reason="no_answer", look_at=LATER),
    "queued": lambda row: message_state.queue_again(row, at=LATER, reason="try_again", attempts=1, code=0),
}


@pytest.mark.parametrize("state", MOVES_OF_ONE_THAT_WAITS)
def test_what_waits_moves_once_however_many_processes_saw_it_waiting(waits, state):
    move, twin = MOVES_OF_ONE_THAT_WAITS[state], as_stored(waits)
    assert move(waits)
    assert as_stored(waits).state == state
    assert not message_state.claim(twin, now=NOW)


def test_what_is_held_can_be_sent_by_whoever_read_until_when(waits):
    assert message_state.hold(waits, until=LATER)
    assert (waits.state, waits.next_attempt_at) == ("held", LATER)
    assert message_state.claim(as_stored(waits), now=LATER)


@pytest.mark.parametrize("state", MOVES_OF_ONE_THAT_IS_SENT)
def test_what_is_sent_is_moved_by_the_process_that_claimed_it_and_no_other(claimed, state):
    move, slower = MOVES_OF_ONE_THAT_IS_SENT[state], as_stored(claimed)
    slower.claimed_at = NOW - timedelta(minutes=5)
    assert not move(slower)
    assert as_stored(claimed).state == "sending"
    assert move(claimed)
    assert as_stored(claimed).state == state


def test_what_somebody_began_to_send_is_neither_taken_back_nor_suppressed(claimed):
    assert message_state.cancel(claimed.request.messages.all(), now=NOW) == 0
    assert not message_state.suppress(claimed, reason="stopped", now=NOW)
    assert as_stored(claimed).state == "sending"


def test_an_unknown_outcome_is_looked_for_until_it_is_given_up(claimed):
    assert not message_state.look_again(claimed, at=LATER)
    assert not message_state.give_up(claimed, now=NOW)
    assert message_state.mark_unknown(claimed, reason="no_answer", look_at=NOW)
    assert message_state.look_again(claimed, at=LATER)
    assert as_stored(claimed).next_attempt_at == LATER
    assert message_state.give_up(claimed, now=LATER)
    assert (as_stored(claimed).state, as_stored(claimed).finished_at) == ("unknown", LATER)


def test_a_report_moves_a_message_forward_and_never_back(claimed):
    said = {"provider_id": "SM1", "provider_status": "x", "error": None, "now": NOW}
    assert message_state.report(claimed, state=State.DELIVERED, **said)
    assert not message_state.report(claimed, state=State.SENT, **said)
    assert not message_state.report(claimed, state=State.UNDELIVERED, **said)
    assert as_stored(claimed).state == "delivered"


def test_a_text_that_is_taken_is_open_until_it_arrives_and_one_that_failed_is_over(claimed):
    message_state.mark_taken(claimed, ACCEPTED, state=State.SENT, now=NOW)
    row = as_stored(claimed)
    assert (row.provider_id, row.sent_at, row.finished_at) == ("SM1", NOW, None)
    message_state.report(row, state=State.UNDELIVERED, provider_id="SM1", provider_status="x", error=30003, now=LATER)
    assert (as_stored(row).provider_error, as_stored(row).finished_at) == (30003, LATER)


class TestRetiring:
    """Her address was corrected: the row is no longer the one of its kind and occasion."""

    def test_takes_back_what_waits_and_returns_it_as_it_was(self, waits):
        [back] = message_state.retire(OutgoingMessage.objects.all(), reason="address_changed", now=NOW)
        assert (back.pk, back.occasion, back.is_retired) == (waits.pk, "once", False)
        row = as_stored(waits)
        assert (row.state, row.reason, row.is_retired) == ("cancelled", "address_changed", True)

    def test_leaves_what_is_being_sent_to_whoever_has_it(self, claimed):
        assert message_state.retire(OutgoingMessage.objects.all(), reason="address_changed", now=NOW) == []
        assert as_stored(claimed).is_retired
        assert message_state.mark_taken(claimed, ACCEPTED, state=State.SENT, now=NOW)

    def test_happens_once(self, waits):
        message_state.retire(OutgoingMessage.objects.all(), reason="address_changed", now=NOW)
        occasion = as_stored(waits).occasion
        assert message_state.retire(OutgoingMessage.objects.all(), reason="address_changed", now=NOW) == []
        assert as_stored(waits).occasion == occasion

    def test_keeps_the_room_for_the_same_message_anew(self, waits):
        message_state.retire(OutgoingMessage.objects.all(), reason="address_changed", now=NOW)
        assert list(OutgoingMessage.objects.all().that_count()) == []
