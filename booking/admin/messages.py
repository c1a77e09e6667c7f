"""Messages, texts from patients, delivery reports and the consent ledger, to look at. Must not change, send or delete
any. Lists hold no words of a message and no name; one row opened is noted in the access log."""

from typing import Any

from django.contrib import admin
from django.db.models import F, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from booking.admin import access_log, consent_export, rights, words
from booking.admin.queue_filters import CappedPaginator
from booking.models import AppointmentRequest, ConsentEvent, DeliveryReport, IncomingText, OutgoingMessage

NEWEST_OF_NUMBER = (
    AppointmentRequest.objects.filter(contact_number=OuterRef("contact_number")).order_by("-pk").values("pk")[:1]
)


class ReadOnlyAdmin(admin.ModelAdmin):
    """A list to look at: nothing to add, change or delete, and no count of the whole table."""

    actions = None
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    sortable_by = ()
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


@admin.register(OutgoingMessage)
class OutgoingMessageAdmin(ReadOnlyAdmin):
    """Texts and emails to patients, with what became of them."""

    list_display = ("created_at", "what", "channel", "state", "reason_words", "request_link")
    list_filter = ("state", "channel")
    fields = (
        "created_at",
        "what",
        "channel",
        "language",
        "state",
        "reason_words",
        "attempts",
        "sent_at",
        "request_link",
    )
    readonly_fields = fields

    @admin.display(description=_("Message"))
    def what(self, row: OutgoingMessage) -> str:
        """What it is for."""
        return words.kind_words(row.kind)

    @admin.display(description=_("Why"))
    def reason_words(self, row: OutgoingMessage) -> str:
        """Why it did not arrive, in words."""
        return words.delivery_reason(row) or "–"


@admin.register(IncomingText)
class IncomingTextAdmin(ReadOnlyAdmin):
    """Texts from patients; the words are on the screen of the request."""

    list_display = ("received_at", "meaning", "handled_at", "request_link")
    list_filter = ("meaning",)
    fields = ("received_at", "body", "meaning", "handled_at", "request_link")
    readonly_fields = fields

    def of_request(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The newest request of the number."""
        found: QuerySet[Any] = rows.annotate(asked_id=Subquery(NEWEST_OF_NUMBER))
        return found


@admin.register(ConsentEvent)
class ConsentEventAdmin(ReadOnlyAdmin):
    """The ledger of consent. Only ever added to, and not here."""

    list_display = ("at", "kind", "source", "wording_id", "wording_version", "recorder", "request_link")
    list_filter = ("kind", "source")
    list_select_related = ("recorded_by",)
    fields = (
        *("at", "kind", "source", "recorder", "said", "page", "field_value", "form_version"),
        *("page_versions", "network", "browser", "provider_id"),
        *("wording_id", "wording_version", "wording_language", "wording", "wording_hash", "request_link"),
    )
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        """The evidence of one number, to print."""
        view = self.admin_site.admin_view(consent_export.one_number)
        return [path("number/<int:pk>/", view, name="booking_consentevent_number"), *super().get_urls()]

    @admin.display(description=_("Recorded by"))
    def recorder(self, event: ConsentEvent) -> str:
        """A name; the account behind it is not for everybody who reads this."""
        return words.person(event.recorded_by) if event.recorded_by else ""

    def of_request(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Its own request, or the newest of the number."""
        found: QuerySet[Any] = rows.annotate(asked_id=Coalesce(F("request_id"), Subquery(NEWEST_OF_NUMBER)))
        return found


@admin.register(DeliveryReport)
class DeliveryReportAdmin(ReadOnlyAdmin):
    """What the provider told us, as it came."""

    list_display = ("received_at", "status", "error", "reason_words", "request_link")
    list_filter = ("status",)
    fields = ("received_at", "provider_id", "status", "error", "reason_words", "request_link")
    readonly_fields = fields

    def of_request(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The request of the message."""
        found: QuerySet[Any] = rows.annotate(asked_id=F("message__request_id"))
        return found

    @admin.display(description=_("Why"))
    def reason_words(self, row: DeliveryReport) -> str:
        """The code in words."""
        return words.code_reason(row.error) or "–"
