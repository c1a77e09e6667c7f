"""The visits of one office and day on paper, with names. Must not change anything but the access log, which notes every
patient on the sheet: paper leaves the building."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking.admin import access_log, asked_for, rights, words
from booking.models import AppointmentRequest, Visit
from booking.timetable import day_bounds
from pages.models import Office

TEMPLATE = "admin/booking/day_sheet.html"
VIDEO = "video"


@dataclass(frozen=True)
class Row:
    """One visit as the sheet prints it."""

    clock: str
    until: str
    come_at: str
    name: str
    reference: str
    phone: str
    visit: str
    doctor: str
    needs: list[str]


@require_safe
def day_sheet(http: HttpRequest) -> TemplateResponse:
    """The sheet of the asked day (default: today) and office (default: the first); “video” is a place, too."""
    user, now = rights.must(http, "day_sheet"), timezone.now()
    day = asked_for.day(http.GET.get("day", ""), today=timezone.localtime(now).date())
    offices = list(Office.objects.all())
    wanted = http.GET.get("office", "")
    office = next((one for one in offices if str(one.pk) == wanted), offices[0] if offices else None)
    if wanted == VIDEO:
        office = None
    start, end = day_bounds(day)
    visits = list(
        Visit.objects.in_force()
        .filter(starts_at__gte=start, starts_at__lt=end, office=office)
        .select_related("request__contact_number", "service", "physician")
        .order_by("starts_at", "pk")
    )
    access_log.on_paper(request_ids=[visit.request_id for visit in visits], by=user, at=now)
    context = {
        **admin.site.each_context(http),
        "title": _("Day sheet: %(day)s") % {"day": words.long_day(day)},
        "day": day,
        "office": office,
        "place": office.name if office else _("Video"),
        "offices": offices,
        "is_video": office is None,
        "rows": [_row(visit) for visit in visits],
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "printed": _("%(when)s by %(who)s") % {"when": words.when(now), "who": words.person(user)},
    }
    return TemplateResponse(http, TEMPLATE, context)


def _row(visit: Visit) -> Row:
    asked = visit.request
    arrive = visit.facts.get("arrive_minutes_before")
    number = asked.contact_number.number if asked.contact_number else ""
    return Row(
        clock=words.clock(visit.starts_at),
        until=words.clock(visit.ends_at),
        come_at=words.clock(visit.starts_at - timedelta(minutes=arrive)) if arrive else "",
        name=asked.name or _("Name deleted"),
        reference=asked.spaced_reference,
        phone=words.phone(number),
        visit=str(visit.service),
        doctor=visit.physician.short_name,
        needs=_needs(asked),
    )


def _needs(asked: AppointmentRequest) -> list[str]:
    """What the people at the door have to know."""
    known = [
        (
            asked.speaks != AppointmentRequest.Speaks.ENGLISH,
            _("Speaks %(language)s") % {"language": words.language(asked)},
        ),
        (asked.interpreter, _("Interpreter")),
        (asked.step_free, _("Step-free access")),
        (asked.call_about_needs, _("Other needs: asked by phone")),
    ]
    return [text for is_so, text in known if is_so]
