"""The page of the texts that no request shows: read, put at a request, or begin one for the number. Must not change a
row itself (booking/unplaced.py does). No number and no word of a text stands in an address.

Who read a text is kept with it: without a request there is nothing that the access log could name. The requests that
the page names beside a number are in the log.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from booking import actors, standing, unplaced
from booking.admin import access_log, asked_for, rights, screen, words
from booking.models import AppointmentRequest, IncomingText, Status
from booking.staff_forms import PlaceTextForm

PAGE, TEMPLATE = "admin:booking_incomingtext_unplaced", "admin/booking/unplaced.html"
PLACE_TEMPLATE, LATELY_TEMPLATE = "admin/booking/unplaced_place.html", "admin/booking/unplaced_lately.html"
SENDERS_SHOWN, TEXTS_OF_EACH, TEXTS_OF_ONE, REQUESTS_OF_EACH = 10, 5, 50, 3
READ_LATELY_SHOWN = 50
# What the system did about it; of a text for staff, nothing.
UNDERSTOOD: dict[str, str | Promise] = {
    IncomingText.Meaning.STOP: gettext_lazy("Taken for a wish to stop texts: no more go to this number."),
    IncomingText.Meaning.HELP: gettext_lazy("Asks for help."),
}


@dataclass(frozen=True)
class Row:
    """One text as it is shown."""

    pk: int
    when: str
    body: str
    understood: str | Promise


@require_safe
def page(http: HttpRequest) -> HttpResponse:
    """Who waits longest first, the newest few of each; `?of=` a number's key: more of that one alone."""
    user, now = rights.must(http, "look"), timezone.now()
    only = asked_for.number(http.GET.get("of", ""))
    found, more = unplaced.senders(
        most=SENDERS_SHOWN, texts_each=TEXTS_OF_EACH if only is None else TEXTS_OF_ONE, only=only
    )
    shown = [(one, one.requests[:REQUESTS_OF_EACH]) for one in found]
    access_log.listed(request_ids=[asked.pk for _one, hers in shown for asked in hers], by=user, at=now)
    context = {
        **admin.site.each_context(http),
        "title": _("Texts we cannot place"),
        "senders": [_told(one, hers, now=now) for one, hers in shown],
        "more": more,
        "is_one": only is not None,
        "can": rights.all_of(user),
    }
    return TemplateResponse(http, TEMPLATE, context)


@require_http_methods(["GET", "HEAD", "POST"])
def read(http: HttpRequest) -> HttpResponse:
    """These were read: those that the form names and no other. A second press changes nothing."""
    user = rights.must(http, "read_text")
    if http.method == "POST":
        keys = [key for key in map(asked_for.number, http.POST.getlist("text")[:TEXTS_OF_ONE]) if key is not None]
        done = unplaced.mark_read(keys, by=user, now=timezone.now())
        if done:
            messages.success(http, ngettext("%d text is read.", "%d texts are read.", done) % done)
        else:
            messages.info(http, unplaced.READ_ALREADY)
    return redirect(PAGE)


@require_safe
def lately(http: HttpRequest) -> HttpResponse:
    """What was read in the last days and stands with no request, so that a slip is found again."""
    user, now = rights.must(http, "look"), timezone.now()
    texts = unplaced.read_lately(most=READ_LATELY_SHOWN, each=TEXTS_OF_EACH, now=now)
    context = {
        **admin.site.each_context(http),
        "title": _("Texts read in the last 7 days"),
        "texts": [
            (
                _row(text, now=now),
                _phone(text.contact_number.number),
                words.person(text.read_by) if text.read_by else "",
            )
            for text in texts
        ],
        "can": rights.all_of(user),
    }
    return TemplateResponse(http, LATELY_TEMPLATE, context)


@require_http_methods(["GET", "HEAD", "POST"])
def unread(http: HttpRequest) -> HttpResponse:
    """It was read by a slip: it stands with the others again. A second press changes nothing."""
    rights.must(http, "read_text")
    if http.method == "POST":
        key = asked_for.number(http.POST.get("text", ""))
        if key is not None and unplaced.mark_unread(key, now=timezone.now()):
            messages.success(http, _("The text stands here again."))
        else:
            messages.info(http, unplaced.READ_ALREADY)
    return redirect(PAGE)


@require_http_methods(["GET", "HEAD", "POST"])
def place(http: HttpRequest) -> HttpResponse:
    """It is about the request with this reference. First whose that is, then with a second press it is put there: a
    slip would show one patient's words at another's request."""
    user, now = rights.must(http, "read_text"), timezone.now()
    text = _unread(http.POST.get("text", ""))
    if http.method != "POST" or text is None:  # back from signing in again, or a colleague was faster
        if http.method == "POST":
            messages.info(http, unplaced.READ_ALREADY)
        return redirect(PAGE)
    form = PlaceTextForm(http.POST, auto_id="place_%s")
    asked = form.found if form.is_valid() else None
    if asked is not None and http.POST.get("sure") == str(asked.pk):
        try:
            unplaced.place(text=text, request=asked, by=actors.staff(user), now=now)
        except standing.StaleRequest as stale:
            messages.warning(http, str(stale.words))
            return redirect(PAGE)
        messages.success(http, _("The text is here now, under “To do”."))
        return redirect(screen.url(asked))
    access_log.listed(request_ids=[asked.pk] if asked else [], by=user, at=now)
    visit = asked.current_visit() if asked else None
    context = {
        **admin.site.each_context(http),
        "title": _("Is it about this request?") if asked else _("Which request is it about?"),
        "form": form,
        "text": _row(text, now=now),
        "asked": asked,
        "visit": words.when(visit.starts_at) if visit else "",
    }
    return TemplateResponse(http, PLACE_TEMPLATE, context)


def chosen(http: HttpRequest) -> IncomingText | None:
    """The unread text for which a new request is entered; `?text=` is its key."""
    return _unread(http.GET.get("text", ""))


def place_chosen(http: HttpRequest, asked: AppointmentRequest) -> None:
    """The text for which this request was entered is read there from now on, also when she gave another number."""
    user, text = rights.member(http), chosen(http)
    if text is None or not rights.may(user, "read_text"):
        return
    try:
        unplaced.place(text=text, request=asked, by=actors.staff(user), now=timezone.now())
    except standing.StaleRequest as stale:
        messages.warning(http, str(stale.words))


def _unread(key: str) -> IncomingText | None:
    pk = asked_for.number(key)
    rows = IncomingText.objects.to_place().select_related("contact_number")
    return None if pk is None else rows.filter(pk=pk).first()


def _told(one: unplaced.Sender, requests: list[AppointmentRequest], *, now: datetime) -> dict[str, object]:
    number = one.number.number
    return {
        "pk": one.number.pk,
        "number": number,
        "phone": _phone(number),
        "texts": [_row(text, now=now) for text in one.texts],
        "newest": one.texts[-1].pk,
        "older": one.older,
        "requests": [(asked, screen.url(asked), asked.status == Status.QUARANTINED) for asked in requests],
    }


def _phone(number: str) -> str:
    return words.phone(number) or _("Number deleted")


def _row(text: IncomingText, *, now: datetime) -> Row:
    when = words.since(text.received_at, now=now)
    return Row(text.pk, when, text.body, UNDERSTOOD.get(text.meaning, ""))
