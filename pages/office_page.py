"""The page of one office, put together from its row. Must not query the database."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from pages import live_words
from pages.content import PageContent, SectionContent
from pages.live import OfficeRow
from pages.paths import OFFICE_ROOTS
from pages.reading import Reading
from pages.shown import Office

# The address goes into the link alone; nothing is loaded from there. https://developers.google.com/maps/documentation/urls
MAPS = "https://www.google.com/maps/dir/"


def content(row: OfficeRow, reading: Reading) -> PageContent:
    """Where it is, when to call, what helps on the day, then the other offices. What is not known is left out."""
    clinic = reading.facts.text("clinic_short_name", reading.language)
    return PageContent(
        key=f"office:{row.slug}",
        path=f"{OFFICE_ROOTS[reading.language]}{row.slug}/",
        language=reading.language,
        title=_("Our office in %(name)s") % {"name": row.name},
        nav_title=row.name,
        description=_("Address, hours and help on the day for the %(name)s office of %(clinic)s.")
        % {"name": row.name, "clinic": clinic},
        lead=row.description,
        sections=tuple(_sections(row, reading)),
    )


def _sections(row: OfficeRow, reading: Reading) -> Iterator[SectionContent]:
    every = live_words.offices(reading)
    own = next(office for office in every if office.slug == row.slug)
    yield from _text("address", _("Where it is"), _address(own))
    yield from _text("hours", _("Opening hours") if own.hours else _("When to call"), _hours(own, reading))
    yield from _text("day", _("On the day"), _day(reading))
    yield from _text("parking", _("Parking"), _paragraphs(row.parking) or "<p>{{parking}}</p>")
    yield from _text("access", _("Getting in"), _paragraphs(row.access))
    yield from _text("others", _("Our other offices"), _list(o for o in every if o is not own and o.url))
    yield SectionContent(kind="action", heading=_("Ask for a time"))


def _text(anchor: str, heading: str, body: str) -> list[SectionContent]:
    return [SectionContent(kind="text", anchor=anchor, heading=heading, body=body)] if body else []


def _address(office: Office) -> str:
    if not office.address_lines:
        return ""
    lines = format_html_join(SafeString("<br>"), "{}", ((line,) for line in office.address_lines))
    url = f"{MAPS}?{urlencode({'api': 1, 'destination': ', '.join(office.address_lines)})}"
    way = _("See the way there on Google Maps (this leaves our site)")
    return format_html('<p>{}</p><p><a href="{}">{}</a></p>', lines, url, way)


def _hours(office: Office, reading: Reading) -> str:
    lines = office.hours or "\n".join(live_words.clinic_hours(reading))
    call = _("Call %(phone)s") % {"phone": office.phone}
    phone = format_html('<p><a href="{}">{}</a></p>', office.phone_href, call) if office.phone else ""
    return _paragraphs(capfirst(lines)) + phone


def _day(reading: Reading) -> str:
    early, ready = _("Come {{arrive_minutes_before}} minutes before your time."), _("See how to get ready, day by day")
    link = f'<p><a href="/hsg/prepare/">{ready}</a></p>' if reading.index.url("prepare", reading.language) else ""
    return f"<p>{early}</p>{link}"


def _list(offices: Iterable[Office]) -> str:
    """In the English form, as editors write links: rendering points them at the page's language."""
    rows = ((f"{OFFICE_ROOTS['en']}{office.slug}/", office.name) for office in offices)
    items = format_html_join("", '<li><a href="{}">{}</a></li>', rows)
    return format_html('<ul class="links">{}</ul>', items) if items else ""


def _paragraphs(words: str) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in words.splitlines() if line.strip())
