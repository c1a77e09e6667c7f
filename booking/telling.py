"""The patient learns what staff decided: by message, or, where none can go out, by a task to call. Must not decide or
move anything itself; the verbs of booking/lifecycle.py and beside it call it inside their transactions."""

from datetime import datetime

from booking import desk_tasks
from booking.actors import Actor
from booking.messaging import outbox
from booking.models import ActorKind, AppointmentRequest, DeskTask, OutgoingMessage, Visit
from booking.standing import record

Kind = DeskTask.Kind
TASKS = {
    "confirmed": Kind.TELL_TIME,
    "moved": Kind.TELL_TIME,
    "offered": Kind.TELL_OFFER,
    "declined": Kind.TELL_END,
    "cancelled": Kind.TELL_END,
}


def tell(
    *,
    request: AppointmentRequest,
    kind: str,
    occasion: str,
    by: Actor,
    now: datetime,
    met_before: datetime | None,
    visit: Visit | None = None,
    until: datetime | None = None,
    told: bool = False,
) -> None:
    """Queue the news. Where no message can go out and she does not know it from the phone (`told`), a call is to do,
    and our promise of an answer stands as it stood before this move (`met_before`): she has heard nothing yet.

    The newest news is what she has to learn: a call that an older one asked for is not to do any more. What she did
    herself she knows.
    """
    sent = outbox.queue(request=request, kind=kind, occasion=occasion, now=now, visit=visit, until=until)
    if told:
        record(request, verb="told_by_phone", by=by, now=now, source=request.status, target=request.status)
    knows = bool(sent) or told or by.kind == ActorKind.PATIENT
    settle(request, by=by, now=now, but=None if knows else TASKS[kind])
    if knows:
        return
    desk_tasks.open_task(request, TASKS[kind], now=now)
    if request.promise_met_at != met_before:
        request.promise_met_at = met_before
        request.save(update_fields=["promise_met_at"])


def tell_again(row: OutgoingMessage, *, knows: bool, now: datetime) -> list[OutgoingMessage]:
    """News that went, or would have gone, to an address that is no longer hers, where she is reached now; `row` was
    retired. Where no message can go out and she does not know it otherwise, a call is to do. (A closed day keeps its
    own list of whom to call.) Our promise stands: we answered where she had told us to."""
    made = outbox.send_anew(row, now=now)
    if not made and not knows and row.kind in TASKS:
        desk_tasks.open_task(row.request, TASKS[row.kind], now=now)
    return made


def settle(request: AppointmentRequest, *, by: Actor, now: datetime, but: DeskTask.Kind | None = None) -> None:
    """Nothing is to be told any more, `but` this. Only staff finish tasks."""
    if by.user is not None:
        request.tasks.all().untold().exclude(kind=but).finish(by=by.user, at=now)
