"""The doctor's time in the admin: visit types, weekly hours, single dates, closed days. Must not touch held time or
requests; nothing has to be told, because availability is asked fresh each time."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.admin import blocking, closing_day, day_sheet, week_view, whom_to_call, words
from booking.admin.read_only import ReadOnlyAdmin
from booking.models import (
    LONGEST_TRAVEL_MINUTES,
    Closure,
    DateOverride,
    HeldTime,
    Service,
    TravelTime,
    Visit,
    WeeklyHours,
)


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
    """Both times, or none for a day off; and one answer for each hour of the date."""

    class Meta:
        model = DateOverride
        fields = ("physician", "office", "day", "starts", "ends")

    def clean(self) -> dict[str, Any]:
        """Both or none, in order, and not against what is entered for that date already."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        starts, ends = values.get("starts"), values.get("ends")
        if (starts is None) != (ends is None):
            self.add_error("ends" if starts else "starts", _("Enter both times, or none for a day off"))
        elif starts is not None and ends is not None and ends <= starts:
            self.add_error("ends", _("The end has to be after the start"))
        if not self.errors:
            self._refuse_contradiction(values)
        return values

    def _refuse_contradiction(self, values: dict[str, Any]) -> None:
        starts, ends = values.get("starts"), values.get("ends")
        rows = DateOverride.objects.filter(physician=values["physician"], day=values["day"])
        for row in rows.exclude(pk=self.instance.pk).select_related("office"):
            if row.starts is None or row.ends is None:
                self.add_error(None, _("This date is a day off already. Change that entry instead"))
            elif starts is None or ends is None:
                self.add_error(None, _("This date has hours already. Delete them before you make it a day off"))
            elif starts < row.ends and ends > row.starts:
                hours = f"{row.starts:%H:%M}-{row.ends:%H:%M}"
                place = str(row.office) if row.office else _("video")
                said = {"hours": hours, "place": place}
                self.add_error(None, _("This overlaps %(hours)s (%(place)s). Change one of them") % said)
            else:
                continue
            return


class ClosureForm(forms.ModelForm[Closure]):
    """Days in order; any field may be empty, but not all of them: that would close the clinic for good by a slip."""

    class Meta:
        model = Closure
        fields = ("first_day", "last_day", "physician", "office", "service", "note")
        help_texts: ClassVar[dict[str, Any]] = {
            "first_day": gettext_lazy("Empty: from now on."),
            "last_day": gettext_lazy("Empty: until somebody ends it."),
            "physician": gettext_lazy("Empty: all doctors."),
            "office": gettext_lazy("Empty: all offices, and video."),
            "service": gettext_lazy("Empty: all visits."),
        }

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first, and something is said."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = values.get("first_day"), values.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day is before the first day"))
        if not self.errors and not any(values.get(name) for name in self._meta.fields or () if name != "note"):
            self.add_error("first_day", _("Enter a day, a doctor, an office or a visit type"))
        return values


class TravelTimeForm(forms.ModelForm[TravelTime]):
    """Two different offices, in whatever order they were chosen."""

    class Meta:
        model = TravelTime
        fields = ("first", "second", "minutes")

    def clean(self) -> dict[str, Any]:
        """Put the pair in its one order before the database compares it."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        first, second = values.get("first"), values.get("second")
        if first and second and first == second:
            self.add_error("second", _("Choose two different offices"))
        elif first and second:
            values["first"], values["second"] = sorted((first, second), key=lambda office: office.pk)
            known = TravelTime.objects.filter(first=values["first"], second=values["second"])
            if known.exclude(pk=self.instance.pk).exists():
                self.add_error("second", _("The time between these two offices is entered already. Change that one"))
        minutes = values.get("minutes")
        if minutes is not None and not 1 <= minutes <= LONGEST_TRAVEL_MINUTES:
            self.add_error("minutes", _("Enter 1 to %(most)d minutes") % {"most": LONGEST_TRAVEL_MINUTES})
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

    def save_model(self, request: HttpRequest, obj: WeeklyHours, form: Any, change: bool) -> None:
        """Save, then put those on the list whose time lies in hours that are gone."""
        super().save_model(request, obj, form, change)
        whom_to_call.list_calls(request, now=timezone.now())

    def delete_model(self, request: HttpRequest, obj: WeeklyHours) -> None:
        """The same."""
        super().delete_model(request, obj)
        whom_to_call.list_calls(request, now=timezone.now())

    @admin.display(description=gettext_lazy("Office"))
    def place(self, hours: WeeklyHours) -> str:
        """The office, or video."""
        return str(hours.office) if hours.office else _("Video")


@admin.register(TravelTime)
class TravelTimeAdmin(admin.ModelAdmin[TravelTime]):
    """How long the doctor is on the way; the same in both directions."""

    form = TravelTimeForm
    list_display = ("first", "second", "minutes")
    list_display_links = ("first", "second")
    list_select_related = ("first", "second")
    show_facets = admin.ShowFacets.NEVER


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
        whom_to_call.say(request, rows, first=obj.day, last=obj.day, now=timezone.now())
        whom_to_call.list_calls(request, now=timezone.now())


@admin.register(Closure)
class ClosureAdmin(admin.ModelAdmin[Closure]):
    """Days on which nothing is offered."""

    form = ClosureForm
    list_display = ("first", "last", "physician", "office", "service", "note")
    list_select_related = ("physician", "office", "service")
    ordering = ("-first_day",)

    def get_urls(self) -> list[URLPattern]:
        """Close a day with visits, and the list of whom to reach."""
        wrap = self.admin_site.admin_view
        return [
            path("close-day/", wrap(closing_day.close_day), name="booking_closure_close_day"),
            path("close-day/<int:pk>/", wrap(closing_day.closing_page), name="booking_closure_closing"),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("First day"), ordering="first_day")
    def first(self, closure: Closure) -> str:
        """The day, or that it has begun."""
        return words.long_day(closure.first_day) if closure.first_day else _("already")

    @admin.display(description=gettext_lazy("Last day"), ordering="last_day")
    def last(self, closure: Closure) -> str:
        """The day, or that nobody has set one."""
        return words.long_day(closure.last_day) if closure.last_day else _("until further notice")

    def save_model(self, request: HttpRequest, obj: Closure, form: Any, change: bool) -> None:
        """Save, then say whom to call: a closure never cancels a confirmed visit by itself."""
        super().save_model(request, obj, form, change)
        rows = Visit.objects.all()
        if obj.physician_id is not None:
            rows = rows.filter(physician=obj.physician_id)
        if obj.office_id is not None:
            rows = rows.filter(office=obj.office_id)
        if obj.service_id is not None:
            rows = rows.filter(service=obj.service_id)
        whom_to_call.say(request, rows, first=obj.first_day, last=obj.last_day, now=timezone.now())
        whom_to_call.list_calls(request, now=timezone.now())


@admin.register(HeldTime)
class HeldTimeAdmin(ReadOnlyAdmin):
    """Time that is taken, to look at. Visits and blocks are the lifecycle's."""

    list_display = ("starts_at", "ends_at", "kind", "office", "physician", "lane", "overbooking_reason")
    list_display_links = None
    list_filter = ("kind",)
    list_select_related = ("office", "physician")
    ordering = ("-starts_at",)
    sortable_by = ("starts_at", "ends_at", "kind")  # its only links: a table that scrolls has to be reached by keyboard

    def get_urls(self) -> list[URLPattern]:
        """The week, the sheet of a day, blocking and freeing."""
        wrap = self.admin_site.admin_view
        return [
            path("week/", wrap(week_view.week_page), name="booking_heldtime_week"),
            path("day-sheet/", wrap(day_sheet.day_sheet), name="booking_heldtime_day_sheet"),
            path("block/", wrap(blocking.block), name="booking_heldtime_block"),
            path("<int:pk>/unblock/", wrap(blocking.unblock), name="booking_heldtime_unblock"),
            *super().get_urls(),
        ]
