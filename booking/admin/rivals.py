"""Open requests that want the same day at the same office, so that a time is given in fair order. Must not choose."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from booking.admin import words
from booking.models import OPEN, AppointmentRequest, RequestedDay
from booking.models.queue_order import ORDER
from pages.models import Office

SHOWN_A_DAY = 5


@dataclass(frozen=True)
class Rival:
    """Another open request for this day."""

    pk: int
    reference: str
    note: str
    is_before: bool


def on_days(
    asked: AppointmentRequest, *, days: Iterable[date], office: Office | None
) -> dict[date, tuple[list[Rival], int]]:
    """For each day the first few in the order of the queue, and how many more there are. One query."""
    places = Q() if office is None else Q(request__office=office) | Q(request__office__isnull=True)
    rows = (
        RequestedDay.objects.filter(places, day__in=list(days), request__status__in=OPEN)
        .exclude(request=asked.pk)
        .select_related("request")
        .order_by(*(f"request__{name}" for name in ORDER))[:200]
    )
    found: dict[date, list[Rival]] = {}
    for row in rows:
        found.setdefault(row.day, []).append(_rival(row.request, asked))
    return {day: (rivals[:SHOWN_A_DAY], max(0, len(rivals) - SHOWN_A_DAY)) for day, rivals in found.items()}


def _rival(other: AppointmentRequest, asked: AppointmentRequest) -> Rival:
    last = other.last_acceptable_day
    note = _("last day %(day)s") % {"day": words.short_day(last)} if last else ""
    return Rival(other.pk, other.spaced_reference, note, _place(other) < _place(asked))


def _place(row: AppointmentRequest) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in ORDER)
