"""Messages on their way: queued with the move that causes them, sent by the worker, settled by what comes back. Must
not write a message's state (booking/messaging/message_state.py does) nor know the provider's words
(booking/messaging/twilio.py does).

The row is the truth, a task is only a wake-up with its key. A worker claims a row by a conditional UPDATE before the
one call it makes; a row that was claimed and never finished has an unknown outcome and is settled by asking the
provider before anything is sent again. Whatever cannot be settled becomes a task for a person.
"""

import logging
import random
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from booking import links
from booking.desk_tasks import open_task
from booking.messaging import consent, email, gate, message_state, pause, settling, twilio
from booking.messaging.addressing import Draft, drafts
from booking.messaging.message_state import FINAL, LOST, WAITING
from booking.messaging.reminder_times import REMINDERS
from booking.models import AppointmentRequest, DeskTask, OutgoingMessage, Status, Visit

logger = logging.getLogger("booking.outbox")

State, Channel = OutgoingMessage.State, OutgoingMessage.Channel
LEASE = timedelta(minutes=2)  # far longer than one call may take
# A process that was frozen after its claim does not make the call: meanwhile another may have settled the row.
SEND_WITHIN = timedelta(seconds=30)
MOST_ATTEMPTS = 6
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
TELL_STAFF_AFTER = timedelta(minutes=30)  # an outcome unknown for so long is worth a call
# What she has to learn, one way or another: without a text and an email, somebody calls.
NEWS = ("confirmed", "moved", "cancelled", "clinic_closed", "declined", "offered")
MUST_REACH_HER = (*NEWS, "link")  # without the new link her page is closed to her


def queue(
    *,
    request: AppointmentRequest,
    kind: str,
    occasion: str,
    now: datetime,
    visit: Visit | None = None,
    until: datetime | None = None,
    dropped: str = "",
) -> list[OutgoingMessage]:
    """Store the message of this kind and occasion, and the task that sends it, in the caller's transaction.

    By text if the ledger allows it, else by email if there is one, else nothing (staff call). A second call for the
    same occasion changes nothing. `until`: the instant that an offer names. `dropped`: it is not sent, and the row says
    why.
    """
    if request.status == Status.QUARANTINED:
        return []  # a stranger may have typed somebody's address: nothing goes out before a person looked
    chosen = drafts(request=request, kind=kind, visit=visit, until=until)
    return _store(chosen, request=request, kind=kind, occasion=occasion, now=now, dropped=dropped)


def _store(
    chosen: list[Draft], *, request: AppointmentRequest, kind: str, occasion: str, now: datetime, dropped: str = ""
) -> list[OutgoingMessage]:
    made = []
    for draft in chosen:
        row, created = message_state.store(
            draft, request=request, kind=kind, occasion=occasion, dropped=dropped, now=now
        )
        if created:
            made.append(row)
            if not dropped and not _held(row, now=now):
                deliver.enqueue(row.pk)
    return made


def cancel_waiting(*, request: AppointmentRequest, kinds: tuple[str, ...] | None, now: datetime) -> int:
    """Take back messages that nobody has begun to send; `kinds` None means all. How many were."""
    rows = request.messages.all()
    return message_state.cancel(rows if kinds is None else rows.filter(kind__in=kinds), now=now)


def retire(
    rows: "QuerySet[OutgoingMessage]", *, now: datetime, reason: str = "address_changed"
) -> list[OutgoingMessage]:
    """`rows` are for an address or with a link that is no longer hers: none of them goes out any more, and the same
    may be queued again. Those that waited, as they were; what was claimed before is on its way."""
    return message_state.retire(rows, reason=reason, now=now)


def send_anew(row: OutgoingMessage, *, now: datetime) -> list[OutgoingMessage]:
    """The same as a retired row said, as it stood before, where she is reached now, with the link that opens now.
    Reminders come back by the clock, and help is for who asked from that number."""
    is_for_another = row.kind == "help" and row.contact_number_id != row.request.contact_number_id
    if row.kind in REMINDERS or is_for_another:
        return []
    offer = gate.offer_of(row)
    about: dict[str, Any] = {"visit": gate.visit_of(row), "until": offer.expires_at if offer else None}
    return queue(request=row.request, kind=row.kind, occasion=row.occasion, now=now, **about)


def suppress_waiting(*, number: Any, now: datetime, reason: str = "stopped") -> int:
    """After a STOP or a wrong number: nothing that waits for this number goes out. How many were stopped."""
    rows = OutgoingMessage.objects.filter(contact_number=number, channel=Channel.SMS, state__in=WAITING)
    return sum(_suppress(row, reason=reason, now=now) for row in rows.select_related("request"))


def _suppress(row: OutgoingMessage, *, reason: str, now: datetime) -> bool:
    """Never send this text. She gets the same by email, or, if it is news and there is no email, a call."""
    with transaction.atomic():
        if not message_state.suppress(row, reason=reason, now=now):
            return False
        if row.is_retired:
            return True  # she was told elsewhere when her address was corrected
        chosen = drafts(request=row.request, kind=row.kind, only=Channel.EMAIL) if row.kind != "help" else []
        _store(chosen, request=row.request, kind=row.kind, occasion=row.occasion, now=now)
        if not chosen and row.kind in MUST_REACH_HER:
            open_task(row.request, DeskTask.Kind.MESSAGE_FAILED, now=now, message=row)
    return True


@task()
def deliver(pk: int) -> None:
    """The worker's task: send, or settle, one message if it is due."""
    attempt(pk, now=timezone.now())


def attempt(pk: int, *, now: datetime) -> None:
    """One try at one message. Safe to call at any time and any number of times."""
    row = OutgoingMessage.objects.select_related("request", "contact_number").filter(pk=pk).first()
    if row is None or row.state in FINAL or row.finished_at is not None:
        return
    if row.state in WAITING and row.next_attempt_at <= now:
        if not _held(row, now=now) and _claim(row, now=now):
            _send(row, now=now)
    elif row.state == State.SENDING and row.claimed_at is not None and row.claimed_at + LEASE <= now:
        # The worker that claimed it died. Whether the call was made, nobody here knows.
        _to_unknown(row, reason="worker_died", now=now)
    elif row.state == State.UNKNOWN and row.next_attempt_at <= now:
        _settle(row, now=now)


def sweep(*, now: datetime) -> int:
    """Wake every message that is due and has no task left to wake it. How many were woken.

    While a channel is paused, what waits for it sleeps on.
    """
    waits = Q(state__in=WAITING, next_attempt_at__lte=now - LEASE)
    if paused := pause.paused_channels(now=now):
        waits &= ~Q(channel__in=paused)
    due = OutgoingMessage.objects.unfinished().filter(
        waits
        | Q(state=State.SENDING, claimed_at__lte=now - LEASE)
        | Q(state=State.UNKNOWN, next_attempt_at__lte=now - LEASE)
    )
    waiting = DBTaskResult.objects.filter(status=TaskResultStatus.READY, task_path=deliver.module_path)
    awake = {arguments["args"][0] for arguments in waiting.values_list("args_kwargs", flat=True)}
    keys = due.order_by("next_attempt_at").values_list("pk", flat=True)[:2000]
    asleep = [pk for pk in keys if pk not in awake]
    for pk in asleep:
        deliver.enqueue(pk)
    return len(asleep)


def record_report(
    *, provider_id: str, provider_status: str, error: int | None, callback_key: str, now: datetime
) -> int | None:
    """What the provider says about a message. Moves it forward only; finds it by our own key even when the reply to
    our call was lost. Its id; None for a message that is not ours."""
    row = settling.message_of(provider_id=provider_id, callback_key=callback_key)
    if row is None:
        return None
    with transaction.atomic():
        apply_report(row, provider_id=provider_id, provider_status=provider_status, error=error, now=now)
    return row.pk


def apply_report(
    row: OutgoingMessage, *, provider_id: str, provider_status: str, error: int | None, now: datetime
) -> None:
    """The same for a row that was found already, however long ago; inside a transaction."""
    state = _state_of(provider_status)
    if state is None:
        return
    if not message_state.report(
        row, state=state, provider_id=provider_id, provider_status=provider_status, error=error, now=now
    ):
        return
    if state == State.UNDELIVERED:
        _after_refusal(row, code=error or 0, now=now)
    elif state == State.DELIVERED:
        pause.end(channel=row.channel, sent_after=row.claimed_at or now, was_delivered=True, now=now)


def _state_of(provider_status: str) -> OutgoingMessage.State | None:
    target = twilio.our_status(provider_status)
    if target in ("undelivered", "failed"):
        return State.UNDELIVERED
    return {"queued": State.SENT, "sent": State.SENT, "delivered": State.DELIVERED}.get(target or "")


def _held(row: OutgoingMessage, *, now: datetime) -> bool:
    """Whether the row has to wait for the morning; then it says so, and is woken when it may go."""
    until = gate.held_until(row, now=now)
    if until is None:
        return False
    with transaction.atomic():
        if message_state.hold(row, until=until):
            deliver.using(run_after=until).enqueue(row.pk)
    return True


def _claim(row: OutgoingMessage, *, now: datetime) -> bool:
    """Take the row for this process and leave a wake-up behind that outlives it. Asks inside the claim whether it may
    go: her address, the ledger, the visit, the pause of its channel."""
    with transaction.atomic():
        if not _may_reach_her(row, now=now):
            return False
        if reason := gate.not_wanted(row, now=now):
            message_state.drop(row, reason=reason, now=now)
            return False
        if not message_state.claim(row, now=now):
            return False
        if not pause.may_try(row.channel, now=now):
            transaction.set_rollback(True)
            return False
        deliver.using(run_after=now + LEASE + timedelta(seconds=5)).enqueue(row.pk)
    row.claimed_at, row.attempts = now, row.attempts + 1
    return True


def _may_reach_her(row: OutgoingMessage, *, now: datetime) -> bool:
    """Whether it goes to an address that is hers, and a text to a number that agreed. If not, it ends here, and she
    gets the same another way."""
    if row.is_retired:  # it was on its way when her number was corrected, and came back
        message_state.drop(row, reason="address_changed", now=now)
        return False
    may_go = row.channel != Channel.SMS or consent.may_text_in_line(row.contact_number)
    # In line with whoever corrects her number or mailbox: before it, or with what stands there afterwards.
    row.request.refresh_from_db(fields=["contact_number", "email", "link_version"])
    if row.channel == Channel.SMS and row.contact_number_id != row.request.contact_number_id:
        _redirect(row, reason="address_changed", now=now)
        return False
    if links.has_old_link(row.body, row.request):
        _redirect(row, reason="new_link", now=now)
        return False
    if not may_go:
        reason = "wrong_number" if consent.is_wrong(row.contact_number) else "no_consent"
        _suppress(row, reason=reason, now=now)
    return may_go


def _redirect(row: OutgoingMessage, *, reason: str, now: datetime) -> None:
    """A text for a number that is hers no more (a move that had read the old one queued it while it was corrected), or
    with a link that was made new while it waited: the same again, as it is right now."""
    if not message_state.drop(row, reason=reason, now=now):
        return  # another process has it, or it is over
    retire(OutgoingMessage.objects.filter(pk=row.pk), reason=reason, now=now)
    if not send_anew(row, now=now) and row.kind in MUST_REACH_HER:
        open_task(row.request, DeskTask.Kind.MESSAGE_FAILED, now=now, message=row)


def _send(row: OutgoingMessage, *, now: datetime) -> None:
    """The one call, outside of any transaction; then what came of it, if the claim still holds."""
    if timezone.now() - now > SEND_WITHIN:
        return  # the wake-up that the claim left behind settles it
    try:
        accepted = _hand_over(row, now=now)
    except twilio.SendRefused as refused:
        _refused(row, refused, now=now)
    except twilio.OutcomeUnknown as unknown:
        logger.warning("Message %s: %s", row.pk, unknown.reason)
        _to_unknown(row, reason="no_answer", now=now)
    else:
        _accepted(row, accepted, now=now)


def _hand_over(row: OutgoingMessage, *, now: datetime) -> twilio.Accepted:
    key = str(row.callback_key)
    if row.channel == Channel.EMAIL:
        letter = {"subject": row.subject, "body": row.body, "language": row.language}
        return email.send(to=row.request.email, **letter, callback_key=key)
    number = row.contact_number.number if row.contact_number is not None else ""
    return twilio.send(to=number, body=row.body, callback_key=key, validity=gate.validity(row, now=now))


def _accepted(row: OutgoingMessage, accepted: twilio.Accepted, *, now: datetime) -> None:
    # A text found at the provider minutes later may have arrived, or failed, already.
    state = _state_of(accepted.provider_status) or State.SENT
    with transaction.atomic():
        moved = message_state.mark_taken(row, accepted, state=state, now=now)
        if moved and state == State.UNDELIVERED:
            _after_refusal(row, code=accepted.error or 0, now=now)
            return
    pause.end(channel=row.channel, sent_after=row.claimed_at or now, was_delivered=False, now=now)


def _refused(row: OutgoingMessage, refused: twilio.SendRefused, *, now: datetime) -> None:
    scope = refused.scope
    if scope is twilio.Scope.CONFIGURATION:
        # Nothing is wrong with this message: it waits until somebody repairs the set-up, and burns no attempt.
        logger.error("Message %s waits: the set-up is refused (code %s).", row.pk, refused.code)
        attempts = row.attempts - 1
        pause.begin(channel=row.channel, code=refused.code, by_report=False, now=now)
        _again(row, at=now + pause.PAUSE, reason="not_set_up", attempts=attempts, code=refused.code)
    elif scope is twilio.Scope.TRANSIENT and row.attempts < (2 if refused.refusal.once else MOST_ATTEMPTS):
        later = _spread(timedelta(seconds=refused.retry_after)) if refused.retry_after else _backoff(row.attempts)
        _again(row, at=now + later, reason="try_again", attempts=row.attempts, code=refused.code)
    else:
        with transaction.atomic():
            if message_state.mark_failed(row, reason=scope.value, code=refused.code, now=now):
                _after_refusal(row, code=refused.code, now=now)


def _again(row: OutgoingMessage, *, at: datetime, reason: str, attempts: int, code: int) -> None:
    with transaction.atomic():
        if message_state.queue_again(row, at=at, reason=reason, attempts=attempts, code=code):
            deliver.using(run_after=at).enqueue(row.pk)


def _backoff(attempts: int) -> timedelta:
    """Twice as long after each try."""
    later: timedelta = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** max(0, attempts - 1))
    return _spread(later)


def _spread(later: timedelta) -> timedelta:
    """A little later, each at another moment: a crowd must not come back at once, nor sooner than it was told to."""
    return later * random.uniform(1, 1.25)  # noqa: S311 (not a secret)


def _after_refusal(row: OutgoingMessage, *, code: int, now: datetime) -> None:
    """A person must know that it did not arrive; and a provider that knows of a STOP tells the ledger."""
    scope = twilio.class_of_code(code).scope if code else None
    if scope is twilio.Scope.CONFIGURATION:
        pause.begin(channel=row.channel, code=code, by_report=True, now=now)
    if scope is twilio.Scope.OPTED_OUT and row.contact_number is not None:
        sid, source = row.provider_id or "", consent.Source.PROVIDER
        consent.stop(number=row.contact_number, source=source, now=now, request=row.request, provider_id=sid)
        suppress_waiting(number=row.contact_number, now=now)
    _tell_staff(row, DeskTask.Kind.MESSAGE_FAILED, now=now)


def _to_unknown(row: OutgoingMessage, *, reason: str, now: datetime) -> None:
    """Not known whether it went out. It is never sent again before the provider was asked."""
    with transaction.atomic():
        at = now + settling.FIRST_LOOK
        if not message_state.mark_unknown(row, reason=reason, look_at=at):
            return
        if row.channel == Channel.EMAIL:
            # A mail server cannot be asked. A second email is worse than a call: a person settles it.
            _give_up(row, now=now)
        else:
            deliver.using(run_after=at).enqueue(row.pk)


def _settle(row: OutgoingMessage, *, now: datetime) -> None:
    verdict = settling.look(row, now=now)
    if verdict.accepted is not None:
        _accepted(row, verdict.accepted, now=now)
    elif verdict.look_again_at is not None:
        with transaction.atomic():
            if message_state.look_again(row, at=verdict.look_again_at):
                deliver.using(run_after=verdict.look_again_at).enqueue(row.pk)
                if row.claimed_at is not None and row.claimed_at + TELL_STAFF_AFTER <= now:
                    open_task(row.request, DeskTask.Kind.MESSAGE_UNKNOWN, now=now, message=row)
    elif verdict.was_never_taken and row.attempts < MOST_ATTEMPTS:
        _again(row, at=now, reason="was_not_taken", attempts=row.attempts, code=0)
    else:
        with transaction.atomic():
            _give_up(row, now=now)


def _give_up(row: OutgoingMessage, *, now: datetime) -> None:
    if message_state.give_up(row, now=now):
        _tell_staff(row, DeskTask.Kind.MESSAGE_UNKNOWN, now=now)


def _tell_staff(row: OutgoingMessage, kind: DeskTask.Kind, *, now: datetime) -> None:
    """Somebody has to call, unless it was the copy of a text that is on its way: a text that fails tells by itself."""
    if row.is_retired:
        return  # her address was corrected since, and she is told there
    same = row.request.messages.filter(channel=Channel.SMS, kind=row.kind, occasion=row.occasion)
    if row.channel == Channel.SMS or not same.exclude(state__in=LOST).exists():
        open_task(row.request, kind, now=now, message=row)
