"""What her page says about an offer: the times to choose from, or what became of them. Must not change anything."""

from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import get_language, gettext, pgettext

from booking import availability, offers, promise
from booking.forms.times import day_words, unbroken
from booking.models import AppointmentRequest, Offer, OfferedTime, Status, Visit
from booking.views.her_page import allows
from booking.views.state_words import promise_to_end_with
from booking.views.summary import Row
from pages import opening

LOOKING = (Status.NEW, Status.NEXT_CYCLE, Status.CHANGE_REQUESTED, Status.OFFERED)


def offer_context(hers: AppointmentRequest, visit: Visit | None, *, now: datetime) -> dict[str, Any]:
    """For the page that says where the request stands."""
    newest = offers.last(hers) if hers.status in LOOKING else None
    if newest is not None and hers.visits.filter(confirmed_at__gt=newest.sent_at).exists():
        newest = None  # a time was set after it: what became of it is no news any more
    live = newest if newest is not None and newest.is_open(now=now) and hers.status == Status.OFFERED else None
    is_moving = visit is not None and (hers.status != Status.CONFIRMED or visit.version > 1)
    lies_ahead = visit is not None and visit.starts_at > now
    return {
        "offer": live,
        "offer_until": _until(live) if live else "",
        "offered_times": [(time, _when(time), _rows(time)) for time in live.times.all()] if live else [],
        "offer_over": over_words(newest, now=now) if newest and not live and _is_news(newest, now=now) else "",
        "can_ask_change": lies_ahead and allows("ask_change", hers),
        "can_keep": lies_ahead and allows("keep_time", hers),
        "can_release": lies_ahead and hers.status in (Status.CHANGE_REQUESTED, Status.OFFERED),
        "may_have_begun": is_moving and visit is not None and bool(visit.facts),
    }


def over_words(offer: Offer | None, *, now: datetime) -> str:
    """Why an offer cannot be accepted, in one sentence."""
    if offer is None:
        return gettext("This time is no longer free.")
    if offer.outcome == Offer.Outcome.EXPIRED or (offer.ended_at is None and offer.expires_at <= now):
        ended = _until(offer)
        return gettext("We held times for you until %(until)s. They are no longer held.") % {"until": ended}
    return {
        Offer.Outcome.TURNED_DOWN.value: gettext("You told us that none of the times we offered works for you."),
        Offer.Outcome.WITHDRAWN.value: gettext("This time is no longer open."),
        Offer.Outcome.ACCEPTED.value: gettext("You took one of these times already."),
    }.get(offer.outcome, gettext("This time is no longer free."))


def next_words(hers: AppointmentRequest) -> str:
    """What happens next, for who pressed too late."""
    if hers.status == Status.CONFIRMED:
        return gettext("Your appointment is set. Date, time and place are on your page.")
    if not hers.is_open:
        return gettext("This request is closed. You can send a new one, or call us.")
    due = hers.promise_due_at
    if hers.promise_met_at is None and due is not None:
        said = promise_to_end_with(due, get_language() or "en")
        return gettext("We are looking for another time for you. We will answer by %(promise)s.") % {"promise": said}
    return gettext("We are looking for another time for you.")


def next_free(hers: AppointmentRequest, *, now: datetime) -> list[str]:
    """The next times that are free, for her to know whether other days are worth a try."""
    if not hers.is_open:
        return []
    found = availability.next_free(service=hers.service, office=hers.office, after=now, now=now, for_staff=False)
    return [_instant(slot.starts_at) for slot in found]


def _is_news(offer: Offer, *, now: datetime) -> bool:
    """Whether it came to nothing. What staff took back is theirs to explain; what she took is her visit."""
    ran_out = offer.ended_at is None and offer.expires_at <= now
    return ran_out or offer.outcome in (Offer.Outcome.EXPIRED, Offer.Outcome.TURNED_DOWN)


def _until(offer: Offer) -> str:
    return unbroken(promise.words(offer.expires_at, get_language() or "en")).rstrip(".")


def _when(time: OfferedTime) -> str:
    return _instant(time.starts_at)


def _instant(starts_at: datetime) -> str:
    local = timezone.localtime(starts_at)
    return f"{day_words(local)}, {opening.clock(local.time(), get_language() or 'en')}"


def _rows(time: OfferedTime) -> list[Row]:
    """Date, time and place of one offered time."""
    local = timezone.localtime(time.starts_at)
    clock = opening.clock(local.time(), get_language() or "en")
    office = time.office
    place = "\n".join([office.name, *office.address_lines]) if office else gettext("By video. We send you the link.")
    pairs = [
        (gettext("Date"), unbroken(formats.date_format(local, pgettext("date format", "l, F j, Y")))),
        (gettext("Time"), gettext("%(time)s, Los Angeles time") % {"time": clock}),
        (gettext("Office"), place),
    ]
    return [Row(key, value, "", "") for key, value in pairs]
