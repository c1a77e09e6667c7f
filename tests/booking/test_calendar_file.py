"""The calendar file."""

from icalendar import Calendar

from booking import actors, calendar_file, lifecycle
from tests import factories
from tests.factories import at


def event_of(visit):
    return next(iter(Calendar.from_ical(calendar_file.calendar(visit)).walk("VEVENT")))


def test_the_file_holds_one_neutral_event_in_utc_with_an_alarm(clinic, now):
    visit = factories.a_visit(starts_at=at("2026-12-16", "10:00"))
    text = calendar_file.calendar(visit).decode()
    event = event_of(visit)
    assert event["dtstart"].dt == at("2026-12-16", "10:00")
    assert "DTSTART:20261216T180000Z" in text
    assert "VALARM" in text
    for word in ("HSG", "test", "tube", "María"):
        assert word.lower() not in str(event["summary"]).lower()


def test_a_moved_visit_replaces_the_old_one_in_the_calendar(clinic, now, staff_user):
    request = factories.a_request()
    first = event_of(factories.a_visit(request))
    moved = lifecycle.confirm(
        request=request,
        physician=factories.a_physician(),
        office=factories.an_office(),
        service=request.service,
        starts_at=at("2026-12-18", "10:00"),
        by=actors.staff(staff_user),
        now=now,
    )
    second = event_of(moved)
    assert first["uid"] == second["uid"]
    assert (first["sequence"], second["sequence"]) == (0, 1)
