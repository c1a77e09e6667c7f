"""What the desk's screens say: waiting times, days, phones, states. Must not ask the database."""

from datetime import date, datetime, timedelta

import phonenumbers
from django.contrib.auth.models import User
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from booking.messaging.addressing import short_time
from booking.messaging.twilio_codes import class_of_code
from booking.models import AppointmentRequest, ConsentEvent, OutgoingMessage, Readiness

EVENT_WORDS: dict[str, str | Promise] = {
    "submit": gettext_lazy("Request received"),
    "confirm": gettext_lazy("Time set"),
    "move": gettext_lazy("Moved to a new time"),
    "decline": gettext_lazy("Declined"),
    "cancel": gettext_lazy("Cancelled"),
    "discard": gettext_lazy("Discarded: automated"),
    "release": gettext_lazy("Released: not automated"),
    "choose_days": gettext_lazy("Chose days"),
    "change_days": gettext_lazy("Chose other days"),
    "note": gettext_lazy("Note"),
    "new_link": gettext_lazy("New private link made"),
    "complete": gettext_lazy("Visit over"),
    "no_show": gettext_lazy("Did not come"),
    "not_done": gettext_lazy("Came, but it was not done"),
    "take_back": gettext_lazy("Taken back: it was a mistake"),
    "close_day": gettext_lazy("We closed the day of the visit"),
    "rebook": gettext_lazy("Back into the queue"),
    "next_cycle": gettext_lazy("Moved to the next cycle"),
    "wait": gettext_lazy("Waits for the patient"),
    "return": gettext_lazy("Came back into the queue"),
    "nudge": gettext_lazy("Reminded to choose days"),
    "expire": gettext_lazy("Closed: the last day is past"),
    "offer": gettext_lazy("Times offered"),
    "accept": gettext_lazy("Accepted an offered time"),
    "turn_down": gettext_lazy("None of the offered times works"),
    "withdraw_offer": gettext_lazy("Offer taken back"),
    "offer_expired": gettext_lazy("The offer ran out"),
    "ask_change": gettext_lazy("Asked for another time"),
    "release_time": gettext_lazy("Gave the old time up"),
    "keep_time": gettext_lazy("Keeps the old time"),
    "hold": gettext_lazy("Time held while talking"),
    "let_go": gettext_lazy("Held time let go"),
    "call_spoke": gettext_lazy("Called: spoke"),
    "call_no_answer": gettext_lazy("Called: no answer"),
    "call_voicemail": gettext_lazy("Called: left a voice message"),
    "call_wrong_number": gettext_lazy("Called: wrong number"),
    "join": gettext_lazy("Same person: the other request goes on"),
    "joined": gettext_lazy("Same person: took over another request"),
    "told_by_phone": gettext_lazy("Told the patient on the phone"),
    "text_placed": gettext_lazy("Put a text here that came without a request"),
    "text_taken_away": gettext_lazy("Took a text away that was put here by mistake"),
    "correct_name": gettext_lazy("Corrected: name"),
    "correct_phone": gettext_lazy("Corrected: phone"),
    "correct_email": gettext_lazy("Corrected: email"),
    "correct_wishes": gettext_lazy("Corrected: how and when to reach the patient"),
    "speak_with": gettext_lazy("Wrote down whom we may speak with"),
    "speak_with_nobody": gettext_lazy("Took back whom we may speak with"),
}
# A tick says what was done; taken back, that it was a mistake.
for _kind, _label in Readiness.Kind.choices:
    EVENT_WORDS |= {
        f"tick_{_kind}": _label,
        f"untick_{_kind}": format_lazy("{} – {}", _label, gettext_lazy("taken back")),
    }
MESSAGE_KINDS: dict[str, str | Promise] = {
    "received": gettext_lazy("We have your request"),
    "confirmed": gettext_lazy("Time set"),
    "moved": gettext_lazy("New time"),
    "declined": gettext_lazy("Declined"),
    "offered": gettext_lazy("Times offered"),
    "cancelled": gettext_lazy("Cancelled"),
    "clinic_closed": gettext_lazy("We are closed that day"),
    "days_link": gettext_lazy("Link to choose days"),
    "link_again": gettext_lazy("Link sent again"),
    "link": gettext_lazy("Private link"),
    "help": gettext_lazy("Answer to HELP"),
    "nudge": gettext_lazy("Reminder: choose days"),
    "expired": gettext_lazy("The request is closed"),
    "plan_begins": gettext_lazy("Reminder: plan starts"),
    "day_before": gettext_lazy("Reminder: visit tomorrow"),
    "same_morning": gettext_lazy("Reminder: visit today"),
}
# Reasons that the outbox writes itself, without a code of the provider.
OWN_REASONS: dict[str, str | Promise] = {
    "stopped": gettext_lazy("This person said STOP."),
    "wrong_number": gettext_lazy("Somebody else has this number."),
    "no_consent": gettext_lazy("This person did not agree to texts."),
    "worker_died": gettext_lazy("The computer stopped while it was sent. We ask whether it arrived."),
    "no_answer": gettext_lazy("The text service did not answer. We ask whether it arrived."),
    "was_not_taken": gettext_lazy("It was not sent. We try again."),
    "try_again": gettext_lazy("We try again."),
    "not_set_up": gettext_lazy("The text service is not set up right."),
    "no_receipt": gettext_lazy("It was sent. The phone company did not say whether it arrived."),
    "address_changed": gettext_lazy("The phone or email was corrected before it could go."),
    "new_link": gettext_lazy("A new private link was made before it could go."),
    "visit_changed": gettext_lazy("The visit was moved or cancelled meanwhile."),
    "offer_over": gettext_lazy("The offer was answered, taken back or over before it could go."),
    "too_late": gettext_lazy("It was too late to be of use."),
    "too_many": gettext_lazy("This number had enough reminders today or this week."),
}
NOT_ARRIVED = {"failed", "undelivered", "unknown"}


def event_words(verb: str) -> str:
    """What happened, for the timeline."""
    return str(EVENT_WORDS.get(verb) or verb.replace("_", " ").capitalize())


def kind_words(kind: str) -> str:
    """What a message is for."""
    return str(MESSAGE_KINDS.get(kind) or kind.replace("_", " ").capitalize())


def span(length: timedelta) -> str:
    """A length of time in one unit: “12 min”, “3 h”, “2 days”."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 60:
        return _("%(number)d min") % {"number": minutes}
    if minutes < 24 * 60:
        return _("%(number)d h") % {"number": minutes // 60}
    days = minutes // (24 * 60)
    return ngettext("%(number)d day", "%(number)d days", days) % {"number": days}


def waiting(asked: AppointmentRequest, *, now: datetime) -> str:
    """How long a request has waited, and that it is late when it is."""
    length = span(now - asked.created_at)
    return _("%(span)s – late") % {"span": length} if asked.is_late(now=now) else length


def short_day(day: date) -> str:
    """“Thu, Dec 10”."""
    return formats.date_format(day, "D, M j")


def long_day(day: date) -> str:
    """“Thursday, December 10”."""
    return formats.date_format(day, "l, F j")


def clock(instant: datetime) -> str:
    """“3:30 p.m.” on the clinic's wall."""
    return formats.date_format(timezone.localtime(instant), "P")


def when(instant: datetime) -> str:
    """“Thu, Dec 10, 3:30 p.m.” on the clinic's wall."""
    return f"{short_day(timezone.localtime(instant).date())}, {clock(instant)}"


def person(user: User) -> str:
    """A member of staff as colleagues know them."""
    return user.get_full_name() or user.get_username()


def since(instant: datetime, *, now: datetime) -> str:
    """“10:05 a.m.” today, “Mon, Dec 7, 10:05 a.m.” before."""
    is_today = timezone.localtime(instant).date() == timezone.localtime(now).date()
    return clock(instant) if is_today else when(instant)


def phone(e164: str, *, extension: str = "") -> str:
    """A number as Americans write it; other countries keep their form; blank stays blank."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    wanted = phonenumbers.PhoneNumberFormat
    style = wanted.NATIONAL if number.country_code == 1 else wanted.INTERNATIONAL
    spelled = phonenumbers.format_number(number, style)
    return _("%(phone)s ext. %(extension)s") % {"phone": spelled, "extension": extension} if extension else spelled


def language(asked: AppointmentRequest) -> str:
    """The language to speak."""
    if asked.speaks == AppointmentRequest.Speaks.OTHER:
        return asked.other_language or _("Another language")
    return str(asked.get_speaks_display())


def voicemail(asked: AppointmentRequest) -> str:
    """Whether a voice message may be left."""
    known = {True: _("Voice message: yes"), False: _("Voice message: no")}
    return (
        known.get(asked.voicemail, _("Voice message: not asked"))
        if asked.voicemail is not None
        else _("Voice message: not asked")
    )


def texts(newest: str | None) -> str:
    """Whether texts may be sent, from the newest line of the consent ledger."""
    if newest == ConsentEvent.Kind.STOPPED:
        return _("Texts: stopped")
    if newest == ConsentEvent.Kind.WRONG:
        return _("Wrong number: no texts")
    return _("Texts: yes") if newest else _("Texts: no")


def code_reason(code: int | None) -> str:
    """A code of the provider in words; empty without one."""
    return str(class_of_code(code).reason) if code else ""


def delivery(message: OutgoingMessage) -> str:
    """What became of a message, step by step, with its reason: “Sent 3:30 p.m. Delivered 3:31 p.m.”"""
    state, at = OutgoingMessage.State, message.finished_at
    steps = []
    if message.sent_at is not None:
        steps.append(_("Sent %(time)s") % {"time": clock(message.sent_at)})
    if message.state == state.SENT and message.channel == OutgoingMessage.Channel.SMS:
        steps.append(_("The phone company has not said yet whether it arrived."))
    elif message.state != state.SENT:
        steps.append(f"{message.get_state_display()} {clock(at) if at is not None else ''}".strip())
    if reason := delivery_reason(message):
        steps.append(reason)
    if message.is_retired and message.sent_at is not None:
        steps.append(_("It went to the phone or email from before the correction."))
    if message.attempts > 1:
        steps.append(_("Tried %(number)d times.") % {"number": message.attempts})
    if message.wording_version:
        steps.append(_("Words: version %(number)d.") % {"number": message.wording_version})
    return " ".join(step if step.endswith(".") else f"{step}." for step in steps)


def delivery_reason(message: OutgoingMessage) -> str:
    """Why a message is not delivered, in words; empty when there is nothing to explain."""
    if message.state == OutgoingMessage.State.HELD:
        return _("Held until %(time)s.") % {"time": short_time(timezone.localtime(message.next_attempt_at), "en")}
    return code_reason(message.provider_error) or str(OWN_REASONS.get(message.reason, ""))
