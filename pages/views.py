"""Answers the addresses of the content: pages, offices, search among the questions, robots. Must not set a cookie nor
touch the session or the user: reading pages are kept and given to everybody."""

from dataclasses import replace

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from pages import content, live_words, office_page, previews, reading, rendering, search
from pages.models import Page, Redirect
from pages.reading import Reading
from pages.shown import Group, Search
from pages.shown import Page as ShownPage


@require_safe
def page(request: HttpRequest, path: str = "") -> HttpResponse:
    """The published page at this address."""
    read = reading.for_request(request)
    if read.index.asked is None:
        return moved(request, path)
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
def moved(request: HttpRequest, path: str) -> HttpResponse:
    """Where an old address leads now; not found without one."""
    target = Redirect.objects.filter(path=request.path_info).values_list("target", flat=True).first()
    if target is None:
        raise Http404
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{target}?{query}" if query and "?" not in target else target)


@require_safe
def preview(request: HttpRequest, token: str, language: str) -> HttpResponse:
    """The draft, for whoever was given the link; nobody signs in. The link ends by itself."""
    page_id = previews.page_id(token)
    draft_of = Page.objects.filter(pk=page_id).first() if page_id is not None else None
    if draft_of is None:
        raise Http404
    other = "en" if language == "es" else "es"
    other_url = reverse(f"pages:preview_{other}", args=[token])
    return previews.shown(request, content.from_draft(draft_of, language=language), other_url=other_url)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Crawlers may read everything but the staff's part; pages for one patient say noindex themselves."""
    lines = ["User-agent: *", "Disallow: /admin/", "", f"Sitemap: {settings.SITE_URL}{reverse('pages:sitemap')}", ""]
    response = HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
    response.reading_page = True  # type: ignore[attr-defined]
    return response


def _answer(request: HttpRequest, shown: ShownPage, *, is_kept: bool) -> HttpResponse:
    template = "pages/faq.html" if shown.key == "faq" else "pages/page.html"
    response = render(request, template, {"page": shown})
    # clinic_site/reading_cache.py keeps what says so; a search echoes what was typed and is never kept.
    response.reading_page = is_kept  # type: ignore[attr-defined]
    changes_at = reading.for_request(request).index.changes_at
    if changes_at is not None:
        response.reading_page_ends_at = changes_at.timestamp()  # type: ignore[attr-defined]
    return response


def _with_results(shown: ShownPage, query: str, read: Reading) -> ShownPage:
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
