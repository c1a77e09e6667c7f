"""Close a day in two presses: see whom it touches and what they will read, then close it; and the list that stays until
each of them was reached. Must not change a row itself (booking/closings.py does)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from booking import actors, closings, standing
from booking.admin import access_log, asked_for, previews, rights, words
from booking.admin.previews import Preview
from booking.models import AppointmentRequest, ClosedVisit, DayClosing, OutgoingMessage, Visit
from booking.timetable_forms import CloseDayForm

CLOSE, LIST = "admin/booking/close_day.html", "admin/booking/closing.html"


@dataclass(frozen=True)
class Patient:
    """One line of either page."""

    asked: AppointmentRequest
    when: str
    place: str
    phone: str
    phone_href: str
    language: str
    had_started: bool
    preview: Preview | None = None
    message: str = ""
    is_reached: bool = False


@require_http_methods(["GET", "HEAD", "POST"])
def close_day(http: HttpRequest) -> HttpResponse:
    """By GET the form and, for a chosen day, whom it touches; POST closes what was shown and nothing else."""
    user, now = rights.must(http, "close_day"), timezone.now()
    data = http.POST if http.method == "POST" else (http.GET if "day" in http.GET else None)
    form = CloseDayForm(data, now=now)
    is_whole = form.is_bound and form.is_valid()
    if is_whole and http.method == "POST" and (answer := _closed(http, form)):
        return answer
    context = {
        **admin.site.each_context(http),
        "title": _("Close a day"),
        "form": form,
        "is_shown": is_whole,
        **(_touched(form, by=user, now=now) if is_whole else {}),
    }
    return TemplateResponse(http, CLOSE, context)


@require_safe
def closing_page(http: HttpRequest, pk: int) -> TemplateResponse:
    """Whom we have reached and whom not; it stays on the front page until nobody is left."""
    user = rights.must(http, "look")
    closing = get_object_or_404(DayClosing.objects.select_related("physician", "office", "opened_by"), pk=pk)
    rows = list(
        closing.visits.with_reached().select_related(
            "visit__request__contact_number", "visit__office", "visit__service"
        )
    )
    access_log.listed(request_ids=[row.visit.request_id for row in rows], by=user, at=timezone.now())
    said = _said([row.visit for row in rows])
    patients = [_after(row, said.get(row.visit_id)) for row in rows]
    context = {
        **admin.site.each_context(http),
        "title": _("Closed: %(day)s") % {"day": words.long_day(closing.day)},
        "closing": closing,
        "where": _where(closing),
        "waiting": [patient for patient in patients if not patient.is_reached],
        "reached": [patient for patient in patients if patient.is_reached],
    }
    return TemplateResponse(http, LIST, context)


def open_closings() -> list[tuple[DayClosing, str, int]]:
    """Closed days on which somebody was not reached yet, with how many; for the front page, in one query."""
    waiting: dict[int, int] = {}
    found: dict[int, DayClosing] = {}
    for row in ClosedVisit.objects.not_reached().select_related("closing__physician", "closing__office"):
        found[row.closing_id] = row.closing
        waiting[row.closing_id] = waiting.get(row.closing_id, 0) + 1
    return [(closing, words.long_day(closing.day), waiting[pk]) for pk, closing in sorted(found.items())]


def _touched(form: CloseDayForm, *, by: User, now: datetime) -> dict[str, Any]:
    """Whom closing the day touches, and what each will read; all of them are noted in the access log."""
    found = closings.touched(**form.what(), now=now)
    offers = closings.offered(**form.what(), now=now)
    shown = [*(one.visit.request_id for one in found), *(offer.request_id for offer in offers)]
    access_log.listed(request_ids=shown, by=by, at=now)
    return {
        "patients": [_before(one) for one in found],
        "offers": offers,
        "started": sum(one.had_started for one in found),
        "seen": ",".join(str(pk) for pk in sorted(one.visit.pk for one in found)),
    }


def _closed(http: HttpRequest, form: CloseDayForm) -> HttpResponse | None:
    """Close the day, if the visits that were shown are still those of the day."""
    named = [asked_for.number(text) for text in http.POST.get("seen", "").split(",")]
    seen = [pk for pk in named if pk is not None]
    actor = actors.staff(rights.member(http))
    try:
        closing = closings.close(**form.what(), seen=seen, note=form.cleaned_data["note"], by=actor, now=timezone.now())
    except closings.AlreadyClosed as already:
        day = words.long_day(already.closing.day)
        messages.info(http, _("This day was closed before: %(day)s. Nothing new happened.") % {"day": day})
        return redirect("admin:booking_closure_closing", already.closing.pk)
    except standing.StaleRequest:
        messages.warning(http, _("Nothing is closed yet: the visits of that day have changed. Look at them again."))
        return None
    messages.success(http, _("The day is closed: %(day)s.") % {"day": words.long_day(closing.day)})
    return redirect("admin:booking_closure_closing", closing.pk)


def _before(one: closings.Touched) -> Patient:
    visit = one.visit
    said = previews.of(visit.request, kind=closings.KIND, starts_at=visit.starts_at, office_id=visit.office_id)
    return Patient(**_common(visit), had_started=one.had_started, preview=said)


def _said(visits: Sequence[Visit]) -> dict[int, OutgoingMessage]:
    """What each was sent about it, by the visit, in one query; the text where there is a copy by email."""
    told = OutgoingMessage.objects.filter(kind=closings.KIND, request__in=[visit.request_id for visit in visits])
    first: dict[tuple[int | None, str], OutgoingMessage] = {}
    for message in told:
        first.setdefault((message.request_id, message.occasion), message)
    found = {visit.pk: first.get((visit.request_id, f"v{visit.version}")) for visit in visits}
    return {pk: message for pk, message in found.items() if message is not None}


def _after(row: ClosedVisit, sent: OutgoingMessage | None) -> Patient:
    return Patient(
        **_common(row.visit),
        had_started=row.had_started,
        message=_message(sent),
        is_reached=bool(getattr(row, "is_reached", False)),
    )


def _common(visit: Any) -> dict[str, Any]:
    asked = visit.request
    number = asked.contact_number.number if asked.contact_number else ""
    return {
        "asked": asked,
        "when": words.when(visit.starts_at),
        "place": visit.office.name if visit.office else _("Video"),
        "phone": words.phone(number),
        "phone_href": f"tel:{number}" if number else "",
        "language": words.language(asked),
    }


def _message(sent: OutgoingMessage | None) -> str:
    if sent is None:
        return _("No message: no consent to texts and no email address.")
    return f"{sent.get_channel_display()}: {sent.get_state_display()}"


def _where(closing: DayClosing) -> str:
    parts = [closing.physician.short_name if closing.physician else "", str(closing.office or "")]
    return ", ".join(part for part in parts if part) or _("Every doctor, every office")
