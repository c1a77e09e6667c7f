"""Lets staff edit doctors, offices, hours, closures and prices. Must not touch the doctor's bookable hours."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from pages.admin.editing import ContentAdmin, TranslatedContentAdmin
from pages.models import ClinicClosure, Office, OpeningHours, Physician, PriceLine


@admin.register(Physician)
class PhysicianAdmin(TranslatedContentAdmin):
    """The doctors as the site presents them."""

    list_display = ["name", "short_name", "position"]


class HoursInline(admin.TabularInline):
    """The public hours of one office."""

    model = OpeningHours
    fields = ["weekday", "opens", "closes"]
    extra = 0


@admin.register(Office)
class OfficeAdmin(TranslatedContentAdmin):
    """Addresses; entering one makes it real."""

    list_display = ["name", "street", "city", "phone", "is_open_for_requests", "is_placeholder"]
    inlines = [HoursInline]
    readonly_fields = ["is_placeholder"]

    def save_model(self, request: HttpRequest, obj: Office, form: Any, change: bool) -> None:
        """An address that somebody entered is no longer made up."""
        if {"street", "city", "postal_code", "phone"} & set(form.changed_data):
            obj.is_placeholder = False
        super().save_model(request, obj, form, change)


@admin.register(OpeningHours)
class OpeningHoursAdmin(ContentAdmin):
    """All hours; those without an office are the clinic's."""

    list_display = ["weekday", "opens", "closes", "office", "is_placeholder"]
    list_filter = ["office"]
    fields = ["office", "weekday", "opens", "closes", "is_placeholder"]


@admin.register(ClinicClosure)
class ClinicClosureAdmin(TranslatedContentAdmin):
    """Holidays."""

    list_display = ["name", "first_day", "last_day"]
    date_hierarchy = "first_day"


@admin.register(PriceLine)
class PriceLineAdmin(TranslatedContentAdmin):
    """What a price covers. The price itself is a fact."""

    list_display = ["label", "service", "included", "position"]
    list_filter = ["service", "included"]
