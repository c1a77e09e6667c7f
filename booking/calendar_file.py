"""The calendar file of a visit: one event with a neutral title. Must not name the test: calendars are shared.

Times are UTC without a VTIMEZONE (the library would write kilobytes of rules for one visit). The UID stays the same
for all versions of a request's visit and SEQUENCE counts them, so that a moved visit replaces the old one.
"""

from datetime import timedelta

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from booking import links
from booking.models import Visit
from pages import facts

ALARM_BEFORE = timedelta(hours=24)


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
    book = Calendar()
    book.add("prodid", f"-//{settings.SITE_HOST}//appointments//EN")
    book.add("version", "2.0")
    book.add("method", "PUBLISH")
    book.add_component(event)
    return bytes(book.to_ical())


def _location(visit: Visit) -> str:
    office = visit.office
    if office is None:
        return ""
    parts = [office.street, office.city, " ".join(p for p in (office.state, office.postal_code) if p)]
    return ", ".join(part for part in parts if part) or office.name
