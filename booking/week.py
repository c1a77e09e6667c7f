"""What a doctor's days look like: free, held, blocked and busy time, in order. Must not decide what may be taken: it
is for people to look at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, cast

from booking import timetable
from booking.models import HeldTime, closed_on
from booking.timetable import Hours
from pages.models import Physician

Kind = Literal["free", "visit", "offer", "talking", "block", "busy"]


@dataclass(frozen=True)
class Span:
    """One stretch of one day. `held` for what is a row; the doctor's own calendar has only start and end."""

    kind: Kind
    starts_at: datetime
    ends_at: datetime
    office_id: int | None = None
    held: HeldTime | None = None


@dataclass(frozen=True)
class Day:
    """One local day."""

    day: date
    is_closed: bool
    spans: list[Span]


def days(*, physician: Physician, first: date, count: int, now: datetime) -> list[Day]:
    """The days from `first` on, in two queries."""
    last = first + timedelta(days=count - 1)
    known = timetable.read(first=first, last=last, now=now)
    start, end = timetable.day_bounds(first)[0], timetable.day_bounds(last)[1]
    rows = HeldTime.objects.filter(physician=physician).between(start, end).in_force(now=now)
    held = list(rows.select_related("request", "made_by").order_by("starts_at"))
    hours: dict[date, list[Hours]] = {}
    closed: set[date] = set()
    for day, interval in known.intervals(first=first, last=last):
        if interval.physician_id != physician.pk:
            continue
        whole = [closure for closure in known.closures if closure.service_id is None]
        if closed_on(whole, day=day, physician_id=physician.pk, office_id=interval.office_id, service_id=0):
            closed.add(day)
        else:
            hours.setdefault(day, []).append(interval)
    busy = [span for span in known.busy.get(physician.pk, ()) if span.starts_at is None]
    own = [Span("busy", span.busy_from, span.busy_to) for span in busy]
    return [_day(first + timedelta(days=n), hours=hours, closed=closed, held=held, own=own) for n in range(count)]


def _day(
    day: date, *, hours: dict[date, list[Hours]], closed: set[date], held: Iterable[HeldTime], own: Iterable[Span]
) -> Day:
    begin, end = timetable.day_bounds(day)
    taken = [Span(cast(Kind, row.kind), row.starts_at, row.ends_at, row.office_id, row) for row in held]
    here = [span for span in (*taken, *own) if span.starts_at < end and span.ends_at > begin]
    blocking = [(row.busy_from, row.busy_to) for row in held] + [(span.starts_at, span.ends_at) for span in own]
    free = [span for interval in hours.get(day, ()) for span in _free(day, interval, blocking)]
    spans = [
        Span(span.kind, max(span.starts_at, begin), min(span.ends_at, end), span.office_id, span.held)
        for span in sorted((*here, *free), key=lambda span: (span.starts_at, span.ends_at))
    ]
    return Day(day, day in closed and day not in hours, spans)


def _free(day: date, interval: Hours, blocking: Iterable[tuple[datetime, datetime]]) -> list[Span]:
    """What is left of one interval of hours."""
    if interval.starts is None or interval.ends is None:
        return []
    zone = timetable.zone()
    start = datetime.combine(day, interval.starts, tzinfo=zone).astimezone(UTC)
    end = datetime.combine(day, interval.ends, tzinfo=zone).astimezone(UTC)
    found = []
    for busy_from, busy_to in sorted(blocking):
        if busy_to <= start or busy_from >= end:
            continue
        if busy_from > start:
            found.append(Span("free", start, busy_from, interval.office_id))
        start = max(start, busy_to)
    if start < end:
        found.append(Span("free", start, end, interval.office_id))
    return found
