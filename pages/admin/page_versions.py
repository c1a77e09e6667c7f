"""The versions of a page: list, difference, restoring into the draft, withdrawing. Must not write any of it itself
(pages/editing/restoring.py and pages/publishing.py do)."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pages import content, published, publishing
from pages.content import PageContent
from pages.editing import difference, restoring
from pages.models import Page, PageVersion
from pages.models.version import LANGUAGE_CHOICES

DRAFT = "draft"


def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Every version of a page in both languages, newest first."""
    page = _page(request, pk, "pages.view_pageversion")
    live = published.live_now(page.publications.all(), now=timezone.now())
    live_ids = {row.version_id for row in live}
    rows = list(page.versions.select_related("published_by", "publication").order_by("-number"))
    languages = [
        {
            "code": code,
            "name": name,
            "versions": [row for row in rows if row.language == code],
            "is_live": any(row.language == code for row in live),
        }
        for code, name in LANGUAGE_CHOICES
    ]
    may_publish = publishing.may_publish(page, by=request.user)
    context = {"languages": languages, "live_ids": live_ids, "may_publish": may_publish}
    return _shown(request, "admin/pages/versions.html", page, _("Versions: %(page)s"), context)


def compare(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """Two versions, or a version and the draft, word by word."""
    page = _page(request, pk, "pages.view_pageversion")
    names = [request.GET.get("old", ""), request.GET.get("new", DRAFT)]
    try:
        old, new = (_content(page, language, name) for name in names)
    except content.UnreadableSnapshotError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("admin:pages_versions", args=[page.pk]))
    context = {"changes": difference.between(old, new), "names": names, "language": language, "draft": DRAFT}
    return _shown(request, "admin/pages/compare.html", page, _("What differs: %(page)s"), context)


def restore(request: HttpRequest, pk: int, version_pk: int) -> HttpResponse:
    """What would change in the draft; a press changes it."""
    page = _page(request, pk, "pages.change_page")
    version = get_object_or_404(PageVersion, pk=version_pk, page=page)
    back = HttpResponseRedirect(reverse("admin:pages_versions", args=[page.pk]))
    try:
        old = content.from_json(version.content, format=version.format)
        if request.method == "POST":
            restoring.restore(version)
    except (content.UnreadableSnapshotError, restoring.RestoreRefusedError) as error:
        messages.error(request, str(error))
        return back
    if request.method == "POST":
        admin.site._registry[Page].log_change(request, page, _("Restored version %d.") % version.number)
        messages.success(
            request, _("The draft says again what version %d said. Patients see no change yet.") % version.number
        )
        return HttpResponseRedirect(reverse("admin:pages_page_change", args=[page.pk]))
    changes = difference.between(content.from_draft(page, language=version.language), old)
    return _shown(
        request, "admin/pages/restore.html", page, _("Restore: %(page)s"), {"changes": changes, "version": version}
    )


def withdraw(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """Ask once, then take the page away from patients."""
    page = _page(request, pk, "pages.change_page")
    if language not in dict(LANGUAGE_CHOICES):
        raise Http404
    if request.method == "POST":
        try:
            publishing.withdraw(page, language=language, by=request.user)
        except publishing.PublishRefusedError as error:
            messages.error(request, str(error))
        else:
            admin.site._registry[Page].log_change(request, page, _("Withdrew it (%s).") % language)
            messages.success(
                request, _("Patients do not see the page any more. Its versions stay; publish it to bring it back.")
            )
        return HttpResponseRedirect(reverse("admin:pages_versions", args=[page.pk]))
    return _shown(request, "admin/pages/withdraw.html", page, _("Withdraw: %(page)s"), {"language": language})


def _page(request: HttpRequest, pk: int, permission: str) -> Page:
    if not getattr(request.user, "has_perm", lambda _name: False)(permission):
        raise PermissionDenied
    return get_object_or_404(Page, pk=pk)


def _content(page: Page, language: str, name: str) -> PageContent:
    if language not in dict(LANGUAGE_CHOICES):
        raise Http404
    if name == DRAFT:
        return content.from_draft(page, language=language)
    if not (name.isascii() and name.isdecimal() and len(name) < 9):
        raise Http404
    version = get_object_or_404(PageVersion, page=page, language=language, number=int(name))
    return content.from_json(version.content, format=version.format)


def _shown(request: HttpRequest, template: str, page: Page, title: str, context: dict[str, Any]) -> HttpResponse:
    frame = {**admin.site.each_context(request), "title": title % {"page": page}, "page": page, "opts": Page._meta}
    return render(request, template, {**frame, **context})
