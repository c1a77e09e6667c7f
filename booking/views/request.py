"""The five pages of the request. Must not store a request (booking.lifecycle does) nor put an answer in an address."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, translate_url
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from booking import availability, lifecycle, links, submission
from booking.forms import FORM_VERSION, CheckForm, ContactForm, TimesForm, VisitForm, traps
from booking.forms.fields import GO_BACK, IN_LANGUAGE, LATER_DAYS, TICKED, StepForm
from booking.forms.times import shown_days
from booking.messaging import consent
from booking.models import AppointmentRequest, FlowCount, Service
from booking.views import summary
from booking.views.days_that_fit import days_that_fit
from booking.views.draft import Draft
from booking.views.page_links import page_links
from booking.views.state_words import promise_to_end_with
from pages import facts
from pages.models import Office

FlowView = Callable[[HttpRequest, Draft, datetime], HttpResponse]
WITHOUT_DAYS = (AppointmentRequest.Timing.LATER, AppointmentRequest.Timing.HELP, AppointmentRequest.Timing.ANY)
EXPIRED = "expired"  # in an address: says only that a session ended


def _flow_page(view: FlowView) -> Callable[[HttpRequest], HttpResponse]:
    """A page of the flow: knows the draft, marks traps, and sends people whose session ended back to the start."""

    @wraps(view)
    @require_http_methods(["GET", "HEAD", "POST"])
    def page(request: HttpRequest) -> HttpResponse:
        draft, now = Draft(request.session), timezone.now()
        starts_here = request.resolver_match is not None and request.resolver_match.url_name == "request"
        if not draft.exists and not starts_here:
            if draft.sent is not None:  # a second tap, or back and again: nothing more to send
                return redirect("booking:sent")
            # Nothing was lost on a plain visit; something was if answers came with it.
            return redirect(reverse("booking:request") + (f"?{EXPIRED}=1" if request.method == "POST" else ""))
        if not draft.exists:
            _count("began", now)
        draft.begin(now=now)
        if request.method == "POST":
            draft.mark(traps.hit(request.POST, now=now))
        return view(request, draft, now)

    return page


@_flow_page
def visit(request: HttpRequest, draft: Draft, now: datetime) -> HttpResponse:
    """Step 1 of 3: what, and where."""
    form = _visit_form(_posted_or_kept(request, draft, "visit"))
    if not form.has_something_to_offer:
        return render(request, "booking/closed.html", {"back_url": ""})
    if request.method == "POST" and form.is_valid():
        before = _visit_form(draft.step("visit"))
        if before.is_valid() and before.chosen_service.setting != form.chosen_service.setting:
            draft.forget("times")  # a video visit asks other questions about days
        return _keep_and_go_on(request, draft, now, step="visit", form=form, onward="booking:times")
    if request.method == "POST":
        return _ask_again(request, draft, step="visit", form=form, before="booking:request")
    form.show_prices(summary.prices(form.services, facts.current()))
    context = {"step": 1, "back_url": _back(request, ""), "session_ended": EXPIRED in request.GET}
    return _show(request, "booking/visit.html", form, now, context)


@_flow_page
def times(request: HttpRequest, draft: Draft, now: datetime) -> HttpResponse:
    """Step 2 of 3: which days."""
    chosen = _visit_form(draft.step("visit"))
    if not chosen.is_valid():
        return redirect("booking:request")
    form = _times_form(request, chosen, _posted_or_kept(request, draft, "times"), now)
    if request.method == "POST" and form.is_valid():
        return _keep_and_go_on(request, draft, now, step="times", form=form, onward="booking:contact")
    if request.method == "POST":
        return _ask_again(request, draft, step="times", form=form, before="booking:request")
    context = {"step": 2, **days_that_fit(chosen.chosen_service)}
    return _show(request, "booking/times.html", form, now, context)


@_flow_page
def contact(request: HttpRequest, draft: Draft, now: datetime) -> HttpResponse:
    """Step 3 of 3: who she is and how to reach her."""
    if draft.step("visit") is None:
        return redirect("booking:request")
    if draft.step("times") is None:
        return redirect("booking:times")
    form = _contact_form(_posted_or_kept(request, draft, "contact"))
    if request.method == "POST" and form.is_valid():
        return _keep_and_go_on(request, draft, now, step="contact", form=form, onward="booking:check")
    if request.method == "POST":
        return _ask_again(request, draft, step="contact", form=form, before="booking:times")
    context = {"step": 3, **_privacy(facts.current())}
    return _show(request, "booking/contact.html", form, now, context)


@_flow_page
def check(request: HttpRequest, draft: Draft, now: datetime) -> HttpResponse:
    """Everything at a glance; POST sends it. A second POST of the same page shows the same confirmation."""
    if draft.sent and request.POST.get("form_id") == draft.sent["form_id"]:
        return redirect("booking:sent")
    steps = _judged_again(request, draft, now)
    if isinstance(steps, HttpResponse):
        return steps
    form = CheckForm(request.POST if request.method == "POST" else None, expected=draft.form_id())
    if request.method == "POST" and form.is_valid():
        if traps.was_open_too_long(request.POST, now=now):
            return render(request, "booking/open_too_long.html", {"onward_url": reverse("booking:check")})
        return _send(request, draft, steps, now)
    known = facts.current()
    context = {
        "lists": summary.lists(*steps),
        "price_lines": summary.price_lines(steps[0].chosen_service, known),
        "email_warning": summary.email_warning(steps[2]),
        "form_id": draft.form_id(),
        "back_url": reverse("booking:contact"),
        **_privacy(known),
    }
    return _show(request, "booking/check.html", form, now, context)


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """What happens next."""
    shown = Draft(request.session).sent
    if shown is None:
        return redirect("booking:request")
    due = datetime.fromisoformat(shown["due"]) if shown["due"] else None
    context = {
        "reference": shown["reference"],
        "promise": promise_to_end_with(due, get_language() or "en") if due else "",
        "chooses_later": shown["later"],
        "prepares": shown["prepares"],
        "status_url": shown["path"],
        **page_links(),
    }
    return render(request, "booking/sent.html", context)


Steps = tuple[VisitForm, TimesForm, ContactForm]


def _judged_again(request: HttpRequest, draft: Draft, now: datetime) -> Steps | HttpResponse:
    """The three forms with the kept answers, or the way to the first one that needs a look."""
    chosen = _visit_form(draft.step("visit"))
    if not chosen.is_valid():
        return redirect("booking:request")
    kept = draft.step("times")
    # The timetable is the dearest question of the page; these answers are good whatever it says.
    with_days = kept is None or kept.get("timing") not in WITHOUT_DAYS
    when = _times_form(request, chosen, kept, now, with_days=with_days)
    if not when.is_valid():
        return redirect(reverse("booking:times") + "?return=check")
    who = _contact_form(draft.step("contact"))
    if not who.is_valid():
        return redirect("booking:contact")
    return chosen, when, who


def _send(request: HttpRequest, draft: Draft, steps: Steps, now: datetime) -> HttpResponse:
    address = getattr(request, "client_ip", "")
    sender, limit = links.network_hash(address), settings.REQUEST_LIMIT_PER_HOUR
    is_new = not AppointmentRequest.objects.filter(form_id=draft.form_id()).exists()
    if limit and is_new and submission.recent_from(sender, now=now) >= limit:
        return render(request, "booking/too_many.html", {"back_url": reverse("booking:check")}, status=429)
    parts: dict[str, Any] = {}
    for step in steps:
        parts |= step.answers()
    form_id = draft.form_id()
    stored = lifecycle.submit(
        answers=lifecycle.Answers(**parts, page_language=get_language() or "en"),
        evidence=_evidence(draft, request),
        form_id=form_id,
        by=lifecycle.PATIENT,
        now=now,
        quarantine_reason=draft.trap or ("too_fast" if traps.too_fast(draft.first_view, now=now) else ""),
        network_hash=sender,
    )
    if is_new:
        _count("sent", now)
    due = stored.promise_due_at
    draft.finish(
        {
            "form_id": form_id,
            "reference": stored.spaced_reference,
            "due": due.isoformat() if due else "",
            "later": stored.timing == stored.Timing.LATER,
            "prepares": stored.service.needs_preparation,
            "path": links.path(stored),
        }
    )
    return redirect("booking:sent")


def _evidence(draft: Draft, request: HttpRequest) -> lifecycle.Evidence:
    """What was on the screen when she ticked the box: she may have sent the request in the other language."""
    language = draft.language_of("contact") or "en"
    with translation.override(language):
        page = reverse("booking:contact")
    return lifecycle.Evidence(
        page=page,
        form_version=FORM_VERSION,
        network=links.network_of(getattr(request, "client_ip", "")),
        browser=request.headers.get("User-Agent", "").replace("\x00", ""),
        field_value=f"sms_consent={TICKED}",
        language=language,
    )


def _keep_and_go_on(
    request: HttpRequest, draft: Draft, now: datetime, *, step: str, form: StepForm, onward: str
) -> HttpResponse:
    """Keep the answers; go on, or back to the check page if she came from there."""
    if draft.step(step) is None:
        _count(step, now)
    draft.keep(step, request.POST, list(form.fields))
    target = reverse("booking:check" if request.GET.get("return") == "check" else onward)
    if traps.was_open_too_long(request.POST, now=now):
        return render(request, "booking/open_too_long.html", {"onward_url": target})
    return redirect(target)


def _ask_again(request: HttpRequest, draft: Draft, *, step: str, form: StepForm, before: str) -> HttpResponse:
    """The same page by GET, with the errors, or the page she leaves it for. A page that answers a POST cannot be gone
    back to: nothing of it may be stored, and browsers then show an error page of their own."""
    if form.is_unfinished:
        draft.set_aside(step, request.POST, list(form.fields))
        return redirect(_left_for(request, before))
    draft.refuse(step, request.POST, list(form.fields))
    for field, errors in form.errors.as_data().items():
        for error in errors:
            _count(f"error {field} {error.code or 'other'}", timezone.now())
    return redirect(request.get_full_path())


def _left_for(request: HttpRequest, before: str) -> str:
    """Where a button leads that takes the answers along."""
    if GO_BACK in request.POST:
        return _back(request, reverse(before))
    if LATER_DAYS in request.POST:
        query = request.GET.copy()
        query[LATER_DAYS] = str(shown_days(request.POST))
        return f"{request.path}?{query.urlencode()}"
    return translate_url(request.get_full_path(), "es" if request.POST[IN_LANGUAGE] == "es" else "en")


def _count(name: str, now: datetime) -> None:
    """One more on this day. Counts alone: no visitor, no answer."""
    FlowCount.add(name, day=timezone.localtime(now).date())


def _show(request: HttpRequest, template: str, form: StepForm, now: datetime, context: dict[str, Any]) -> HttpResponse:
    # The address without a fragment: with one, browsers ignore the error summary's autofocus.
    common = {"form": form, "stamp": traps.stamp(now=now), "action": request.get_full_path()}
    return render(request, template, {**common, **context})


def _posted_or_kept(request: HttpRequest, draft: Draft, step: str) -> Any:
    if request.method == "POST":
        return request.POST
    not_kept = draft.not_kept(step)
    return draft.step(step) if not_kept is None else not_kept


def _visit_form(data: Any) -> VisitForm:
    services = list(Service.objects.filter(is_offered=True))
    return VisitForm(data, services=services, offices=list(Office.objects.filter(is_open_for_requests=True)))


def _times_form(
    request: HttpRequest, chosen: VisitForm, data: Any, now: datetime, *, with_days: bool = True
) -> TimesForm:
    service, office = chosen.chosen_service, chosen.chosen_office
    open_days = availability.open_days(service=service, office=office, now=now) if with_days else []
    return TimesForm(data, service=chosen.chosen_service, open_days=open_days, now=now, shown=shown_days(request.GET))


def _contact_form(data: Any) -> ContactForm:
    language = get_language() or "en"
    return ContactForm(data, box=consent.box(language), page_language=language)


def _back(request: HttpRequest, before: str) -> str:
    return reverse("booking:check") if request.GET.get("return") == "check" else before


def _privacy(known: facts.Facts) -> dict[str, str]:
    days = known.text("deletion_days", language=get_language() or "en")
    return {"deletion_days": days, **page_links()}
