"""A name, phone or email that was misheard or mistyped is put right, and what follows from it: nothing more goes to the
old number or mailbox, and what went there is told where she is reached now. Must not record what she agreed to (the
ledger belongs to the number: booking/messaging/consent.py), nor move the request."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from booking import fresh_link, name_words, telling
from booking.actors import Actor
from booking.encryption import lookup_hash
from booking.messaging import consent, gate, outbox
from booking.messaging.message_state import LOST, WAITING
from booking.models import (
    ActorKind,
    AppointmentRequest,
    ConsentEvent,
    OutgoingMessage,
    Status,
)
from booking.models.messages import OutgoingMessageQuerySet
from booking.standing import StaleRequest, record, stand_in_line
from booking.submission import Evidence, email_hash

Channel = OutgoingMessage.Channel
# One line of the history for each of these that was changed; never what it was or is.
PARTS = {
    "name": ("name",),
    "phone": ("phone_e164",),
    "email": ("email",),
    "wishes": ("contact", "best_time", "voicemail", "speaks", "other_language"),
}
TOLD_ON_THE_PHONE = ("told_by_phone", "call_spoke")
HER_OWN = ("accept", "cancel")


@dataclass(frozen=True)
class Details:
    """The cleaned answers of the form: who she is and how to reach her. `phone_e164` is empty without a phone."""

    name: str
    phone_typed: str
    phone_e164: str
    email: str
    contact: str
    best_time: str
    voicemail: bool | None
    speaks: str
    other_language: str


@dataclass(frozen=True)
class Corrected:
    """What became of it. `parts`: which of PARTS were changed. `has_new_link`: what was sent before opens nothing."""

    parts: tuple[str, ...]
    has_agreed: bool = False
    has_new_link: bool = False
    is_reached: bool = False  # something is on its way to her, with the new link if there is one


@dataclass(frozen=True)
class _Gone:
    """What was told at an address that is hers no more. `waiting`: what was taken back before anybody sent it. `news`:
    what still stands, and whether she knows it otherwise."""

    has_new_link: bool
    is_any: bool
    waiting: list[OutgoingMessage]
    news: list[tuple[OutgoingMessage, bool]]


class ChangedMeanwhile(StaleRequest):
    """The request, or how to reach her, is not what staff saw when they began to type."""

    def __init__(self) -> None:
        super().__init__(
            _("Nothing was saved: this request was changed meanwhile. Below is what is stored now. Look at it again.")
        )


def can_be_corrected(request: AppointmentRequest) -> bool:
    """Whether anything is there to correct: also after the visit, until she is forgotten."""
    return request.forgotten_at is None


def mark(request: AppointmentRequest) -> str:
    """What a form was made for, as a keyed hash: where the request stands, its newest time, and all that can be
    corrected."""
    newest = request.visits.values_list("version", flat=True).first() or 0
    shown = [request.status, newest, request.link_version, *asdict(of(request)).values()]
    return lookup_hash("contact_details", "\x1f".join(map(str, shown)))


def holds_a_link(request: AppointmentRequest) -> bool:
    """Whether somebody may hold her private link from a message."""
    return _that_count(request).exclude(state__in=(*LOST, *WAITING)).exists()


def correct(
    *,
    request: AppointmentRequest,
    details: Details,
    seen: str,
    by: Actor,
    now: datetime,
    agreed: Evidence | None = None,
    new_link: bool = False,
) -> Corrected:
    """Put right what was misheard. `seen`: the mark() of what staff were shown.

    Another number starts with the consent that the ledger knows for it, normally none; `agreed`: the words were read
    to her and she agreed to texts to the number in `details`. `new_link`: whoever got the link at the old number or
    mailbox is to see nothing. What waits for the old one is taken back; it, and news that went there, is queued for
    where she is reached now, and news that no message can tell is a task to call. Raises ChangedMeanwhile.
    """
    with transaction.atomic():
        try:
            stand_in_line(request)
        except StaleRequest:
            raise ChangedMeanwhile from None
        if mark(request) != seen or not can_be_corrected(request):
            raise ChangedMeanwhile
        before = of(request)
        parts, moved = _changed(before, details), _channels_moved(before, details)
        _write(request, details, now=now)
        for part in parts:
            record(request, verb=f"correct_{part}", by=by, now=now, source=request.status, target=request.status)
        gone = _take_back(request, moved, new_link=new_link, by=by, now=now)
        # Only now: who reports a delivery holds its message when it asks for the number, so nobody holds a number when
        # asking for messages that may be on their way.
        has_agreed = agreed is not None and _grant(request, agreed, now=now)
        made = _reach_her_there(request, gone, now=now)
        return Corrected(parts, has_agreed=has_agreed, has_new_link=gone.has_new_link, is_reached=bool(made))


def of(request: AppointmentRequest) -> Details:
    """As it stands there now."""
    number = request.contact_number
    return Details(
        name=request.name,
        phone_typed=request.phone_typed,
        phone_e164=number.number if number else "",
        email=request.email,
        contact=request.contact,
        best_time=request.best_time,
        voicemail=request.voicemail,
        speaks=request.speaks,
        other_language=request.other_language,
    )


def _changed(before: Details, after: Details) -> tuple[str, ...]:
    def differs(field: str) -> bool:
        return bool(getattr(before, field) != getattr(after, field))

    return tuple(part for part, fields in PARTS.items() if any(map(differs, fields)))


def _channels_moved(before: Details, after: Details) -> set[str]:
    """The channels that lead elsewhere now. A mailbox in other capitals is the same mailbox."""
    moved = {Channel.SMS: before.phone_e164 != after.phone_e164}
    moved[Channel.EMAIL] = before.email.lower() != after.email.lower()
    return {channel.value for channel, has_moved in moved.items() if has_moved}


def _write(request: AppointmentRequest, details: Details, *, now: datetime) -> None:
    number = consent.number_for(details.phone_e164, now=now) if details.phone_e164 else None
    columns: dict[str, Any] = {**asdict(details), "contact_number": number, "email_hash": email_hash(details.email)}
    del columns["phone_e164"]
    if number != request.contact_number:
        # The tick that came with the request was for the number beside it; the ledger keeps it with that number.
        columns |= {"consent_evidence": None, "consent_recorded_by": None}
    if details.speaks != request.speaks and request.source != AppointmentRequest.Source.WEB:
        # She chose no language of the page: staff said for her which one she speaks.
        columns["page_language"] = "es" if details.speaks == AppointmentRequest.Speaks.SPANISH else "en"
    if details.name != request.name:
        name_words.replace(request.pk, details.name)
    for name, value in columns.items():
        setattr(request, name, value)
    request.save(update_fields=list(columns))


def _grant(request: AppointmentRequest, evidence: Evidence, *, now: datetime) -> bool:
    if request.contact_number is None:
        return False
    return consent.grant(
        number=request.contact_number,
        request=request,
        language="es" if request.speaks == AppointmentRequest.Speaks.SPANISH else request.page_language,
        page=evidence.page,
        form_version=evidence.form_version,
        network=evidence.network,
        source=ConsentEvent.Source.STAFF,
        now=now,
        recorded_by=evidence.spoken_to,
    )


def _take_back(request: AppointmentRequest, moved: set[str], *, new_link: bool, by: Actor, now: datetime) -> _Gone:
    """After her number or mailbox was written: nothing more goes to the old one, and what went there opens nothing."""
    there = Q(channel__in=moved)
    news = [(row, _knows(row, moved=moved)) for row in _standing_news(request, now=now)]
    is_new = new_link and _that_count(request).filter(there).exclude(state__in=(*LOST, *WAITING)).exists()
    if is_new:
        fresh_link.rotate(request=request, by=by, now=now)
        there |= Q(state__in=WAITING)  # what waits on the other channel holds the old link
    rows = _that_count(request).filter(there)
    told_there = {(row.kind, row.occasion) for row in rows}
    waiting = outbox.retire(rows, now=now)
    gone = [(row, knows) for row, knows in news if (row.kind, row.occasion) in told_there]
    return _Gone(has_new_link=is_new, is_any=bool(told_there), waiting=waiting, news=gone)


def _reach_her_there(request: AppointmentRequest, gone: _Gone, *, now: datetime) -> list[OutgoingMessage]:
    """What waited, the news, or else the link, where she is reached now. In the order of before: the first text to a
    number says how to end them."""
    made = []
    for row in gone.waiting:
        if row.kind not in outbox.NEWS:
            row.request = request
            made += outbox.send_anew(row, now=now)
    for row, knows in gone.news:
        row.request = request
        made += telling.tell_again(row, knows=knows, now=now)
    has_none = gone.has_new_link or not _that_count(request).exclude(state__in=LOST).exists()
    if gone.is_any and has_none and not made:
        made = fresh_link.send(request=request, now=now)
    return made


def _standing_news(request: AppointmentRequest, *, now: datetime) -> list[OutgoingMessage]:
    """What messages told, or were to tell, and is still true and ahead: one of each, the older first."""
    rows = _that_count(request).filter(kind__in=outbox.NEWS).order_by("-pk")
    found = {(row.kind, row.occasion): row for row in rows if _still_stands(row, request, now=now)}
    return sorted(found.values(), key=lambda row: row.pk)


def _still_stands(row: OutgoingMessage, request: AppointmentRequest, *, now: datetime) -> bool:
    if row.kind == "offered":
        return not gate.not_wanted(row, now=now)
    if row.kind == "declined":
        return request.status == Status.DECLINED and fresh_link.opens(request, now=now)
    visit = gate.visit_of(row)
    if visit is None or visit.starts_at <= now:
        return False
    if row.kind in gate.TELLS_A_TIME:
        return visit.ended_at is None
    return request.current_visit() is None  # taken away, and nothing was set since


def _knows(row: OutgoingMessage, *, moved: set[str]) -> bool:
    """Whether she has the news otherwise: on a channel that stays, from a call, or because it was her own press."""
    same = _that_count(row.request).filter(kind=row.kind, occasion=row.occasion)
    events = row.request.events
    return (
        same.exclude(channel__in=moved).exclude(state__in=LOST).exists()
        or events.filter(verb__in=TOLD_ON_THE_PHONE, at__gte=row.created_at).exists()
        or events.filter(verb__in=HER_OWN, at=row.created_at, actor_kind=ActorKind.PATIENT).exists()
    )


def _that_count(request: AppointmentRequest) -> OutgoingMessageQuerySet:
    return OutgoingMessage.objects.filter(request=request).that_count()
