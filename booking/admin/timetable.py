"""The doctor's time in the admin: visit types, weekly hours, single dates, closed days. Must not touch held time or
requests; nothing has to be told, because availability is asked fresh each time."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.admin import screen, words
from booking.models import Closure, DateOverride, HeldTime, Service, Visit, WeeklyHours

LISTED_VISITS = 20


class WeeklyHoursForm(forms.ModelForm[WeeklyHours]):
    """Hours that end after they start and overlap no others of the same doctor: nobody is in two places at once."""

    class Meta:
        model = WeeklyHours
        fields = ("physician", "office", "weekday", "starts", "ends", "valid_from", "valid_to")

    def clean(self) -> dict[str, Any]:
        """Order of times and days, then overlap."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        starts, ends = values.get("starts"), values.get("ends")
        if starts and ends and ends <= starts:
            self.add_error("ends", _("The end has to be after the start"))
        first, last = values.get("valid_from"), values.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", _("The last day is before the first day"))
        if not self.errors and (other := self._overlapping(values)):
            place = str(other.office) if other.office else _("video")
            self.add_error(
                None,
                _("This overlaps %(hours)s (%(place)s). Change one of them") % {"hours": str(other), "place": place},
            )
        return values

    def _overlapping(self, values: dict[str, Any]) -> WeeklyHours | None:
        rows = WeeklyHours.objects.filter(
            physician=values["physician"],
            weekday=values["weekday"],
            starts__lt=values["ends"],
            ends__gt=values["starts"],
        )
        for row in rows.exclude(pk=self.instance.pk).select_related("office"):
            ends_before = values.get("valid_to") and row.valid_from and values["valid_to"] < row.valid_from
            starts_after = values.get("valid_from") and row.valid_to and values["valid_from"] > row.valid_to
            if not ends_before and not starts_after:
                return row
        return None


class DateOverrideForm(forms.ModelForm[DateOverride]):
    """Both times, or none for a day off."""

    class Meta:
        model = DateOverride
        fields = ("physician", "office", "day", "starts", "ends")

    def clean(self) -> dict[str, Any]:
        """Both or none, and in order."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        starts, ends = values.get("starts"), values.get("ends")
        if bool(starts) != bool(ends):
            self.add_error("ends" if starts else "starts", _("Enter both times, or none for a day off"))
        elif starts and ends and ends <= starts:
            self.add_error("ends", _("The end has to be after the start"))
        return values


class ClosureForm(forms.ModelForm[Closure]):
    """Days in order."""

    class Meta:
        model = Closure
        fields = ("first_day", "last_day", "office", "service", "note")

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = values.get("first_day"), values.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day is before the first day"))
        return values


@admin.register(Service)
class ServiceAdmin(admin.ModelAdmin[Service]):
    """Visit types and their rules. None is deleted: requests point to them."""

    list_display = ("name_en", "name_es", "setting", "minutes", "is_offered", "position")
    show_facets = admin.ShowFacets.NEVER

    def has_delete_permission(self, request: HttpRequest, obj: Service | None = None) -> bool:
        """Never: untick “shown to patients” instead."""
        return False


@admin.register(WeeklyHours)
class WeeklyHoursAdmin(admin.ModelAdmin[WeeklyHours]):
    """When the doctor sees patients."""

    form = WeeklyHoursForm
    list_display = ("weekday", "starts", "ends", "place", "physician", "valid_from", "valid_to")
    list_display_links = ("weekday",)
    list_filter = ("office",)
    list_select_related = ("office", "physician")
    show_facets = admin.ShowFacets.NEVER

    @admin.display(description=gettext_lazy("Office"))
    def place(self, hours: WeeklyHours) -> str:
        """The office, or video."""
        return str(hours.office) if hours.office else _("Video")


@admin.register(DateOverride)
class DateOverrideAdmin(admin.ModelAdmin[DateOverride]):
    """Hours on one date."""

    form = DateOverrideForm
    list_display = ("day", "starts", "ends", "office", "physician")
    list_select_related = ("office", "physician")
    ordering = ("-day",)

    def save_model(self, request: HttpRequest, obj: DateOverride, form: Any, change: bool) -> None:
        """Save, then say whom to call."""
        super().save_model(request, obj, form, change)
        rows = Visit.objects.filter(physician=obj.physician_id)
        _warn(request, _touched(rows, first=obj.day, last=obj.day))


@admin.register(Closure)
class ClosureAdmin(admin.ModelAdmin[Closure]):
    """Days on which nothing is offered."""

    form = ClosureForm
    list_display = ("first_day", "last_day", "office", "service", "note")
    list_select_related = ("office", "service")
    ordering = ("-first_day",)

    def save_model(self, request: HttpRequest, obj: Closure, form: Any, change: bool) -> None:
        """Save, then say whom to call: a closure never cancels a confirmed visit by itself."""
        super().save_model(request, obj, form, change)
        rows = Visit.objects.all()
        if obj.office_id is not None:
            rows = rows.filter(office=obj.office_id)
        if obj.service_id is not None:
            rows = rows.filter(service=obj.service_id)
        _warn(request, _touched(rows, first=obj.first_day, last=obj.last_day))


@admin.register(HeldTime)
class HeldTimeAdmin(admin.ModelAdmin[HeldTime]):
    """Time that is taken, to look at. Visits and blocks are the lifecycle's."""

    list_display = ("starts_at", "ends_at", "kind", "office", "physician", "lane", "overbooking_reason")
    list_display_links = None
    list_filter = ("kind",)
    list_select_related = ("office", "physician")
    ordering = ("-starts_at",)
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: HeldTime | None = None) -> bool:
        """Never by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: HeldTime | None = None) -> bool:
        """Never by hand."""
        return False


def _touched(rows: Any, *, first: Any, last: Any) -> list[Visit]:
    """Confirmed visits ahead on these local days."""
    now = timezone.now()
    start = timezone.make_aware(datetime.combine(first, datetime.min.time()))
    end = timezone.make_aware(datetime.combine(last + timedelta(days=1), datetime.min.time()))
    ahead = rows.filter(ended_at__isnull=True, starts_at__gte=max(start, now), starts_at__lt=end)
    return list(ahead.select_related("request", "office").order_by("starts_at")[:LISTED_VISITS])


def _warn(request: HttpRequest, visits: list[Visit]) -> None:
    """Whom to call, by reference: a message may travel in a cookie, so it holds no name and no number."""
    if not visits:
        return
    lines: SafeString = format_html_join(
        "; ",
        '<a href="{}">{}</a> {}',
        ((screen.url(v.request), v.request.spaced_reference, words.when(v.starts_at)) for v in visits),
    )
    lead = _("These visits stay confirmed. Call the patients:")
    messages.warning(request, format_html("{} {}", lead, lines))
