"""Where a message stands: every move from one state to the next. The only module that writes a message's state. Must
not send, wake or tell anybody, nor decide which move is due (booking/messaging/outbox.py does).

Each move is one UPDATE conditioned on what the caller saw, and says whether it moved: of two processes that mean the
same row one is told no, and does nothing further.
"""

from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from booking.messaging import twilio
from booking.messaging.addressing import Draft
from booking.models import AppointmentRequest, OutgoingMessage
from booking.models.messages import RETIRED

State, Channel = OutgoingMessage.State, OutgoingMessage.Channel
WAITING = (State.QUEUED, State.HELD)
# How far each state is; a report moves a message forward only.
RANK = {
    State.QUEUED: 0,
    State.HELD: 0,
    State.SENDING: 1,
    State.UNKNOWN: 2,
    State.SENT: 3,
    State.UNDELIVERED: 4,
    State.DELIVERED: 4,
}
# Whatever becomes of these, she has not got them.
LOST = (State.UNDELIVERED, State.FAILED, State.SUPPRESSED, State.CANCELLED)
FINAL = (State.DELIVERED, State.UNDELIVERED, State.FAILED, State.SUPPRESSED, State.CANCELLED)


def store(
    draft: Draft, *, request: AppointmentRequest, kind: str, occasion: str, dropped: str, now: datetime
) -> tuple[OutgoingMessage, bool]:
    """The row for this kind and occasion, and whether this call made it. `dropped`: why it is not sent at all."""
    ended = {"state": State.CANCELLED, "reason": dropped, "finished_at": now} if dropped else {}
    columns = {
        **ended,
        "contact_number": draft.number,
        "language": draft.language,
        "subject": draft.subject,
        "wording_version": draft.wording_version,
        "body": draft.body,
        "next_attempt_at": now,
        "created_at": now,
    }
    return OutgoingMessage.objects.get_or_create(
        request=request, channel=draft.channel, kind=kind, occasion=occasion, defaults=columns
    )


def cancel(rows: QuerySet[OutgoingMessage], *, now: datetime) -> int:
    """Those of `rows` that nobody has begun to send are taken back. How many were."""
    return rows.filter(state__in=WAITING).update(state=State.CANCELLED, finished_at=now)


def retire(rows: QuerySet[OutgoingMessage], *, reason: str, now: datetime) -> list[OutgoingMessage]:
    """`rows` stop being the messages of their kind and occasion, so that the same can be queued once more.
    Those that nobody has begun to send are taken back, and returned as they were; what is on its way is left to whoever
    has it, and is not tried again."""
    back = []
    for row in rows.exclude(occasion__contains=RETIRED).select_related("request").order_by("pk"):
        mine = OutgoingMessage.objects.filter(pk=row.pk)
        mine.update(occasion=f"{row.occasion}{RETIRED}{row.pk}")
        waits = mine.filter(state__in=WAITING)
        if waits.update(state=State.CANCELLED, reason=reason, finished_at=now):
            back.append(row)
    return back


def suppress(row: OutgoingMessage, *, reason: str, now: datetime) -> bool:
    """A text that waits may never be sent."""
    waiting = OutgoingMessage.objects.filter(pk=row.pk, state__in=WAITING)
    return bool(waiting.update(state=State.SUPPRESSED, reason=reason, finished_at=now))


def hold(row: OutgoingMessage, *, until: datetime) -> bool:
    """It has to wait for the morning."""
    if not _as_seen(row).update(state=State.HELD, reason="quiet_hours", next_attempt_at=until):
        return False
    row.state, row.reason, row.next_attempt_at = State.HELD, "quiet_hours", until
    return True


def drop(row: OutgoingMessage, *, reason: str, now: datetime) -> bool:
    """Its moment has passed, or what it says is no longer true."""
    return bool(_as_seen(row).update(state=State.CANCELLED, reason=reason, finished_at=now))


def claim(row: OutgoingMessage, *, now: datetime) -> bool:
    """Take a waiting row for this process, for one call."""
    return bool(_as_seen(row).update(state=State.SENDING, claimed_at=now, attempts=F("attempts") + 1))


def mark_taken(row: OutgoingMessage, accepted: twilio.Accepted, *, state: OutgoingMessage.State, now: datetime) -> bool:
    """The provider has it, and says that it stands at `state`."""
    is_over = row.channel == Channel.EMAIL or state != State.SENT
    done = {"finished_at": now} if is_over else {}
    moved = _mine(row).update(
        state=state,
        provider_id=accepted.provider_id or None,
        provider_status=accepted.provider_status,
        provider_error=accepted.error,
        sent_at=now,
        reason="",
        **done,
    )
    return bool(moved)


def mark_failed(row: OutgoingMessage, *, reason: str, code: int, now: datetime) -> bool:
    """The provider refused it for good."""
    failed = {"state": State.FAILED, "finished_at": now, "provider_error": code or None}
    return bool(_mine(row).update(reason=reason, **failed))


def mark_unknown(row: OutgoingMessage, *, reason: str, look_at: datetime) -> bool:
    """Nobody here knows whether the call was made. `look_at`: when to ask the provider."""
    mine = OutgoingMessage.objects.filter(pk=row.pk, state=State.SENDING, claimed_at=row.claimed_at)
    return bool(mine.update(state=State.UNKNOWN, reason=reason, next_attempt_at=look_at))


def look_again(row: OutgoingMessage, *, at: datetime) -> bool:
    """It stays unknown until then."""
    return bool(_mine(row).filter(state=State.UNKNOWN).update(next_attempt_at=at))


def queue_again(row: OutgoingMessage, *, at: datetime, reason: str, attempts: int, code: int) -> bool:
    """It was not taken and is tried again. `attempts`: how many tries count."""
    waiting = {"state": State.QUEUED, "next_attempt_at": at, "attempts": attempts}
    return bool(_mine(row).update(reason=reason, provider_error=code or None, **waiting))


def give_up(row: OutgoingMessage, *, now: datetime) -> bool:
    """It stays unknown for good."""
    return bool(OutgoingMessage.objects.filter(pk=row.pk, state=State.UNKNOWN).update(finished_at=now))


def report(
    row: OutgoingMessage,
    *,
    state: OutgoingMessage.State,
    provider_id: str,
    provider_status: str,
    error: int | None,
    now: datetime,
) -> bool:
    """What the provider said later, whoever holds the row; forward only."""
    final = {"finished_at": now} if state != State.SENT else {"sent_at": row.sent_at or now}
    behind = [known for known, rank in RANK.items() if rank < RANK[state]]
    columns: dict[str, Any] = {"provider_id": provider_id, "provider_status": provider_status, "provider_error": error}
    return bool(OutgoingMessage.objects.filter(pk=row.pk, state__in=behind).update(state=state, **columns, **final))


def _as_seen(row: OutgoingMessage) -> QuerySet[OutgoingMessage]:
    """The waiting row, if it is still as this process read it."""
    return OutgoingMessage.objects.filter(pk=row.pk, state__in=WAITING, next_attempt_at=row.next_attempt_at)


def _mine(row: OutgoingMessage) -> QuerySet[OutgoingMessage]:
    """The row while this process holds it: the claim's time is the fence against a slower twin."""
    return OutgoingMessage.objects.filter(
        pk=row.pk, state__in=(State.SENDING, State.UNKNOWN), claimed_at=row.claimed_at
    )
