"""Offers: one to three times, held for one patient until the offer runs out. Must not write a status itself: every
move goes through standing.claim.

An offer runs out only while the clinic is open, and not before the patient had LEAST_HOURS of opening hours to answer:
she can always call instead. That is honoured when it is read; the sweep only tidies up.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking import availability, desk_tasks, held_time, promise, telling
from booking.actors import SYSTEM, Actor
from booking.availability import Slot
from booking.lifecycle import TimeTaken, confirm
from booking.messaging import outbox, quiet_hours
from booking.models import (
    MOST_TIMES,
    AppointmentRequest,
    DeskTask,
    HeldTime,
    Offer,
    OfferedTime,
    Service,
    Status,
    Visit,
)
from booking.standing import StaleRequest, claim, set_clock
from pages.models import Office, Physician

# About one working day; four hours where a time comes sooner than that.
USUAL_HOURS, LEAST_HOURS = 8, 4
# What staff see on their screen stays true while they look at it for a while.
TIME_TO_LOOK = timedelta(minutes=30)
# While nobody entered the clinic's hours.
WITHOUT_HOURS = timedelta(hours=24)
AT_ONCE = 200

Outcome = Offer.Outcome


class OfferRefused(Exception):
    """This cannot be offered; `words` say why."""

    def __init__(self, words: "str | Promise") -> None:
        self.words = words
        super().__init__(str(words))


def runs_out_at(*, now: datetime, first: datetime | None = None) -> datetime:
    """When an offer that is sent within TIME_TO_LOOK runs out. `first`: the earliest time in it, if that is near."""
    looked = _next_quarter(now + TIME_TO_LOOK)
    usual = _open_for(USUAL_HOURS, now=looked)
    return _open_for(LEAST_HOURS, now=looked) if first is not None and first <= usual else usual


def least(*, now: datetime) -> datetime:
    """An offer that is sent now must not run out before this."""
    return _open_for(LEAST_HOURS, now=now)


def offer(
    *,
    request: AppointmentRequest,
    service: Service,
    slots: Sequence[Slot],
    expires_at: datetime,
    by: Actor,
    now: datetime,
    told: bool = False,
) -> Offer:
    """Hold these times and tell her, unless staff have `told` her on the phone. All of them are held, or none.

    Raises StaleRequest, TimeTaken (with the next free times), OfferRefused.
    """
    _refuse_wrong(slots, expires_at=expires_at, now=now)
    chosen, source, met_before = sorted(slots), request.status, request.promise_met_at
    try:
        with transaction.atomic():
            claim(request, verb="offer", by=by, now=now, promise_met_at=now, review_on=None)
            made = Offer.objects.create(
                request=request,
                number=_last_number(request) + 1,
                service=service,
                times_offered=len(chosen),
                goes_back_to=_goes_back_to(request, source=source),
                sent_at=now,
                sent_by=by.user,  # type: ignore[misc]
                expires_at=expires_at,
            )
            held_time.line_up_for(request, *chosen, service=service)
            held_time.free_all(request, kinds=(HeldTime.Kind.OFFER, HeldTime.Kind.TALKING))
            for position, slot in enumerate(chosen, start=1):
                _hold(made, position=position, slot=slot, now=now)
            request.tasks.all().settled_by_a_time().finish(by=by.user, at=now)
            telling.tell(
                request=request,
                kind="offered",
                occasion=made.occasion,
                by=by,
                now=now,
                met_before=met_before,
                until=expires_at,
                told=told,
            )
    except held_time.Taken:
        request.refresh_from_db()  # what was claimed in memory was rolled back
        raise TimeTaken(_next_free(service, chosen[0], now=now)) from None
    return made


def current(request: AppointmentRequest, *, now: datetime) -> Offer | None:
    """The offer that she can accept now, with its times."""
    found = request.offers.open().prefetch_related("times__office").first()
    return found if found is not None and found.is_open(now=now) else None


def last(request: AppointmentRequest) -> Offer | None:
    """The newest offer, whatever became of it."""
    return request.offers.prefetch_related("times__office").first()


def accept(*, request: AppointmentRequest, number: int, position: int, by: Actor, now: datetime) -> Visit:
    """The patient takes one of the times; it becomes her visit and the others are free again.

    Pressed twice, the second press finds the visit of the first. Raises StaleRequest, TimeTaken.
    """
    chosen = _offered(request, number=number, position=position)
    if chosen is None:
        raise StaleRequest
    if (visit := _accepted(chosen)) is not None:
        return visit
    if not chosen.offer.is_open(now=now):
        expire(request=request, now=now)
        raise StaleRequest
    try:
        return confirm(
            request=request,
            physician=chosen.physician,
            office=chosen.office,
            service=chosen.offer.service,
            starts_at=chosen.starts_at,
            by=by,
            now=now,
            offer=chosen.offer,
        )
    except StaleRequest:
        chosen = _offered(request, number=number, position=position)
        if chosen is not None and (visit := _accepted(chosen)) is not None:
            return visit  # the first of two presses won while this one waited
        raise


def turn_down(*, request: AppointmentRequest, number: int, by: Actor, now: datetime) -> None:
    """None of the times works. The request is staff's turn again, under a new promise. Raises StaleRequest."""
    found = request.offers.open().filter(number=number).first()
    if found is None or not found.is_open(now=now):
        expire(request=request, now=now)
        raise StaleRequest
    _go_back(found, request, verb="turn_down", outcome=Outcome.TURNED_DOWN, by=by, now=now)


def withdraw(*, request: AppointmentRequest, by: Actor, now: datetime) -> None:
    """Staff take the offer back. Raises StaleRequest."""
    found = request.offers.open().first()
    if found is None:
        raise StaleRequest
    _go_back(found, request, verb="withdraw_offer", outcome=Outcome.WITHDRAWN, by=by, now=now)


def expire(*, request: AppointmentRequest, now: datetime) -> bool:
    """If her offer ran out: its times are free, staff have a task, her page says so. Whether it did."""
    found = request.offers.run_out(now=now).first()
    if found is None:
        return False
    try:
        with transaction.atomic():
            _go_back(found, request, verb="offer_expired", outcome=Outcome.EXPIRED, by=SYSTEM, now=now)
            desk_tasks.open_task(request, DeskTask.Kind.OFFER_EXPIRED, now=now)
    except StaleRequest:
        request.refresh_from_db()  # somebody else moved it in this very moment
        return False
    return True


def sweep(*, now: datetime) -> int:
    """By the clock: end what ran out. How many were."""
    due = Offer.objects.run_out(now=now).select_related("request").order_by("expires_at")[:AT_ONCE]
    return sum(expire(request=found.request, now=now) for found in due)


def _open_for(hours: int, *, now: datetime) -> datetime:
    """Counted from when a text may go: at night she does not get it, and nobody could be called."""
    told = quiet_hours.held_until(kind="offered", asked_at=now, now=now) or now
    return promise.after_open_hours(told, hours=hours) or told + WITHOUT_HOURS


def _next_quarter(instant: datetime) -> datetime:
    """A time that people say: 12:45, not 12:49."""
    return availability.whole_grains(instant, instant)[1]


def _refuse_wrong(slots: Sequence[Slot], *, expires_at: datetime, now: datetime) -> None:
    if not 1 <= len(slots) <= MOST_TIMES:
        raise OfferRefused(_("Choose one, two or three times."))
    if len({slot.starts_at for slot in slots}) < len(slots):
        raise OfferRefused(_("Choose times that are not the same."))
    if not least(now=now) <= expires_at <= runs_out_at(now=now):
        raise OfferRefused(_("The end of the offer has changed meanwhile. Look at the message again."))
    if min(slot.starts_at for slot in slots) <= expires_at:
        raise OfferRefused(
            _("One of these times comes before the patient has time to answer. Call, and set the time directly.")
        )


def _goes_back_to(request: AppointmentRequest, *, source: str) -> str:
    """Where she came from; we no longer wait for her. Who still has her old time goes on asking for another one."""
    if source in Offer.GOES_BACK_TO:
        return source
    return Status.CHANGE_REQUESTED if request.current_visit() is not None else Status.NEW


def _hold(made: Offer, *, position: int, slot: Slot, now: datetime) -> None:
    held = held_time.take(
        kind=HeldTime.Kind.OFFER,
        physician=Physician.objects.get(pk=slot.physician_id),
        office=Office.objects.get(pk=slot.office_id) if slot.office_id else None,
        service=made.service,
        request=made.request,
        starts_at=slot.starts_at,
        now=now,
        expires_at=made.expires_at,
    )
    OfferedTime.objects.create(
        offer=made,
        position=position,
        physician_id=held.physician_id,
        office_id=held.office_id,
        starts_at=held.starts_at,
        ends_at=held.ends_at,
        held_time=held,
    )


def _go_back(
    found: Offer, request: AppointmentRequest, *, verb: str, outcome: Offer.Outcome, by: Actor, now: datetime
) -> None:
    """The times are free, and the request stands where it came from, with a new promise."""
    with transaction.atomic():
        claim(request, verb=verb, by=by, now=now, target=found.goes_back_to)
        if not Offer.objects.filter(pk=found.pk).end(outcome=outcome, now=now):
            raise StaleRequest
        held_time.free_all(request, kinds=(HeldTime.Kind.OFFER,))
        outbox.cancel_waiting(request=request, kinds=("offered",), now=now)
        if by.user is not None:  # a time that she still has may be untold
            request.tasks.all().untold().filter(kind=DeskTask.Kind.TELL_OFFER).finish(by=by.user, at=now)
        set_clock(request, now=now)


def _last_number(request: AppointmentRequest) -> int:
    return request.offers.values_list("number", flat=True).first() or 0


def _offered(request: AppointmentRequest, *, number: int, position: int) -> OfferedTime | None:
    rows = OfferedTime.objects.filter(offer__request=request, offer__number=number, position=position)
    return rows.select_related("offer__service", "physician", "office").first()


def _accepted(chosen: OfferedTime) -> Visit | None:
    """The visit in force that this time became."""
    if chosen.offer.outcome != Outcome.ACCEPTED:
        return None
    visit = chosen.offer.request.current_visit()
    is_it = visit is not None and (visit.starts_at, visit.office_id) == (chosen.starts_at, chosen.office_id)
    return visit if is_it else None


def _next_free(service: Service, wanted: Slot, *, now: datetime) -> list[Slot]:
    office = Office.objects.filter(pk=wanted.office_id or 0).first()
    return availability.next_free(service=service, office=office, after=wanted.starts_at, now=now, for_staff=True)
