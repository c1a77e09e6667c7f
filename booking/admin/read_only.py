"""Lists to look at: nothing to add, change or delete; and those whose rows belong to a request, with the way to it and
a note in the access log when one is opened. Must not know what the rows are."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import F, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from booking.admin import access_log, rights
from booking.admin.queue_filters import CappedPaginator


class ReadOnlyAdmin(admin.ModelAdmin):
    """A list to look at, newest first, without a count of the whole table."""

    actions = None
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    sortable_by: ClassVar[tuple[str, ...]] = ()
    ordering = ("-pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False


class OfRequestAdmin(ReadOnlyAdmin):
    """Rows that belong to a request."""

    def of_request(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows, each with `asked_id`, the request that it belongs to."""
        found: QuerySet[Any] = rows.annotate(asked_id=F("request_id"))
        return found

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows with their request."""
        return self.of_request(super().get_queryset(request))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One row, noted in the access log of the request it belongs to."""
        row = self.get_object(request, object_id)
        asked_id = getattr(row, "asked_id", None)
        if asked_id is not None and self.has_view_permission(request, row):
            access_log.listed(request_ids=[asked_id], by=rights.member(request), at=timezone.now())
        return super().change_view(request, object_id, form_url, extra_context)

    @admin.display(description=_("Request"))
    def request_link(self, row: Any) -> SafeString | str:
        """The way to the request, where the whole story is."""
        if row.asked_id is None:
            return "–"
        address = reverse("admin:booking_appointmentrequest_change", args=[row.asked_id])
        return format_html('<a href="{}">{} {}</a>', address, _("Open the request"), row.asked_id)
