"""“The calendar is right”: one press on the front page, for each doctor. Must not decide what patients see
(booking/availability.py does); it shows what that comes to."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking import doctor_calendar, promise, timetable
from booking.admin import rights, words
from booking.models import DoctorCalendar
from pages.models import Physician


@dataclass(frozen=True)
class Check:
    """What the front page says about one doctor's calendar."""

    physician: Physician
    is_known: bool
    looked: str
    until: str
    feed_problem: str

    @property
    def needs_somebody(self) -> bool:
        """Whether patients see no days of this doctor until somebody presses."""
        return not self.is_known


def checks(*, now: datetime) -> list[Check]:
    """One line for each doctor who has hours."""
    physicians = Physician.objects.filter(weekly_hours__isnull=False).distinct()
    calendars = {row.physician_id: row for row in DoctorCalendar.objects.select_related("confirmed_by")}
    look_back = timedelta(days=promise.LONGEST_LOOK_AHEAD)
    hours = promise.business_hours(first=timezone.localtime(now - look_back).date())
    blank = DoctorCalendar()
    return [_check(p, calendars.get(p.pk, blank), hours=hours, now=now) for p in physicians]


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(http: HttpRequest, pk: int) -> HttpResponse:
    """Somebody looked. Pressing twice does no harm; by GET (back from signing in again) nothing is done."""
    user = rights.must(http, "calendar")
    physician = get_object_or_404(Physician, pk=pk)
    if http.method == "POST":
        doctor_calendar.confirm(physician=physician, by=user, now=timezone.now())
        messages.success(http, _("Thank you. Patients see the free days of %(doctor)s.") % {"doctor": physician})
    return redirect("admin:index")


def _check(physician: Physician, calendar: DoctorCalendar, *, hours: promise.BusinessHours, now: datetime) -> Check:
    until = timetable.known_until(
        confirm_within=calendar.confirm_within,
        confirmed_at=calendar.confirmed_at,
        feed_good_at=calendar.feed_good_at,
        hours=hours,
    )
    has_end = now <= until < now + timedelta(days=366)
    return Check(
        physician=physician,
        is_known=now <= until,
        looked=words.when(calendar.confirmed_at) if calendar.confirmed_at else "",
        until=words.when(until).rstrip(".") if has_end else "",  # a full stop follows
        feed_problem=_feed_problem(calendar, now=now),
    )


def _feed_problem(calendar: DoctorCalendar, *, now: datetime) -> str:
    if not calendar.is_feed_stale(now=now):
        return ""
    why = str(calendar.get_feed_problem_display()) if calendar.feed_problem else ""
    if calendar.feed_good_at is None:
        return _("The calendar feed was never read. %(why)s") % {"why": why}
    read = words.when(calendar.feed_good_at)
    return _("The calendar feed was last read %(when)s; its times of then still count. %(why)s") % {
        "when": read,
        "why": why,
    }
