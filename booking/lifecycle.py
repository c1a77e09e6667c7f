"""The verbs that begin a request, set its time, end it, or change what she asked for. Must not write a status itself
(booking/standing.py does), nor talk to the network.

Each verb is one transaction: claim the move, take or free time, queue the messages. The loser of a race gets
StaleRequest or TimeTaken, with words for people.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from booking import availability, held_time, readiness, telling, visit_terms
from booking.actors import Actor
from booking.messaging import outbox
from booking.messaging.reminder_times import REMINDERS
from booking.models import (
    ActorKind,
    AppointmentRequest,
    DeclineReason,
    HeldTime,
    Offer,
    RequestedDay,
    Service,
    Status,
    Visit,
)
from booking.moves import is_allowed
from booking.standing import StaleRequest, at_first, claim, end_visit, record, refuse_another, set_clock
from booking.submission import Answers, Evidence, grant_consent, over_a_cap, store_answers
from pages.models import Office, Physician

# What waits to tell a time that is no longer the right one.
TOLD_BY_THE_OLD_TIME = ("confirmed", "moved", *REMINDERS)


class TimeTaken(Exception):
    """The time is gone. `free` are the next free times of the same visit type and office."""

    def __init__(self, free: list[availability.Slot]) -> None:
        self.words = _("This time is no longer free. Choose another one.")
        self.free = free
        super().__init__(str(self.words))


def submit(
    *,
    answers: Answers,
    evidence: Evidence,
    form_id: str,
    by: Actor,
    now: datetime,
    source: str = AppointmentRequest.Source.WEB,
    quarantine_reason: str = "",
    network_hash: str = "",
) -> AppointmentRequest:
    """Store a request. Idempotent: a second call with the same `form_id` returns the row of the first.

    Quarantined requests get no message and grant no consent until staff release them. So are requests of patients
    over a cap (booking/submission.py).
    """
    with transaction.atomic():
        if by.kind == ActorKind.PATIENT and not quarantine_reason:
            quarantine_reason = over_a_cap(answers=answers, now=now)
        request, created = store_answers(
            answers=answers,
            evidence=evidence,
            form_id=form_id,
            now=now,
            source=source,
            network_hash=network_hash,
            standing=at_first(timing=answers.timing, quarantine_reason=quarantine_reason),
        )
        if not created:
            return request
        set_clock(request, now=now)
        record(request, verb="submit", by=by, now=now, source="", target=request.status)
        if request.status != Status.QUARANTINED:
            grant_consent(request, now=now)
            _welcome(request, now=now)
    return request


def confirm(
    *,
    request: AppointmentRequest,
    physician: Physician,
    office: Office | None,
    service: Service,
    starts_at: datetime,
    by: Actor,
    now: datetime,
    overbooking_reason: str = "",
    offer: Offer | None = None,
    against: str = "",
    told: bool = False,
) -> Visit:
    """Set a time for an open request, or move the visit of a confirmed one. `starts_at` is aware.

    `offer`: the patient accepts a time of this open offer (booking/offers.py looked that it is one). `against`: what
    speaks against the time and staff know of (booking/unusual_time.py). `told`: staff have her on the line.
    Raises StaleRequest, TimeTaken (with the next free times), ValueError for a time that is not in the future.
    """
    if starts_at <= now:
        raise ValueError("A visit can only be set in the future.")
    try:
        with transaction.atomic():
            old, met_before = request.current_visit(), request.promise_met_at
            _refuse_the_same(old, starts_at=starts_at, office=office)
            verb = "accept" if offer else "move" if request.status == Status.CONFIRMED else "confirm"
            claim(request, verb=verb, by=by, now=now, promise_met_at=now, status_reason="")
            end_visit(old, now=now)
            _end_offers(request, accepted=offer, now=now)
            held = held_time.take(
                kind=HeldTime.Kind.VISIT,
                physician=physician,
                office=office,
                service=service,
                request=request,
                starts_at=starts_at,
                now=now,
                overbooking_reason=overbooking_reason,
                known_against=against,
            )
            visit = _new_visit(request, held=held, service=service, now=now)
            readiness.open_list(visit, now=now)
            outbox.cancel_waiting(request=request, kinds=("offered", *TOLD_BY_THE_OLD_TIME), now=now)
            _tell_the_time(visit, by=by, now=now, met_before=met_before, told=told)
    except held_time.Taken:
        request.refresh_from_db()  # what was claimed in memory was rolled back
        free = availability.next_free(service=service, office=office, after=starts_at, now=now, for_staff=True)
        raise TimeTaken(free) from None
    return visit


def decline(
    *,
    request: AppointmentRequest,
    reason: DeclineReason | str,
    by: Actor,
    now: datetime,
    note: str = "",
    told: bool = False,
) -> None:
    """Say no, with a reason that the patient reads, or was `told` on the phone. Raises StaleRequest."""
    with transaction.atomic():
        visit, met_before = request.current_visit(), request.promise_met_at
        claim(request, verb="decline", by=by, now=now, note=note, status_reason=str(reason), promise_met_at=now)
        end_visit(visit, now=now)
        _let_go(request, now=now)
        _tell(request, "declined", by=by, now=now, met_before=met_before, told=told)


def cancel(
    *,
    request: AppointmentRequest,
    by: Actor,
    now: datetime,
    note: str = "",
    seen: int | None = None,
    told: bool = False,
) -> None:
    """Withdraw or cancel, by the patient or the clinic; who it was is stored. StaleRequest: see refuse_another.

    Without a visit there is nothing to tell: nothing was set that she could wait for. `told`: staff have her on the
    line.
    """
    verb = "discard" if request.status == Status.QUARANTINED else "cancel"
    with transaction.atomic():
        visit = request.current_visit()
        refuse_another(visit, seen=seen)
        claim(request, verb=verb, by=by, now=now, note=note, status_reason=f"by_{by.kind.value}")
        end_visit(visit, now=now)
        _let_go(request, now=now)
        outbox.cancel_waiting(request=request, kinds=None, now=now)
        if visit is None:
            telling.settle(request, by=by, now=now)
        else:
            _tell(request, "cancelled", visit=visit, by=by, now=now, met_before=request.promise_met_at, told=told)


def release_from_quarantine(*, request: AppointmentRequest, by: Actor, now: datetime) -> None:
    """Staff looked: a person sent this. It goes on as if it had just come in. Raises StaleRequest."""
    with transaction.atomic():
        claim(request, verb="release", by=by, now=now, status_reason="")
        grant_consent(request, now=now)
        _welcome(request, now=now)


def choose_days(*, request: AppointmentRequest, days: tuple[date, ...], daypart: str, by: Actor, now: datetime) -> None:
    """The patient chose her days later, by her private link. Starts the promise. Raises StaleRequest."""
    verb = "choose_days" if is_allowed("choose_days", source=request.status, actor=by.kind) else "change_days"
    with transaction.atomic():
        keeps_a_time = verb == "choose_days" and request.current_visit() is not None
        claim(
            request,
            verb=verb,
            by=by,
            now=now,
            target=Status.CHANGE_REQUESTED if keeps_a_time else None,
            timing=AppointmentRequest.Timing.DAYS,
            daypart=daypart,
            last_acceptable_day=max(days),
        )
        request.days.all().delete()
        RequestedDay.objects.bulk_create(RequestedDay(request=request, day=day) for day in sorted(set(days)))
        # A promise that runs already is kept: choosing other days must not make a late answer look early.
        if request.promise_due_at is None:
            set_clock(request, now=now)


def add_note(*, request: AppointmentRequest, note: str, by: Actor, now: datetime) -> None:
    """Add an internal note to the history. Changes nothing else."""
    record(request, verb="note", by=by, now=now, source=request.status, target=request.status, note=note)


def _refuse_the_same(visit: Visit | None, *, starts_at: datetime, office: Office | None) -> None:
    if visit is not None and visit.starts_at == starts_at and visit.office_id == (office.pk if office else None):
        raise StaleRequest(_("This time is already set."))


def _welcome(request: AppointmentRequest, *, now: datetime) -> None:
    waits = request.timing == AppointmentRequest.Timing.LATER
    outbox.queue(request=request, kind="days_link" if waits else "received", occasion="once", now=now)


def _tell_the_time(visit: Visit, *, by: Actor, now: datetime, met_before: datetime | None, told: bool) -> None:
    """That a time is set; it also answers what staff had to call about an offer for."""
    kind = "confirmed" if visit.version == 1 else "moved"
    _tell(visit.request, kind, visit=visit, by=by, now=now, met_before=met_before, told=told)
    if by.user is not None:
        visit.request.tasks.all().settled_by_a_time().finish(by=by.user, at=now)


def _tell(
    request: AppointmentRequest,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    met_before: datetime | None,
    told: bool,
    visit: Visit | None = None,
) -> None:
    occasion = f"v{visit.version}" if visit is not None else "once"
    telling.tell(
        request=request,
        kind=kind,
        occasion=occasion,
        by=by,
        now=now,
        met_before=met_before,
        visit=visit,
        told=told,
    )


def _new_visit(request: AppointmentRequest, *, held: HeldTime, service: Service, now: datetime) -> Visit:
    last = request.visits.order_by("-version").values_list("version", flat=True).first() or 0
    return Visit.objects.create(
        request=request,
        version=last + 1,
        held_time=held,
        physician_id=held.physician_id,
        office_id=held.office_id,
        service=service,
        starts_at=held.starts_at,
        ends_at=held.ends_at,
        confirmed_at=now,
        **visit_terms.copied(service),
    )


def _end_offers(request: AppointmentRequest, *, accepted: Offer | None, now: datetime) -> None:
    if accepted is not None and not Offer.objects.filter(pk=accepted.pk).end(outcome=Offer.Outcome.ACCEPTED, now=now):
        raise StaleRequest  # another one was sent meanwhile
    request.offers.all().end(outcome=Offer.Outcome.WITHDRAWN, now=now)


def _let_go(request: AppointmentRequest, *, now: datetime) -> None:
    """Nothing is held or offered any more."""
    held_time.free_all(request)
    _end_offers(request, accepted=None, now=now)
