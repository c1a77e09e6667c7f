"""The numbers and lists on top of the desk's screens, each from one query. Must not change or log anything."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking.admin.parts import COUNTED_AT_MOST, counted, local_days
from booking.models import ContactNumber, DeskTask, IncomingText, Visit


@dataclass(frozen=True)
class Counter:
    """One number with its words and the list behind it."""

    key: str
    label: str | Promise
    number: int
    url: str

    @property
    def shown(self) -> str:
        """The number, or that there are more than anybody counts."""
        return f"{COUNTED_AT_MOST - 1}+" if self.number >= COUNTED_AT_MOST else str(self.number)


OPEN_TASKS_SHOWN = 10
# What no request shows has a page of its own; every other number leads to a part of the queue.
PAGES = {"unplaced": "admin:booking_incomingtext_unplaced"}
# By the part of the work that is counted, and that the number leads to.
LABELS: dict[str, str | Promise] = {
    "late": _("Late"),
    "new": _("New"),
    "call_back": _("To call back"),
    "over": _("Visits to mark"),
    "tasks": _("Open tasks"),
    "failed": _("Messages failed"),
    "unplaced": _("Texts we cannot place"),
    "prescriptions": _("Prescriptions due"),
    "estimates": _("Estimates due"),
    "today": _("Times set today"),
}


def counters(*, now: datetime) -> list[Counter]:
    """What the desk has to look at, from one UNION of capped counts that use an index each."""
    rows = {**counted(now=now), "unplaced": _who_wrote()}
    found = _counted((part, rows[part]) for part in LABELS)
    queue = reverse("admin:booking_appointmentrequest_changelist")
    return [
        Counter(part, label, found.get(part, 0), reverse(PAGES[part]) if part in PAGES else f"{queue}?show={part}")
        for part, label in LABELS.items()
    ]


def open_tasks() -> list[DeskTask]:
    """The tasks that are open longest, with whom they are about; one more than is shown says that there are more.

    Also those whose request waits for nobody here: who has a time and writes that she cannot come is on no other list.
    """
    # Each encrypted column that is read is opened: the name is enough.
    named = (
        DeskTask.objects.open()
        .select_related("request")
        .only("kind", "opened_at", "request__name", "request__reference")
    )
    return list(named.order_by("opened_at", "pk")[: OPEN_TASKS_SHOWN + 1])


def visits_soon(*, now: datetime) -> list[Visit]:
    """Confirmed visits of today and tomorrow, in order."""
    start, end = local_days(now=now, days=2)
    return list(
        Visit.objects.in_force()
        .filter(starts_at__gte=start, starts_at__lt=end)
        .select_related("request", "office", "service")
        .order_by("starts_at")
    )


def _who_wrote() -> QuerySet[ContactNumber]:
    """Numbers and not texts: one that writes 200 is one sender to look at, and must not hide that others wrote."""
    return ContactNumber.objects.filter(pk__in=IncomingText.objects.to_place().values("contact_number"))


def _counted(rows: Iterable[tuple[str, QuerySet[Any]]]) -> dict[str, int]:
    """How many rows each question finds, at most COUNTED_AT_MOST, in one query. The ORM cannot cap the parts of a
    UNION, so its own SQL of each part is wrapped; every value stays a parameter."""
    keys: list[str] = []
    parts: list[str] = []
    values: list[Any] = []
    for key, asked in rows:
        capped = asked.order_by().values("pk")[:COUNTED_AT_MOST]
        sql, params = capped.query.get_compiler(connection=connection).as_sql()
        parts.append(f"SELECT {len(keys)}, COUNT(*) FROM ({sql}) AS part_{len(keys)}")  # noqa: S608 - no outside text
        keys.append(key)
        values += params
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        return {keys[number]: count for number, count in cursor.fetchall()}
