"""Who looked at which request, for managers. Must not change a line: the log is only ever added to."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from booking.admin import access_log, asked_for, words
from booking.admin.read_only import OfRequestAdmin
from booking.models import AccessEvent

WHAT = {
    access_log.OPENED: _("Opened the request"),
    access_log.LISTED: _("Saw it in a list"),
    access_log.EXPORTED: _("Took out the consent records"),
    access_log.ON_PAPER: _("Made a day sheet to print"),
}


class WhatFilter(admin.SimpleListFilter):
    """What was done; opening one request is the usual question."""

    title, parameter_name = _("what"), "what"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """All kinds."""
        return list(WHAT.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows of that kind; anything else filters nothing."""
        return queryset.filter(what=self.value()) if self.value() in WHAT else queryset


class OneRequest(admin.SimpleListFilter):
    """The lines of one request; the link on its screen sets it."""

    title, parameter_name = _("request"), "request"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The one in the address, and nothing to choose from: there may be a million."""
        number = asked_for.number(request.GET.get("request", ""))
        return [] if number is None else [(str(number), _("Request %(number)s") % {"number": number})]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Its rows."""
        number = asked_for.number(self.value() or "")
        return queryset if number is None else queryset.filter(request_id=number)


@admin.register(AccessEvent)
class AccessEventAdmin(OfRequestAdmin):
    """The log, newest first."""

    list_display = ("at", "who", "what_words", "request_link")
    list_display_links = None
    list_filter = (OneRequest, WhatFilter)
    list_select_related = ("user",)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A line says everything in the list."""
        return self.changelist_view(request)

    @admin.display(description=_("Who"))
    def who(self, row: AccessEvent) -> str:
        """The member of staff."""
        return words.person(row.user)

    @admin.display(description=_("What"))
    def what_words(self, row: AccessEvent) -> str:
        """What was done, in words."""
        return str(WHAT.get(row.what, row.what))
