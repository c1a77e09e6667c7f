"""Asked before each try: may this message go now, how long may it take, is it still wanted. Must not write anything."""

from datetime import datetime, timedelta

from booking.messaging import quiet_hours, reminder_times
from booking.models import ActorKind, AppointmentRequest, Offer, OutgoingMessage, Visit

VALIDITY = timedelta(hours=4)
TELLS_A_TIME = ("confirmed", "moved")


def visit_of(row: OutgoingMessage) -> Visit | None:
    """The visit that a message is about: its version is the occasion."""
    version = row.occasion.removeprefix("v")
    if not row.occasion.startswith("v") or not version.isdecimal():
        return None
    return Visit.objects.filter(request_id=row.request_id, version=int(version)).first()


def offer_of(row: OutgoingMessage) -> Offer | None:
    """The offer that a message is about: its number is the occasion."""
    number = row.occasion.removeprefix("o")
    if row.kind != "offered" or not number.isdecimal():
        return None
    return Offer.objects.filter(request=row.request_id, number=number).first()


def held_until(row: OutgoingMessage, *, now: datetime) -> datetime | None:
    """When a text may go that may not go now, else None. An email wakes nobody."""
    if row.channel != OutgoingMessage.Channel.SMS:
        return None
    is_first = row.kind in ("received", "days_link")
    by_us = row.kind == "clinic_closed" or (row.kind == "cancelled" and _by_the_clinic(row.request))
    visit = visit_of(row) if by_us else None
    return quiet_hours.held_until(
        kind=row.kind,
        # What staff release from quarantine at night answers something that she did earlier.
        asked_at=row.request.created_at if is_first else row.created_at,
        now=now,
        cancelled_visit_at=visit.starts_at if visit else None,
    )


def not_wanted(row: OutgoingMessage, *, now: datetime) -> str:
    """Why a message about a time must not go any more, else empty. Read at the moment of sending, from the visit in
    force: a row that was being settled while the visit moved must not tell the old time last."""
    if row.kind == "offered":
        return "" if _is_offered(row, now=now) else "offer_over"
    if row.kind not in (*TELLS_A_TIME, *reminder_times.REMINDERS):
        return ""
    visit = visit_of(row)
    if visit is None or visit.ended_at is not None:
        return "visit_changed"
    if row.kind in TELLS_A_TIME:
        return ""
    window = reminder_times.window(row.kind, visit)
    return "" if window is not None and now < window.closes else "too_late"


def validity(row: OutgoingMessage, *, now: datetime) -> timedelta:
    """How long the provider may try. A reminder must not arrive after its use."""
    visit = visit_of(row) if row.kind in reminder_times.REMINDERS else None
    window = reminder_times.window(row.kind, visit) if visit else None
    return min(VALIDITY, window.closes - now) if window else VALIDITY


def _is_offered(row: OutgoingMessage, *, now: datetime) -> bool:
    found = offer_of(row)
    return found is not None and found.is_open(now=now)


def _by_the_clinic(request: AppointmentRequest) -> bool:
    return request.status_reason == f"by_{ActorKind.STAFF.value}"
