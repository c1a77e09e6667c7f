"""What becomes of a request besides a time: calls, waiting, the next cycle, coming or not, running out of days.
Must not write a status itself: every move goes through standing.claim."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from booking import desk_clocks, held_time, telling
from booking.actors import SYSTEM, Actor
from booking.messaging import consent, outbox
from booking.models import AppointmentRequest, Call, DeskCard, DeskTask, HeldTime, Offer, RequestEvent, Status, Visit
from booking.moves import MOVES
from booking.standing import StaleRequest, claim, end_visit, record, set_clock, stand_in_line
from booking.timetable import local_day

# A patient who was tried three times over two days waits for herself; she is never closed before her last day.
TRIES = 3
TRIES_OVER = timedelta(days=2)
WAITS_FOR = timedelta(days=7)
LINK_ENDS_AFTER = timedelta(days=90)
# A try that she can see on her phone. At a wrong number nobody tried her.
REACHED_HER_PHONE = (Call.Outcome.NO_ANSWER, Call.Outcome.VOICEMAIL)
AT_ONCE = 200
COMPLETES_AFTER = timedelta(days=7)
BECAME_OF_IT = ("complete", "no_show", "not_done")


@dataclass(frozen=True)
class Mistake:
    """What staff pressed about a visit and may take back: the line in the history, before when, and where the request
    stands then. `lost_offer`: times that were offered were withdrawn by it, and stay so."""

    event: RequestEvent
    until: datetime
    back_to: str
    lost_offer: bool


def came(*, request: AppointmentRequest, by: Actor, now: datetime) -> None:
    """The visit took place. Raises StaleRequest, also while the visit lies ahead."""
    with transaction.atomic():
        _over(request, verb="complete", by=by, now=now)


def no_show(*, request: AppointmentRequest, by: Actor, now: datetime) -> None:
    """Nobody came. Raises StaleRequest, also while the visit lies ahead."""
    with transaction.atomic():
        _over(request, verb="no_show", by=by, now=now)


def not_done(*, request: AppointmentRequest, by: Actor, now: datetime) -> None:
    """She came and the test was not done. No reason is kept: it would be health data. Raises StaleRequest."""
    with transaction.atomic():
        _over(request, verb="not_done", by=by, now=now)


def mistake_of(request: AppointmentRequest, *, now: datetime) -> Mistake | None:
    """What can be taken back of a request; None when there is nothing, or it is too late.

    Until the clock has the last word: it completes a confirmed visit COMPLETES_AFTER its end. Who had asked for another
    time is never completed by the clock, so there that long counts from the press.
    """
    visit = request.current_visit()
    if request.status not in MOVES["take_back"].sources or request.forgotten_at is not None or visit is None:
        return None
    event = request.events.filter(verb__in=BECAME_OF_IT).select_related("actor").last()
    if event is None:
        return None
    # A confirmed patient is confirmed again. All others wanted another time, and the offer is gone: it is our turn.
    was_confirmed = event.from_status == Status.CONFIRMED
    until = (visit.ends_at if was_confirmed else event.at) + COMPLETES_AFTER
    back_to = Status.CONFIRMED if was_confirmed else Status.CHANGE_REQUESTED
    return Mistake(event, until, back_to, event.from_status == Status.OFFERED) if now < until else None


def take_back(*, request: AppointmentRequest, said: int, by: Actor, now: datetime) -> Mistake:
    """What was said of a visit was a mistake: the same visit is in force, and nobody has said what became of it.

    `said`: the key of the line in the history that the screen showed; another one since is another word. What the
    mistake withdrew or settled stays so: it was about a visit that lies behind. The promise stands as it stood; after
    an offer that was withdrawn it is a new one. Sends nothing, as saying it sent nothing. Raises StaleRequest.
    """
    with transaction.atomic():
        stand_in_line(request)
        mistake = mistake_of(request, now=now)
        if mistake is None or mistake.event.pk != said:
            raise StaleRequest(_("This can no longer be taken back. Write a note instead."))
        claim(request, verb="take_back", by=by, now=now, target=mistake.back_to, review_on=None)
        if mistake.lost_offer:
            set_clock(request, now=now)
    return mistake


def rebook(*, request: AppointmentRequest, by: Actor, now: datetime) -> None:
    """Somebody who came, or meant to, goes back into the queue and keeps her place. Raises StaleRequest."""
    with transaction.atomic():
        claim(request, verb="rebook", by=by, now=now, last_acceptable_day=None, promise_due_at=None, status_reason="")
        end_visit(request.current_visit(), now=now)
        held_time.free_all(request)


def next_cycle(*, request: AppointmentRequest, by: Actor, now: datetime) -> None:
    """Not this cycle: she keeps her place and ranks above first-timers. Raises StaleRequest."""
    with transaction.atomic():
        visit, met_before = request.current_visit(), request.promise_met_at
        claim(request, verb="next_cycle", by=by, now=now, last_acceptable_day=None, promise_met_at=now)
        if visit is not None:  # she had asked for another time, and had kept the old one until then
            end_visit(visit, now=now)
            held_time.free_all(request)
            outbox.cancel_waiting(request=request, kinds=None, now=now)
            telling.tell(
                request=request,
                kind="cancelled",
                occasion=f"v{visit.version}",
                by=by,
                now=now,
                met_before=met_before,
                visit=visit,
            )


def wait(*, request: AppointmentRequest, until: date, by: Actor, now: datetime) -> None:
    """It is the patient's turn. On `until` (a local date) the request comes back by itself. Raises StaleRequest."""
    with transaction.atomic():
        claim(request, verb="wait", by=by, now=now, review_on=until, promise_met_at=request.promise_met_at or now)


def complete_past_visits(*, now: datetime) -> int:
    """A confirmed visit that lies COMPLETES_AFTER back is complete unless staff said otherwise. How many were."""
    done = 0
    past = Visit.objects.filter(ended_at__isnull=True, ends_at__lt=now - COMPLETES_AFTER)
    for visit in past.filter(request__status=Status.CONFIRMED).select_related("request")[:AT_ONCE]:
        try:
            with transaction.atomic():
                claim(visit.request, verb="complete", by=SYSTEM, now=now)
        except StaleRequest:
            continue  # staff moved it in this very moment
        done += 1
    return done


def log_call(*, request: AppointmentRequest, outcome: str, by: Actor, now: datetime, read: int | None = None) -> Call:
    """Write down a call. A try counts as an answer within the promise, because her page shows it.

    Speaking finishes the tasks that asked for a call. `read`: how many of her texts were quoted by those tasks where
    it was pressed; with others there now, what she wrote stays to be done. None: not asked. Three tries over two days
    make the request wait for her. A wrong number is no answer and no try; from this moment nothing is texted to it,
    for whichever request.
    """
    with transaction.atomic():
        call = Call.objects.create(request=request, at=now, by=by.user, outcome=outcome)  # type: ignore[misc]
        record(request, verb=f"call_{outcome}", by=by, now=now, source=request.status, target=request.status)
        if request.promise_met_at is None and outcome != Call.Outcome.WRONG_NUMBER:
            request.promise_met_at = now
            request.save(update_fields=["promise_met_at"])
        if outcome == Call.Outcome.WRONG_NUMBER:
            _end_texts(request, by=by, now=now)
        if outcome == Call.Outcome.SPOKE:
            _settle_by_talking(request, read=read, by=by, now=now)
        elif _was_tried_enough(request, now=now):
            wait(request=request, until=_until(request, now=now), by=by, now=now)
            return call
        _set_next_call(request, outcome=outcome, now=now)
    return call


def _settle_by_talking(request: AppointmentRequest, *, read: int | None, by: Actor, now: datetime) -> None:
    # Locked before they are counted: a text joins its task before it is counted, or finds it finished.
    locked = request.tasks.settled_by_talking().select_for_update().order_by("pk")
    asked = DeskTask.objects.filter(pk__in=[task.pk for task in locked])
    about_texts = asked.filter(texts__isnull=False)
    if read is not None and about_texts.count() != read:
        asked = asked.exclude(pk__in=about_texts.values("pk"))
    asked.finish(by=by.user, at=now)


def _end_texts(request: AppointmentRequest, *, by: Actor, now: datetime) -> None:
    """A stranger has her number: under the lock that each sender takes, and what waits for it goes with it."""
    number = request.contact_number
    if number is not None:
        consent.mark_wrong(number=number, request=request, now=now, recorded_by=by.user)
        outbox.suppress_waiting(number=number, now=now, reason="wrong_number")


def _set_next_call(request: AppointmentRequest, *, outcome: str, now: datetime) -> None:
    """When to try again. Not after a talk, nor at a number that is wrong, nor where nobody waits for a call."""
    tried = outcome in REACHED_HER_PHONE
    goes_on = request.is_open or request.tasks.settled_by_talking().exists()
    at = desk_clocks.next_try(called_at=now, best_time=request.best_time) if tried and goes_on else None
    DeskCard.objects.update_or_create(request=request, defaults={"next_call_at": at})


def sweep(*, now: datetime) -> int:
    """By the clock: what waited long enough comes back or ends, what ran out of days ends. How many moved."""
    today = local_day(now)
    moved = 0
    waiting = AppointmentRequest.objects.filter(status=Status.WAITING, review_on__lte=today)
    for request in waiting.order_by("pk")[:AT_ONCE]:
        moved += _quietly(_end_of_wait, request, now)
    in_force = Visit.objects.in_force().filter(request=OuterRef("pk"))
    over = AppointmentRequest.objects.filter(
        ~Exists(in_force),  # who still has her old time did not run out of days
        status__in=(Status.NEW, Status.WAITING, Status.NEXT_CYCLE),
        last_acceptable_day__lt=today,
    )
    for request in over.order_by("pk")[:AT_ONCE]:
        moved += _quietly(_expire, request, now)
    return moved


def _end_of_wait(request: AppointmentRequest, now: datetime) -> None:
    has_visit = request.current_visit() is not None
    if has_visit or request.timing != AppointmentRequest.Timing.LATER or request.calls.exists():
        # It is staff's turn again, under a promise that was met before.
        back = Status.CHANGE_REQUESTED if has_visit else Status.NEW
        claim(request, verb="return", by=SYSTEM, now=now, target=back, review_on=None)
    elif request.messages.filter(kind="nudge").exists() or request.status_reason == "nudged":
        _expire(request, now)
    else:
        record(request, verb="nudge", by=SYSTEM, now=now, source=request.status, target=request.status)
        request.review_on, request.status_reason = local_day(now) + LINK_ENDS_AFTER, "nudged"
        request.save(update_fields=["review_on", "status_reason"])
        outbox.queue(request=request, kind="nudge", occasion="once", now=now)


def _expire(request: AppointmentRequest, now: datetime) -> None:
    """Her last day passed. One honest message, and the request ends."""
    claim(request, verb="expire", by=SYSTEM, now=now)
    outbox.cancel_waiting(request=request, kinds=None, now=now)
    outbox.queue(request=request, kind="expired", occasion="once", now=now)


def _quietly(move: Callable[[AppointmentRequest, datetime], None], request: AppointmentRequest, now: datetime) -> int:
    try:
        with transaction.atomic():
            move(request, now)
    except StaleRequest:
        return 0  # staff or the patient moved it in this very moment
    return 1


def _over(request: AppointmentRequest, *, verb: str, by: Actor, now: datetime) -> None:
    """What became of a visit that lies behind. Another time that was offered for it meanwhile is free again."""
    if not request.visits.filter(ended_at__isnull=True, starts_at__lte=now).exists():
        raise StaleRequest
    claim(request, verb=verb, by=by, now=now)
    telling.settle(request, by=by, now=now)
    request.offers.all().end(outcome=Offer.Outcome.WITHDRAWN, now=now)
    held_time.free_all(request, kinds=(HeldTime.Kind.OFFER, HeldTime.Kind.TALKING))


def _was_tried_enough(request: AppointmentRequest, *, now: datetime) -> bool:
    if request.status not in (Status.NEW, Status.NEXT_CYCLE, Status.CHANGE_REQUESTED):
        return False
    spoke = request.calls.filter(outcome=Call.Outcome.SPOKE).order_by("-at").values_list("at", flat=True).first()
    # Until then somebody else's phone rang.
    corrected = request.events.filter(verb="correct_phone").order_by("-at").values_list("at", flat=True).first()
    tries = request.calls.filter(outcome__in=REACHED_HER_PHONE)
    if since := max(filter(None, (spoke, corrected)), default=None):
        tries = tries.filter(at__gt=since)
    first = tries.order_by("at").values_list("at", flat=True).first()
    return first is not None and tries.count() >= TRIES and now - first >= TRIES_OVER


def _until(request: AppointmentRequest, *, now: datetime) -> date:
    """A week, but back with us while her last day is still ahead: nobody is closed before it."""
    week = local_day(now) + WAITS_FOR
    last = request.last_acceptable_day
    return week if last is None or last > week else max(last, local_day(now) + timedelta(days=1))
