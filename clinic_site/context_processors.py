"""What the frame of every public page shows: name, phone, menu, footer. Must not hold words of its own.

The frame changes only when content does, so it is kept per process and language until the generation moves.
"""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from pages import facts, live, opening, publishing, published

_kept: dict[str, tuple[int, dict[str, Any], published.Index]] = {}


def site(request: HttpRequest) -> dict[str, Any]:
    """The `site` variable. The admin has a frame of its own and gets none."""
    if request.path_info.startswith("/admin/"):
        return {}
    language = "es" if get_language() == "es" else "en"
    frame, index = _frame(language)
    other = "en" if language == "es" else "es"
    nav = [(page.nav_title, page.path, page.path == request.path) for page in index.menu("nav", language)]
    return {"site": {**frame, "nav": nav, "other_language_url": index.in_other_language(request.path, other)}}


def _frame(language: str) -> tuple[dict[str, Any], published.Index]:
    generation = publishing.generation()
    kept = _kept.get(language)
    if kept is None or kept[0] != generation:
        index = published.index()
        kept = (generation, _made(language, index), index)
        _kept[language] = kept
    return kept[1], kept[2]


def _made(language: str, index: published.Index) -> dict[str, Any]:
    known = facts.current()
    phone = known.raw("clinic_phone")
    return {
        "clinic_name": known.text("clinic_name", language),
        "short_name": known.text("clinic_short_name", language),
        "phone": known.text("clinic_phone", language),
        "phone_href": f"tel:{phone}" if phone else "",
        "hours": "; ".join(opening.lines(live.load(language).hours, language)),
        "language": language,
        "home_url": index.url("home", language) or "/",
        "request_url": reverse("booking:request"),
        "footer_links": [(page.nav_title, page.path) for page in index.menu("footer", language)],
        "notice": "",
    }
