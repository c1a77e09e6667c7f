"""Puts people on the list to call whose text with the time of a near visit has not arrived. Must not send or change a
message. What failed, stays unknown, or was kept back by a STOP is the outbox's: it puts it on the list or sends an
email instead."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from booking import desk_tasks
from booking.messaging.gate import visit_of
from booking.models import DeskTask, OutgoingMessage

NEAR = timedelta(hours=72)
ARRIVES_WITHIN = timedelta(minutes=30)
# A text held for the morning is on time, unless the visit follows so soon that somebody has to call first.
NEAR_THE_MORNING = timedelta(hours=4)

State = OutgoingMessage.State


def list_undelivered(*, now: datetime) -> int:
    """Open a task for each. Once for a message: a task that staff finished stays finished. How many were opened."""
    opened = 0
    for row in _undelivered(now=now):
        visit = visit_of(row)
        if visit is None or visit.ended_at is not None:
            continue  # a newer text tells the newer time
        if row.state == State.HELD and visit.starts_at > row.next_attempt_at + NEAR_THE_MORNING:
            continue
        desk_tasks.open_task(row.request, DeskTask.Kind.NOT_DELIVERED, now=now)
        opened += 1
    return opened


def _undelivered(*, now: datetime) -> list[OutgoingMessage]:
    """Texts that should have arrived by now. The last word of some phone companies is “sent”: they count too."""
    late = now - ARRIVES_WITHIN
    waits = Q(state__in=(State.QUEUED, State.HELD, State.SENDING, State.UNKNOWN), created_at__lte=late)
    told = DeskTask.objects.filter(
        request=OuterRef("request"), kind=DeskTask.Kind.NOT_DELIVERED, opened_at__gte=OuterRef("created_at")
    )
    rows = OutgoingMessage.objects.filter(
        Q(waits, finished_at__isnull=True) | Q(state=State.SENT, sent_at__lte=late),
        kind__in=("confirmed", "moved"),
        channel=OutgoingMessage.Channel.SMS,
        request__visits__ended_at__isnull=True,
        request__visits__starts_at__gt=now,
        request__visits__starts_at__lte=now + NEAR,
    )
    return list(rows.exclude(Exists(told)).select_related("request").order_by("created_at")[:200])
