"""One week of a doctor: drawn, and the same as a table that can be read aloud and pressed. Must not change anything but
the access log; the picture holds no link, so that nobody has to find one in it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from booking import week
from booking.admin import access_log, asked_for, calendar_checks, rights, screen, words
from booking.admin.week_drawing import draw
from booking.models import HeldTime
from booking.week import Day, Span
from pages.models import Office, Physician

TEMPLATE = "admin/booking/week.html"
DAYS = 7
WHAT: dict[str, str | Promise] = {
    "free": gettext_lazy("Free"),
    "visit": gettext_lazy("Visit"),
    "offer": gettext_lazy("Offered"),
    "talking": gettext_lazy("Held while talking"),
    "block": gettext_lazy("Blocked"),
    "busy": gettext_lazy("Busy in the doctor’s calendar"),
}


@dataclass(frozen=True)
class Line:
    """One row of the table."""

    kind: str
    clock: str
    what: str
    where: str
    note: str
    url: str  # where a press leads: the request, or blocking this free time
    url_words: str
    block_pk: int | None  # of a block that can be freed


@dataclass(frozen=True)
class DayLines:
    """The rows of one day."""

    day: date
    label: str
    is_today: bool
    is_closed: bool
    lines: list[Line]


@require_safe
def week_page(http: HttpRequest) -> TemplateResponse:
    """The week of the asked day (default: today) and doctor (default: the first)."""
    user, now = rights.must(http, "week"), timezone.now()
    today = timezone.localtime(now).date()
    day = asked_for.day(http.GET.get("day", ""), today=today)
    first = day - timedelta(days=day.weekday())
    physicians = list(Physician.objects.all())
    physician = _doctor(http.GET.get("doctor", ""), physicians)
    days = week.days(physician=physician, first=first, count=DAYS, now=now) if physician else []
    names = {office.pk: office.name for office in Office.objects.all()}
    shown = [span.held for day in days for span in day.spans if span.held is not None]
    access_log.listed(request_ids=[held.request_id for held in shown if held.request_id], by=user, at=now)
    context = {
        **admin.site.each_context(http),
        "title": _("Week of %(day)s") % {"day": words.long_day(first)},
        "physician": physician,
        "physicians": [(one, address(first, one)) for one in physicians] if len(physicians) > 1 else [],
        "drawing": draw(days, names=names, today=today) if days else None,
        "days": [_lines(day, names=names, today=today, physician=physician) for day in days] if physician else [],
        "before": address(first - timedelta(days=DAYS), physician),
        "after": address(first + timedelta(days=DAYS), physician),
        "this_week": address(today, physician),
        "calendar": [check for check in calendar_checks.checks(now=now) if check.physician == physician],
        "can": rights.all_of(user),
    }
    return TemplateResponse(http, TEMPLATE, context)


def address(day: date, physician: Physician | None) -> str:
    """The address of the week that holds this day."""
    query = {"day": day.isoformat(), **({"doctor": physician.pk} if physician else {})}
    return f"{reverse('admin:booking_heldtime_week')}?{urlencode(query)}"


def _doctor(text: str, physicians: list[Physician]) -> Physician | None:
    asked = [physician for physician in physicians if str(physician.pk) == text]
    return next(iter([*asked, *physicians]), None)


def _lines(day: Day, *, names: dict[int, str], today: date, physician: Physician) -> DayLines:
    lines = [_line(span, day=day.day, names=names, physician=physician) for span in day.spans]
    return DayLines(day.day, words.long_day(day.day), day.day == today, day.is_closed, lines)


def _line(span: Span, *, day: date, names: dict[int, str], physician: Physician) -> Line:
    held = span.held
    asked = held.request if held else None
    url, url_words = "", ""
    if asked is not None:
        url, url_words = screen.url(asked), asked.spaced_reference
    elif span.kind == "free" and span.ends_at > timezone.now():
        url, url_words = _block_address(span, day=day, physician=physician), _("Block it")
    return Line(
        kind=span.kind,
        clock=between(span.starts_at, span.ends_at),
        what=_what(span),
        where=_where(span, names=names),
        note=held.note if held else "",
        url=url,
        url_words=url_words,
        block_pk=held.pk if held is not None and held.kind == HeldTime.Kind.BLOCK else None,
    )


def _what(span: Span) -> str:
    second = span.held is not None and span.held.lane > 0 and span.kind == "visit"
    return _("Second visit at this time") if second else str(WHAT[span.kind])


def _where(span: Span, *, names: dict[int, str]) -> str:
    if span.office_id is not None:
        return names.get(span.office_id, "")
    return _("Video") if span.kind in ("free", "visit", "offer", "talking") else ""


def _block_address(span: Span, *, day: date, physician: Physician) -> str:
    local = [timezone.localtime(instant).strftime("%H:%M") for instant in (span.starts_at, span.ends_at)]
    query = {"physician": physician.pk, "day": day.isoformat(), "starts": local[0], "ends": local[1]}
    return f"{reverse('admin:booking_heldtime_block')}?{urlencode(query)}"


def between(starts_at: datetime, ends_at: datetime) -> str:
    """“9 a.m. to 12:30 p.m.” on the clinic's wall."""
    return _("%(from)s to %(to)s") % {"from": words.clock(starts_at), "to": words.clock(ends_at)}
