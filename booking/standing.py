"""Where a request stands: how one move claims it, what else the caller saw must still be true, which clock runs, what
the history says. The only module that writes a request's status. Must not decide what a move means for time or messages
(booking/lifecycle.py and the modules beside it do).

A move is claimed by an UPDATE conditioned on the old status, inside the transaction of the verb that makes it. The
loser of a race gets StaleRequest, with words for people.
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking import promise
from booking.actors import Actor
from booking.models import CLOSED, AppointmentRequest, DeskCard, RequestEvent, Status, Visit
from booking.moves import MOVES, is_allowed
from booking.timetable import local_day

# A request without days comes back to the front desk by itself.
LOOK_AGAIN_AFTER = timedelta(days=7)
NUDGE_LINK_AFTER = timedelta(days=35)


class StaleRequest(Exception):
    """The request is no longer in a state from which this move is allowed: somebody else was first."""

    def __init__(self, words: "str | Promise | None" = None) -> None:
        self.words = words or _("This request was changed meanwhile. Look at it again before you go on.")
        super().__init__(str(self.words))


def at_first(*, timing: str, quarantine_reason: str) -> dict[str, Any]:
    """The columns that say where a request begins, for the row that booking/submission.py makes."""
    later = timing == AppointmentRequest.Timing.LATER
    status = Status.QUARANTINED if quarantine_reason else Status.WAITING if later else Status.NEW
    return {"status": status, "status_reason": quarantine_reason}


def claim(
    request: AppointmentRequest,
    *,
    verb: str,
    by: Actor,
    now: datetime,
    note: str = "",
    target: str | None = None,
    **columns: Any,
) -> None:
    """Move the status if it is still what the caller saw, and write the event. Raises StaleRequest.

    Call it inside a transaction. `target`: one of the other ends that the move may have. `columns`: what else the move
    writes on the request.
    """
    source = request.status
    if not is_allowed(verb, source=source, actor=by.kind, target=target):
        raise StaleRequest
    target = target or MOVES[verb].target or source
    columns["status"] = target
    columns["closed_at"] = now if target in CLOSED else None
    # A move that keeps the status is claimed by the visit's version instead: see end_visit.
    if AppointmentRequest.objects.filter(pk=request.pk, status=source).update(**columns) != 1:
        raise StaleRequest
    for name, value in columns.items():
        setattr(request, name, value)
    # A move answers the question whom to call, and who is on it.
    DeskCard.objects.filter(request=request.pk).update(next_call_at=None, on_it=None, on_it_since=None)
    record(request, verb=verb, by=by, now=now, source=source, target=target, note=note)


def record(
    request: AppointmentRequest,
    *,
    verb: str,
    by: Actor,
    now: datetime,
    source: str,
    target: str,
    note: str = "",
) -> None:
    """Add one line to the history of a request."""
    RequestEvent.objects.create(
        request=request,
        at=now,
        verb=verb,
        actor_kind=by.kind,
        actor=by.user,  # type: ignore[misc]
        from_status=source,
        to_status=target,
        note=note,
    )


def set_clock(request: AppointmentRequest, *, now: datetime) -> None:
    """Start the promise, or for a request that waits for her days, the date on which it comes back by itself."""
    if request.status == Status.WAITING:
        request.promise_due_at, request.review_on = None, local_day(now) + NUDGE_LINK_AFTER
    else:
        request.promise_due_at = promise.due_at(received_at=now)
        has_days = request.timing == AppointmentRequest.Timing.DAYS
        request.review_on = None if has_days else local_day(now) + LOOK_AGAIN_AFTER
    request.promise_met_at = None
    request.save(update_fields=["promise_due_at", "review_on", "promise_met_at"])


def stand_in_line(*requests: AppointmentRequest) -> None:
    """Wait for whoever moves one of these requests, and read each again. Raises StaleRequest where one moved on.

    For verbs that look at more of a request than its status before they claim it, or that claim nothing.
    """
    # no_key: a message or line that is being added only needs the request to stay, and must not wait for us while we
    # wait for it. PostgreSQL ends such a pair by an error.
    locked = AppointmentRequest.objects.select_for_update(no_key=True)
    for request in sorted(requests, key=lambda one: one.pk):
        seen = request.status
        request.refresh_from_db(from_queryset=locked)
        if request.status != seen:
            raise StaleRequest


def refuse_another(visit: Visit | None, *, seen: int | None) -> None:
    """Raises StaleRequest when the visit in force is not the version that was `seen` (0: none). None: not asked."""
    if seen is not None and seen != (visit.version if visit else 0):
        raise StaleRequest


def end_visit(visit: Visit | None, *, now: datetime) -> None:
    """End the visit that the caller saw. Two staff who move it at once: the second finds it ended."""
    if visit is not None and not Visit.objects.filter(pk=visit.pk, ended_at__isnull=True).update(ended_at=now):
        raise StaleRequest
