"""Forgets people: blanks the personal fields of requests that closed long enough ago. Must not touch a hash of a
number, the ledger's lines or a STOP: they outlive everything, so that nobody who said stop is ever texted again.

How long is the fact `deletion_days`, which the privacy page promises. What stays is what happened and when: statuses,
events without notes, message states without bodies.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from booking.models import (
    CLOSED,
    AppointmentRequest,
    ContactNumber,
    DeskCard,
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


def _numbers_without_a_reason(before: datetime) -> "QuerySet[ContactNumber]":
    """Numbers whose every request is forgotten; one that never had a request goes when it is that old."""
    kept = AppointmentRequest.objects.filter(forgotten_at__isnull=True, contact_number__isnull=False)
    readable = ContactNumber.objects.filter(created_at__lt=before).exclude(last_four_hash="")
    return readable.exclude(pk__in=kept.values("contact_number"))


def _forget_numbers(before: datetime) -> int:
    done = 0
    for number in _numbers_without_a_reason(before):
        with transaction.atomic():
            IncomingText.objects.filter(contact_number=number).update(body="")
            # The hash stays: a STOP must be found when the number comes back.
            ContactNumber.objects.filter(pk=number.pk).update(number="", last_four_hash="")
        done += 1
    return done
