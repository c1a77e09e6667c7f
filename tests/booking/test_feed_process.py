"""A feed is read in a process of its own: what never ends is ended, and what was read comes back whole."""

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from booking import doctor_calendar, feed_fetching, feed_process, feed_reading
from booking.feed_reading import NotACalendar
from booking.models import DoctorCalendar
from tests.factories import NOW

START = datetime(2026, 12, 7, tzinfo=UTC)
WINDOW: dict[str, Any] = {
    "start": START,
    "end": START + timedelta(days=400),
    "zone": ZoneInfo("America/Los_Angeles"),
    "own_host": "clinic.example",
}
# A minute of work each, and not one date in it.
NEVER = "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30"
WEEKLY = "FREQ=WEEKLY;BYDAY=MO,TH"


def feed(rule: str) -> bytes:
    lines = (
        *(
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "BEGIN:VEVENT",
            "UID:a@b",
            "DTSTART;TZID=America/Los_Angeles:20261207T090000",
        ),
        *("DURATION:PT1H", f"RRULE:{rule}", "SUMMARY:Secret dinner", "END:VEVENT", "END:VCALENDAR", ""),
    )
    return "\r\n".join(lines).encode()


def test_it_says_what_reading_says() -> None:
    assert feed_process.busy(feed(WEEKLY), **WINDOW) == feed_reading.busy(feed(WEEKLY), **WINDOW) != []


def test_a_rule_that_never_names_a_date_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_process, "SECONDS", 1.0)
    before = time.monotonic()
    with pytest.raises(NotACalendar):
        feed_process.busy(feed(NEVER), **WINDOW)
    assert time.monotonic() - before < 5


def test_the_process_ends_by_itself_when_nobody_waits_for_it() -> None:
    asked = b'{"start": "2026-12-07T00:00:00Z", "end": "2027-12-07T00:00:00Z", "zone": "UTC", "own_host": "x"}\n'
    command = [sys.executable, "-m", "booking.feed_process", "0.5"]
    done = subprocess.run(command, input=asked + feed(NEVER), capture_output=True, timeout=20, check=False)
    assert done.returncode < 0


@pytest.mark.parametrize("body", [b"", b"<html>", feed("FREQ=NEVER"), b"BEGIN:VCALENDAR\r\n\xff\r\nEND:VCALENDAR"])
def test_what_is_no_calendar_is_refused_and_nothing_of_it_is_told(
    body: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(NotACalendar):
        feed_process.busy(body, **WINDOW)
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("clinic")
def test_a_doctors_calendar_is_read_this_way(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setattr(feed_process, "SECONDS", 1.0)
    monkeypatch.setattr(feed_fetching, "fetch", lambda _url: feed(NEVER))
    calendar = DoctorCalendar.objects.first()
    assert calendar is not None
    doctor_calendar.set_feed(calendar=calendar, url="https://calendar.google.com/a.ics", now=NOW)
    doctor_calendar.read(calendar=calendar, now=NOW)
    calendar.refresh_from_db()
    assert calendar.feed_problem == DoctorCalendar.Problem.NOT_A_CALENDAR
