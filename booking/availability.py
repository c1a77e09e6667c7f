"""Which days and times are free. Must not take any: it only asks, and the answer may be old the next moment (the
database's UNIQUE grains decide, through booking/lifecycle.py).

A slot is a start on the quarter-hour at which the whole visit lies inside the doctor's hours at that office, and the
visit with its buffers touches no held time, no time that the doctor's own calendar calls busy, and not the way from or
to a visit at another office. Hours are wall time of the clinic's zone, slots are UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from booking import promise, timetable
from booking.models import GRAIN_MINUTES, Service, closed_on
from booking.promise import BusinessHours
from booking.timetable import Hours, Timetable, local_day, zone
from pages import facts
from pages.models import Office

__all__ = [
    "OpenDay",
    "Slot",
    "busy_span",
    "earliest_day",
    "free_slots",
    "next_free",
    "open_days",
    "whole_grains",
    "zone",
]

NOON = time(12, 0)
GRAIN_SECONDS = GRAIN_MINUTES * 60


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
class _Question:
    """What is asked for, and what is known."""

    service: Service
    office: Office | None
    known: Timetable
    now: datetime
    for_staff: bool = False


def busy_span(*, service: Service, starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
    """The visit with its buffers, widened to whole grains."""
    before, after = timedelta(minutes=service.buffer_before), timedelta(minutes=service.buffer_after)
    return whole_grains(starts_at - before, ends_at + after)


def whole_grains(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """The interval, widened to whole grains."""
    floor = int(start.timestamp()) // GRAIN_SECONDS * GRAIN_SECONDS
    return datetime.fromtimestamp(floor, UTC), datetime.fromtimestamp(_ceiling(int(end.timestamp())), UTC)


def earliest_day(*, service: Service, now: datetime, hours: BusinessHours | None = None) -> date:
    """The first day shown to patients. A visit that needs medicine must leave time to answer the request, to fill
    the prescription and to take the first doses; hoping for an earlier one ends in a broken promise."""
    local_today = local_day(now)
    notice = local_day(now + timedelta(hours=service.notice_hours))
    if not service.needs_preparation:
        return notice
    known = facts.current()
    answered = promise.due_at(received_at=now, known=known, hours=hours)
    ready = local_day(answered) if answered else local_today + timedelta(days=1)
    lead = (known.number("prescription_fill_days") or 0) + (known.number("antibiotic_start_days_before") or 0)
    return max(notice, ready + timedelta(days=lead))


def open_days(*, service: Service, office: Office | None, now: datetime) -> list[OpenDay]:
    """Days with a free time for `service`, soonest first, within its notice and horizon. None at all while nobody has
    confirmed the doctor's calendar in time: an empty list and help are better than false hope.

    `office` None means any office; for a video visit the office does not matter. Two queries.
    """
    today = local_day(now)
    last = today + timedelta(days=service.horizon_days)
    asked = _Question(service, office, timetable.read(first=today, last=last, now=now), now)
    first = earliest_day(service=service, now=now, hours=asked.known.hours)
    parts: dict[date, tuple[bool, bool]] = {}
    for day, hours in _intervals(asked, first=first, last=last):
        noon = int(datetime.combine(day, NOON, tzinfo=zone()).timestamp())
        morning, afternoon = parts.get(day, (False, False))
        for start in _starts(asked, day=day, hours=hours):
            morning, afternoon = morning or start < noon, afternoon or start >= noon
            if afternoon:
                break  # starts only grow: nothing later changes the answer
        parts[day] = morning, afternoon
    return [OpenDay(day, *parts[day]) for day in sorted(parts) if any(parts[day])]


def free_slots(
    *, service: Service, office: Office | None, day: date, now: datetime, for_staff: bool = False
) -> list[Slot]:
    """Free times on one local day. Staff may go below the patients' notice, past the horizon and without a confirmed
    calendar (they can look at it), never into the past."""
    asked = _Question(service, office, timetable.read(first=day, last=day, now=now), now, for_staff=for_staff)
    if not for_staff:
        last = local_day(now) + timedelta(days=service.horizon_days)
        if not earliest_day(service=service, now=now, hours=asked.known.hours) <= day <= last:
            return []
    return sorted(_slots(asked, first=day, last=day))


def next_free(
    *, service: Service, office: Office | None, after: datetime, now: datetime, for_staff: bool, most: int = 3
) -> list[Slot]:
    """The next free times from `after` on, within four weeks: what the loser of a race is shown. Patients are shown
    none that their page of days would not show; staff see as much as in free_slots."""
    first = local_day(max(after, now))
    if not for_staff:
        first = max(first, earliest_day(service=service, now=now))
    last = first + timedelta(days=28)
    if not for_staff:
        last = min(last, local_day(now) + timedelta(days=service.horizon_days))
    if last < first:
        return []
    asked = _Question(service, office, timetable.read(first=first, last=last, now=now), now, for_staff=for_staff)
    return [slot for slot in sorted(_slots(asked, first=first, last=last)) if slot.starts_at > after][:most]


def _slots(asked: _Question, *, first: date, last: date) -> Iterator[Slot]:
    length = timedelta(minutes=asked.service.minutes)
    for day, hours in _intervals(asked, first=first, last=last):
        for start in _starts(asked, day=day, hours=hours):
            starts_at = datetime.fromtimestamp(start, UTC)
            yield Slot(starts_at, starts_at + length, hours.physician_id, hours.office_id)


def _intervals(asked: _Question, *, first: date, last: date) -> Iterator[tuple[date, Hours]]:
    """The hours that count for this question on each day of the range."""
    found = asked.known.intervals(first=first, last=last)
    return ((day, hours) for day, hours in found if _is_asked_for(asked, day=day, hours=hours))


def _is_asked_for(asked: _Question, *, day: date, hours: Hours) -> bool:
    """Whether these hours count on this day for this question."""
    if asked.service.setting == Service.Setting.VIDEO:
        is_here = hours.office_id is None
    elif asked.office is not None:
        # Staff may still use an office that patients can no longer choose.
        is_here = hours.office_id == asked.office.pk and (hours.is_open or asked.for_staff)
    else:
        is_here = hours.office_id is not None and hours.is_open
    known, doctor = asked.known, hours.physician_id
    return (
        is_here
        and (asked.for_staff or known.is_calendar_known(doctor, now=asked.now))
        and not closed_on(
            known.closures, day=day, physician_id=doctor, office_id=hours.office_id, service_id=asked.service.pk
        )
        and not _is_full(asked, day=day, doctor=doctor)
    )


def _is_full(asked: _Question, *, day: date, doctor: int) -> bool:
    """Whether the doctor has as many of these visits that day as the visit type allows."""
    cap = asked.service.cap_per_day
    if cap is None:
        return False
    start, end = timetable.day_bounds(day)
    of_this_type = (span for span in asked.known.busy.get(doctor, ()) if span.service_id == asked.service.pk)
    that_day = [span for span in of_this_type if span.starts_at is not None and start <= span.starts_at < end]
    # Up to three times that one patient may choose from become one visit.
    return len({span.request_id for span in that_day}) >= cap


def _starts(asked: _Question, *, day: date, hours: Hours) -> Iterator[int]:
    """The starts of free times in one interval of one day, in seconds since 1970, soonest first.

    Through UTC: on the days of the clock change an interval is an hour shorter or longer than it reads.
    """
    service = asked.service
    opens, closes = (
        int(datetime.combine(day, clock or NOON, tzinfo=zone()).timestamp()) for clock in (hours.starts, hours.ends)
    )
    before = _ceiling(service.buffer_before * 60)
    after = _ceiling((service.minutes + service.buffer_after) * 60)
    taken = _taken(asked, hours=hours, begin=opens - before, end=closes + after)
    start = _ceiling(max(opens, int(asked.now.timestamp()) + 1))
    while start + service.minutes * 60 <= closes:
        blocked_until = max((end for begin, end in taken if begin < start + after and end > start - before), default=0)
        if blocked_until:
            start = _ceiling(blocked_until + before)
        else:
            yield start
            start += GRAIN_SECONDS


def _taken(asked: _Question, *, hours: Hours, begin: int, end: int) -> list[tuple[int, int]]:
    """What takes the doctor's time near this interval, in seconds, each widened by the way between the two places."""
    found = []
    reach = int(asked.known.travel.longest(hours.office_id).total_seconds())
    for span in asked.known.busy_near(hours.physician_id, begin=begin - reach, end=end + reach):
        way = int(asked.known.travel.between(hours.office_id, span.office_id).total_seconds())
        busy_from, busy_to = int(span.busy_from.timestamp()) - way, int(span.busy_to.timestamp()) + way
        if busy_from < end and busy_to > begin:
            found.append((busy_from, busy_to))
    return found


def _ceiling(seconds: int) -> int:
    """Up to the next whole grain."""
    return -(-seconds // GRAIN_SECONDS) * GRAIN_SECONDS
