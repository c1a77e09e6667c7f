"""A doctor's calendar in the admin: how long a look counts, the feed of busy times, the doctor's secret link. Must not
show the address of a feed again: it is a secret link of somebody else's service."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking import doctor_calendar, feed_fetching, links
from booking.admin import calendar_checks, words
from booking.models import DoctorCalendar


class DoctorCalendarForm(forms.ModelForm[DoctorCalendar]):
    """The address is only ever written: an empty field keeps what is there."""

    feed_address = forms.CharField(
        label=gettext_lazy("Secret address of the doctor’s calendar (iCal)"),
        help_text=gettext_lazy(
            "Only the start and end of busy times are read, never a title. Leave it empty to keep the present one."
        ),
        required=False,
        max_length=2000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "class": "vTextField"}),
    )
    end_feed = forms.BooleanField(label=gettext_lazy("Read no calendar any more"), required=False)

    class Meta:
        model = DoctorCalendar
        fields = ("physician", "confirm_within")

    def clean_feed_address(self) -> str:
        """An address that may be fetched; calendars are often given as webcal://."""
        url: str = self.cleaned_data["feed_address"].strip()
        if url.lower().startswith("webcal://"):
            url = "https://" + url[len("webcal://") :]
        if url:
            try:
                feed_fetching.checked(url)
            except feed_fetching.FeedProblem as problem:
                raise forms.ValidationError(str(problem.problem.label)) from None
        return url

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("feed_address") and values.get("end_feed"):
            self.add_error("end_feed", _("Either a new address or none: not both"))
        return values


@admin.register(DoctorCalendar)
class DoctorCalendarAdmin(admin.ModelAdmin[DoctorCalendar]):
    """How long a look at a doctor's calendar counts. The look itself is one press on the front page."""

    form = DoctorCalendarForm
    change_form_template = "admin/booking/doctor_calendar.html"
    fieldsets = (
        (None, {"fields": ("physician", "confirm_within")}),
        (
            gettext_lazy("Busy times of the doctor’s own calendar"),
            {"fields": ("feed_state", "feed_address", "end_feed")},
        ),
        (gettext_lazy("Our visits in the doctor’s calendar program"), {"fields": ("link",)}),
    )
    readonly_fields = ("feed_state", "link")
    list_display = ("physician", "confirm_within", "confirmed_at", "confirmed_by", "feed_state")
    list_select_related = ("physician", "confirmed_by")
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def get_urls(self) -> list[URLPattern]:
        """The press of the front page."""
        press = self.admin_site.admin_view(calendar_checks.confirm)
        return [path("<int:pk>/confirm/", press, name="booking_doctorcalendar_confirm"), *super().get_urls()]

    def get_readonly_fields(self, request: HttpRequest, obj: DoctorCalendar | None = None) -> tuple[str, ...]:
        """A row stays with its doctor."""
        return ("feed_state", "link") if obj is None else ("physician", "feed_state", "link")

    def has_delete_permission(self, request: HttpRequest, obj: DoctorCalendar | None = None) -> bool:
        """Never: patients would see no days."""
        return False

    def save_model(self, request: HttpRequest, obj: DoctorCalendar, form: Any, change: bool) -> None:
        """The number of days, then the feed."""
        super().save_model(request, obj, form, change)
        if form.cleaned_data["feed_address"]:
            doctor_calendar.set_feed(calendar=obj, url=form.cleaned_data["feed_address"], now=timezone.now())
            messages.info(request, _("The calendar is read within a minute, and then every 10 minutes."))
        elif form.cleaned_data["end_feed"]:
            doctor_calendar.end_feed(calendar=obj)

    def response_change(self, request: HttpRequest, obj: DoctorCalendar) -> HttpResponse:
        """The button for a new link saves the page first, like every button here."""
        if "_new_link" not in request.POST:
            return super().response_change(request, obj)
        doctor_calendar.new_link(calendar=obj)
        messages.success(request, _("There is a new link for the doctor. An older one no longer opens anything."))
        return HttpResponseRedirect(request.path)

    @admin.display(description=gettext_lazy("Calendar feed"))
    def feed_state(self, calendar: DoctorCalendar) -> str:
        """From which service, when it was last read, and what was wrong."""
        if not calendar.has_feed:
            return _("None")
        read = words.when(calendar.feed_good_at) if calendar.feed_good_at else _("not yet")
        said = _("%(host)s, last read: %(when)s.") % {"host": calendar.feed_host, "when": read}
        stale = _("Stale.") if calendar.is_feed_stale(now=timezone.now()) else ""
        problem = str(calendar.get_feed_problem_display()) if calendar.feed_problem else ""
        return " ".join(part for part in (said, stale, problem) if part)

    @admin.display(description=gettext_lazy("Secret link"))
    def link(self, calendar: DoctorCalendar) -> str:
        """The address to hand to the doctor; titles in it are neutral."""
        if not calendar.link_version:
            return _("None yet.")
        return format_html('<span class="reference">{}</span>', links.calendar_url(calendar))
