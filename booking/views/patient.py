"""The patient's own pages, opened by the private link alone. GET changes nothing; a change is one verb of
booking.lifecycle or booking.messaging. Must not put a name or a test in a title or an address."""

from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from booking import actors, availability, calendar_file, lifecycle, links, prep_plan, standing
from booking.forms import DaysForm, FindForm, traps
from booking.forms.fields import LATER_DAYS
from booking.forms.times import SHOWN_AT_FIRST, shown_days
from booking.messaging import consent, outbox
from booking.models import OPEN, AppointmentRequest, ConsentEvent, DeclineReason, OutgoingMessage, Status, Visit
from booking.views import her_press, state_words
from booking.views.days_that_fit import days_that_fit
from booking.views.her_offer import offer_context
from booking.views.her_page import allows, common, her_page
from booking.views.page_links import page_links
from booking.views.state_words import promise_to_end_with, visit_rows

# States in which a visit can lie ahead: it stays hers while another time is looked for.
AHEAD = (Status.CONFIRMED, *OPEN)
MOST_LINKS_A_DAY = 3


@require_safe
@her_page
def status(request: HttpRequest, hers: AppointmentRequest, now: datetime) -> HttpResponse:
    """Where the request stands, what happens next and by when."""
    language = hers.page_language
    due = hers.promise_due_at
    visit = hers.current_visit() if hers.status in AHEAD else None
    offered = offer_context(hers, visit, now=now)
    said = state_words.words(hers, has_visit=visit is not None, is_offered=offered["offer"] is not None)
    context = {
        **common(hers),
        **offered,
        "words": said,
        "states": state_words.states(said.step),
        "visit": visit,
        "visit_rows": visit_rows(visit) if visit else [],
        "seen": her_press.mark(visit),
        "has_plan": bool(visit and visit.facts),
        "decline_reason": _decline_words(hers),
        "call_lines": _call_lines(hers),
        "is_late": hers.is_late(now=now),
        "promise": promise_to_end_with(due, language) if due and hers.promise_met_at is None else "",
        "is_arranging": said.step in (state_words.RECEIVED, state_words.ARRANGING),
        "can_choose_days": _may_choose_days(hers),
        "has_days": hers.days.exists(),
        "can_cancel": _may_cancel(hers, visit, now=now),
        "gets_texts": _agreed_to_texts(hers) and not _said_stop_here(hers),
    }
    return render(request, "booking/patient/status.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@her_page
def days(request: HttpRequest, hers: AppointmentRequest, now: datetime) -> HttpResponse:
    """Choose days later. The same days and the same words as in the request."""
    if not _may_choose_days(hers):
        return redirect(links.path(hers))
    open_days = availability.open_days(service=hers.service, office=hers.office, now=now)
    data = request.POST if request.method == "POST" else None
    before = {"days": [row.day.isoformat() for row in hers.days.all()], "daypart": hers.daypart}
    shown = shown_days(request.POST if LATER_DAYS in request.POST else request.GET)
    form = DaysForm(data, initial=before, open_days=open_days, now=now, shown=shown)
    if data is not None and open_days and form.is_valid():
        try:
            lifecycle.choose_days(
                request=hers,
                days=form.cleaned_data["days"],
                daypart=form.chosen_daypart(),
                by=actors.PATIENT,
                now=now,
            )
        except standing.StaleRequest:
            return her_press.too_late(request, hers)
        return redirect(links.path(hers))
    action = request.path if shown == SHOWN_AT_FIRST else f"{request.path}?{LATER_DAYS}={shown}"
    context = {"form": form, "action": action, "back_url": links.path(hers), **days_that_fit(hers.service)}
    return render(request, "booking/patient/days.html", {**common(hers), **context})


@require_http_methods(["GET", "HEAD", "POST"])
@her_page
def cancel(request: HttpRequest, hers: AppointmentRequest, now: datetime) -> HttpResponse:
    """A page that asks once more; POST withdraws the request or cancels the visit."""
    visit = hers.current_visit()
    if not _may_cancel(hers, visit, now=now):
        return redirect(links.path(hers))
    if request.method == "POST":
        try:
            lifecycle.cancel(request=hers, by=actors.PATIENT, now=now, seen=her_press.seen(request, hers))
        except standing.StaleRequest:
            return her_press.too_late(request, hers)
        return redirect(links.path(hers))
    rows = visit_rows(visit) if visit else []
    context = {**common(hers), "visit": visit, "visit_rows": rows, "seen": her_press.mark(visit)}
    return render(request, "booking/patient/cancel.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@her_page
def stop_texts(request: HttpRequest, hers: AppointmentRequest, now: datetime) -> HttpResponse:
    """No more texts to her number. Pressing twice does no harm."""
    number = hers.contact_number
    if request.method != "POST" or number is None or not _agreed_to_texts(hers):
        return redirect(links.path(hers))
    consent.stop(
        number=number,
        source=ConsentEvent.Source.PAGE,
        now=now,
        request=hers,
        network=links.network_of(getattr(request, "client_ip", "")),
        browser=request.headers.get("User-Agent", "").replace("\x00", ""),
    )
    return render(request, "booking/patient/texts_stopped.html", common(hers))


@require_safe
@her_page
def plan(request: HttpRequest, hers: AppointmentRequest, now: datetime) -> HttpResponse:
    """How to get ready, with real dates. Prints on one page."""
    visit = hers.current_visit()
    if visit is None:
        return redirect(links.path(hers))
    steps = prep_plan.plan(visit, language=hers.page_language)
    context = {**common(hers), **page_links(), "visit_rows": visit_rows(visit), "steps": steps}
    context["back_url"] = links.path(hers)
    return render(request, "booking/patient/plan.html", context)


@require_safe
@her_page
def calendar(request: HttpRequest, hers: AppointmentRequest, now: datetime) -> HttpResponse:
    """The visit as a calendar file with a neutral title."""
    visit = hers.current_visit()
    if visit is None:
        return redirect(links.path(hers))
    response = HttpResponse(calendar_file.calendar(visit), content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Send a lost link again. The answer is the same whether or not anything matched."""
    form = FindForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and not _may_ask_again(getattr(request, "client_ip", "")):
        return render(request, "booking/too_many.html", {"back_url": reverse("booking:find")}, status=429)
    if request.method == "POST" and form.is_valid():
        if not traps.hit(request.POST, now=timezone.now()):
            _send_link_again(form.cleaned_data["reference"], form.cleaned_data["phone"], now=timezone.now())
        return render(request, "booking/find_answer.html", {})
    context = {"form": form, "stamp": traps.stamp(now=timezone.now()), "action": request.path}
    return render(request, "booking/find.html", context)


def _send_link_again(reference: str, phone: str, *, now: datetime) -> None:
    hers = AppointmentRequest.objects.select_related("contact_number").filter(reference=reference).first()
    if hers is None or hers.contact_number is None or hers.contact_number.number != phone:
        return
    today = timezone.localdate(now).isoformat()
    # Once a day and link, and a few of all: a stranger who holds reference and number cannot flood a phone.
    if links.find(links.token(hers), now=now) is not None and _links_sent(hers, today) < MOST_LINKS_A_DAY:
        outbox.queue(request=hers, kind="link_again", occasion=f"{today} {hers.link_version}", now=now)


def _links_sent(hers: AppointmentRequest, today: str) -> int:
    """How many links went to her number or mailbox today, for any of the requests that name them."""
    same = Q(request__contact_number=hers.contact_number)
    if hers.email_hash:
        same |= Q(request__email_hash=hers.email_hash)
    return OutgoingMessage.objects.filter(same, kind="link_again", occasion__startswith=today).count()


def _may_ask_again(address: str) -> bool:
    """At most REQUEST_LIMIT_PER_HOUR tries an hour from one address; 0 means no limit."""
    limit, sender = settings.REQUEST_LIMIT_PER_HOUR, links.network_hash(address)
    if not limit or not sender:
        return True
    key = f"find-request:{sender}"
    cache.add(key, 0, timeout=60 * 60)
    try:
        return bool(cache.incr(key) <= limit)
    except ValueError:  # the count ran out between the two lines: a new hour
        return True


def _may_choose_days(hers: AppointmentRequest) -> bool:
    return allows("choose_days", hers) or allows("change_days", hers)


def _may_cancel(hers: AppointmentRequest, visit: Visit | None, *, now: datetime) -> bool:
    """Until the visit begins: then staff say whether she came. A request that looks automated is withdrawn like any
    other: its page must not say what we think of it."""
    has_begun = visit is not None and visit.starts_at <= now
    return not has_begun and (allows("cancel", hers) or allows("discard", hers))


def _agreed_to_texts(hers: AppointmentRequest) -> bool:
    """Whether somebody agreed to texts with this very request. What was said elsewhere about the number stays out of
    sight: who types a stranger's number must not read off the page whether the clinic knows it."""
    return hers.consent_evidence is not None or _said(hers, ConsentEvent.Kind.GRANTED)


def _said_stop_here(hers: AppointmentRequest) -> bool:
    return _said(hers, ConsentEvent.Kind.STOPPED)


def _said(hers: AppointmentRequest, kind: ConsentEvent.Kind) -> bool:
    """About the number that stands there now: an agreement to texts to the one before it says nothing."""
    return ConsentEvent.objects.filter(request=hers, contact_number=hers.contact_number, kind=kind).exists()


def _call_lines(hers: AppointmentRequest) -> list[str]:
    """Our calls, as long as they are news to her."""
    done = hers.status == Status.COMPLETED
    return [] if done else state_words.call_lines(hers.calls.order_by("-at", "-pk"))


def _decline_words(hers: AppointmentRequest) -> str:
    if hers.status != Status.DECLINED or hers.status_reason not in DeclineReason.values:
        return ""
    return str(DeclineReason(hers.status_reason).label)
