"""The reports as plain tables with a small chart each, and as one CSV for managers. Must not count anything itself
(booking/reports.py does)."""

import csv
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from booking import reports
from booking.admin import asked_again, rights, words
from booking.models import AppointmentRequest
from booking.staff_forms import DayInput

TEMPLATE = "admin/booking/reports.html"
USUAL_DAYS, MOST_DAYS = 30, 366
LINE_HEIGHT, BAR_WIDTH = 34, 300
# What a spreadsheet takes for a formula when a cell begins with it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class RangeForm(forms.Form):
    """From one day to another, both among them."""

    first = forms.DateField(label=gettext_lazy("From"), widget=DayInput)
    last = forms.DateField(label=gettext_lazy("To"), widget=DayInput)

    def clean(self) -> dict[str, Any]:
        """In order, and not more than a year."""
        values = super().clean() or {}
        first, last = values.get("first"), values.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day is before the first day"))
        elif first and last and last - first > timedelta(days=MOST_DAYS):
            self.add_error("last", _("Choose at most a year"))
        return values


@dataclass(frozen=True)
class Bar:
    """One bar of a chart: its label, where it stands, how long it is."""

    label: str
    number: int
    top: int
    width: int

    @property
    def bar_top(self) -> int:
        """Under the label."""
        return self.top + 5


@dataclass(frozen=True)
class Chart:
    """Bars of one report, as high as they need."""

    bars: list[Bar]
    height: int
    words: str


@require_http_methods(["GET", "HEAD", "POST"])
def page(http: HttpRequest) -> HttpResponse:
    """The reports of some days; posting asks for the file."""
    user, now = rights.must(http, "reports"), timezone.now()
    today = timezone.localtime(now).date()
    usual = {"first": today - timedelta(days=USUAL_DAYS - 1), "last": today}
    asked = http.POST if http.method == "POST" else http.GET
    form = RangeForm(asked if "first" in asked else usual, auto_id="range_%s")
    days = form.cleaned_data if form.is_valid() else usual
    if http.method == "POST":
        return _file(http, form, days, now=now)
    found = reports.all_of(**days, now=now, say=asked_again.words)
    context = {
        **admin.site.each_context(http),
        "title": _("Reports"),
        "form": form,
        "days": days,
        "reports": [(report, chart(report), words.span(report.middle) if report.middle else "") for report in found],
        "can": rights.all_of(user),
    }
    return TemplateResponse(http, TEMPLATE, context)


def chart(report: reports.Report) -> Chart:
    """The bars of a report, the longest over the whole width."""
    most = max((line.number for line in report.lines), default=0)
    bars = [
        Bar(line.label, line.number, LINE_HEIGHT * n + 14, round(BAR_WIDTH * line.number / most) if most else 0)
        for n, line in enumerate(report.lines)
    ]
    said = "; ".join(f"{line.label}: {line.number}" for line in report.lines)
    return Chart(bars, LINE_HEIGHT * len(bars), said)


def _file(http: HttpRequest, form: RangeForm, days: dict[str, Any], *, now: datetime) -> HttpResponse:
    """One CSV with all tables; who took it is written down."""
    user = rights.must(http, "export")
    if not form.is_valid():  # or back from signing in again: nothing to export
        return redirect(reverse("admin:booking_appointmentrequest_reports"))
    first, last = days["first"], days["last"]
    _write_down(user, first, last)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="reports-{first}-{last}.csv"'
    response.write("\N{BYTE ORDER MARK}")  # spreadsheets then read the accents
    writer = csv.writer(response)
    writer.writerow([_("Report"), _("Line"), _("Number"), _("Percent")])
    for report in reports.all_of(first=first, last=last, now=now, say=asked_again.words):
        for line in report.lines:
            writer.writerow([harmless(str(report.title)), harmless(line.label), line.number, line.share])
    return response


def harmless(cell: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def _write_down(user: User, first: date, last: date) -> None:
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(AppointmentRequest),
        object_repr=f"Reports {first} to {last}",
        action_flag=CHANGE,
        change_message="Took out the reports as a file.",
    )
