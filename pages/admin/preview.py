"""Shows staff a page that is not live, marked as a draft, kept by nobody. Must not check who asks (callers do)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from pages import reading, rendering
from pages.content import PageContent


def shown_to_staff(request: HttpRequest, draft: PageContent) -> HttpResponse:
    """The content through the public templates, in its own language; they mark what is a draft.
    Django's admin_view says no-store."""
    with translation.override(draft.language):
        read = reading.keep(request, reading.of_draft(draft))
        shown = rendering.page(draft, read, is_draft=True)
        template = "pages/faq.html" if draft.key == "faq" else "pages/page.html"
        response = render(request, template, {"page": shown})
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Content-Language"] = draft.language
    return response
