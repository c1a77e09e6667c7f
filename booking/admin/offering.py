"""The part of the screen where times are offered or held: boxes to tick, the end of the offer, the text that will be
sent. Must not offer or hold anything (booking/admin/offer_verbs.py does)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.http import QueryDict

from booking import freed_time, offers, promise, talking
from booking.admin import asked_for, doctors, previews, words
from booking.admin.times import DayTimes, Option, to_fill_in
from booking.availability import Slot
from booking.models import MOST_TIMES, AppointmentRequest, Offer, Service, Status
from pages.models import Office, Physician

LATEST = 10**11  # the year 5138


@dataclass(frozen=True)
class Tick:
    """One time with a box; the first few are ticked already, so that one press sends a usual offer."""

    value: str
    label: str
    place: str
    is_ticked: bool


@dataclass(frozen=True)
class TickDay:
    """One day of boxes."""

    label: str
    ticks: list[Tick]
    more: list[Tick]


def context(
    asked: AppointmentRequest, *, user: User, service: Service | None, days: Sequence[DayTimes], now: datetime
) -> dict[str, Any]:
    """What is offered or held now, and what could be."""
    held = talking.held_now(asked, now=now)
    offer = offers.current(asked, now=now) if asked.status == Status.OFFERED else None
    own = talking.mine(held, user=user)
    found: dict[str, Any] = {
        "holds": [
            (words.clock(row.expires_at), words.when(row.starts_at), row, row == own) for row in held if row.expires_at
        ],
        "offer": offer,
        "offer_until": promise.words(offer.expires_at, "en") if offer else "",
        "offer_times": _offered(offer, now=now) if offer else [],
        "freed_here": freed_time.freed_by(asked, now=now),
    }
    options = [option for day in days for option in (*day.options, *day.more)]
    if service is None or not options:
        return found
    until = offers.runs_out_at(now=now, first=min(option.starts_at for option in options))
    ticked = _ticked(days, until=until)
    tick_days = [_tick_day(day, until=until, ticked=ticked) for day in days]
    return {
        **found,
        "tick_days": [day for day in tick_days if day.ticks or day.more],
        "until": int(until.timestamp()),
        "until_words": promise.words(until, "en"),
        "offer_preview": previews.of(asked, kind="offered", until=until),
    }


def _offered(offer: Offer, *, now: datetime) -> list[tuple[str, Office | None, str, str]]:
    """Her times: when, where, whose, and what fills one in, because she may say yes on the phone."""
    times = list(offer.times.all())
    names = doctors.to_tell_apart([time.physician_id for time in times], now=now)
    return [
        (
            words.when(time.starts_at),
            time.office,
            names.get(time.physician_id, ""),
            to_fill_in(time.starts_at, office_id=time.office_id, physician_id=time.physician_id),
        )
        for time in times
    ]


def mark(slot: Slot | Option) -> str:
    """A time as a form holds it."""
    return f"{int(slot.starts_at.timestamp())}:{slot.office_id or 0}:{slot.physician_id}"


def chosen(data: QueryDict, *, service: Service) -> list[Slot]:
    """The ticked times of a sent form; empty when one of them is no time of ours."""
    offices = set(Office.objects.values_list("pk", flat=True))
    known = set(Physician.objects.values_list("pk", flat=True))
    found: list[Slot] = []
    for value in data.getlist("time"):
        at, *place = value.split(":")
        starts, numbers = _instant(at), [asked_for.number(part) or 0 for part in place]
        if starts is None or len(numbers) != 2 or numbers[1] not in known or numbers[0] not in {0, *offices}:
            return []
        found.append(Slot(starts, starts + timedelta(minutes=service.minutes), numbers[1], numbers[0] or None))
    return found


def until(data: QueryDict, *, now: datetime) -> datetime:
    """The end that the shown text names; what is no instant is an end that is refused."""
    return _instant(data.get("until", "")) or now


def _instant(text: str) -> datetime | None:
    """Seconds since 1970 as a form holds them, up to what a calendar can hold."""
    seconds = asked_for.number(text)
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None and seconds < LATEST else None


def _ticked(days: Iterable[DayTimes], *, until: datetime) -> set[str]:
    """The first time of each day, as many as one offer may have."""
    firsts = []
    for day in days:
        fitting = [option for option in (*day.options, *day.more) if option.starts_at > until]
        firsts += [mark(fitting[0])] if fitting else []
    return set(firsts[:MOST_TIMES])


def _tick_day(day: DayTimes, *, until: datetime, ticked: set[str]) -> TickDay:
    def ticks(options: list[Option]) -> list[Tick]:
        fitting = [option for option in options if option.starts_at > until]
        return [Tick(mark(option), option.label, option.place, mark(option) in ticked) for option in fitting]

    label = " · ".join(part for part in (day.label, day.office, day.doctor) if part)
    return TickDay(label, ticks(day.options), ticks(day.more))
