"""Chooses the channel of a message and fills its slots from the request. Must not store or send it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from booking import links
from booking.messaging import consent, wording_versions
from booking.messaging.reminder_times import REMINDERS
from booking.models import AppointmentRequest, ContactNumber, OutgoingMessage, Visit
from pages import facts
from pages.models import Office

_DAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    # Without its accent: á is not in GSM-7, and one of it makes every text twice as long to send.
    "es": ("lun", "mar", "mié", "jue", "vie", "sab", "dom"),
}
_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "es": ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
}
# What is over in a day, or was asked for by text, is not sent a second time by email.
NO_COPY = (*REMINDERS, "nudge", "link_again", "link", "help")
_BY_VIDEO = {"en": "by video", "es": "por video"}


@dataclass(frozen=True)
class Draft:
    """One message, ready to be stored."""

    channel: str
    language: str
    body: str
    subject: str = ""
    number: ContactNumber | None = None
    wording_version: int = 0


def drafts(
    *,
    request: AppointmentRequest,
    kind: str,
    visit: Visit | None = None,
    until: datetime | None = None,
    only: str = "",
) -> list[Draft]:
    """What goes out for this kind now: a text, a text with a copy by email, an email, or nothing. `only`: on this
    channel or not at all. `until`: the instant to name where there is no visit."""
    language = "es" if request.page_language == "es" else "en"
    channels = channels_for(request, kind=kind)
    if only:
        channels = [only] if only != OutgoingMessage.Channel.EMAIL or request.email else []
    if not channels:
        return []
    starts_at = visit.starts_at if visit else until
    slots = slots_for(request, language=language, starts_at=starts_at, office=visit.office if visit else None)
    return [_draft(request, kind, channel=channel, language=language, slots=slots) for channel in channels]


def _draft(request: AppointmentRequest, kind: str, *, channel: str, language: str, slots: dict[str, str]) -> Draft:
    is_text = channel == OutgoingMessage.Channel.SMS
    known = {name: value for name, value in slots.items() if not (is_text and name == "reference")}
    made = wording_versions.rendered(kind, channel=channel, language=language, slots=known)
    number = request.contact_number if is_text else None
    return Draft(channel, language, made.body, made.subject, number, wording_version=made.version)


def channels_for(request: AppointmentRequest, *, kind: str) -> list[str]:
    """The channel of this message, and email as a second one where a copy of a text is worth keeping."""
    channel = channel_for(request)
    if channel == OutgoingMessage.Channel.SMS and request.email and kind not in NO_COPY:
        return [channel, OutgoingMessage.Channel.EMAIL]
    return [channel] if channel else []


def channel_for(request: AppointmentRequest) -> str:
    """By text where the ledger allows it and email was not asked for, else by email, else empty: staff call."""
    wants_email = request.contact == AppointmentRequest.Contact.EMAIL and request.email
    if not wants_email and consent.may_text(request.contact_number):
        return OutgoingMessage.Channel.SMS
    return OutgoingMessage.Channel.EMAIL if request.email else ""


def slots_for(
    request: AppointmentRequest, *, language: str, starts_at: datetime | None = None, office: Office | None = None
) -> dict[str, str]:
    """The closed set of slots, in the patient's language and the clinic's wall time."""
    known = facts.current()
    slots = {
        "brand": known.text("clinic_short_name", language),
        "link": links.url(request),
        "phone": known.text("clinic_phone", language),
        "reference": request.spaced_reference,
    }
    if starts_at is not None:
        local = starts_at.astimezone(ZoneInfo(settings.TIME_ZONE))
        slots |= {"day": short_day(local, language), "time": short_time(local, language)}
        slots["office"] = office.nickname if office is not None else by_video(language)
    return slots


def by_video(language: str) -> str:
    """What stands for the office of a visit by video."""
    return _BY_VIDEO[language]


def short_day(local: datetime, language: str) -> str:
    """“Wed Dec 16”, “mié 16 dic”: the locale's own words are too long for a text."""
    day, month = _DAYS[language][local.weekday()], _MONTHS[language][local.month - 1]
    return f"{day} {local.day} {month}" if language == "es" else f"{day} {month} {local.day}"


def short_time(local: datetime, language: str) -> str:
    """“3:30 pm”, “3:30 p. m.”; full hours without minutes."""
    minutes = f":{local.minute:02d}" if local.minute else ""
    half = ("a. m." if local.hour < 12 else "p. m.") if language == "es" else ("am" if local.hour < 12 else "pm")
    return f"{local.hour % 12 or 12}{minutes} {half}"
