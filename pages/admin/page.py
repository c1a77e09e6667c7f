"""Lets editors change a page with its sections, preview the draft, and publish it. Must not write versions itself
(pages/publishing.py does)."""

from typing import Any

from content_editor.admin import ContentEditor, ContentEditorInline
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationInlineModelAdmin

from pages import approvals, content, publishing
from pages.admin.editing import TranslatedContentAdmin
from pages.admin.preview import shown_to_staff
from pages.models import SECTION_MODELS, Page, Publication, Section
from pages.models.version import LANGUAGE_CHOICES


class SectionFormSet(BaseInlineFormSet):
    """Sections have no name on the page to be reached by, so the form's prefix is the name of the kind."""

    @classmethod
    def get_default_prefix(cls) -> str:
        """For example "textsection"."""
        return cls.model.__name__.lower() if cls.model else ""


class SectionInline(TranslationInlineModelAdmin, ContentEditorInline):
    """One kind of section in the editor."""

    formset = SectionFormSet


# What editors seldom touch stands below the words.
_LAST = ["anchor", "doctor_must_approve", "approved_by", "approved_on", "region", "ordering"]


def _inline(model: type[Section]) -> type[SectionInline]:
    names = [field.name for field in model._meta.local_fields if not hasattr(field, "translated_field")]
    first = [name for name in names if name not in {"id", "parent", *_LAST}]
    created: type[SectionInline] = SectionInline.create(
        model, fields=[*first, *(name for name in _LAST if name in names)]
    )
    return created


@admin.register(Page)
class PageAdmin(TranslatedContentAdmin, ContentEditor):
    """The draft of a page, and the way to publish it."""

    list_display = ["title", "path_en", "path_es", "live", "medical", "changed_at", "due_on"]
    list_filter = ["medical", "noindex", "place"]
    search_fields = ["key", "title_en", "title_es", "path_en", "path_es"]
    filter_horizontal = ["references"]
    actions = ["publish_selected"]
    inlines = [_inline(model) for model in SECTION_MODELS]
    change_form_template = "admin/pages/page_change_form.html"
    change_list_template = "admin/pages/page_change_list.html"
    fieldsets = [
        (None, {"fields": ["title", "nav_title", "description", "lead"]}),
        (_("Address"), {"fields": ["key", "path_en", "path_es", "place", "position", "noindex"]}),
        (_("Medical check"), {"fields": ["medical", "checked_by", "checked_on", "due_on", "references"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Page | None = None) -> list[str]:
        """The key never changes."""
        return ["key"] if obj else []

    @admin.display(description=_("live in"))
    def live(self, page: Page) -> str:
        """The languages in which patients see the page."""
        return ", ".join(sorted(publication.language for publication in page.publications.all())) or "-"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Page]:
        """With what is live."""
        found: QuerySet[Page] = super().get_queryset(request).prefetch_related("publications")
        return found

    def get_urls(self) -> list[URLPattern]:
        """Django's, the preview, the publishing form and the list for the doctor."""
        guard = self.admin_site.admin_view
        return [
            path("approvals/", guard(self.approvals_view), name="pages_approvals"),
            path("<int:pk>/preview/<str:language>/", guard(self.preview_view), name="pages_preview"),
            path("<int:pk>/publish/", guard(self.publish_view), name="pages_publish"),
            *super().get_urls(),
        ]

    def preview_view(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        """The draft as patients would see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if language not in dict(LANGUAGE_CHOICES):
            raise Http404
        page = get_object_or_404(Page, pk=pk)
        return shown_to_staff(request, content.from_draft(page, language=language))

    def approvals_view(self, request: HttpRequest) -> HttpResponse:
        """Everything whose words the doctor still has to approve."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "title": _("Waiting for the doctor")}
        return render(request, "admin/pages/approvals.html", {**context, "rows": approvals.waiting()})

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What can be published and what stands in the way; a press publishes the chosen languages."""
        page = get_object_or_404(Page, pk=pk)
        if not self.has_change_permission(request, page):
            raise PermissionDenied
        if request.method == "POST":
            chosen = [code for code, _name in LANGUAGE_CHOICES if code in request.POST.getlist("languages")]
            self._publish(request, page, chosen, note=request.POST.get("note", "")[:200])
            return HttpResponseRedirect(reverse("admin:pages_page_change", args=[page.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Publish: %(page)s") % {"page": page},
            "page": page,
            "opts": self.opts,
            "may_publish": publishing.may_publish(page, by=request.user),
            "waiting": approvals.waiting(page),
            "languages": [self._language(page, code, name) for code, name in LANGUAGE_CHOICES],
        }
        return render(request, "admin/pages/publish.html", context)

    @admin.action(description=_("Publish the selected pages in every language that is ready"))
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Page]) -> None:
        """For many pages at once."""
        for page in queryset:
            ready = [code for code, _name in LANGUAGE_CHOICES if not publishing.obstacles(page, language=code)]
            self._publish(request, page, ready, note="")

    def _publish(self, request: HttpRequest, page: Page, languages: list[str], *, note: str) -> None:
        for language in languages:
            try:
                version = publishing.publish(page, language=language, by=request.user, note=note)
            except publishing.PublishRefusedError as error:
                messages.error(request, f"{page} ({language}): {error}")
            else:
                words = _now("%(page)s (%(language)s): version %(number)d is live.")
                values = {"page": page, "language": language, "number": version.number}
                messages.success(request, words % values)

    @staticmethod
    def _language(page: Page, code: str, name: Any) -> dict[str, Any]:
        live = Publication.objects.filter(page=page, language=code).select_related("version").first()
        return {
            "code": code,
            "name": name,
            "obstacles": publishing.obstacles(page, language=code),
            "live": live.version if live else None,
            "preview_url": reverse("admin:pages_preview", args=[page.pk, code]),
        }
