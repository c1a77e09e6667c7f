"""One press each: ticks before a visit, who is on it, whom we may speak with, one person who asked twice, a text
that is about somebody else. Must not change a row itself (booking/desk_work.py and booking/unplaced.py do)."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from booking import actors, desk_work, unplaced
from booking.admin import access_log, asked_for, history, rights, screen
from booking.admin.verbs import verb
from booking.models import AppointmentRequest, IncomingText, Readiness
from booking.staff_forms import SpeakWithForm


@verb("tick")
def tick(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """Done. A second press finds it ticked and changes nothing."""
    return _tick(http, asked, done=True)


@verb("untick")
def untick(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """Ticked by mistake."""
    return _tick(http, asked, done=False)


@verb("take")
def take(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """I am on it."""
    desk_work.take(request=asked, by=actors.staff(rights.member(http)), now=timezone.now())
    messages.success(http, _("You are on it. Colleagues see it in the queue."))
    return None


@verb("let_go")
def let_go(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """Nobody is on it."""
    desk_work.let_go(request=asked)
    messages.success(http, _("Nobody is on it now."))
    return None


@verb("speak_with")
def speak_with(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """Whom we may speak with besides the patient."""
    form = SpeakWithForm(http.POST)
    if not form.is_valid():
        return screen.show(http, asked, bound={"speak_with": form})
    actor = actors.staff(rights.member(http))
    desk_work.speak_with(request=asked, name=form.cleaned_data["name"], by=actor, now=timezone.now())
    messages.success(http, _("Saved."))
    return None


@verb("join", moves=True)
def join(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """The other request of this person ends; this one keeps the earlier place. Only what the screen lists under the
    same phone or mailbox can be named: nobody's request may end in favour of a stranger's."""
    other = next((row for row in history.others(asked) if str(row.pk) == http.POST.get("other")), None)
    if other is None:
        raise Http404
    now, user = timezone.now(), rights.member(http)
    access_log.opened(request=other, by=user, at=now)
    desk_work.join(request=asked, other=other, by=actors.staff(user), now=now)
    messages.success(
        http,
        _("Joined. %(other)s is closed, this request keeps the earlier place.") % {"other": other.spaced_reference},
    )
    return None


def _tick(http: HttpRequest, asked: AppointmentRequest, *, done: bool) -> HttpResponse | None:
    kind = http.POST.get("kind", "")
    actor, now = actors.staff(rights.member(http)), timezone.now()
    if kind in Readiness.Kind.values and desk_work.tick(request=asked, kind=kind, done=done, by=actor, now=now):
        label = Readiness.Kind(kind).label
        messages.success(http, (_("Ticked: %(what)s.") if done else _("Taken back: %(what)s.")) % {"what": label})
    else:
        messages.info(http, _("Nothing changed: look at the list."))
    return None


@verb("take_away")
def take_away(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """A text that staff put here is about somebody else: it goes back to those that we cannot place."""
    text = get_object_or_404(IncomingText, pk=asked_for.number(http.POST.get("text", "")))
    unplaced.take_away(text=text, request=asked, by=actors.staff(rights.member(http)), now=timezone.now())
    messages.success(http, _("The text is no longer here. It stands with the texts we cannot place."))
    return None
