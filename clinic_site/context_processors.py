"""The `site` variable of the templates: the frame, and what of it depends on the address. Must not hold words."""

from typing import Any

from django.http import HttpRequest
from django.urls import translate_url
from django.utils.translation import get_language

from pages import frame, reading


def site(request: HttpRequest) -> dict[str, Any]:
    """The admin has a frame of its own and gets none."""
    read = reading.kept(request)
    if read is None and request.path_info.startswith("/admin/"):
        return {}
    language = "es" if get_language() == "es" else "en"
    # A content page has read all of this already; so has the preview, which lives under /admin/.
    around, index = (frame.of(language, read), read.index) if read is not None else frame.kept(language)
    other = "en" if language == "es" else "es"
    nav = [(page.nav_title, page.path, page.path == request.path) for page in index.menu("nav", language)]
    other_url = index.in_other_language(request.path, other) or _flow_in(other, request)
    return {"site": {**around, "nav": nav, "other_language_url": other_url}}


def _flow_in(language: str, request: HttpRequest) -> str:
    """The same page of the request in the other language; private pages have one language, the patient's."""
    translated = translate_url(request.path, language)
    return translated if translated != request.path else ""
