"""What content admins share: a saved change empties the caches in the same transaction, nobody overwrites what somebody
else saved meanwhile, and scripts get the nonce of the page. Must not hold rules of one model."""

from typing import Any

from django.contrib import admin
from django.db import connection, models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from js_asset import Media
from modeltranslation.admin import TranslationAdmin

from pages import publishing
from pages.admin import two_editors


class ContentAdmin(admin.ModelAdmin):
    """Raises the generation with every save and delete. Django's admin runs each of these in a transaction."""

    change_form_template = "admin/pages/change_form.html"
    # An address that is typed without a scheme leads to https; Django's own default is still http.
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    class Media:
        css = {"all": ["pages/editor.css"]}
        js = ["pages/editor.js"]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Whoever saves holds the row from here on, so that two who press at once come one after the other."""
        if request.method == "POST" and connection.in_atomic_block:
            rows: QuerySet[Any] = QuerySet(self.model)
            field = from_field or self.opts.pk.attname
            try:
                list(rows.select_for_update().filter(**{field: object_id}).values_list("pk"))
            except ValueError:
                return None  # an address that somebody made up
        return super().get_object(request, object_id, from_field)

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Django's, refusing what was written over a newer state."""
        form = super().get_form(request, obj, change=change, **kwargs)
        seen = request.POST.get("seen", "")
        if obj is None or not seen or seen == two_editors.state_of(self, request, obj.pk):
            return form
        return two_editors.refusing(form, two_editors.words(obj))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The last step of every save, in the change form and in an editable list."""
        super().save_related(request, form, formsets, change)
        publishing.bump()

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        """One row from its own page."""
        super().delete_model(request, obj)
        publishing.bump()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Many rows from the list; Django opens no transaction for this one."""
        with transaction.atomic():
            super().delete_queryset(request, queryset)
            publishing.bump()

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """The rich text editor needs an inline import map; the policy lets it run only with the nonce."""
        row = kwargs.get("obj")
        if row is not None and row.pk:
            context["seen"] = two_editors.state_of(self, request, row.pk)
            context["differences"] = two_editors.differences(context)
        response = super().render_change_form(request, context, *args, **kwargs)
        data = getattr(response, "context_data", None)
        if data and "media" in data:
            data["media"] = Media.from_media(data["media"], nonce=str(getattr(request, "csp_nonce", "")))
        return response


class TranslatedContentAdmin(ContentAdmin, TranslationAdmin):
    """The same for models with columns per language. Plain TranslationAdmin: the tabbed one loads scripts from a
    stranger's server."""
