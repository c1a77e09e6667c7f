"""The numbers and lists on top of the desk's screens, each from one query. Must not change or log anything."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking.models import AppointmentRequest, DeskTask, Status, Visit

FAILED = (DeskTask.Kind.MESSAGE_FAILED, DeskTask.Kind.MESSAGE_UNKNOWN)


@dataclass(frozen=True)
class Counter:
    """One number with its words and the list behind it."""

    key: str
    label: str | Promise
    number: int
    url: str


LABELS: tuple[tuple[str, str | Promise, str], ...] = (
    ("late", _("Late"), "late"),
    ("new", _("New"), "new"),
    ("tasks", _("Open tasks"), "tasks"),
    ("failed", _("Messages failed"), "tasks"),
    ("today", _("Confirmed today"), "today"),
)


def counters(*, now: datetime) -> list[Counter]:
    """What the desk has to look at, from one UNION of counts that use an index each."""
    start, _end = local_days(now=now, days=1)
    asked = AppointmentRequest.objects
    first, *rest = [
        _count("new", asked.filter(status=Status.NEW)),
        _count("late", asked.late(now=now)),
        _count("tasks", DeskTask.objects.open()),
        _count("failed", DeskTask.objects.open().filter(kind__in=FAILED)),
        _count("today", Visit.objects.filter(ended_at__isnull=True, confirmed_at__gte=start)),
    ]
    found = dict(first.union(*rest, all=True))
    queue = reverse("admin:booking_appointmentrequest_changelist")
    return [Counter(key, label, found.get(key, 0), f"{queue}?show={part}") for key, label, part in LABELS]


def visits_soon(*, now: datetime) -> list[Visit]:
    """Confirmed visits of today and tomorrow, in order."""
    start, end = local_days(now=now, days=2)
    return list(
        Visit.objects.filter(ended_at__isnull=True, starts_at__gte=start, starts_at__lt=end)
        .select_related("request", "office", "service")
        .order_by("starts_at")
    )


def local_days(*, now: datetime, days: int) -> tuple[datetime, datetime]:
    """From the midnight before `now` on the clinic's wall, this many days."""
    start = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=days)


def _count(key: str, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    counted: QuerySet[Any, Any] = (
        rows.order_by().values(key=Value(key)).annotate(number=Count("pk")).values_list("key", "number")
    )
    return counted
