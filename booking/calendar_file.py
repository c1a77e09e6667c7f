"""The calendar file of a visit: one event with a neutral title. Must not name the test: calendars are shared. And the
doctor's calendar: everything that is held, without a name, a reference or a visit type.

Times are UTC without a VTIMEZONE (the library would write kilobytes of rules for one visit). The UID stays the same
for all versions of a request's visit and SEQUENCE counts them, so that a moved visit replaces the old one.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from booking import links
from booking.models import HeldTime, Visit
from pages import facts
from pages.models import Physician

ALARM_BEFORE = timedelta(hours=24)
REFRESH = timedelta(minutes=15)
BEHIND, AHEAD = timedelta(days=30), timedelta(days=400)
# Read by the doctor alone, so they stay in one language.
HELD_TITLES = {
    HeldTime.Kind.VISIT.value: "Visit",
    HeldTime.Kind.OFFER.value: "Offered",
    HeldTime.Kind.TALKING.value: "On the phone",
    HeldTime.Kind.BLOCK.value: "Blocked",
}


def calendar(visit: Visit) -> bytes:
    """The .ics bytes of a visit, in the language of its request."""
    language = visit.request.page_language
    with translation.override(language):
        title = _("Appointment")
        name = facts.current().text("clinic_short_name", language=language)
        summary = f"{title}, {name}" if name else title
        event = Event()
        event.add("uid", f"{visit.request.reference}@{settings.SITE_HOST}")
        event.add("sequence", visit.version - 1)
        event.add("dtstamp", visit.confirmed_at)
        event.add("dtstart", visit.starts_at)
        event.add("dtend", visit.ends_at)
        event.add("summary", summary)
        event.add("status", "CANCELLED" if visit.ended_at else "CONFIRMED")
        event.add("url", links.url(visit.request))
        if visit.office is not None:
            event.add("location", _location(visit))
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary)
        alarm.add("trigger", -ALARM_BEFORE)
        event.add_component(alarm)
    book = _book()
    book.add_component(event)
    return bytes(book.to_ical())


def doctors_calendar(physician: Physician, *, now: datetime) -> bytes:
    """The .ics bytes of what is held for this doctor, for a calendar program that asks every quarter of an hour."""
    book = _book()
    book.add("x-wr-calname", facts.current().text("clinic_short_name", language="en") or settings.SITE_HOST)
    book.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    book.add("x-published-ttl", "PT15M")
    rows = HeldTime.objects.filter(physician=physician).between(now - BEHIND, now + AHEAD).in_force(now=now)
    for held in rows.select_related("office").order_by("starts_at", "pk"):
        book.add_component(_held(held, now=now))
    return bytes(book.to_ical())


def _held(held: HeldTime, *, now: datetime) -> Event:
    place = held.office.name if held.office else ""
    title = HELD_TITLES[held.kind]
    event = Event()
    # The host at the end is how booking/feed_reading.py knows our own events when they come back.
    event.add("uid", f"held-{held.pk}@{settings.SITE_HOST}")
    event.add("dtstamp", now)
    event.add("dtstart", held.starts_at)
    event.add("dtend", held.ends_at)
    event.add("summary", f"{title}, {place}" if place else title)
    event.add("status", "TENTATIVE" if held.expires_at else "CONFIRMED")
    return event


def _book() -> Calendar:
    book = Calendar()
    book.add("prodid", f"-//{settings.SITE_HOST}//appointments//EN")
    book.add("version", "2.0")
    book.add("method", "PUBLISH")
    return book


def _location(visit: Visit) -> str:
    office = visit.office
    if office is None:
        return ""
    parts = [office.street, office.city, " ".join(p for p in (office.state, office.postal_code) if p)]
    return ", ".join(part for part in parts if part) or office.name
