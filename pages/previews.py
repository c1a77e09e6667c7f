"""Shows a draft or an old version, marked and kept by nobody, and makes the links by which people without an
account see a draft. Must not check who is signed in (callers do)."""

from datetime import timedelta

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from pages import reading, rendering
from pages.content import PageContent

LASTS = timedelta(days=7)
_SALT = "pages.preview"


def token(page_id: int) -> str:
    """What a link to the draft of a page carries. Nothing is stored: the signature holds the time."""
    return signing.dumps(page_id, salt=_SALT)


def page_id(link_token: str) -> int | None:
    """The page that a link is for; None when the link is made up or too old."""
    try:
        found = signing.loads(link_token, salt=_SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    return found if isinstance(found, int) else None


def shown(
    request: HttpRequest, draft: PageContent, *, other_url: str = "", context: dict[str, object] | None = None
) -> HttpResponse:
    """The content through the public templates, in its own language; they mark what is a draft."""
    with translation.override(draft.language):
        read = reading.keep(request, reading.of_draft(draft))
        page = rendering.page(draft, read, is_draft=True)
        template = "pages/faq.html" if draft.key == "faq" else "pages/page.html"
        response = render(request, template, {"page": page, "draft_other_url": other_url, **(context or {})})
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Content-Language"] = draft.language
    return response
