"""What content admins share: a saved change empties the caches in the same transaction, and scripts get the nonce of
the page. Must not hold rules of one model."""

from typing import Any

from django.contrib import admin
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from js_asset import Media
from modeltranslation.admin import TranslationAdmin

from pages import publishing


class ContentAdmin(admin.ModelAdmin):
    """Raises the generation with every save and delete. Django's admin runs each of these in a transaction."""

    class Media:
        css = {"all": ["pages/editor.css"]}
        js = ["pages/editor.js"]

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
        response = super().render_change_form(request, context, *args, **kwargs)
        data = getattr(response, "context_data", None)
        if data and "media" in data:
            data["media"] = Media.from_media(data["media"], nonce=str(getattr(request, "csp_nonce", "")))
        return response


class TranslatedContentAdmin(ContentAdmin, TranslationAdmin):
    """The same for models with columns per language. Plain TranslationAdmin: the tabbed one loads scripts from a
    stranger's server."""
