"""What speaks against a time: that staff typed, so that they see it before they set it, or that a patient has, so that
somebody calls. Must not refuse it: the doctor may have said yes. What is taken already is refused elsewhere
(booking/held_time.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from booking import availability, timetable
from booking.models import DateOverride, HeldTime, Service, WeeklyHours, closed_on, covers
from booking.timetable import ClosedSpan, Hours, Timetable


@dataclass(frozen=True)
class Doubts:
    """Nothing in it: a usual time."""

    is_closed: bool = False  # a closure covers the day
    is_outside: bool = False  # the doctor's hours there do not cover the visit
    is_busy: bool = False  # the doctor's own calendar says so
    hours: tuple[Hours, ...] = ()  # of the doctor that day, wherever they are

    def __bool__(self) -> bool:
        return self.is_closed or self.is_outside or self.is_busy


OUTSIDE = "hours"  # the doctor's hours there do not cover it


def against(times: Sequence[HeldTime]) -> dict[HeldTime, frozenset[str]]:
    """What staff have entered that speaks against each of these times of patients: the keys of closures, and OUTSIDE.
    Two queries. A doctor without any hours is not outside of them: then nobody has entered them."""
    if not times:
        return {}
    days = [timetable.local_day(held.starts_at) for held in times]
    known = timetable.read_rules(first=min(days), last=max(days))
    # On whatever days: the answer for one time must not hang on which others are looked at with it.
    dates = DateOverride.objects.filter(starts__isnull=False).order_by().values_list("physician", flat=True)
    with_hours = set(WeeklyHours.objects.order_by().values_list("physician", flat=True).union(dates))
    said_for_the_day = {(hours.physician_id, hours.first_day) for hours in known.overrides}  # also “not there that day”
    on_day = {day: [hours for _day, hours in known.intervals(first=day, last=day)] for day in set(days)}
    found = {}
    for held, day in zip(times, days, strict=True):
        keys = {one.key for one in known.closures if _covers_time(one, held, day=day)}
        has_hours = held.physician_id in with_hours or (held.physician_id, day) in said_for_the_day
        if has_hours and not _is_there(held, on_day[day], day=day):
            keys.add(OUTSIDE)
        found[held] = frozenset(keys)
    return found


def known(held: HeldTime) -> frozenset[str]:
    """What speaks against this time and a person knows of."""
    return frozenset(held.known_against.split())


def stored(keys: Iterable[str]) -> str:
    """The same as the column and a form hold it."""
    return " ".join(sorted(keys))


def _covers_time(closure: ClosedSpan, held: HeldTime, *, day: date) -> bool:
    return covers(
        closure,
        day=day,
        physician_id=held.physician_id,
        office_id=held.office_id,
        service_id=held.service_id or 0,
    )


def _is_there(held: HeldTime, hours: Iterable[Hours], *, day: date) -> bool:
    here = (one for one in hours if (one.physician_id, one.office_id) == (held.physician_id, held.office_id))
    return any(_covers(one, day=day, starts_at=held.starts_at, ends_at=held.ends_at) for one in here)


def doubts(*, service: Service, physician_id: int, office_id: int | None, starts_at: datetime, now: datetime) -> Doubts:
    """What speaks against this visit at this time. One query."""
    day = timetable.local_day(starts_at)
    known = timetable.read(first=day, last=day, now=now)
    hours = tuple(
        sorted(
            (found for _day, found in known.intervals(first=day, last=day) if found.physician_id == physician_id),
            key=lambda found: (found.starts is None, found.starts),
        )
    )
    closed = closed_on(known.closures, day=day, physician_id=physician_id, office_id=office_id, service_id=service.pk)
    ends_at = starts_at + timedelta(minutes=service.minutes)
    here = (found for found in hours if found.office_id == office_id)
    inside = any(_covers(found, day=day, starts_at=starts_at, ends_at=ends_at) for found in here)
    busy = _is_busy(known, service=service, physician_id=physician_id, starts_at=starts_at, ends_at=ends_at)
    return Doubts(is_closed=closed, is_outside=not inside, is_busy=busy, hours=hours)


def _covers(hours: Hours, *, day: date, starts_at: datetime, ends_at: datetime) -> bool:
    if hours.starts is None or hours.ends is None:
        return False
    opens, closes = (datetime.combine(day, clock, tzinfo=timetable.zone()) for clock in (hours.starts, hours.ends))
    return opens.timestamp() <= starts_at.timestamp() and ends_at.timestamp() <= closes.timestamp()


def _is_busy(known: Timetable, *, service: Service, physician_id: int, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether the doctor's own calendar touches the visit. Only what comes from there has no start of its own."""
    begin, end = availability.busy_span(service=service, starts_at=starts_at, ends_at=ends_at)
    spans = known.busy_near(physician_id, begin=int(begin.timestamp()), end=int(end.timestamp()))
    return any(span.starts_at is None and span.busy_from < end and span.busy_to > begin for span in spans)
