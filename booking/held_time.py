"""Taking and freeing the doctor's time. What belongs to a request is taken inside a transaction of
booking/lifecycle.py alone; a block belongs to nobody and is staff's own. Must not change a request.

The order is what makes double booking impossible on SQLite and PostgreSQL alike: first the row of the doctor and
local day is updated, which puts all moves of that day in a line; then holds that ran out go, the way between two
offices and the day's cap are checked, and one row per quarter of an hour is inserted under a UNIQUE constraint that has
the last word. The way has no constraint of its own: the line is what keeps it.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max

from booking import availability, timetable, travel
from booking.models import AppointmentRequest, DoctorDay, HeldGrain, HeldTime, HeldTimeQuerySet, Service
from pages.models import Office, Physician

GRAIN_SECONDS = 15 * 60


class Taken(Exception):
    """The time, or the day, is full."""


def take(
    *,
    kind: HeldTime.Kind,
    physician: Physician,
    office: Office | None,
    service: Service,
    request: AppointmentRequest | None,
    starts_at: datetime,
    now: datetime,
    expires_at: datetime | None = None,
    overbooking_reason: str = "",
) -> HeldTime:
    """Take the time of one visit from `starts_at` (UTC) on, buffers included; frees this request's own time first.
    With an `overbooking_reason` (staff only) time that is taken is taken again, in a lane of its own. Raises Taken."""
    ends_at = starts_at + timedelta(minutes=service.minutes)
    busy_from, busy_to = availability.busy_span(service=service, starts_at=starts_at, ends_at=ends_at)
    own = list(request.held_times.all()) if request is not None else []
    way = travel.read()
    reach = way.longest(office.pk if office else None)
    ends_of_it = [busy_from - reach, starts_at, busy_to + reach]
    _line_up(physician=physician, instants=[*ends_of_it, *(held.starts_at for held in own)])
    for held in own:
        free(held)
    around = HeldTime.objects.filter(physician=physician).between(busy_from - reach, busy_to + reach)
    around.filter(expires_at__lte=now).delete()
    touching = around.between(busy_from, busy_to)
    is_free = not (
        touching.exists()
        or _is_too_near(around, way=way, office=office, busy_from=busy_from, busy_to=busy_to)
        or _is_day_full(physician=physician, service=service, starts_at=starts_at, now=now)
    )
    if not is_free and not overbooking_reason:
        raise Taken
    held = HeldTime(
        physician=physician,
        office=office,
        request=request,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        busy_from=busy_from,
        busy_to=busy_to,
        lane=0 if is_free else _free_lane(touching),
        overbooking_reason="" if is_free else overbooking_reason,
        expires_at=expires_at,
    )
    _insert(held)
    return held


def block(
    *, physician: Physician, starts_at: datetime, ends_at: datetime, note: str, by: Any, now: datetime
) -> HeldTime:
    """Staff block any interval: nothing more is taken in it. What is there already stays, so the block gets a lane of
    its own above it. Pressed twice, it is one block. Raises Taken when somebody took the time in this very moment."""
    busy_from, busy_to = availability.whole_grains(starts_at, ends_at)
    with transaction.atomic():
        _line_up(physician=physician, instants=_days_between(busy_from, busy_to))
        touching = HeldTime.objects.filter(physician=physician).between(busy_from, busy_to)
        same = touching.filter(kind=HeldTime.Kind.BLOCK, starts_at=starts_at, ends_at=ends_at).first()
        if same is not None:
            return same
        touching.filter(expires_at__lte=now).delete()
        lane = _free_lane(touching)
        held = HeldTime(
            physician=physician,
            kind=HeldTime.Kind.BLOCK,
            starts_at=starts_at,
            ends_at=ends_at,
            busy_from=busy_from,
            busy_to=busy_to,
            lane=lane,
            overbooking_reason="blocked" if lane else "",
            note=note,
            made_by=by,
        )
        _insert(held)
    return held


def unblock(*, pk: int) -> bool:
    """Free a block. Whether there was one: a second press finds none, and a visit is never freed here."""
    deleted, _rows = HeldTime.objects.filter(pk=pk, kind=HeldTime.Kind.BLOCK).delete()
    return deleted > 0


def free(held: HeldTime) -> None:
    """Give the time back."""
    held.delete()


def grains(busy_from: datetime, busy_to: datetime) -> range:
    """The numbers of the quarter-hours that the half-open interval covers, counted from 1970 in UTC."""
    return range(int(busy_from.timestamp()) // GRAIN_SECONDS, -(-int(busy_to.timestamp()) // GRAIN_SECONDS))


def _insert(held: HeldTime) -> None:
    try:
        with transaction.atomic():
            held.save(force_insert=True)
            HeldGrain.objects.bulk_create(
                HeldGrain(held_time=held, physician_id=held.physician_id, grain=grain, lane=held.lane)
                for grain in grains(held.busy_from, held.busy_to)
            )
    except IntegrityError:
        raise Taken from None


def _days_between(start: datetime, end: datetime) -> list[datetime]:
    """An instant of each local day that the interval touches."""
    days = (local_day(end) - local_day(start)).days
    return [start + timedelta(days=n) for n in range(days + 1)] + [end]


def _free_lane(touching: HeldTimeQuerySet) -> int:
    """The first lane above all that is taken here; freeing one of two visits then never reopens the time."""
    highest = touching.aggregate(highest=Max("lane"))["highest"]
    return 0 if highest is None else int(highest) + 1


def _is_too_near(
    around: HeldTimeQuerySet,
    *,
    way: travel.Travel,
    office: Office | None,
    busy_from: datetime,
    busy_to: datetime,
) -> bool:
    """Whether the doctor could not get here in time from another office, or from here to the next one."""
    here = office.pk if office else None
    return any(
        busy_from < there_to + way.between(here, there) and busy_to + way.between(here, there) > there_from
        for there_from, there_to, there in around.values_list("busy_from", "busy_to", "office_id")
    )


def _line_up(*, physician: Physician, instants: Iterable[datetime]) -> None:
    """Update the doctor's day rows in a fixed order, so that two moves over the same days cannot lock each other."""
    days = sorted({local_day(instant) for instant in instants})
    for day in days:
        if not DoctorDay.objects.filter(physician=physician, day=day).update(moves=F("moves") + 1):
            DoctorDay.objects.get_or_create(physician=physician, day=day)
            DoctorDay.objects.filter(physician=physician, day=day).update(moves=F("moves") + 1)


def _is_day_full(*, physician: Physician, service: Service, starts_at: datetime, now: datetime) -> bool:
    if service.cap_per_day is None:
        return False
    start, end = timetable.day_bounds(local_day(starts_at))
    taken = HeldTime.objects.filter(physician=physician, request__service=service).in_force(now=now)
    return taken.filter(starts_at__gte=start, starts_at__lt=end).count() >= service.cap_per_day


def local_day(instant: datetime) -> date:
    """The clinic's date at this instant."""
    return instant.astimezone(timetable.zone()).date()
