"""What a calendar feed says about busy time, and nothing else."""

import contextlib
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking import feed_reading
from booking.feed_reading import NotACalendar
from tests.factories import LA, at

START, END = at("2026-12-07", "00:00"), at("2027-03-31", "00:00")


def read(*components: str, start: datetime = START, end: datetime = END) -> list[tuple[datetime, datetime]]:
    body = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *components, "END:VCALENDAR", ""])
    return feed_reading.busy(body.encode(), start=start, end=end, zone=LA, own_host="clinic.example")


def event(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", "UID:one@elsewhere.example", *lines, "END:VEVENT"])


def wall(spans: list[tuple[datetime, datetime]]) -> list[str]:
    """Start and end as the clinic's wall shows them."""
    return [f"{b.astimezone(LA):%m-%d %H:%M} {e.astimezone(LA):%m-%d %H:%M}" for b, e in spans]


def test_a_plain_event_is_its_start_and_end() -> None:
    found = read(event("DTSTART:20261216T180000Z", "DTEND:20261216T190000Z", "SUMMARY:Secret dinner"))
    assert found == [(at("2026-12-16", "10:00"), at("2026-12-16", "11:00"))]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("DTSTART;TZID=Europe/Berlin:20261216T190000", "DURATION:PT45M"), ["12-16 10:00 12-16 10:45"]),
        (("DTSTART;TZID=Pacific Standard Time:20261216T100000", "DURATION:PT1H"), ["12-16 10:00 12-16 11:00"]),
        # Without a zone the clinic's wall is meant.
        (("DTSTART:20261216T100000", "DTEND:20261216T110000"), ["12-16 10:00 12-16 11:00"]),
        (("DTSTART;VALUE=DATE:20261224",), ["12-24 00:00 12-25 00:00"]),
        (("DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261227"), ["12-24 00:00 12-27 00:00"]),
        # The day of 23 hours ends at midnight all the same.
        (("DTSTART;VALUE=DATE:20270314", "DTEND;VALUE=DATE:20270315"), ["03-14 00:00 03-15 00:00"]),
        # A flight: two zones, two walls, two hours.
        (
            ("DTSTART;TZID=America/Denver:20261216T110000", "DTEND;TZID=America/Los_Angeles:20261216T120000"),
            ["12-16 10:00 12-16 12:00"],
        ),
        (("DTSTART:20261216T180000Z", "DTEND:20261216T180000Z"), []),
        (("DTSTART:20261216T180000Z",), []),
        (("DTSTART:20261216T180000Z", "DTEND:20261216T170000Z"), []),
    ],
)
def test_times_zones_and_whole_days(lines: tuple[str, ...], expected: list[str]) -> None:
    assert wall(read(event(*lines))) == expected


@pytest.mark.parametrize("said", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"])
def test_what_is_free_or_cancelled_takes_no_time(said: str) -> None:
    assert read(event("DTSTART:20261216T180000Z", "DTEND:20261216T190000Z", said)) == []


def test_a_weekly_event_keeps_its_hour_when_the_clocks_change() -> None:
    found = read(
        event("DTSTART;TZID=America/Los_Angeles:20200106T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=MO"),
        start=at("2027-03-07", "00:00"),
        end=at("2027-03-23", "00:00"),
    )
    assert wall(found) == ["03-08 09:00 03-08 10:00", "03-15 09:00 03-15 10:00", "03-22 09:00 03-22 10:00"]
    assert [begin.hour for begin, _end in found] == [17, 16, 16]


def test_a_leap_day_comes_back_in_leap_years_only() -> None:
    found = read(
        event("DTSTART;VALUE=DATE:20240229", "RRULE:FREQ=YEARLY"),
        start=datetime(2024, 1, 1, tzinfo=UTC),
        end=datetime(2029, 1, 1, tzinfo=UTC),
    )
    assert wall(found) == ["02-29 00:00 03-01 00:00"] * 2


def test_occurrences_that_were_moved_cancelled_or_added_count_as_they_are() -> None:
    zone = ";TZID=America/Los_Angeles:"
    found = read(
        event(
            f"DTSTART{zone}20261207T090000",
            "DURATION:PT1H",
            "RRULE:FREQ=WEEKLY;COUNT=5",
            f"EXDATE{zone}20261214T090000",
            "EXDATE;VALUE=DATE:20261221",
            f"RDATE{zone}20261209T090000",
        ),
        event(f"RECURRENCE-ID{zone}20261228T090000", f"DTSTART{zone}20261229T150000", "DURATION:PT30M"),
        event("RECURRENCE-ID:20270104T170000Z", f"DTSTART{zone}20270104T090000", "DURATION:PT1H", "STATUS:CANCELLED"),
    )
    assert wall(found) == ["12-07 09:00 12-07 10:00", "12-09 09:00 12-09 10:00", "12-29 15:00 12-29 15:30"]


@pytest.mark.parametrize("until", ["20261216T180000Z", "20261216", "20261216T100000"])
def test_a_rule_ends_with_its_last_occurrence(until: str) -> None:
    found = read(
        event("DTSTART;TZID=America/Los_Angeles:20261214T100000", "DURATION:PT1H", f"RRULE:FREQ=DAILY;UNTIL={until}")
    )
    assert len(found) == 3


def test_dates_without_a_rule_are_occurrences_too() -> None:
    found = read(event("DTSTART:20261216T180000Z", "DURATION:PT1H", "RDATE:20261217T180000Z,20261218T180000Z"))
    assert len(found) == 3


def test_busy_periods_without_events_count() -> None:
    sheet = "\r\n".join(
        [
            "BEGIN:VFREEBUSY",
            "FREEBUSY:20261216T180000Z/PT1H,20261217T180000Z/20261217T190000Z",
            "FREEBUSY;FBTYPE=FREE:20261218T180000Z/PT1H",
            "END:VFREEBUSY",
        ]
    )
    assert wall(read(sheet)) == ["12-16 10:00 12-16 11:00", "12-17 10:00 12-17 11:00"]


def test_our_own_visits_that_come_back_by_the_doctors_calendar_are_left_out() -> None:
    ours = event("DTSTART:20261216T180000Z", "DURATION:PT1H").replace("one@elsewhere.example", "held-7@clinic.example")
    assert read(ours) == []


def test_spans_are_merged_so_that_nobody_can_count_the_doctors_meetings() -> None:
    found = read(
        event("DTSTART:20261216T180000Z", "DURATION:PT1H"),
        event("DTSTART:20261216T190000Z", "DURATION:PT1H"),
        event("DTSTART:20261216T183000Z", "DURATION:PT15M"),
    )
    assert wall(found) == ["12-16 10:00 12-16 12:00"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><html><body>Sign in</body></html>",
        b"\xff\xfe\x00\x01",
        b"BEGIN:VCALENDAR\r\nno colon here",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:garbage\r\nDURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:When?\r\nEND:VEVENT\r\nEND:VCALENDAR",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261216\r\nRRULE:FREQ=SOMETIMES\r\nEND:VEVENT\r\nEND:VCALENDAR",
        b'{"error": "not found"}',
        # Cut off on the way: what is missing must not look free.
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20261216T180000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20261216T180000Z\r\nDURATION:PT1H\r\nEND:VCALENDAR\r\n",
    ],
)
def test_what_is_no_calendar_is_refused(body: bytes) -> None:
    with pytest.raises(NotACalendar):
        feed_reading.busy(body, start=START, end=END, zone=LA, own_host="clinic.example")


def test_a_byte_order_mark_is_no_hindrance() -> None:
    body = b"\xef\xbb\xbfBEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"
    assert feed_reading.busy(body, start=START, end=END, zone=LA, own_host="clinic.example") == []


def test_a_calendar_without_events_says_that_nothing_is_busy() -> None:
    assert read() == []


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=HOURLY"])
def test_a_rule_that_would_never_end_is_refused_in_time(rule: str) -> None:
    with pytest.raises(NotACalendar):
        read(
            event("DTSTART:20261207T080000Z", "DURATION:PT1M", f"RRULE:{rule}"),
            end=START + timedelta(days=400),
        )


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_do_anything_but_read_or_be_refused(tail: bytes) -> None:
    with contextlib.suppress(NotACalendar):
        found = feed_reading.busy(
            b"BEGIN:VCALENDAR\r\n" + tail + b"\r\nEND:VCALENDAR",
            start=START,
            end=END,
            zone=LA,
            own_host="clinic.example",
        )
        assert found == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-3000, 200_000), st.integers(1, 3000)), max_size=12))
def test_merged_spans_cover_exactly_the_minutes_of_the_events(minutes: list[tuple[int, int]]) -> None:
    events = []
    for begin, length in minutes:
        start = START + timedelta(minutes=begin)
        events.append(event(f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DURATION:PT{length}M"))
    found = read(*events)
    assert all(one[1] < other[0] for one, other in pairwise(found))
    covered = sum((end - begin for begin, end in found), timedelta(0))
    last = int((END - START).total_seconds() // 60)
    wanted = {m for begin, length in minutes for m in range(max(begin, 0), min(begin + length, last))}
    assert covered == timedelta(minutes=len(wanted))
