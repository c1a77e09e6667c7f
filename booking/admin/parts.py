"""The parts of the desk's work: which requests belong to each, in which order, and what is counted. Must not show
or change anything. Every question uses an index, so that it costs the same at a thousand requests and a million."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

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

COUNTED_AT_MOST = 1000
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


def counted_rows(*, now: datetime) -> list[tuple[str, QuerySet[Any]]]:
    """What the counters count."""
    asked = AppointmentRequest.objects
    return [
        ("new", asked.filter(status=Status.NEW)),
        ("late", asked.late(now=now)),
        ("call_back", calls_due(now=now)),
        ("tasks", DeskTask.objects.open()),
        ("failed", DeskTask.objects.open().filter(kind__in=FAILED)),
        ("prescriptions", readiness_due(Readiness.Kind.PRESCRIPTION, now=now)),
        ("estimates", readiness_due(Readiness.Kind.ESTIMATE, now=now)),
        ("today", confirmed_today(now=now)),
    ]


def part(rows: QuerySet[AppointmentRequest], name: str, *, now: datetime) -> QuerySet[AppointmentRequest]:
    """The rows of one part of the work; an unknown name shows the usual part."""
    asked: RequestQuerySet = rows  # type: ignore[assignment]
    parts: dict[str, Callable[[], QuerySet[AppointmentRequest]]] = {
        "new": lambda: asked.filter(status=Status.NEW),
        "late": lambda: asked.late(now=now),
        "call_back": lambda: asked.filter(pk__in=calls_due(now=now).values("request_id")),
        "tasks": lambda: asked.filter(pk__in=DeskTask.objects.open().values("request_id")),
        "failed": lambda: asked.filter(pk__in=DeskTask.objects.open().filter(kind__in=FAILED).values("request_id")),
        "prescriptions": lambda: _due(asked, Readiness.Kind.PRESCRIPTION, now=now),
        "estimates": lambda: _due(asked, Readiness.Kind.ESTIMATE, now=now),
        "patient": lambda: asked.filter(status__in=(Status.OFFERED, Status.WAITING)),
        "next_cycle": lambda: asked.filter(status=Status.NEXT_CYCLE),
        "over": lambda: asked.filter(
            status=Status.CONFIRMED, visits__ended_at__isnull=True, visits__starts_at__lte=now
        ),
        "missed": lambda: asked.filter(status__in=(Status.NO_SHOW, Status.NOT_DONE)),
        "confirmed": lambda: asked.filter(status=Status.CONFIRMED),
        "today": lambda: asked.filter(pk__in=confirmed_today(now=now).values("request_id")),
        "automated": lambda: asked.filter(status=Status.QUARANTINED),
        "closed": lambda: asked.filter(closed_at__isnull=False),
        ALL: lambda: asked,
    }
    return parts.get(name, asked.waiting_for_staff)()


def order(name: str) -> tuple[str, ...]:
    """Who loses her chance first, unless the part has an order of its own."""
    return OTHER_ORDERS.get(name, ORDER)


def _due(asked: RequestQuerySet, kind: str, *, now: datetime) -> RequestQuerySet:
    return asked.filter(pk__in=readiness_due(kind, now=now).values("request_id"))
