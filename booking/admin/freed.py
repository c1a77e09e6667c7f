"""The page of times that became free again: each with the patients whom it fits, in fair order, and one press that
offers it to one of them. Must not choose the patient, nor offer anything itself (booking/admin/offer_verbs.py does)."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking import freed_time, offers, promise
from booking.admin import access_log, doctors, offering, previews, rights, screen, words
from booking.freed_time import Freed
from booking.models import AppointmentRequest

TEMPLATE = "admin/booking/freed.html"


@require_safe
def freed(http: HttpRequest) -> HttpResponse:
    """The list."""
    user, now = rights.must(http, "offer"), timezone.now()
    told: dict[tuple[int, datetime | None], dict[str, Any]] = {}
    found = freed_time.freed(now=now)
    names = doctors.to_tell_apart([one.slot.physician_id for one in found], now=now)
    times = [_time(one, names=names, told=told, now=now) for one in found]
    access_log.listed(request_ids=[pk for pk, _until in told], by=user, at=now)
    context = {
        **admin.site.each_context(http),
        "title": _("Freed times"),
        "times": times,
    }
    return TemplateResponse(http, TEMPLATE, context)


def _time(
    one: Freed, *, names: dict[int, str], told: dict[tuple[int, datetime | None], dict[str, Any]], now: datetime
) -> dict[str, Any]:
    """One time. `told` keeps what was worked out for a patient: the same few wait for most of the times."""
    until = offers.runs_out_at(now=now, first=one.slot.starts_at)
    is_too_soon = one.slot.starts_at <= until
    patients = []
    for asked in freed_time.fitting(one):
        key = (asked.pk, None if is_too_soon else until)
        if key not in told:
            told[key] = _patient(asked, until=key[1])
        patients.append(told[key])
    return {
        "when": words.when(one.slot.starts_at),
        "office": one.office,
        "doctor": names.get(one.slot.physician_id, ""),
        "service": one.service,
        "mark": offering.mark(one.slot),
        "until": int(until.timestamp()),
        "until_words": promise.words(until, "en"),
        "is_too_soon": is_too_soon,
        "patients": patients,
    }


def _patient(asked: AppointmentRequest, *, until: datetime | None) -> dict[str, Any]:
    """One patient, and for a time that may be offered what she would read."""
    last = asked.last_acceptable_day
    found = {"asked": asked, "url": screen.url(asked), "last_day": words.short_day(last) if last else ""}
    if until is None:
        return found
    return {**found, "seen": screen.seen_mark(asked), "preview": previews.of(asked, kind="offered", until=until)}
