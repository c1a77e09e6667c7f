"""A time held for a patient while staff talk with her. Must not set it: lifecycle.confirm does, and takes the hold
over.

One for each member of staff and request, for HELD_FOR; honoured when read, and swept by the clock.
"""

from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from booking import availability, held_time
from booking.actors import Actor
from booking.availability import Slot
from booking.lifecycle import TimeTaken
from booking.models import OPEN, AppointmentRequest, HeldTime, Service, Status
from booking.standing import StaleRequest, record, stand_in_line
from pages.models import Office, Physician

HELD_FOR = timedelta(minutes=20)
AT_ONCE = 200


def hold(*, request: AppointmentRequest, service: Service, slot: Slot, by: Actor, now: datetime) -> HeldTime:
    """Hold this time for 20 minutes, instead of what this member of staff held for her before.

    Raises StaleRequest, TimeTaken (with the next free times).
    """
    office = Office.objects.filter(pk=slot.office_id or 0).first()
    try:
        with transaction.atomic():
            _stand_in_line(request)
            held_time.line_up_for(request, slot, service=service)
            _let_go(request, by=by)
            held = held_time.take(
                kind=HeldTime.Kind.TALKING,
                physician=Physician.objects.get(pk=slot.physician_id),
                office=office,
                service=service,
                request=request,
                starts_at=slot.starts_at,
                now=now,
                expires_at=now + HELD_FOR,
                made_by=by.user,
            )
            record(request, verb="hold", by=by, now=now, source=request.status, target=request.status)
    except held_time.Taken:
        free = availability.next_free(service=service, office=office, after=slot.starts_at, now=now, for_staff=True)
        raise TimeTaken(free) from None
    return held


def let_go(*, request: AppointmentRequest, by: Actor, now: datetime) -> None:
    """Free what this member of staff holds for her. Nothing to free is no error."""
    with transaction.atomic():
        _stand_in_line(request)
        if _let_go(request, by=by):
            record(request, verb="let_go", by=by, now=now, source=request.status, target=request.status)


def held_now(request: AppointmentRequest, *, now: datetime) -> list[HeldTime]:
    """What is held for her while somebody talks, the newest first."""
    rows = request.held_times.filter(kind=HeldTime.Kind.TALKING).in_force(now=now)
    return list(rows.select_related("office", "service", "made_by").order_by("-expires_at"))


def mine(held: list[HeldTime], *, user: AbstractBaseUser) -> HeldTime | None:
    """The one of this member of staff."""
    return next((row for row in held if row.made_by_id == user.pk), None)


def sweep(*, now: datetime) -> int:
    """By the clock: forget holds that ran out, one at a time, so that nobody waits. How many."""
    over = HeldTime.objects.filter(kind=HeldTime.Kind.TALKING, expires_at__lte=now)
    rows = list(over.order_by("expires_at")[:AT_ONCE])
    for row in rows:
        held_time.free(row)
    return len(rows)


def _stand_in_line(request: AppointmentRequest) -> None:
    stand_in_line(request)
    if request.status not in (*OPEN, Status.CONFIRMED):
        raise StaleRequest


def _let_go(request: AppointmentRequest, *, by: Actor) -> bool:
    return held_time.free_all(request, kinds=(HeldTime.Kind.TALKING,), made_by=by.user) > 0
