"""Taking and freeing the doctor's time. What belongs to a request is taken inside a transaction of
booking/lifecycle.py or of a module beside it alone; a block belongs to nobody and is staff's own. Must not change a
request.

The order is what makes double booking impossible on SQLite and PostgreSQL alike: first the row of the doctor and
local day is updated, which puts all moves of that day in a line; then holds that ran out go, the way between two
offices and the day's cap are checked, and one row per quarter of an hour is inserted under a UNIQUE constraint that has
the last word. The way has no constraint of its own: the line is what keeps it.

A request's own time never blocks its own move: two offered times may overlap, and then share their quarters of an hour.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import F, Max

from booking import availability, timetable, travel
from booking.models import AppointmentRequest, DoctorDay, HeldGrain, HeldTime, HeldTimeQuerySet, Service
from pages.models import Office, Physician

KEEP_BLOCKS = timedelta(days=90)


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
    known_against: str = "",
    made_by: AbstractBaseUser | None = None,
) -> HeldTime:
    """Take the time of one visit from `starts_at` (UTC) on, buffers included.

    A visit frees all other time of its request; an offer and a hold leave it. A time that is held for this request
    already becomes the visit, whatever else happened around it: the hold was a promise.
    `known_against`: what speaks against it and staff know of; kept where she accepts what was offered.
    With an `overbooking_reason` (staff only) time that is taken is taken again, in a lane of its own. Raises Taken.
    """
    ends_at = starts_at + timedelta(minutes=service.minutes)
    busy_from, busy_to = availability.busy_span(service=service, starts_at=starts_at, ends_at=ends_at)
    way = travel.read()
    wanted = availability.Slot(starts_at, ends_at, physician.pk, office.pk if office else None)
    line_up_for(request, wanted, service=service, way=way)
    held = HeldTime(
        physician=physician,
        office=office,
        request=request,
        service=service,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        busy_from=busy_from,
        busy_to=busy_to,
        expires_at=expires_at,
        known_against=known_against,
        made_by=made_by,  # type: ignore[misc]
    )
    if kind == HeldTime.Kind.VISIT and (kept := _keep(held, now=now)):
        return kept
    _find_lane(held, service=service, way=way, overbooking_reason=overbooking_reason, now=now)
    _insert(held)
    return held


def block(
    *, physician: Physician, starts_at: datetime, ends_at: datetime, note: str, by: Any, now: datetime
) -> HeldTime:
    """Staff block any interval: nothing more is taken in it. What is there already stays, so the block gets a lane of
    its own above it. Pressed twice, it is one block. Raises Taken when somebody took the time in this very moment."""
    busy_from, busy_to = availability.whole_grains(starts_at, ends_at)
    with transaction.atomic():
        line_up(*((physician.pk, instant) for instant in _days_between(busy_from, busy_to)))
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


def forget_blocks(*, now: datetime) -> int:
    """Blocks that ended long ago go, and with them the reasons that staff wrote. How many went."""
    old = HeldTime.objects.filter(kind=HeldTime.Kind.BLOCK, ends_at__lt=now - KEEP_BLOCKS)
    return old.delete()[1].get(HeldTime._meta.label, 0)


def free(held: HeldTime) -> None:
    """Give the time back."""
    held.delete()


def free_all(
    request: AppointmentRequest,
    *,
    kinds: Iterable[HeldTime.Kind] = tuple(HeldTime.Kind),
    made_by: AbstractBaseUser | None = None,
) -> int:
    """Give back the time of a request, or its time of these kinds, or of this member of staff. What stays is whole
    again. How many were freed."""
    line_up_for(request)
    freed = HeldTime.objects.filter(request=request, kind__in=list(kinds))
    if made_by is not None:
        freed = freed.filter(made_by=made_by)  # type: ignore[misc]
    number = freed.delete()[1].get(HeldTime._meta.label, 0)
    for held in _own(request):
        _fill(held)
    return number


def line_up_for(
    request: AppointmentRequest | None,
    *wanted: availability.Slot,
    service: Service | None = None,
    way: travel.Travel | None = None,
) -> None:
    """Line up for all that a request holds and all that is wanted for it, at once. Whoever frees some of it before
    taking the other calls it first."""
    days = [(held.physician_id, held.starts_at) for held in _own(request)]
    if service is not None:
        way = way or travel.read()
        for slot in wanted:
            busy_from, busy_to = availability.busy_span(
                service=service, starts_at=slot.starts_at, ends_at=slot.starts_at + timedelta(minutes=service.minutes)
            )
            reach = way.longest(slot.office_id)
            days += [(slot.physician_id, at) for at in (busy_from - reach, slot.starts_at, busy_to + reach)]
    line_up(*days)


def line_up(*times: tuple[int, datetime]) -> None:
    """Update the rows of these doctors' days in a fixed order, so that two moves over the same days cannot lock each
    other. Who takes time on several days calls it first, for all of them."""
    for physician_id, day in sorted({(physician_id, timetable.local_day(start)) for physician_id, start in times}):
        row = DoctorDay.objects.filter(physician_id=physician_id, day=day)
        if not row.update(moves=F("moves") + 1):
            DoctorDay.objects.get_or_create(physician_id=physician_id, day=day)
            row.update(moves=F("moves") + 1)


def grains(busy_from: datetime, busy_to: datetime) -> range:
    """The numbers of the quarter-hours that the half-open interval covers, counted from 1970 in UTC."""
    seconds = availability.GRAIN_SECONDS
    return range(int(busy_from.timestamp()) // seconds, -(-int(busy_to.timestamp()) // seconds))


def _own(request: AppointmentRequest | None) -> list[HeldTime]:
    return list(HeldTime.objects.filter(request=request).order_by("pk")) if request is not None else []


def _keep(wanted: HeldTime, *, now: datetime) -> HeldTime | None:
    """Free the other time of the request; if it holds just this time already, that hold becomes the visit."""
    own = _own(wanted.request)
    same = ("physician_id", "office_id", "starts_at", "busy_from", "busy_to")
    kept = None
    for held in own:
        in_force = held.expires_at is None or held.expires_at > now
        if kept is None and in_force and all(getattr(held, name) == getattr(wanted, name) for name in same):
            kept = held
    for held in own:
        if held is not kept:
            free(held)
    if kept is not None:
        kept.kind, kept.service, kept.expires_at, kept.made_by = HeldTime.Kind.VISIT, wanted.service, None, None
        kept.known_against = wanted.known_against or kept.known_against
        kept.save(update_fields=["kind", "service", "expires_at", "made_by", "known_against"])
        _fill(kept)
    return kept


def _insert(held: HeldTime) -> None:
    with transaction.atomic():
        held.save(force_insert=True)
        _fill(held)


def _fill(held: HeldTime) -> None:
    """Insert a row for each quarter of an hour that no other time of the same request covers."""
    needed = grains(held.busy_from, held.busy_to)
    covered = HeldGrain.objects.filter(physician_id=held.physician_id, lane=held.lane, grain__in=needed)
    if held.request_id is not None:
        covered = covered.filter(held_time__request=held.request_id)
    else:
        covered = covered.filter(held_time=held)
    have = set(covered.values_list("grain", flat=True))
    try:
        with transaction.atomic():
            HeldGrain.objects.bulk_create(
                HeldGrain(held_time=held, physician_id=held.physician_id, grain=grain, lane=held.lane)
                for grain in needed
                if grain not in have
            )
    except IntegrityError:
        raise Taken from None


def _days_between(start: datetime, end: datetime) -> list[datetime]:
    """An instant of each local day that the interval touches."""
    days = (timetable.local_day(end) - timetable.local_day(start)).days
    return [start + timedelta(days=n) for n in range(days + 1)] + [end]


def _find_lane(held: HeldTime, *, service: Service, way: travel.Travel, overbooking_reason: str, now: datetime) -> None:
    """Lane 0 where nothing is in the way, another one for staff with a reason. Raises Taken."""
    reach = way.longest(held.office_id)
    around = HeldTime.objects.filter(physician=held.physician).between(held.busy_from - reach, held.busy_to + reach)
    around.filter(expires_at__lte=now).delete()
    if held.request is not None:
        around = around.exclude(request=held.request)
    touching = around.between(held.busy_from, held.busy_to)
    if touching.exists() or _is_too_near(held, around, way=way) or _is_day_full(held, service=service, now=now):
        if not overbooking_reason:
            raise Taken
        held.lane, held.overbooking_reason = _free_lane(touching), overbooking_reason


def _free_lane(touching: HeldTimeQuerySet) -> int:
    """The first lane above all that is taken here; freeing one of two visits then never reopens the time."""
    highest = touching.aggregate(highest=Max("lane"))["highest"]
    return 0 if highest is None else int(highest) + 1


def _is_too_near(held: HeldTime, around: HeldTimeQuerySet, *, way: travel.Travel) -> bool:
    """Whether the doctor could not get here in time from another office, or from here to the next one."""
    return any(
        held.busy_from < there_to + way.between(held.office_id, there)
        and held.busy_to + way.between(held.office_id, there) > there_from
        for there_from, there_to, there in around.values_list("busy_from", "busy_to", "office_id")
    )


def _is_day_full(held: HeldTime, *, service: Service, now: datetime) -> bool:
    """Whether as many other patients as the cap allows have this visit, or an offer of it, on that day."""
    if service.cap_per_day is None:
        return False
    start, end = timetable.day_bounds(timetable.local_day(held.starts_at))
    taken = HeldTime.objects.filter(physician=held.physician, service=service).in_force(now=now)
    others = taken.filter(starts_at__gte=start, starts_at__lt=end).exclude(request=held.request)
    return others.values("request").distinct().count() >= service.cap_per_day
