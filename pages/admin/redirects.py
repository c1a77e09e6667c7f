"""Lets staff say where old addresses lead. Must not answer them (pages/views.py does)."""

from django.contrib import admin

from pages.admin.editing import ContentAdmin
from pages.models import Redirect


@admin.register(Redirect)
class RedirectAdmin(ContentAdmin):
    """Old addresses; those of pages that moved came by themselves."""

    list_display = ["path", "target", "made_by_move", "changed_at"]
    list_filter = ["made_by_move"]
    search_fields = ["path", "target"]
    readonly_fields = ["made_by_move", "changed_at"]
