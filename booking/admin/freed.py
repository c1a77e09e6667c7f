"""The page of times that became free again: each with the patients whom it fits, in fair order, and one press that
offers it to one of them. Must not choose the patient, nor offer anything itself (booking/admin/offer_verbs.py does)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking import freed_time, offers, promise
from booking.admin import access_log, offering, previews, rights, screen, words
from booking.models import AppointmentRequest

TEMPLATE = "admin/booking/freed.html"


@require_safe
def freed(http: HttpRequest) -> HttpResponse:
    """The list."""
    user, now = rights.must(http, "offer"), timezone.now()
    times, shown = [], []
    for one in freed_time.freed(now=now):
        until = offers.runs_out_at(now=now, first=one.slot.starts_at)
        patients = freed_time.fitting(one)
        shown += [asked.pk for asked in patients]
        times.append(
            {
                "when": words.when(one.slot.starts_at),
                "office": one.office,
                "service": one.service,
                "mark": offering.mark(one.slot),
                "until": int(until.timestamp()),
                "until_words": promise.words(until, "en"),
                "is_too_soon": one.slot.starts_at <= until,
                "patients": [_patient(asked, preview_until=until) for asked in patients],
            }
        )
    access_log.listed(request_ids=shown, by=user, at=now)
    context = {
        **admin.site.each_context(http),
        "title": _("Freed times"),
        "times": times,
    }
    return TemplateResponse(http, TEMPLATE, context)


def _patient(asked: AppointmentRequest, *, preview_until: Any) -> dict[str, Any]:
    last = asked.last_acceptable_day
    return {
        "asked": asked,
        "url": screen.url(asked),
        "seen": screen.seen_mark(asked),
        "last_day": words.short_day(last) if last else "",
        "preview": previews.of(asked, kind="offered", until=preview_until),
    }
