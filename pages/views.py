"""Answers the addresses of the content: pages, offices, search among the questions, robots. Must not set a cookie nor
touch the session or the user: reading pages are kept and given to everybody."""

from dataclasses import replace

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from pages import live_words, office_page, reading, rendering, search
from pages.reading import Reading
from pages.shown import Group, Page, Search


@require_safe
def page(request: HttpRequest, path: str = "") -> HttpResponse:
    """The published page at this address."""
    read = reading.for_request(request)
    if read.index.asked is None:
        raise Http404
    shown = rendering.page(read.index.asked, read)
    query = request.GET.get("q", "").strip()[: search.LONGEST_QUERY]
    if shown.key == "faq" and query:
        return _answer(request, _with_results(shown, query, read), is_kept=False)
    return _answer(request, shown, is_kept=True)


@require_safe
def office(request: HttpRequest, slug: str) -> HttpResponse:
    """One office, made from its row; it is there as long as the list of offices is."""
    read = reading.for_request(request)
    row = next((row for row in read.live.offices if row.slug == slug), None)
    if row is None or not read.index.url("locations", read.language):
        raise Http404
    return _answer(request, rendering.page(office_page.content(row, read), read), is_kept=True)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Crawlers may read everything but the staff's part; pages for one patient say noindex themselves."""
    lines = ["User-agent: *", "Disallow: /admin/", "", f"Sitemap: {settings.SITE_URL}{reverse('pages:sitemap')}", ""]
    response = HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
    response.reading_page = True  # type: ignore[attr-defined]
    return response


def _answer(request: HttpRequest, shown: Page, *, is_kept: bool) -> HttpResponse:
    template = "pages/faq.html" if shown.key == "faq" else "pages/page.html"
    response = render(request, template, {"page": shown})
    # clinic_site/reading_cache.py keeps what says so; a search echoes what was typed and is never kept.
    response.reading_page = is_kept  # type: ignore[attr-defined]
    return response


def _with_results(shown: Page, query: str, read: Reading) -> Page:
    """Matches first, with their number in the title; below them the other questions, each once."""
    matching = search.matches(query, read.live.questions)
    found = [question for row in matching if (question := live_words.question(row, read))]
    anchors = {question.anchor for question in found}
    title = ngettext("%(count)d answer for “%(query)s”", "%(count)d answers for “%(query)s”", len(found))
    return replace(
        shown,
        title=title % {"count": len(found), "query": query},
        noindex=True,
        canonical_url=settings.SITE_URL + shown.path,
        json_ld=(),
        json_ld_html=type(shown.json_ld_html)(""),
        search=Search(query, found),
        groups=[group for group in (_without(group, anchors) for group in shown.groups) if group.sections],
    )


def _without(group: Group, anchors: set[str]) -> Group:
    if group.kind != "topic":
        return group
    left = [
        replace(section, questions=[q for q in section.questions if q.anchor not in anchors])
        for section in group.sections
    ]
    return replace(group, sections=[section for section in left if section.questions])
