"""Forgets people: blanks the personal fields of requests that closed long enough ago. Must not touch a hash of a
number, the ledger's lines or a STOP: they outlive everything, so that nobody who said stop is ever texted again.

How long is the fact `deletion_days`, which the privacy page promises. What stays is what happened and when: statuses,
events without notes, message states without bodies.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from booking.models import (
    CLOSED,
    AppointmentRequest,
    ContactNumber,
    DeskCard,
    DeskTask,
    IncomingText,
    NameWord,
    OutgoingMessage,
    RequestedDay,
    RequestEvent,
)
from pages import facts

AT_ONCE = 200


@dataclass(frozen=True)
class Forgotten:
    """How many requests and numbers were (or, in a dry run, would be) forgotten."""

    requests: int
    numbers: int


def forget(*, now: datetime, dry_run: bool = False) -> Forgotten:
    """Blank what is due, one request a transaction. Safe to repeat and to interrupt; `dry_run` only counts."""
    days = facts.current().number("deletion_days")
    if days is None:
        return Forgotten(0, 0)
    before = now - timedelta(days=days)
    due = _due(before)
    if dry_run:
        return Forgotten(due.count(), _numbers_without_a_reason(before).count())
    done = 0
    while keys := list(due.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        for pk in keys:
            _forget_request(pk, now=now)
        done += len(keys)
    return Forgotten(done, _forget_numbers(before))


def _due(before: datetime) -> "QuerySet[AppointmentRequest]":
    return AppointmentRequest.objects.filter(status__in=CLOSED, closed_at__lt=before, forgotten_at__isnull=True)


def _forget_request(pk: int, *, now: datetime) -> None:
    with transaction.atomic():
        # Conditional, so that a request that was taken up again in this moment keeps everything.
        blank = dict.fromkeys(
            ("name", "phone_typed", "email", "avoid", "other_language", "email_hash", "network_hash"), ""
        )
        if not AppointmentRequest.objects.filter(pk=pk, status__in=CLOSED).update(forgotten_at=now, **blank):
            return
        NameWord.objects.filter(request_id=pk).delete()
        RequestedDay.objects.filter(request_id=pk).delete()
        OutgoingMessage.objects.filter(request_id=pk).update(body="", subject="")
        RequestEvent.objects.filter(request_id=pk).update(note="")
        DeskCard.objects.filter(request_id=pk).update(may_speak_with="")
        # What she wrote from another phone and staff placed here; her own number has a clock of its own.
        here = DeskTask.texts.through.objects.filter(desktask__request_id=pk).values("incomingtext_id")
        own = AppointmentRequest.objects.filter(pk=pk, contact_number__isnull=False).values("contact_number")
        IncomingText.objects.filter(pk__in=here).exclude(contact_number__in=own).update(body="")


def _numbers_without_a_reason(before: datetime) -> "QuerySet[ContactNumber]":
    """Numbers whose every request is forgotten, or that never had one, and from which nothing came since."""
    readable = ContactNumber.objects.filter(created_at__lt=before).exclude(last_four_hash="")
    wrote = IncomingText.objects.filter(received_at__gte=before)
    return readable.exclude(pk__in=_asked_for()).exclude(pk__in=wrote.values("contact_number"))


def _asked_for() -> "QuerySet[AppointmentRequest, Any]":
    """The numbers that a request still needs."""
    kept = AppointmentRequest.objects.filter(forgotten_at__isnull=True, contact_number__isnull=False)
    return kept.values("contact_number")


def _forget_numbers(before: datetime) -> int:
    _forget_texts(before)
    done = 0
    for pk in _numbers_without_a_reason(before).values_list("pk", flat=True):
        # The hash stays: a STOP must be found when the number comes back. Asked again: a text may have come since.
        done += _numbers_without_a_reason(before).filter(pk=pk).update(number="", last_four_hash="")
    return done


def _forget_texts(before: datetime) -> None:
    """What came in long enough ago from numbers that no request needs, also from one that goes on writing; unless
    staff placed it at a request that is still kept. Nobody can read it after this: nobody is asked to."""
    old = IncomingText.objects.filter(received_at__lt=before).exclude(contact_number__last_four_hash="")
    placed = DeskTask.texts.through.objects.filter(desktask__request__forgotten_at__isnull=True)
    forgotten = old.exclude(contact_number__in=_asked_for()).exclude(pk__in=placed.values("incomingtext_id"))
    forgotten.update(body="", is_unplaced=False)
