"""Another time for a confirmed patient: she asks, and chooses what becomes of the old one until then. Must not write a
status itself (standing.claim does) nor set the new time (lifecycle.confirm and booking/offers.py do)."""

from datetime import datetime

from django.db import transaction

from booking import held_time
from booking.actors import Actor
from booking.lifecycle import TOLD_BY_THE_OLD_TIME
from booking.messaging import outbox
from booking.models import AppointmentRequest, HeldTime, Status, Visit
from booking.standing import StaleRequest, claim, end_visit, record, refuse_another, set_clock, stand_in_line


def ask(
    *, request: AppointmentRequest, keep: bool, by: Actor, now: datetime, note: str = "", seen: int | None = None
) -> None:
    """She needs another time. `keep`: the old one stays hers until a new one is set; else it is free at once.

    Starts a new promise: the answer is owed again. Raises StaleRequest, also when the visit has begun. `seen`, here and
    below: the version of the visit that she looked at; StaleRequest when it is another one by now.
    """
    with transaction.atomic():
        # A visit that is moved keeps its status: without the line it could be moved after we looked.
        stand_in_line(request)
        visit = _ahead(request, now=now, seen=seen)
        claim(request, verb="ask_change", by=by, now=now, note=note, last_acceptable_day=None)
        if not keep:
            _give_up(request, visit, now=now)
            record(request, verb="release_time", by=by, now=now, source=request.status, target=request.status)
        set_clock(request, now=now)


def release(*, request: AppointmentRequest, by: Actor, now: datetime, seen: int | None = None) -> None:
    """She gives the old time up while we look for a new one. Raises StaleRequest when there is none any more."""
    with transaction.atomic():
        # No status tells whether she still has it: staff may set her new time in this very moment.
        stand_in_line(request)
        if request.status not in (Status.CHANGE_REQUESTED, Status.OFFERED):
            raise StaleRequest
        _give_up(request, _ahead(request, now=now, seen=seen), now=now)
        record(request, verb="release_time", by=by, now=now, source=request.status, target=request.status)


def keep(*, request: AppointmentRequest, by: Actor, now: datetime, seen: int | None = None) -> None:
    """She comes at the old time after all. Raises StaleRequest when it is no longer hers."""
    with transaction.atomic():
        stand_in_line(request)
        _ahead(request, now=now, seen=seen)
        claim(request, verb="keep_time", by=by, now=now, promise_met_at=request.promise_met_at or now)
        held_time.free_all(request, kinds=(HeldTime.Kind.TALKING,))


def _ahead(request: AppointmentRequest, *, now: datetime, seen: int | None) -> Visit:
    visit = request.current_visit()
    refuse_another(visit, seen=seen)
    if visit is None or visit.starts_at <= now:
        raise StaleRequest
    return visit


def _give_up(request: AppointmentRequest, visit: Visit, *, now: datetime) -> None:
    end_visit(visit, now=now)
    held_time.free_all(request, kinds=(HeldTime.Kind.VISIT,))
    outbox.cancel_waiting(request=request, kinds=TOLD_BY_THE_OLD_TIME, now=now)
