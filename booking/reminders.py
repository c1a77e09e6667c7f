"""Queues the reminders that are due, from the visit as it stands now. Must not send one or know its words.

Nothing is scheduled ahead, here or at the provider: the clock asks each minute which reminders are due, and the row is
checked again inside its claim (booking/messaging/gate.py). A row for each version of a visit makes a reminder happen
once, whatever number of workers ask. What came too late is a row too, with the reason.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from booking.messaging import outbox, quiet_hours
from booking.messaging.reminder_times import DAY_BEFORE, REMINDERS, window
from booking.models import OPEN, AppointmentRequest, OutgoingMessage, Status, Visit

# Further ahead no plan begins; further back nothing is worth recording as missed.
LOOK_AHEAD = timedelta(days=15)
LOOK_BACK = timedelta(days=1)
MOST_A_DAY = 1  # 47 CFR 64.1200(a)(9)(iv)
MOST_A_WEEK = 3
NOT_SENT = (OutgoingMessage.State.CANCELLED, OutgoingMessage.State.SUPPRESSED, OutgoingMessage.State.FAILED)


@dataclass
class _Sent:
    """How many reminders each person got, today and in the last seven days."""

    today: Counter[str] = field(default_factory=Counter)
    week: Counter[str] = field(default_factory=Counter)

    def add(self, person: str, *, is_today: bool) -> None:
        """One more."""
        self.today[person] += is_today
        self.week[person] += 1

    def is_enough(self, person: str) -> bool:
        """Whether one more would be too many."""
        return self.today[person] >= MOST_A_DAY or self.week[person] >= MOST_A_WEEK


def queue_due(*, now: datetime) -> int:
    """Queue each reminder that is due and was not decided before. How many rows were made."""
    due = list(_due(now=now))
    if not due:
        return 0
    sent, made = _sent_lately(now=now), 0
    for kind, visit, is_late in due:
        person = _person(visit.request)
        # A visit that was moved must be reminded of by its new time, whatever went out for the old one.
        is_free = kind == DAY_BEFORE and visit.version > 1
        dropped = "too_late" if is_late else "too_many" if not is_free and sent.is_enough(person) else ""
        occasion = f"v{visit.version}"
        rows = outbox.queue(request=visit.request, kind=kind, occasion=occasion, now=now, visit=visit, dropped=dropped)
        made += len(rows)
        if rows and not dropped:
            sent.add(person, is_today=True)
    return made


def _due(*, now: datetime) -> Iterator[tuple[str, Visit, bool]]:
    """Kind, visit, and whether it is too late for it; the most useful kind first."""
    soon = Visit.objects.filter(
        ended_at__isnull=True,
        starts_at__gt=now - LOOK_BACK,
        starts_at__lt=now + LOOK_AHEAD,
        request__status__in=(Status.CONFIRMED, *OPEN),  # a visit is in force while another time is asked for
    )
    visits = list(soon.select_related("request__contact_number", "office").order_by("starts_at"))
    rows = OutgoingMessage.objects.filter(kind__in=REMINDERS, request__in=[visit.request_id for visit in visits])
    decided = set(rows.values_list("request_id", "kind", "occasion"))
    for kind in REMINDERS:
        for visit in visits:
            found = window(kind, visit)
            if found and found.opens <= now and (visit.request_id, kind, f"v{visit.version}") not in decided:
                yield kind, visit, now >= found.closes


def _sent_lately(*, now: datetime) -> _Sent:
    today, sent = quiet_hours.local(now).date(), _Sent()
    rows = OutgoingMessage.objects.filter(kind__in=REMINDERS, created_at__gt=now - timedelta(days=7))
    # What went to a number that was corrected since, she did not get.
    lately = (
        rows.that_count().exclude(state__in=NOT_SENT).values_list("request__contact_number", "request", "created_at")
    )
    for number, request, created_at in lately:
        sent.add(_key(number, request), is_today=quiet_hours.local(created_at).date() == today)
    return sent


def _person(request: AppointmentRequest) -> str:
    return _key(request.contact_number_id, request.pk)


def _key(number: int | None, request: int) -> str:
    """A person is a number; who gave none is her request."""
    return f"request {request}" if number is None else f"number {number}"
