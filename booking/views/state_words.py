"""What each status means to the patient, in her words. Must not read a request from the database.

One entry per status; a test holds that none is missing. `step` is the place in the list of four that her page shows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import get_language, gettext, pgettext
from django.utils.translation import gettext_lazy as _

from booking import promise
from booking.forms.times import day_words, unbroken
from booking.models import CLINIC_CLOSED, AppointmentRequest, Call, Status, Visit
from booking.views.summary import Row
from pages import opening

STEPS = (_("Received"), _("We are arranging a time"), _("Time set"), _("Your visit"))
RECEIVED, ARRANGING, TIME_SET, DONE = range(4)


@dataclass(frozen=True)
class Words:
    """Heading, what it means, and the step; None for a request that ended without a visit."""

    heading: Any
    body: Any
    step: int | None


_RECEIVED = Words(
    _("We have your request"),
    _("We call or write to you to agree on a day and a time. You do not need to do anything else now."),
    ARRANGING,
)
WORDS: dict[str, Words] = {
    Status.NEW: _RECEIVED,
    # People decide about it within the promise; until then it reads like any other.
    Status.QUARANTINED: _RECEIVED,
    Status.OFFERED: Words(
        _("We have a time for you"), _("Take a time that works for you. Until you do, nothing is set."), ARRANGING
    ),
    Status.WAITING: Words(
        _("We are waiting to hear from you"), _("Call us when you are ready. We keep your request open."), ARRANGING
    ),
    Status.NEXT_CYCLE: Words(
        _("We look for a later day for you"),
        _("You keep your place. We call or write to you when we can set a time."),
        ARRANGING,
    ),
    Status.CONFIRMED: Words(_("Your appointment is set"), "", TIME_SET),
    Status.CHANGE_REQUESTED: Words(
        _("You asked for another time"),
        _("We call or write to you to agree on a new time. Until then your old time stays yours."),
        ARRANGING,
    ),
    Status.COMPLETED: Words(
        _("Your visit is done"), _("Call us if you have a question about your visit or your result."), DONE
    ),
    Status.NO_SHOW: Words(_("You did not make it to your visit"), _("Call us if you want a new time."), None),
    Status.NOT_DONE: Words(
        _("You came, but we could not do your visit"), _("Call us to talk about what you can do next."), None
    ),
    Status.DECLINED: Words(_("We are sorry, we cannot set a time for you"), "", None),
    Status.CANCELLED: Words(
        _("This request is cancelled"),
        _("You do not have an appointment. You can send a new request at any time, or call us."),
        None,
    ),
    Status.EXPIRED: Words(
        _("This request is closed"),
        _("The last day that worked for you is past, and we did not set a time. Send a new request, or call us."),
        None,
    ),
}
_CHOOSES_LATER = Words(
    _("We have your request"),
    _("Choose your days when you are ready. You can do it at any hour. We start to look for a time when we have them."),
    RECEIVED,
)
# The clinic took the visit away.
_WE_CLOSED = Words(
    _("Your visit cannot take place"),
    _(
        "We have to close on that day. We will call you to agree on a new time. "
        "You do not have an appointment now. If you already started the medicine, call us."
    ),
    ARRANGING,
)
_NEVER_CHOSE = Words(
    _("This request is closed"),
    _("We got no days from you, so we closed it. Send a new request, or call us."),
    None,
)
MOST_CALLS = 3


_GAVE_IT_UP = Words(
    _("You asked for another time"),
    _("You gave your old time up. We call or write to you to agree on a new time."),
    ARRANGING,
)


def words(request: AppointmentRequest, *, has_visit: bool, is_offered: bool) -> Words:
    """The words for a request as it stands: whether a visit is still hers, and whether an offer still holds."""
    if request.status == Status.OFFERED and not is_offered:
        return _RECEIVED
    # Before she is told that she gave it up: a visit that we took away is gone as well.
    if request.status == Status.CHANGE_REQUESTED and request.status_reason == CLINIC_CLOSED:
        return _WE_CLOSED
    if request.status == Status.CHANGE_REQUESTED and not has_visit:
        return _GAVE_IT_UP
    if request.status == Status.WAITING and request.timing == AppointmentRequest.Timing.LATER:
        return _CHOOSES_LATER
    if request.status == Status.EXPIRED and request.timing == AppointmentRequest.Timing.LATER:
        return _NEVER_CHOSE
    return WORDS[request.status]


def states(step: int | None) -> list[dict[str, Any]]:
    """The list of four: which are done, which is now."""
    if step is None:
        return []
    marks = ["done" if n < step or step == DONE else "now" if n == step else "next" for n in range(len(STEPS))]
    return [{"label": label, "state": mark} for label, mark in zip(STEPS, marks, strict=True)]


def call_lines(calls: Iterable[Call]) -> list[str]:
    """What she reads about our calls (given newest first): the last time we spoke, and the tries after it.

    A wrong number is no call to her: somebody else may answer there.
    """
    lines: list[str] = []
    for call in calls:
        local = timezone.localtime(call.at)
        day = day_words(local)
        if call.outcome == Call.Outcome.SPOKE:
            return [*lines, gettext("We spoke with you on %(day)s.") % {"day": day}]
        if call.outcome != Call.Outcome.WRONG_NUMBER and len(lines) < MOST_CALLS:
            lines.append(gettext("We called at %(time)s on %(day)s.") % {"time": _clock(local), "day": day})
    return lines


def promise_to_end_with(due: datetime, language: str) -> str:
    """The promised time for the end of a sentence: the full stop of “5 p. m.” is the sentence's own."""
    return unbroken(promise.words(due, language)).rstrip(".")


def visit_rows(visit: Visit) -> list[Row]:
    """Date, time, place and price of a confirmed visit, in the active language. What is not known is left out."""
    local = timezone.localtime(visit.starts_at)
    day = unbroken(formats.date_format(local, pgettext("date format", "l, F j, Y")))
    clock = gettext("%(time)s, Los Angeles time") % {"time": _clock(local)}
    arrive = visit.facts.get("arrive_minutes_before")
    early = _clock(local - timedelta(minutes=arrive)) if arrive else ""
    office = visit.office
    place = "\n".join([office.name, *office.address_lines]) if office else gettext("By video. We send you the link.")
    price = f"${visit.price_dollars:,}" if visit.price_dollars is not None else ""
    pairs = [
        (gettext("Date"), day),
        (gettext("Time"), clock),
        (gettext("Come at"), early),
        (gettext("Office"), place),
        (gettext("Parking"), office.parking if office else ""),
        (gettext("Price"), price),
    ]
    return [Row(key, value, "", "") for key, value in pairs if value]


def _clock(local: datetime) -> str:
    return opening.clock(local.time(), get_language() or "en")
