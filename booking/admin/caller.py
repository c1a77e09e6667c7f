"""A request for somebody on the phone or at the desk, on one page. Must not store anything itself (lifecycle does)."""

import secrets
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking import actors, desk_work, lifecycle, standing, submission
from booking.admin import access_log, rights, screen, unplaced_texts, words
from booking.encryption import lookup_hash
from booking.forms import FORM_VERSION
from booking.messaging import consent
from booking.models import AppointmentRequest, Status
from booking.staff_forms import CallerForm

TEMPLATE = "admin/booking/appointmentrequest/caller.html"
PAGE = "/admin/booking/appointmentrequest/new-caller/"


@require_http_methods(["GET", "HEAD", "POST"])
def new_caller(http: HttpRequest) -> HttpResponse:
    """The form; a number with an open request warns once and is let through with a second button."""
    user, now = rights.must(http, "caller"), timezone.now()
    if http.method != "POST":
        text = unplaced_texts.chosen(http)
        phone = {"phone": words.phone(text.contact_number.number)} if text else {}
        return _page(http, CallerForm(now=now, initial={**_blank(), **phone}))
    form = CallerForm(http.POST, now=now)
    if not form.is_valid():
        return _page(http, form)
    same_number = _unfinished(form)
    wanted = http.POST.get("join") if rights.may(user, "join") else None
    joined = next((asked for asked in same_number if str(asked.pk) == wanted), None)
    if same_number and joined is None and "anyway" not in http.POST:
        return _page(http, form, same_number=same_number)
    try:
        asked = _store(form, joined=joined, user=user, now=now)
    except standing.StaleRequest as stale:
        messages.warning(http, str(stale.words))
        return _page(http, form, same_number=_unfinished(form))
    said = _("Added to the request of this person: %(ref)s.") if joined else _("Saved. The reference is %(ref)s.")
    messages.success(http, said % {"ref": asked.spaced_reference})
    unplaced_texts.place_chosen(http, asked)
    return redirect(screen.url(asked))


def _store(form: CallerForm, *, joined: AppointmentRequest | None, user: User, now: datetime) -> AppointmentRequest:
    """The request, or the earlier one of the same person that goes on with what was said now. All or nothing."""
    actor = actors.staff(user)
    with transaction.atomic():
        asked = lifecycle.submit(
            answers=submission.Answers(**form.answers()),
            evidence=submission.Evidence(page=PAGE, form_version=FORM_VERSION, spoken_to=user),
            form_id=form.cleaned_data["form_id"],
            by=actor,
            now=now,
            source=form.cleaned_data["source"],
        )
        if joined is None or asked.status == Status.DECLINED:  # a second press of the same button
            return joined or asked
        desk_work.join(request=joined, other=asked, by=actor, now=now)
    return joined


def _blank() -> dict[str, Any]:
    return {
        "form_id": secrets.token_urlsafe(24),
        "source": AppointmentRequest.Source.PHONE,
        "timing": AppointmentRequest.Timing.DAYS,
        "daypart": AppointmentRequest.DayPart.ANY,
        "best_time": AppointmentRequest.BestTime.ANY,
        "contact": AppointmentRequest.Contact.PHONE,
        "language": AppointmentRequest.Speaks.ENGLISH,
    }


def _unfinished(form: CallerForm) -> list[AppointmentRequest]:
    """Requests of this number that are open or have a visit ahead; not the one this very form has made already."""
    if not form.phone_e164:
        return []
    same = AppointmentRequest.objects.filter(
        contact_number__number_hash=lookup_hash("phone", form.phone_e164), status__in=desk_work.KEEPS
    )
    return list(same.exclude(form_id=form.cleaned_data["form_id"]).select_related("service").order_by("-pk")[:5])


def _told(asked: AppointmentRequest) -> dict[str, Any]:
    """One request of the same number, with its visit if there is one."""
    visit = asked.current_visit()
    return {"asked": asked, "visit": words.when(visit.starts_at) if visit else ""}


def _page(
    http: HttpRequest, form: CallerForm, *, same_number: list[AppointmentRequest] | None = None
) -> TemplateResponse:
    shown = [asked.pk for asked in same_number or []]
    access_log.listed(request_ids=shown, by=rights.member(http), at=timezone.now())
    context = {
        **admin.site.each_context(http),
        "title": _("New caller"),
        "form": form,
        "scripts": [("en", consent.script("en")), ("es", consent.script("es"))],
        "text": unplaced_texts.chosen(http),
        "same_number": [_told(asked) for asked in same_number or []],
        "can": rights.all_of(http.user),
    }
    return TemplateResponse(http, TEMPLATE, context)
