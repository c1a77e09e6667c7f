"""The parts of the desk's work: which requests belong to each, in which order, and what is counted. Must not show
or change anything. Every question uses an index, so that it costs the same at a thousand requests and a million."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from booking import outcomes
from booking.models import (
    AppointmentRequest,
    DeskCard,
    DeskTask,
    Readiness,
    RequestQuerySet,
    Status,
    Visit,
)
from booking.models.queue_order import ORDER
from booking.moves import MOVES

COUNTED_AT_MOST = 1000
LONGEST_VISIT = timedelta(days=1)
FAILED = (DeskTask.Kind.MESSAGE_FAILED, DeskTask.Kind.MESSAGE_UNKNOWN)
WAITING, ALL = "waiting", "all"
# Long lists of the past: newest first, which the key answers without sorting. Late ones: the longest first.
NEWEST_FIRST = dict.fromkeys(("confirmed", ALL, "automated", "missed", "today"), ("-pk",))
OTHER_ORDERS = {**NEWEST_FIRST, "closed": ("-closed_at", "-pk"), "late": ("promise_due_at", "pk")}


def local_days(*, now: datetime, days: int) -> tuple[datetime, datetime]:
    """From the midnight before `now` on the clinic's wall, this many days. Both ends are midnights there, also in
    the weeks in which the clocks change."""
    start = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=days)


def calls_due(*, now: datetime) -> QuerySet[DeskCard]:
    """Requests whose next call is due."""
    return DeskCard.objects.filter(next_call_at__lte=now)


def readiness_due(kind: str, *, now: datetime) -> QuerySet[Readiness]:
    """What has to be ticked by today, before a visit that is still ahead."""
    today = timezone.localtime(now).date()
    return Readiness.objects.open(kind, now=now).filter(visit_day__gte=today, due_on__lte=today)


def confirmed_today(*, now: datetime) -> QuerySet[Visit]:
    """Visits in force that were set since midnight."""
    return Visit.objects.in_force().filter(confirmed_at__gte=local_days(now=now, days=1)[0])


def visits_to_mark(*, now: datetime) -> QuerySet[Visit]:
    """Visits that are over and of which nobody has said whether they came. What lies further back the clock has
    completed; who had wanted another time waits for staff in the list that they work down."""
    since = now - outcomes.COMPLETES_AFTER
    # Read by the index of starts: nearly all visits lie behind, and nearly all of them are marked. A join would let
    # SQLite begin with every request that has a visit ahead.
    unmarked = AppointmentRequest.objects.filter(pk=OuterRef("request_id"), status__in=MOVES["complete"].sources)
    recent = Visit.objects.in_force().filter(starts_at__gt=since - LONGEST_VISIT, starts_at__lt=now)
    return recent.filter(Exists(unmarked), ends_at__gte=since, ends_at__lte=now)


def own(asked: RequestQuerySet, *, now: datetime) -> dict[str, QuerySet[AppointmentRequest]]:
    """The parts that are read from the request's own row. Nothing is asked until one of them is read."""
    return {
        WAITING: asked.waiting_for_staff(),
        "new": asked.filter(status=Status.NEW),
        "late": asked.late(now=now),
        "patient": asked.filter(status__in=(Status.OFFERED, Status.WAITING)),
        "next_cycle": asked.filter(status=Status.NEXT_CYCLE),
        "missed": asked.filter(status__in=(Status.NO_SHOW, Status.NOT_DONE)),
        "confirmed": asked.filter(status=Status.CONFIRMED),
        "automated": asked.filter(status=Status.QUARANTINED),
        "closed": asked.filter(closed_at__isnull=False),
        ALL: asked,
    }


def beside(*, now: datetime) -> dict[str, QuerySet[Any]]:
    """The parts that are read from rows beside the request: a counter counts these rows, the list shows the requests
    that they belong to."""
    tasks = DeskTask.objects.open()
    return {
        "call_back": calls_due(now=now),
        "over": visits_to_mark(now=now),
        "tasks": tasks,
        "failed": tasks.filter(kind__in=FAILED),
        "prescriptions": readiness_due(Readiness.Kind.PRESCRIPTION, now=now),
        "estimates": readiness_due(Readiness.Kind.ESTIMATE, now=now),
        "today": confirmed_today(now=now),
    }


def counted(*, now: datetime) -> dict[str, QuerySet[Any]]:
    """What a counter of each part counts."""
    return {**own(AppointmentRequest.objects.all(), now=now), **beside(now=now)}


def part(rows: QuerySet[AppointmentRequest], name: str, *, now: datetime) -> QuerySet[AppointmentRequest]:
    """The requests of one part of the work; an unknown name shows the usual part."""
    asked: RequestQuerySet = rows  # type: ignore[assignment]
    if (found := beside(now=now).get(name)) is not None:
        return asked.filter(pk__in=found.values("request_id"))
    parts = own(asked, now=now)
    return parts.get(name, parts[WAITING])


def order(name: str) -> tuple[str, ...]:
    """Who loses her chance first, unless the part has an order of its own."""
    return OTHER_ORDERS.get(name, ORDER)
