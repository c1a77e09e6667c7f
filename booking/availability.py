"""Which days and times are free. Must not take any: it only asks, and the answer may be old the next moment (the
database's UNIQUE grains decide, through booking/lifecycle.py).

A slot is a start on the quarter-hour at which the whole visit lies inside the doctor's hours at that office and the
visit with its buffers touches no held time. Hours are wall time of the clinic's zone, slots are UTC.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Case, Q, When

from booking import promise
from booking.models import GRAIN_MINUTES, Closure, DateOverride, HeldTime, Service, WeeklyHours, closed_on
from pages import facts
from pages.models import Office

NOON = time(12, 0)
GRAIN = timedelta(minutes=GRAIN_MINUTES)


@dataclass(frozen=True, order=True)
class Slot:
    """A free time: start and end in UTC, the doctor, and the office (None by video)."""

    starts_at: datetime
    ends_at: datetime
    physician_id: int
    office_id: int | None


@dataclass(frozen=True)
class OpenDay:
    """A local day with free time, and in which part of it a visit can start."""

    day: date
    morning: bool
    afternoon: bool


@dataclass(frozen=True)
class _Interval:
    physician_id: int
    office_id: int | None
    starts: time
    ends: time


def zone() -> ZoneInfo:
    """The clinic's zone, in which hours are meant."""
    return ZoneInfo(settings.TIME_ZONE)


def busy_span(*, service: Service, starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
    """The visit with its buffers, widened to whole grains."""
    start = starts_at - timedelta(minutes=service.buffer_before)
    end = ends_at + timedelta(minutes=service.buffer_after)
    grain = int(GRAIN.total_seconds())
    floor = int(start.timestamp()) // grain * grain
    ceiling = -(-int(end.timestamp()) // grain) * grain
    return datetime.fromtimestamp(floor, UTC), datetime.fromtimestamp(ceiling, UTC)


def earliest_day(*, service: Service, now: datetime) -> date:
    """The first day shown to patients. A visit that needs medicine must leave time to answer the request, to fill
    the prescription and to take the first doses; hoping for an earlier one ends in a broken promise."""
    local_today = now.astimezone(zone()).date()
    notice = (now + timedelta(hours=service.notice_hours)).astimezone(zone()).date()
    if not service.needs_preparation:
        return notice
    known = facts.current()
    answered = promise.due_at(received_at=now, known=known)
    ready = answered.astimezone(zone()).date() if answered else local_today + timedelta(days=1)
    lead = (known.number("prescription_fill_days") or 0) + (known.number("antibiotic_start_days_before") or 0)
    return max(notice, ready + timedelta(days=lead))


def open_days(*, service: Service, office: Office | None, now: datetime) -> list[OpenDay]:
    """Days with a free time for `service`, soonest first, within its notice and horizon.

    `office` None means any office; for a video visit the office does not matter.
    """
    first = earliest_day(service=service, now=now)
    last = now.astimezone(zone()).date() + timedelta(days=service.horizon_days)
    found: dict[date, OpenDay] = {}
    for slot in _slots(service=service, office=office, first=first, last=last, now=now):
        local = slot.starts_at.astimezone(zone())
        before = found.get(local.date(), OpenDay(local.date(), morning=False, afternoon=False))
        is_morning = local.time() < NOON
        found[local.date()] = OpenDay(
            local.date(), morning=before.morning or is_morning, afternoon=before.afternoon or not is_morning
        )
    return [found[day] for day in sorted(found)]


def free_slots(
    *, service: Service, office: Office | None, day: date, now: datetime, for_staff: bool = False
) -> list[Slot]:
    """Free times on one local day. Staff may go below the patients' notice and horizon, never into the past."""
    if not for_staff and day < earliest_day(service=service, now=now):
        return []
    return sorted(_slots(service=service, office=office, first=day, last=day, now=now))


def next_free(*, service: Service, office: Office | None, after: datetime, now: datetime, most: int = 3) -> list[Slot]:
    """The next free times from `after` on, within four weeks: what the loser of a race is shown."""
    first = max(after, now).astimezone(zone()).date()
    last = first + timedelta(days=28)
    slots = sorted(_slots(service=service, office=office, first=first, last=last, now=now))
    return [slot for slot in slots if slot.starts_at > after][:most]


def _slots(*, service: Service, office: Office | None, first: date, last: date, now: datetime) -> Iterator[Slot]:
    if last < first:
        return
    intervals = _intervals(service=service, office=office, first=first, last=last)
    closures = list(Closure.objects.filter(first_day__lte=last, last_day__gte=first))
    start = datetime.combine(first, time.min, tzinfo=zone()).astimezone(UTC)
    end = datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone()).astimezone(UTC)
    held = list(
        HeldTime.objects.between(start - timedelta(hours=6), end + timedelta(hours=6))
        .in_force(now=now)
        .values_list("physician_id", "busy_from", "busy_to", "starts_at", "request__service_id")
    )
    busy: dict[int, list[tuple[datetime, datetime]]] = {}
    taken: dict[tuple[int, date], int] = {}
    for physician_id, busy_from, busy_to, starts_at, service_id in held:
        busy.setdefault(physician_id, []).append((busy_from, busy_to))
        if service_id == service.pk:
            key = (physician_id, starts_at.astimezone(zone()).date())
            taken[key] = taken.get(key, 0) + 1
    for day, interval in intervals:
        if closed_on(closures, day=day, office_id=interval.office_id, service_id=service.pk):
            continue
        if service.cap_per_day is not None and taken.get((interval.physician_id, day), 0) >= service.cap_per_day:
            continue
        yield from _within(interval, day=day, service=service, busy=busy.get(interval.physician_id, []), now=now)


def _within(
    interval: _Interval,
    *,
    day: date,
    service: Service,
    busy: Iterable[tuple[datetime, datetime]],
    now: datetime,
) -> Iterator[Slot]:
    # Through UTC: on the days of the clock change an interval is an hour shorter or longer than it reads.
    start = datetime.combine(day, interval.starts, tzinfo=zone()).astimezone(UTC)
    close = datetime.combine(day, interval.ends, tzinfo=zone()).astimezone(UTC)
    start = datetime.fromtimestamp(-(-int(start.timestamp()) // 900) * 900, UTC)
    length = timedelta(minutes=service.minutes)
    spans = [span for span in busy if span[0] < close + timedelta(hours=6) and span[1] > start - timedelta(hours=6)]
    while start + length <= close:
        begin, end = busy_span(service=service, starts_at=start, ends_at=start + length)
        if start > now and all(span_end <= begin or span_start >= end for span_start, span_end in spans):
            yield Slot(start, start + length, interval.physician_id, interval.office_id)
        start += GRAIN


def _intervals(*, service: Service, office: Office | None, first: date, last: date) -> list[tuple[date, _Interval]]:
    """The doctor's hours on each day of the range: an override of a date replaces the weekly hours of that date."""
    where = _place(service=service, office=office)
    weekly = list(WeeklyHours.objects.filter(where).order_by("weekday", "starts"))
    # All overrides of the doctor count, whatever the office: being elsewhere that day means not being here.
    overrides: dict[tuple[int, date], list[Any]] = {}
    in_range = DateOverride.objects.filter(day__range=(first, last))
    for override in in_range.annotate(is_here=Case(When(where, then=True), default=False)):
        overrides.setdefault((override.physician_id, override.day), []).append(override)
    found: list[tuple[date, _Interval]] = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        for hours in weekly:
            valid = (hours.valid_from or day) <= day <= (hours.valid_to or day)
            if hours.weekday == day.weekday() and valid and (hours.physician_id, day) not in overrides:
                found.append((day, _Interval(hours.physician_id, hours.office_id, hours.starts, hours.ends)))
    for (physician_id, day), rows in overrides.items():
        for row in rows:
            if row.is_here and row.starts is not None and row.ends is not None:
                found.append((day, _Interval(physician_id, row.office_id, row.starts, row.ends)))
    return found


def _place(*, service: Service, office: Office | None) -> Q:
    if service.setting == Service.Setting.VIDEO:
        return Q(office__isnull=True)
    if office is not None:
        return Q(office=office)
    return Q(office__isnull=False, office__is_open_for_requests=True)
