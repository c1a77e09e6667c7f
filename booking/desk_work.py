"""What the front desk does beside moving a request: ticks, who is on it, whom else we may speak with, one person who
asked twice. Must not set a time. Each verb is one transaction and one line in the history."""

from datetime import datetime
from typing import Any

from django.db import transaction

from booking import desk_tasks
from booking.actors import Actor
from booking.messaging import outbox
from booking.models import (
    OPEN,
    AppointmentRequest,
    DeskCard,
    DeskTask,
    Readiness,
    RequestedDay,
    Status,
)
from booking.standing import StaleRequest, claim, record, stand_in_line

KEEPS = (*OPEN, Status.CONFIRMED)
JOINS = (Status.NEW, Status.WAITING, Status.NEXT_CYCLE)


def tick(*, request: AppointmentRequest, kind: str, done: bool, by: Actor, now: datetime) -> bool:
    """Something was done before the visit, or was ticked by mistake. Whether this press changed it."""
    with transaction.atomic():
        rows = Readiness.objects.filter(request=request, kind=kind, ticked_at__isnull=done)
        if not rows.update(ticked_at=now if done else None, ticked_by=by.user if done else None):
            return False
        _note(request, verb=f"{'tick' if done else 'untick'}_{kind}", by=by, now=now)
        if done and kind == Readiness.Kind.PRESCRIPTION:
            request.tasks.all().filter(kind=DeskTask.Kind.PRESCRIPTION).finish(by=by.user, at=now)
    return True


def finish(task: DeskTask, *, about: int | None, by: Any, now: datetime) -> bool:
    """A task is done, or was before. Where it was the only reason to call, the next try is off, too.

    False, and nothing is changed, when it is not `about` as many texts as were read: one that came meanwhile has joined
    it, and must not be finished unread. The same when it was handed over to another request meanwhile.
    """
    with transaction.atomic():
        found = DeskTask.objects.select_for_update().filter(pk=task.pk).first()
        if found is None:
            return False
        task = found
        if task.done_at is not None:
            return True
        if about != task.messages.count() + task.texts.count():
            return False
        task.finish(by=by, at=now)
        if task.is_untold_news:  # now she has heard from us
            AppointmentRequest.objects.filter(pk=task.request_id, promise_met_at=None).update(promise_met_at=now)
        if not task.request.is_open and not task.request.tasks.settled_by_talking().exists():
            DeskCard.objects.filter(request=task.request_id).update(next_call_at=None)
    return True


def take(*, request: AppointmentRequest, by: Actor, now: datetime) -> None:
    """This member of staff is on it, whoever was before. Says who to ask; it blocks nobody."""
    on_it: dict[str, Any] = {"on_it": by.user, "on_it_since": now}
    DeskCard.objects.update_or_create(request=request, defaults=on_it)


def let_go(*, request: AppointmentRequest) -> None:
    """Nobody is on it."""
    DeskCard.objects.filter(request=request).update(on_it=None, on_it_since=None)


def speak_with(*, request: AppointmentRequest, name: str, by: Actor, now: datetime) -> None:
    """The patient said with whom we may speak about the visit; empty takes it back."""
    with transaction.atomic():
        DeskCard.objects.update_or_create(request=request, defaults={"may_speak_with": name})
        _note(request, verb="speak_with" if name else "speak_with_nobody", by=by, now=now)


def join(*, request: AppointmentRequest, other: AppointmentRequest, by: Actor, now: datetime) -> None:
    """The same person asked twice: `request` goes on with the days of both and the earlier place, `other` ends without
    a message. What is still to do for it, a text of hers that nobody has read before all, is to do for `request`.

    Raises StaleRequest when either has moved on.
    """
    if request.pk == other.pk:
        raise StaleRequest
    with transaction.atomic():
        # The place, the promise and the days of both are read and written again: nobody may change them in between.
        stand_in_line(request, other)
        if request.status not in KEEPS or other.status not in JOINS:
            raise StaleRequest
        if other.current_visit() is not None:  # whoever has a time is never the one that ends
            raise StaleRequest
        claim(other, verb="join", by=by, now=now, status_reason="duplicate", note=request.reference)
        outbox.cancel_waiting(request=other, kinds=None, now=now)
        _keep_the_earlier_place(request, other)
        if request.status != Status.CONFIRMED:
            _add_days(request, other)
        _settle_what_the_other_answers(request, other, by=by, now=now)
        desk_tasks.hand_over(other, to=request)
        _note(request, verb="joined", by=by, now=now, note=other.reference)


def _settle_what_the_other_answers(
    request: AppointmentRequest, other: AppointmentRequest, *, by: Actor, now: datetime
) -> None:
    """Tasks of the one that ends which need nobody any more: it has no visit that a prescription is for, and an offer
    of its that came to nothing is answered where `request` has a time or an offer."""
    other.tasks.all().filter(kind=DeskTask.Kind.PRESCRIPTION).finish(by=by.user, at=now)
    if request.status in (Status.CONFIRMED, Status.OFFERED):
        other.tasks.all().settled_by_a_time().finish(by=by.user, at=now)


def _keep_the_earlier_place(request: AppointmentRequest, other: AppointmentRequest) -> None:
    """Arrival and promise of whichever came first; an answer that either has had is an answer to her."""
    request.created_at = min(request.created_at, other.created_at)
    request.promise_due_at = min(filter(None, (request.promise_due_at, other.promise_due_at)), default=None)
    request.promise_met_at = min(filter(None, (request.promise_met_at, other.promise_met_at)), default=None)
    request.save(update_fields=["created_at", "promise_due_at", "promise_met_at"])


def _add_days(request: AppointmentRequest, other: AppointmentRequest) -> None:
    known = {row.day for row in request.days.all()}
    more = [row.day for row in other.days.all() if row.day not in known]
    RequestedDay.objects.bulk_create(RequestedDay(request=request, day=day) for day in more)
    if not more:
        return
    if not known:
        request.timing, request.daypart = other.timing, other.daypart
    request.last_acceptable_day = max(filter(None, (request.last_acceptable_day, *more)))
    request.save(update_fields=["last_acceptable_day", "timing", "daypart"])


def _note(request: AppointmentRequest, *, verb: str, by: Actor, now: datetime, note: str = "") -> None:
    record(request, verb=verb, by=by, now=now, source=request.status, target=request.status, note=note)
