"""Asks the provider about texts of which no last report came: a report that was lost is not sent again. Must not send
anything, nor change a message (booking/messaging/outbox.py does).

The pauses between questions grow with the age of the text. Some phone companies never say more than “sent”; so after
the provider itself has stopped trying, the text rests there.
"""

import logging
from datetime import datetime, timedelta

from django.db.models import Q

from booking.messaging import gate, outbox, pause, twilio
from booking.models import OutgoingMessage

logger = logging.getLogger("booking.silence")

SILENCE = timedelta(minutes=15)
LAST_WORD = gate.VALIDITY + timedelta(hours=2)
AT_ONCE = 20

State, Channel = OutgoingMessage.State, OutgoingMessage.Channel


def ask(*, now: datetime) -> int:
    """Ask about the texts that have been silent for long. How many were asked about."""
    if Channel.SMS in pause.paused_channels(now=now):
        return 0
    silent = OutgoingMessage.objects.filter(
        Q(sent_at__lte=now - SILENCE), channel=Channel.SMS, state=State.SENT, finished_at__isnull=True
    ).exclude(provider_id=None)
    rows = list(silent.filter(next_attempt_at__lte=now - SILENCE).order_by("next_attempt_at")[:AT_ONCE])
    for asked, row in enumerate(rows, start=1):
        if not _ask_about(row, now=now):
            return asked  # a provider that does not answer is not waited for twenty times
    return len(rows)


def _ask_about(row: OutgoingMessage, *, now: datetime) -> bool:
    """Whether the provider answered."""
    age = now - (row.sent_at or row.created_at)
    mine = OutgoingMessage.objects.filter(pk=row.pk, state=State.SENT)
    # Written first: whatever the answer does, the next question comes later.
    mine.update(next_attempt_at=now + age - SILENCE)
    try:
        found = twilio.fetch(provider_id=row.provider_id or "")
    except (twilio.SendRefused, twilio.OutcomeUnknown) as error:
        logger.warning("Message %s could not be asked about: %s", row.pk, error)
        return False
    finally:
        if age >= LAST_WORD:
            mine.update(finished_at=now, reason="no_receipt")
    outbox.record_report(
        provider_id=found.provider_id,
        provider_status=found.provider_status,
        error=found.error,
        callback_key="",
        now=now,
    )
    return True
