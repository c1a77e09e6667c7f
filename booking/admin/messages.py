"""Messages, texts from patients, delivery reports and the consent ledger, to look at. Must not change, send or delete
any. Lists hold no words of a message and no name; one row opened is noted in the access log."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import BigIntegerField, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from booking.admin import consent_export, unplaced_texts, words
from booking.admin.read_only import OfRequestAdmin
from booking.models import AppointmentRequest, ConsentEvent, DeliveryReport, DeskTask, IncomingText, OutgoingMessage

NEWEST_OF_NUMBER = (
    AppointmentRequest.objects.filter(contact_number=OuterRef("contact_number")).order_by("-pk").values("pk")[:1]
)


@admin.register(OutgoingMessage)
class OutgoingMessageAdmin(OfRequestAdmin):
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
class IncomingTextAdmin(OfRequestAdmin):
    """Texts from patients; the words are on the screen of the request."""

    list_display = ("received_at", "meaning", "sorted_at", "reader", "request_link")
    list_filter = ("meaning",)
    list_select_related = ("read_by",)
    fields = ("received_at", "body", "meaning", "sorted_at", "read_at", "reader", "request_link")
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        """The texts that no request shows, and what staff do with them."""
        wrap = self.admin_site.admin_view
        return [
            path("unplaced/", wrap(unplaced_texts.page), name="booking_incomingtext_unplaced"),
            path("unplaced/read/", wrap(unplaced_texts.read), name="booking_incomingtext_read"),
            path("unplaced/lately/", wrap(unplaced_texts.lately), name="booking_incomingtext_lately"),
            path("unplaced/unread/", wrap(unplaced_texts.unread), name="booking_incomingtext_unread"),
            path("unplaced/place/", wrap(unplaced_texts.place), name="booking_incomingtext_place"),
            *super().get_urls(),
        ]

    @admin.display(description=_("Sorted by the system at"))
    def sorted_at(self, row: IncomingText) -> datetime | None:
        """When a program had understood it: no person has."""
        return row.handled_at

    @admin.display(description=_("Read by"))
    def reader(self, row: IncomingText) -> str:
        """Who read a text that no request shows; of others the tasks say it."""
        if row.read_by:
            return words.person(row.read_by)
        return str(_("Nobody yet")) if row.is_unplaced else "–"

    def of_request(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Where it is to be read, for one that staff placed at another number's; else the newest of the number."""
        about = DeskTask.texts.through.objects.filter(incomingtext=OuterRef("pk")).order_by("-pk")
        here = Subquery(about.values("desktask__request")[:1])
        asked = Coalesce(here, Subquery(NEWEST_OF_NUMBER), output_field=BigIntegerField())
        found: QuerySet[Any] = rows.annotate(asked_id=asked)
        return found


@admin.register(ConsentEvent)
class ConsentEventAdmin(OfRequestAdmin):
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
class DeliveryReportAdmin(OfRequestAdmin):
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
