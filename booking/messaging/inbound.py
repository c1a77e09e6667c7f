"""Texts from patients. Each is stored before it is understood. Must not send: Twilio itself replies to STOP, START and
HELP, where a second reply would be one too many; help asked in other words is queued like any message.
"""

import re
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, Value, When
from django.utils import timezone

from booking import desk_tasks
from booking.encryption import folded
from booking.messaging import consent, outbox
from booking.messaging.keywords import is_one_stop_word, meaning_of, provider_answers_help
from booking.models import AppointmentRequest, ContactNumber, DeclineReason, DeskTask, IncomingText, Status

__all__ = ["meaning_of", "receive", "sweep"]

Meaning = IncomingText.Meaning
UNREAD_AFTER = timedelta(minutes=1)  # the process that stored it must have ended
# CANCEL and its kin with a visit ahead may mean the visit: an opt-out for the law, a question for a person.
_MAY_MEAN_THE_VISIT = frozenset({"cancel", "end", "quit", "cancelar", "terminar", "fin"})
_MEANS_THE_VISIT = frozenset({"cancel", "canceling", "cancelling", "cancelar", "cancele", "cancelen", "cancelo"})
_KEEPS_IT = re.compile(r"\b(?:do not|dont|never|no)(?: \w+){0,3} cancel\w*")


def receive(*, provider_id: str, from_number: str, body: str, keyword: str, now: datetime) -> IncomingText:
    """Store a text, then act on it. A repeated delivery of the same text changes nothing."""
    number = consent.number_for(from_number, now=now)
    row, created = IncomingText.objects.get_or_create(
        provider_id=provider_id,
        defaults={
            "contact_number": number,
            "body": body,
            "received_at": now,
            "provider_keyword": keyword[:12],
        },
    )
    if created or row.handled_at is None:
        _act(row, number, body=body, keyword=keyword, now=now)
    return row


def sweep(*, now: datetime) -> int:
    """Act on texts that were stored by a process which ended before it understood them. How many."""
    left = IncomingText.objects.filter(handled_at__isnull=True, received_at__lt=now - UNREAD_AFTER)
    rows = list(left.select_related("contact_number")[:100])
    for row in rows:
        _act(row, row.contact_number, body=row.body, keyword=row.provider_keyword, now=now)
    return len(rows)


def _act(row: IncomingText, number: ContactNumber, *, body: str, keyword: str, now: datetime) -> None:
    meaning = _meaning(number, body=body, keyword=keyword)
    with transaction.atomic():
        if meaning == Meaning.STOP:
            consent.stop(number=number, source=consent.Source.TEXT, now=now, said=body, provider_id=row.provider_id)
            outbox.suppress_waiting(number=number, now=now)
            _ask_about_the_visit(row, number, body=body, if_any_of=_MAY_MEAN_THE_VISIT, now=now)
        elif meaning == Meaning.START:
            consent.restart(number=number, source=consent.Source.TEXT, now=now, said=body, provider_id=row.provider_id)
        elif meaning == Meaning.HELP and not provider_answers_help(body, keyword=keyword):
            _answer_help(row, number, now=now)
        # A sentence was judged by rules that may be wrong: a person reads it, whatever they made of it.
        if meaning == Meaning.OTHER:
            if not _ask_about_the_visit(row, number, body=body, if_any_of=_MEANS_THE_VISIT, now=now):
                _for_staff(row, number, now=now)
        elif meaning == Meaning.STOP and not keyword and not is_one_stop_word(body):
            _for_staff(row, number, now=now)
        IncomingText.objects.filter(pk=row.pk).update(meaning=meaning, handled_at=now)


def _meaning(number: ContactNumber, *, body: str, keyword: str) -> IncomingText.Meaning:
    if keyword.lower() in (Meaning.STOP, Meaning.START, Meaning.HELP):
        return Meaning(keyword.lower())  # the provider acted on it: the ledger must not say otherwise
    meaning = meaning_of(body)
    if meaning == Meaning.START and folded(body).strip(" .!") == "yes":
        # At the provider YES undoes a STOP that was texted. Anywhere else it answers a question we do not know.
        line = consent.newest(number)
        was_texted = line is not None and line.source in (consent.Source.TEXT, consent.Source.PROVIDER)
        if line is None or line.kind != consent.Kind.STOPPED or not was_texted:
            return Meaning.OTHER
    return meaning


def _ask_about_the_visit(
    row: IncomingText, number: ContactNumber, *, body: str, if_any_of: frozenset[str], now: datetime
) -> bool:
    """Have somebody call when a text may mean the visit ahead. Whether somebody will."""
    words = re.sub(r"[^\w\s]", " ", folded(re.sub(r"['’]", "", body))).split()
    if not set(words) & if_any_of or _KEEPS_IT.search(" ".join(words)):
        return False
    visits = number.requests.filter(visits__ended_at__isnull=True, visits__starts_at__gt=now).distinct()
    for request in visits:
        desk_tasks.open_task(request, DeskTask.Kind.WANTS_TO_CANCEL, now=now, text=row)
    return bool(visits)


def _answer_help(row: IncomingText, number: ContactNumber, *, now: datetime) -> None:
    request = _newest_request(number)
    if request is not None and consent.may_text(number):
        outbox.queue(request=request, kind="help", occasion=timezone.localdate(now).isoformat(), now=now)
    else:
        _for_staff(row, number, now=now)


def _for_staff(row: IncomingText, number: ContactNumber, *, now: datetime) -> None:
    """Have somebody read it: at her request, or among the texts that we cannot place (booking/unplaced.py)."""
    request = _newest_request(number)
    if request is not None:
        desk_tasks.open_task(request, DeskTask.Kind.READ_TEXT, now=now, text=row)
    else:
        IncomingText.objects.filter(pk=row.pk, read_at__isnull=True).update(is_unplaced=True)


def _newest_request(number: ContactNumber) -> AppointmentRequest | None:
    """Where what she writes is read: not at a request that ended because we go on with another one of hers, which has
    its earlier place and so is not the newest; unless there is no other under this number."""
    ended_as_double = Case(
        When(status=Status.DECLINED, status_reason=DeclineReason.DUPLICATE, then=Value(1)), default=Value(0)
    )
    hers = number.requests.exclude(status=Status.QUARANTINED)
    return hers.order_by(ended_as_double, "-created_at", "-pk").first()
