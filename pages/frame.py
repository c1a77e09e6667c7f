"""What stands around every public page: name, phone, menus, footer. Must not hold words of its own.

It changes only when content does, so it is kept per process and language until the generation moves.
"""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from pages import opening, publishing, reading
from pages.published import Index
from pages.reading import Reading

_kept: dict[str, tuple[int, dict[str, Any], Index]] = {}


def kept(language: str) -> tuple[dict[str, Any], Index]:
    """The frame in a language, and the pages it links to."""
    generation = publishing.generation()
    found = _kept.get(language)
    if found is None or found[0] != generation:
        read = reading.at("/es/" if language == "es" else "/")
        found = (generation, of(language, read), read.index)
        _kept[language] = found
    return found[1], found[2]


def forget() -> None:
    """For tests, whose clinics come and go within one generation."""
    _kept.clear()


def of(language: str, read: Reading) -> dict[str, Any]:
    """The frame as this reading has it."""
    known, index = read.facts, read.index
    phone = known.raw("clinic_phone")
    with translation.override(language):
        request_url = reverse("booking:request")
        hours = "; ".join(opening.lines(read.live.hours, language))
    return {
        "base_url": settings.SITE_URL,
        "clinic_name": known.text("clinic_name", language),
        "short_name": known.text("clinic_short_name", language),
        # In one piece: a number that breaks over two lines is hard to read and to dial.
        "phone": known.text("clinic_phone", language).replace(" ", "\N{NO-BREAK SPACE}"),
        "phone_href": f"tel:{phone}" if phone else "",
        "hours": hours,
        "language": language,
        "home_url": index.url("home", language) or "/",
        "other_home_url": index.url("home", "en" if language == "es" else "es"),
        "request_url": request_url,
        "questions_url": index.url("faq", language),
        "footer_links": [(page.nav_title, page.path) for page in index.menu("footer", language)],
    }
