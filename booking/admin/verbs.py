"""What staff can do with one request: one address and one POST for each verb. Must not change a row itself: the
lifecycle and the consent ledger do. Nobody acts on a page that is out of date: see `seen`."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking import actors, desk_work, fresh_link, lifecycle, standing
from booking.admin import asked_for, history, rights, screen, setting_time, words
from booking.forms import FORM_VERSION
from booking.messaging import consent
from booking.models import AppointmentRequest, ConsentEvent, DeskTask
from booking.staff_forms import (
    CancelForm,
    ConfirmForm,
    DeclineForm,
    NoteForm,
    SpokenConsentForm,
    SpokenStopForm,
)

Verb = Callable[[HttpRequest, AppointmentRequest], HttpResponse | None]
VERBS: dict[str, Callable[[HttpRequest, int], HttpResponse]] = {}
PAGE = "/admin/"


def verb(name: str, *, moves: bool = False) -> Callable[[Verb], Verb]:
    """Register a verb: acts on POST alone, asks the permission, finds the request, says lost races in words.

    `moves`: the verb changes the status, so it also refuses a form that was made for another state. That is what
    makes a second press of the same button harmless even where the lifecycle would allow the move again.
    """

    def register(act: Verb) -> Verb:
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(act)
        def run(http: HttpRequest, pk: int) -> HttpResponse:
            rights.must(http, name)
            asked = get_object_or_404(screen.rows(), pk=pk)
            if http.method != "POST":  # back from signing in again: nothing is done, the screen is shown
                return redirect(screen.url(asked))
            if moves and http.POST.get("seen") != screen.seen_mark(asked):
                messages.warning(http, _changed_meanwhile(asked))
                return redirect(screen.url(asked))
            try:
                answer = act(http, asked)
            except standing.StaleRequest as stale:
                messages.warning(http, str(stale.words))
                answer = None
            return answer or redirect(screen.url(asked))

        VERBS[name] = run
        return act

    return register


@verb("confirm", moves=True)
def confirm(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """Set a time, or move the visit. What was not shown yet for this time and doctor is shown first."""
    now, user = timezone.now(), rights.member(http)
    form = ConfirmForm(http.POST, now=now, may_overbook=rights.may(user, "overbook"))
    chosen = setting_time.typed_choice(form)
    against = setting_time.against(chosen) if chosen is not None else ""
    if chosen is None or http.POST.get("shown") != chosen.mark or http.POST.get("against", "") != against:
        if chosen is not None:
            messages.info(http, _("Nothing is set yet. Check the time and the message, then press the button."))
        return screen.show(http, asked, bound={"confirm": form})
    values = form.cleaned_data
    try:
        visit = lifecycle.confirm(
            request=asked,
            physician=values["physician"],
            office=values["office"],
            service=values["service"],
            starts_at=values["starts_at"],
            by=actors.staff(user),
            now=now,
            overbooking_reason=values.get("overbooking_reason", ""),
            against=against,
            told="told" in http.POST,
        )
    except lifecycle.TimeTaken as taken:
        messages.warning(http, str(taken.words))
        fresh = get_object_or_404(screen.rows(), pk=asked.pk)
        return screen.show(http, fresh, bound={"confirm": form}, taken=taken.free)
    messages.success(http, _("The time is set: %(when)s") % {"when": words.when(visit.starts_at)})
    say_untold(http, asked)
    return None


@verb("decline", moves=True)
def decline(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """Say no, with a reason the patient reads."""
    form = DeclineForm(http.POST, auto_id="decline_%s")
    if not form.is_valid():
        return screen.show(http, asked, bound={"decline": form})
    actor = actors.staff(rights.member(http))
    reason, note = form.cleaned_data["reason"], form.cleaned_data["note"]
    told = "told" in http.POST
    lifecycle.decline(request=asked, reason=reason, by=actor, now=timezone.now(), note=note, told=told)
    messages.success(http, _("The request is declined."))
    say_untold(http, asked)
    return None


@verb("cancel", moves=True)
def cancel(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """End the request, and the visit if there is one; a quarantined one is discarded."""
    form = CancelForm(http.POST, auto_id="cancel_%s")
    if not form.is_valid():
        return screen.show(http, asked, bound={"cancel": form})
    actor = actors.staff(rights.member(http))
    note, told = form.cleaned_data["note"], "told" in http.POST
    lifecycle.cancel(request=asked, by=actor, now=timezone.now(), note=note, told=told)
    messages.success(http, _("The request is cancelled."))
    say_untold(http, asked)
    return None


@verb("release", moves=True)
def release(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """A person sent this: on with it."""
    actor = actors.staff(rights.member(http))
    lifecycle.release_from_quarantine(request=asked, by=actor, now=timezone.now())
    messages.success(http, _("Released. The request is new now."))
    return None


@verb("note")
def note(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """Add to the record."""
    form = NoteForm(http.POST, auto_id="note_%s")
    if not form.is_valid():
        return screen.show(http, asked, bound={"note": form})
    actor = actors.staff(rights.member(http))
    lifecycle.add_note(request=asked, note=form.cleaned_data["note"], by=actor, now=timezone.now())
    messages.success(http, _("The note is saved."))
    return None


@verb("done")
def done(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """Finish one task. A second press finds it finished and says the same."""
    task = get_object_or_404(DeskTask, request=asked, pk=asked_for.number(http.POST.get("task", "")))
    about = asked_for.number(http.POST.get("about", "0"))
    if not desk_work.finish(task, about=about, by=rights.member(http), now=timezone.now()):
        messages.warning(http, _("Something came meanwhile. Read it, then press “Done” again."))
        return None
    messages.success(http, _("Done: %(task)s.") % {"task": task.get_kind_display()})
    return None


@verb("stop")
def stop(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """The patient said that texts must stop. It counts at once."""
    if is_another_number(http, asked):
        return None
    form = SpokenStopForm(http.POST, auto_id="stop_%s")
    if not form.is_valid() or asked.contact_number is None:
        return screen.show(http, asked, bound={"stop": form})
    consent.stop(
        number=asked.contact_number,
        source=ConsentEvent.Source.STAFF,
        now=timezone.now(),
        request=asked,
        said=form.cleaned_data["said"],
        recorded_by=rights.member(http),
    )
    messages.success(http, _("Texts to this number are stopped."))
    return None


@verb("consent")
def spoken_consent(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """The script was read and the patient agreed."""
    if is_another_number(http, asked):
        return None
    form = SpokenConsentForm(http.POST, auto_id="consent_%s")
    if not form.is_valid() or asked.contact_number is None:
        return screen.show(http, asked, bound={"consent": form})
    granted = consent.grant(
        number=asked.contact_number,
        request=asked,
        language=history.contact(asked).script_language,
        page=PAGE,
        form_version=FORM_VERSION,
        network="",
        source=ConsentEvent.Source.STAFF,
        now=timezone.now(),
        recorded_by=rights.member(http),
    )
    if granted:
        messages.success(http, _("Agreed to texts: saved."))
    else:
        messages.warning(http, _("Nothing changed: texts to this number are stopped."))
    return None


@verb("link")
def new_link(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """A new private link; the old ones open nothing from now on."""
    sent = fresh_link.give(request=asked, by=actors.staff(rights.member(http)), now=timezone.now())
    say_new_link(http, is_sent=bool(sent))
    return None


def is_another_number(http: HttpRequest, asked: AppointmentRequest) -> bool:
    """Whether the phone was corrected since the screen was shown: what was heard at the old number says nothing about
    the new one. Then staff are told."""
    now = str(asked.contact_number_id or "")
    if http.POST.get("number", now) == now:
        return False
    messages.warning(http, _("Nothing was written down: the phone number was corrected meanwhile. Look at it again."))
    return True


def say_new_link(http: HttpRequest, *, is_sent: bool) -> None:
    """What became of the old private link, and how the patient gets the new one."""
    if is_sent:
        messages.success(http, _("The link that was sent before opens nothing now. The patient gets a new one."))
        return
    messages.warning(
        http,
        _(
            "The link that was sent before opens nothing now, and no message can take a new one to the patient. Who "
            "has agreed to texts or given an email can ask for it on the website, with the reference and this phone "
            "number."
        ),
    )


def say_untold(http: HttpRequest, asked: AppointmentRequest) -> None:
    """Nobody told her: a green line alone would hide it."""
    if asked.tasks.all().untold().exists():
        messages.warning(http, _("The patient does not know it yet: no message can go out. Call; see “To do”."))


def _changed_meanwhile(asked: AppointmentRequest) -> str:
    status = str(asked.get_status_display())
    return _("Nothing was changed. This request is “%(status)s” now: look at it again.") % {"status": status}
