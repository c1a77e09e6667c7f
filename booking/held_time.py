"""Taking and freeing the doctor's time. Must be called inside a transaction of booking/lifecycle.py, and by it alone.

The order is what makes double booking impossible on SQLite and PostgreSQL alike: first the row of the doctor and
local day is updated, which puts all moves of that day in a line; then holds that ran out go, the day's cap is
checked, and one row per quarter of an hour is inserted under a UNIQUE constraint that has the last word.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Max

from booking import availability
from booking.models import AppointmentRequest, DoctorDay, HeldGrain, HeldTime, Service
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

    With an `overbooking_reason` (staff only) time that is taken is taken again, in a lane of its own.
    Raises Taken.
    """
    ends_at = starts_at + timedelta(minutes=service.minutes)
    busy_from, busy_to = availability.busy_span(service=service, starts_at=starts_at, ends_at=ends_at)
    own = list(request.held_times.all()) if request is not None else []
    _line_up(physician=physician, starts=[starts_at, *(held.starts_at for held in own)])
    for held in own:
        free(held)
    touching = HeldTime.objects.filter(physician=physician).between(busy_from, busy_to)
    touching.filter(expires_at__lte=now).delete()
    lane = 0
    if overbooking_reason:
        highest = touching.aggregate(highest=Max("lane"))["highest"]
        lane = 0 if highest is None else highest + 1
    elif touching.exists() or _is_day_full(physician=physician, service=service, starts_at=starts_at, now=now):
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
        lane=lane,
        overbooking_reason=overbooking_reason if lane else "",
        expires_at=expires_at,
    )
    _insert(held)
    return held


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


def _line_up(*, physician: Physician, starts: Iterable[datetime]) -> None:
    """Update the doctor's day rows in a fixed order, so that two moves over the same days cannot lock each other."""
    days = sorted({local_day(start) for start in starts})
    for day in days:
        if not DoctorDay.objects.filter(physician=physician, day=day).update(moves=F("moves") + 1):
            DoctorDay.objects.get_or_create(physician=physician, day=day)
            DoctorDay.objects.filter(physician=physician, day=day).update(moves=F("moves") + 1)


def _is_day_full(*, physician: Physician, service: Service, starts_at: datetime, now: datetime) -> bool:
    if service.cap_per_day is None:
        return False
    start, end = day_bounds(local_day(starts_at))
    taken = HeldTime.objects.filter(physician=physician, request__service=service).between(start, end).in_force(now=now)
    return taken.count() >= service.cap_per_day


def local_day(instant: datetime) -> date:
    """The clinic's date at this instant."""
    return instant.astimezone(availability.zone()).date()


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The local day as a half-open interval in UTC."""
    start = datetime.combine(day, datetime.min.time(), tzinfo=availability.zone())
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=availability.zone())
    return start.astimezone(UTC), end.astimezone(UTC)
