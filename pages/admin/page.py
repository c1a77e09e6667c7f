"""Lets editors change a page with its sections, preview the draft, and find the way to publishing and versions
(page_publish.py, page_versions.py). Must not write versions itself."""

from typing import Any

from content_editor.admin import ContentEditor, ContentEditorInline
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from modeltranslation.admin import TranslationInlineModelAdmin

from pages import approvals, content, previews, published, publishing
from pages.admin import page_publish, page_versions, transfer
from pages.admin.editing import ContentAdmin, TranslatedContentAdmin
from pages.editing import draft_hints, review_list
from pages.models import SECTION_MODELS, Page, Section
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

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The place as a number: dragging must not be the only way to move a section."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name == "ordering":
            field.widget = forms.NumberInput()
            field.label = _("Place on the page")
            field.help_text = _("Small numbers come first. Or press Move up and Move down, or drag the heading.")
        return field


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
    # Ticks, not the admin's two lists: those have no names for screen readers and are wider than a phone.
    formfield_overrides = {
        **ContentAdmin.formfield_overrides,
        models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple},
    }
    actions = ["publish_selected"]
    inlines = [_inline(model) for model in SECTION_MODELS]
    change_form_template = "admin/pages/page_change_form.html"
    change_list_template = "admin/pages/page_change_list.html"
    fieldsets = [
        (None, {"fields": ["title", "nav_title", "description", "lead"]}),
        (_("Address"), {"fields": ["key", "path_en", "path_es", "place", "position", "noindex"]}),
        (_("Medical check"), {"fields": ["medical", "owner", "checked_by", "checked_on", "due_on", "references"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Page | None = None) -> list[str]:
        """The key never changes, publishing writes the check, and who may not sign medical pages off cannot make one
        into another kind of page."""
        fixed = ["checked_by", "checked_on", "due_on", *(["key"] if obj else [])]
        return fixed if request.user.has_perm("pages.publish_medical_page") else [*fixed, "medical"]

    @admin.display(description=_("live in"))
    def live(self, page: Page) -> str:
        """The languages in which patients see the page."""
        rows = published.live_now(page.publications.all(), now=timezone.now())
        return ", ".join(sorted(row.language for row in rows)) or "-"

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
            path("<int:pk>/publish/", guard(page_publish.publish), name="pages_publish"),
            path("<int:pk>/share/", guard(page_publish.share), name="pages_share"),
            path("<int:pk>/versions/", guard(page_versions.versions), name="pages_versions"),
            path("<int:pk>/compare/<str:language>/", guard(page_versions.compare), name="pages_compare"),
            path("<int:pk>/restore/<int:version_pk>/", guard(page_versions.restore), name="pages_restore"),
            path("<int:pk>/withdraw/<str:language>/", guard(page_versions.withdraw), name="pages_withdraw"),
            path("reviews/", guard(self.reviews_view), name="pages_reviews"),
            path("transfer/", guard(transfer.screen), name="pages_transfer"),
            path("transfer/export/", guard(transfer.export), name="pages_export"),
            *super().get_urls(),
        ]

    def preview_view(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        """The draft as patients would see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if language not in dict(LANGUAGE_CHOICES):
            raise Http404
        page = get_object_or_404(Page, pk=pk)
        other_url = reverse("admin:pages_preview", args=[page.pk, "en" if language == "es" else "es"])
        found: dict[str, object] = {"hints": draft_hints.of_page(page).get(language, [])}
        return previews.shown(request, content.from_draft(page, language=language), other_url=other_url, context=found)

    def approvals_view(self, request: HttpRequest) -> HttpResponse:
        """Everything whose words the doctor still has to approve."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "title": _("Waiting for the doctor")}
        return render(request, "admin/pages/approvals.html", {**context, "rows": approvals.waiting()})

    def reviews_view(self, request: HttpRequest) -> HttpResponse:
        """What is due for a check."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = [(item, review_list.words(item)) for item in review_list.due(today=timezone.localdate())]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Due for a check"),
            "opts": self.opts,
            "rows": rows,
        }
        return render(request, "admin/pages/reviews.html", context)

    @admin.action(description=_("Publish the selected pages in every language that is ready"))
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Page]) -> None:
        """For many pages at once."""
        for page in queryset:
            if page.medical:
                messages.error(request, _now("%(page)s: publish medical pages one by one.") % {"page": page})
                continue
            ready = [code for code, _name in LANGUAGE_CHOICES if not publishing.obstacles(page, language=code)]
            page_publish.publish_in(request, page, ready)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Hints follow a save; they never stop one."""
        super().save_related(request, form, formsets, change)
        page = Page.objects.get(pk=form.instance.pk)
        if count := sum(len(found) for found in draft_hints.of_page(page).values()):
            words = ngettext(
                "There is %d hint for the words of this page.", "There are %d hints for the words of this page.", count
            )
            url = reverse("admin:pages_page_change", args=[page.pk])
            messages.info(request, format_html('{} <a href="{}#hints-head">{}</a>', words % count, url, _("See them")))
        if change and published.live_now(page.publications.all(), now=timezone.now()):
            words = _now("This is a draft. Patients go on seeing the page as it was until you publish it.")
            url = reverse("admin:pages_publish", args=[page.pk])
            messages.warning(request, format_html('{} <a href="{}">{}</a>', words, url, _("Publish")))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """With the hints for the draft as it is saved."""
        page = kwargs.get("obj")
        if page is not None and request.method == "GET":
            context["hints"] = draft_hints.of_page(page)
        return super().render_change_form(request, context, *args, **kwargs)
