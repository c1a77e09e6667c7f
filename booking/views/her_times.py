"""What the patient does about times on her own pages: take an offered one, say that none works, ask for another. GET
changes nothing; a change is one verb of booking.offers or booking.changes. Must not set a time by itself."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from booking import actors, changes, lifecycle, links, offers, standing
from booking.models import AppointmentRequest, Status
from booking.views import her_offer, her_press
from booking.views.her_page import allows, common, her_page
from booking.views.state_words import visit_rows

KEEP, RELEASE = "keep", "release"
OTHER_DAYS = "days"
ANY_METHOD = ["GET", "HEAD", "POST"]


@require_http_methods(ANY_METHOD)
@her_page
def accept(request: HttpRequest, hers: AppointmentRequest, now: datetime) -> HttpResponse:
    """Take one of the offered times. A replayed or late press gets a sentence with what happens next."""
    if request.method != "POST":
        return redirect(links.path(hers))
    number, position = _number(request, "offer"), _number(request, "time")
    try:
        offers.accept(request=hers, number=number, position=position, by=actors.PATIENT, now=now)
    except (standing.StaleRequest, lifecycle.TimeTaken):
        return _over(request, hers, number=number, now=now)
    return redirect(links.path(hers))


@require_http_methods(ANY_METHOD)
@her_page
def turn_down(request: HttpRequest, hers: AppointmentRequest, now: datetime) -> HttpResponse:
    """None of the offered times works; with `then` she goes on to choose other days."""
    if request.method != "POST":
        return redirect(links.path(hers))
    number = _number(request, "offer")
    try:
        offers.turn_down(request=hers, number=number, by=actors.PATIENT, now=now)
    except standing.StaleRequest:
        return _over(request, hers, number=number, now=now)
    wants_days = request.POST.get("then") == OTHER_DAYS
    return redirect(reverse("booking:days", args=[links.token(hers)]) if wants_days else links.path(hers))


@require_http_methods(ANY_METHOD)
@her_page
def change(request: HttpRequest, hers: AppointmentRequest, now: datetime) -> HttpResponse:
    """Ask for another time, on a page that asks what becomes of the old one."""
    visit, is_press = hers.current_visit(), request.method == "POST"
    if is_press and visit is not None and her_press.seen(request, hers) != her_press.mark(visit):
        return her_press.too_late(request, hers)
    chosen = request.POST.get("old_time") if is_press else None
    if visit is not None and chosen == RELEASE and not allows("ask_change", hers):
        return _try(request, hers, changes.release, now=now)  # back on this page after “keep”, she thought again
    if visit is None or not allows("ask_change", hers):
        return redirect(links.path(hers))
    if chosen in (KEEP, RELEASE):
        return _try(request, hers, partial(changes.ask, keep=chosen == KEEP), now=now)
    context = {
        "visit_rows": visit_rows(visit),
        "seen": her_press.mark(visit),
        "needs_medicine": bool(visit.facts),
        "is_missing": chosen is not None,
    }
    return render(request, "booking/patient/change.html", {**common(hers), **context})


@require_http_methods(ANY_METHOD)
@her_page
def keep(request: HttpRequest, hers: AppointmentRequest, now: datetime) -> HttpResponse:
    """She comes at the old time after all."""
    if request.method != "POST":
        return redirect(links.path(hers))
    return _try(request, hers, changes.keep, now=now)


@require_http_methods(ANY_METHOD)
@her_page
def release(request: HttpRequest, hers: AppointmentRequest, now: datetime) -> HttpResponse:
    """She gives the old time up while we look for a new one."""
    if request.method != "POST":
        return redirect(links.path(hers))
    return _try(request, hers, changes.release, now=now)


def _try(request: HttpRequest, hers: AppointmentRequest, move: Callable[..., None], *, now: datetime) -> HttpResponse:
    """Make the move for the time that the page showed, and no other."""
    try:
        move(request=hers, by=actors.PATIENT, now=now, seen=her_press.seen(request, hers))
    except standing.StaleRequest:
        hers.refresh_from_db()
        if not _is_so(request, hers, move):
            return her_press.too_late(request, hers)
    return redirect(links.path(hers))


def _is_so(request: HttpRequest, hers: AppointmentRequest, move: Callable[..., None]) -> bool:
    """Whether a first press has done it already: a double tap is answered by her page, not by a refusal."""
    visit = hers.current_visit()
    if move is changes.keep:
        return hers.status == Status.CONFIRMED and her_press.mark(visit) == her_press.seen(request, hers)
    return move is changes.release and visit is None and hers.status == Status.CHANGE_REQUESTED


def _over(request: HttpRequest, hers: AppointmentRequest, *, number: int, now: datetime) -> HttpResponse:
    hers.refresh_from_db()
    context = {
        "why": her_offer.over_words(hers.offers.filter(number=number).first(), now=now),
        "what_next": her_offer.next_words(hers),
        "free": her_offer.next_free(hers, now=now),
        "can_choose_days": allows("choose_days", hers) or allows("change_days", hers),
    }
    return render(request, "booking/patient/offer_over.html", {**common(hers), **context}, status=409)


def _number(request: HttpRequest, name: str) -> int:
    """What the form holds; anything else is a number that no offer has."""
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 9 else 0
