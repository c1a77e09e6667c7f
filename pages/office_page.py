"""The page of one office, put together from its row. Must not query the database."""

from django.utils.html import escape
from django.utils.translation import gettext as _

from pages.content import PageContent, SectionContent
from pages.live import OfficeRow
from pages.paths import OFFICE_ROOTS
from pages.reading import Reading


def content(row: OfficeRow, reading: Reading) -> PageContent:
    """Address and hours, then how to get there. What is not known is left out."""
    clinic = reading.facts.text("clinic_short_name", reading.language)
    parts = [
        SectionContent(kind="offices", anchor="address"),
        *_text("parking", _("Parking"), row.parking),
        *_text("access", _("Getting in"), row.access),
        SectionContent(kind="action", heading=_("Ask for a time")),
    ]
    return PageContent(
        key=f"office:{row.slug}",
        path=f"{OFFICE_ROOTS[reading.language]}{row.slug}/",
        language=reading.language,
        title=_("Our office in %(name)s") % {"name": row.name},
        nav_title=row.name,
        description=_("Address, hours and help on the day for the %(name)s office of %(clinic)s.")
        % {"name": row.name, "clinic": clinic},
        lead=row.description,
        sections=tuple(parts),
    )


def _text(anchor: str, heading: str, words: str) -> list[SectionContent]:
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in words.splitlines() if line.strip())
    return [SectionContent(kind="text", anchor=anchor, heading=heading, body=paragraphs)] if paragraphs else []
