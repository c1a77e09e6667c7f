"""What the frame of every public page shows: name, phone, menu, footer. Must not hold words of its own.

The frame changes only when content does, so it is kept per process and language until the generation moves.
"""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse, translate_url
from django.utils.translation import get_language

from pages import opening, published, publishing, reading

_kept: dict[str, tuple[int, dict[str, Any], published.Index]] = {}


def site(request: HttpRequest) -> dict[str, Any]:
    """The `site` variable. The admin has a frame of its own and gets none."""
    read = reading.kept(request)
    if read is None and request.path_info.startswith("/admin/"):
        return {}
    language = "es" if get_language() == "es" else "en"
    # A content page has read all of this already; so has the preview, which lives under /admin/.
    frame, index = (_made(language, read), read.index) if read is not None else _frame(language)
    other = "en" if language == "es" else "es"
    nav = [(page.nav_title, page.path, page.path == request.path) for page in index.menu("nav", language)]
    other_url = index.in_other_language(request.path, other) or _flow_in(other, request)
    return {"site": {**frame, "nav": nav, "other_language_url": other_url}}


def _flow_in(language: str, request: HttpRequest) -> str:
    """The same page of the request in the other language; private pages have one language, the patient's."""
    translated = translate_url(request.path, language)
    return translated if translated != request.path else ""


def _frame(language: str) -> tuple[dict[str, Any], published.Index]:
    generation = publishing.generation()
    kept = _kept.get(language)
    if kept is None or kept[0] != generation:
        read = reading.at("/es/" if language == "es" else "/")
        kept = (generation, _made(language, read), read.index)
        _kept[language] = kept
    return kept[1], kept[2]


def _made(language: str, read: reading.Reading) -> dict[str, Any]:
    known, index = read.facts, read.index
    phone = known.raw("clinic_phone")
    return {
        "clinic_name": known.text("clinic_name", language),
        "short_name": known.text("clinic_short_name", language),
        "phone": known.text("clinic_phone", language),
        "phone_href": f"tel:{phone}" if phone else "",
        "hours": "; ".join(opening.lines(read.live.hours, language)),
        "language": language,
        "home_url": index.url("home", language) or "/",
        "other_home_url": index.url("home", "en" if language == "es" else "es"),
        "request_url": reverse("booking:request"),
        "footer_links": [(page.nav_title, page.path) for page in index.menu("footer", language)],
        "notice": "",
    }
