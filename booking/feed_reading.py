"""Turns the bytes of a calendar feed into spans of busy time. Must not keep, return or log anything else that stands in
it: no title, no place, no guest.

Recurring events are expanded on the wall of their own zone, so that nine o'clock stays nine o'clock when the clocks
change. An event that cannot be understood makes the whole feed unreadable: leaving it out would offer a time at which
the doctor is away.
"""

import time as clock
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr
from icalendar import Calendar

Span = tuple[datetime, datetime]
Event = Any  # a component of icalendar: its values have as many types as the standard has properties
MOST_SPANS = 5000
SECONDS_TO_READ = 5.0
TOO_OFTEN = {"SECONDLY", "MINUTELY"}
_START, _END = b"BEGIN:VCALENDAR", b"END:VCALENDAR"
# What icalendar and dateutil raise over text that is no calendar, depending on where it stops being one.
_GARBLED = (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, UnicodeError, RecursionError)


class NotACalendar(Exception):
    """The bytes are no calendar that can be understood whole. Never holds what stands in them."""


def busy(body: bytes, *, start: datetime, end: datetime, zone: ZoneInfo, own_host: str) -> list[Span]:
    """The busy time from `start` to `end` (UTC), merged and in order. Raises NotACalendar.

    `zone` is meant by times without one and by whole days. Events with a UID of `own_host` are our own visits, come
    back by the doctor's calendar: they are held here already.
    """
    body = body.lstrip(b"\xef\xbb\xbf\r\n\t ")
    # Without its last line it was cut off on the way: what is missing would look free.
    if body[: len(_START)].upper() != _START or body.rstrip()[-len(_END) :].upper() != _END:
        raise NotACalendar
    until = clock.monotonic() + SECONDS_TO_READ
    found: list[Span] = []
    try:
        for span in _all(body, window=(start, end), zone=zone, own_host=own_host):
            found.append(span)
            if len(found) > MOST_SPANS or clock.monotonic() > until:
                raise NotACalendar
    except _GARBLED:
        raise NotACalendar from None
    return _merged(found, window=(start, end))


def _all(body: bytes, *, window: Span, zone: ZoneInfo, own_host: str) -> Iterator[Span]:
    books = Calendar.from_ical(body, multiple=True)
    if not books or any(book.name != "VCALENDAR" for book in books):
        raise NotACalendar
    for book in books:
        events = [event for event in book.walk("VEVENT") if not _is_ours(event, own_host)]
        moved = _moved(events, zone=zone)
        for event in events:
            if _is_busy(event):
                yield from _event(event, moved=moved.get(str(event.get("UID", "")), set()), window=window, zone=zone)
        for sheet in book.walk("VFREEBUSY"):
            yield from _free_busy(sheet, zone=zone)


def _is_ours(event: Event, own_host: str) -> bool:
    return str(event.get("UID", "")).endswith(f"@{own_host}")


def _is_busy(event: Event) -> bool:
    said = {name: str(_text(event.get(name))).upper() for name in ("STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS")}
    return not (
        said["STATUS"] == "CANCELLED" or said["TRANSP"] == "TRANSPARENT" or said["X-MICROSOFT-CDO-BUSYSTATUS"] == "FREE"
    )


def _text(value: Any) -> str:
    raw = value.to_ical() if hasattr(value, "to_ical") else value
    return raw.decode(errors="replace") if isinstance(raw, bytes) else str(raw or "")


def _moved(events: Iterable[Event], *, zone: ZoneInfo) -> dict[str, set[datetime]]:
    """By UID: the occurrences that stand in the feed as events of their own."""
    moved: dict[str, set[datetime]] = {}
    for event in events:
        if "RECURRENCE-ID" in event:
            moved.setdefault(str(event.get("UID", "")), set()).add(_instant(event["RECURRENCE-ID"].dt, zone))
    return moved


def _event(event: Event, *, moved: set[datetime], window: Span, zone: ZoneInfo) -> Iterator[Span]:
    start = event["DTSTART"].dt
    length = _length(event, start)
    if length <= timedelta(0):
        return  # an instant takes no time
    own_zone = _zone(start, zone)
    first = _naive(start)
    is_own = "RECURRENCE-ID" in event
    repeats = not is_own and ("RRULE" in event or "RDATE" in event)
    starts = _occurrences(event, first=first, length=length, window=window, zone=own_zone) if repeats else [first]
    for begin in starts:
        begins_at = begin.replace(tzinfo=own_zone).astimezone(UTC)
        if repeats and begins_at in moved:
            continue
        if isinstance(start, datetime):
            ends_at = begins_at + length
        else:  # whole days end at midnight on the wall, also on the day of 23 hours
            ends_at = (begin + length).replace(tzinfo=own_zone).astimezone(UTC)
        if begins_at < window[1] and ends_at > window[0]:
            yield begins_at, ends_at


def _length(event: Event, start: date) -> timedelta:
    if "DTEND" in event:
        end = event["DTEND"].dt
        if isinstance(start, datetime) and isinstance(end, datetime):
            # Between two zones the walls differ: only the instants say how long it is.
            both_known = start.tzinfo is not None and end.tzinfo is not None
            return end.astimezone(UTC) - start.astimezone(UTC) if both_known else _naive(end) - _naive(start)
        return _naive(end) - _naive(start)
    if "DURATION" in event:
        length: timedelta = event["DURATION"].dt
        return length
    return timedelta(0) if isinstance(start, datetime) else timedelta(days=1)


def _occurrences(event: Event, *, first: datetime, length: timedelta, window: Span, zone: tzinfo) -> Iterator[datetime]:
    """The starts of a recurring event on its own wall, near the window."""
    begin = (window[0] - length - timedelta(days=1)).astimezone(zone).replace(tzinfo=None)
    end = (window[1] + timedelta(days=1)).astimezone(zone).replace(tzinfo=None)
    rules = rruleset()
    for value in _each(event, "RRULE"):
        rules.rrule(_rule(value, first=first, zone=zone))
    if "RRULE" not in event:
        rules.rdate(first)
    for value in _dates(event, "RDATE"):
        rules.rdate(_on_wall(value, zone))
    days_off = set()
    for value in _dates(event, "EXDATE"):
        if isinstance(value, datetime):
            rules.exdate(_on_wall(value, zone))
        else:
            days_off.add(value)
    near = takewhile(lambda start: start <= end, rules.xafter(begin, inc=True))
    return (start for start in near if start.date() not in days_off)


def _rule(value: Any, *, first: datetime, zone: tzinfo) -> rrule:
    parts = {name.upper(): given for name, given in value.items()}
    if str(parts["FREQ"][0]).upper() in TOO_OFTEN:
        raise NotACalendar
    until = parts.pop("UNTIL", [None])[0]
    rule = rrulestr(type(value)(parts).to_ical().decode(), dtstart=first)
    if not isinstance(rule, rrule):
        raise NotACalendar
    if until is not None:
        last = _on_wall(until, zone) if isinstance(until, datetime) else datetime.combine(until, time.max)
        rule = rule.replace(until=last)
    return rule


def _free_busy(sheet: Event, *, zone: ZoneInfo) -> Iterator[Span]:
    for period in _each(sheet, "FREEBUSY"):
        if str(period.params.get("FBTYPE", "BUSY")).upper() == "FREE":
            continue
        start, end = period.dt
        begins_at = _instant(start, zone)
        yield begins_at, begins_at + end if isinstance(end, timedelta) else _instant(end, zone)


def _each(component: Event, name: str) -> list[Any]:
    value = component.get(name)
    return [] if value is None else value if isinstance(value, list) else [value]


def _dates(event: Event, name: str) -> Iterator[date]:
    for group in _each(event, name):
        for value in group.dts:
            yield value.dt[0] if isinstance(value.dt, tuple) else value.dt


def _zone(value: date, zone: ZoneInfo) -> tzinfo:
    return value.tzinfo or zone if isinstance(value, datetime) else zone


def _naive(value: date) -> datetime:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else datetime.combine(value, time.min)


def _on_wall(value: date, zone: tzinfo) -> datetime:
    """The value as the clock of `zone` shows it."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(zone).replace(tzinfo=None)
    return _naive(value)


def _instant(value: date, zone: ZoneInfo) -> datetime:
    return _naive(value).replace(tzinfo=_zone(value, zone)).astimezone(UTC)


def _merged(spans: list[Span], *, window: Span) -> list[Span]:
    merged: list[Span] = []
    for begin, end in sorted(spans):
        start, stop = max(begin, window[0]), min(end, window[1])
        if stop <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], stop))
        else:
            merged.append((start, stop))
    return merged
