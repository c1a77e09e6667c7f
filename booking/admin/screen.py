"""One request, everything on one screen. Must not change the request; it notes who looked."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from booking import desk_work, outcomes, promise
from booking.admin import access_log, history, offering, pinned, previews, rights, setting_time, words
from booking.admin.times import DayTimes
from booking.availability import Slot
from booking.models import AppointmentRequest, Call, Visit
from booking.moves import STAFF, is_allowed
from booking.staff_forms import (
    CancelForm,
    DeclineForm,
    NoteForm,
    SpeakWithForm,
    SpokenConsentForm,
    SpokenStopForm,
    WaitForm,
)

TEMPLATE = "admin/booking/appointmentrequest/screen.html"


def rows() -> QuerySet[AppointmentRequest]:
    """Requests with what the screen needs of their own row."""
    return AppointmentRequest.objects.select_related("service", "office", "contact_number", "desk_card__on_it")


def url(asked: AppointmentRequest) -> str:
    """The address of one request's screen."""
    return reverse("admin:booking_appointmentrequest_change", args=[asked.pk])


def seen_mark(asked: AppointmentRequest) -> str:
    """What a form was made for. A verb refuses a mark that is old: somebody, or the first press, was faster."""
    newest = asked.visits.values_list("version", flat=True).first() or 0
    return f"{asked.status}:{newest}"


def version_seen(http: HttpRequest) -> int:
    """The version of the visit that a form was made for; of a mark that the verb has found to be the present one."""
    return int(http.POST["seen"].rpartition(":")[2])


def show(
    http: HttpRequest,
    asked: AppointmentRequest,
    *,
    bound: Mapping[str, forms.Form] | None = None,
    taken: Sequence[Slot] | None = None,
) -> TemplateResponse:
    """The screen; `bound` are forms with errors to show again, `taken` the next free times after a lost race."""
    now = timezone.now()
    user = rights.member(http)
    access_log.opened(request=asked, by=user, at=now)
    others = history.others(asked)
    visit = asked.current_visit()
    can = rights.all_of(user)
    form = (bound or {}).get("confirm")
    setting: dict[str, Any] = {}
    if can["confirm"]:
        setting = setting_time.context(http, asked, visit=visit, form=form, taken=taken, base_url=url(asked), now=now)
    days: list[DayTimes] = setting.get("days", [])
    shown = [*(other.pk for other in others), *(rival.pk for day in days for rival in day.rivals)]
    access_log.listed(request_ids=shown, by=user, at=now)
    service = setting_time.service_of(asked, visit)
    context = {
        **admin.site.each_context(http),
        "title": asked.spaced_reference,
        "asked": asked,
        **_visit(asked, visit, may_take_back=can["take_back"], now=now),
        "seen": seen_mark(asked),
        "can": {**can, **_allowed(asked), "is_over": visit is not None and visit.starts_at <= now},
        "promise": promise.words(asked.promise_due_at, "en") if asked.promise_due_at else "",
        "is_late": asked.is_late(now=now),
        "waited": words.span(now - asked.created_at),
        "desk": pinned.of(asked, user=user, now=now),
        "ticks": pinned.ticks(asked, now=now) if visit else [],
        "contact": history.contact(asked),
        "answers": history.answers(asked),
        "declined_for": history.decline_words(asked),
        "others": others,
        "joins": _joinable(asked, others),
        "calls": history.calls(asked),
        "call_outcomes": Call.Outcome.choices,
        **history.of(asked),
        **_forms(bound or {}, asked=asked, now=now),
        "decline_preview": previews.of(asked, kind="declined"),
        "cancel_preview": previews.of_cancelling(asked, visit=visit),
        **setting,
        **offering.context(asked, user=user, service=service, days=days, now=now),
    }
    return TemplateResponse(http, TEMPLATE, context)


def _joinable(asked: AppointmentRequest, others: Sequence[AppointmentRequest]) -> set[int]:
    """Which of the others can end in favour of this one."""
    if asked.status not in desk_work.KEEPS:
        return set()
    return {other.pk for other in others if is_allowed("join", source=other.status, actor=STAFF)}


def _visit(asked: AppointmentRequest, visit: Visit | None, *, may_take_back: bool, now: datetime) -> dict[str, Any]:
    when = words.when(visit.starts_at) if visit else ""
    return {"visit": visit, "visit_when": when, "mistake": _mistake(asked, now=now) if may_take_back else None}


def _mistake(asked: AppointmentRequest, *, now: datetime) -> dict[str, Any] | None:
    """What was said of the visit and can be taken back, in words."""
    found = outcomes.mistake_of(asked, now=now)
    if found is None:
        return None
    actor = found.event.actor
    return {
        "said": found.event.pk,
        "what": asked.get_status_display(),
        "who": words.person(actor) if actor else "",
        "at": words.when(found.event.at),
        "until": words.when(found.until),
        "lost_offer": found.lost_offer,
    }


def _allowed(asked: AppointmentRequest) -> dict[str, bool]:
    moves = (
        *("confirm", "move", "decline", "cancel", "release", "discard", "complete", "rebook", "next_cycle", "wait"),
        *("offer", "ask_change", "keep_time"),
    )
    allowed = {f"is_{verb}": is_allowed(verb, source=asked.status, actor=STAFF) for verb in moves}
    return {**allowed, "is_time": allowed["is_confirm"] or allowed["is_move"]}


def _forms(bound: Mapping[str, forms.Form], *, asked: AppointmentRequest, now: datetime) -> dict[str, Any]:
    return {
        "decline_form": bound.get("decline") or DeclineForm(auto_id="decline_%s"),
        "cancel_form": bound.get("cancel") or CancelForm(auto_id="cancel_%s"),
        "note_form": bound.get("note") or NoteForm(auto_id="note_%s"),
        "wait_form": bound.get("wait") or WaitForm(last_day=asked.last_acceptable_day, now=now),
        "speak_with_form": bound.get("speak_with") or SpeakWithForm(initial={"name": pinned.speaks_for(asked)}),
        "stop_form": bound.get("stop") or SpokenStopForm(auto_id="stop_%s"),
        "consent_form": bound.get("consent") or SpokenConsentForm(auto_id="consent_%s"),
        "open_part": next(iter(bound), ""),
        "is_refused": any(form.errors for form in bound.values()),
    }
