"""One press each: a call, what became of a visit, and what waits. Must not change a row itself (booking/outcomes.py
does)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from booking import lifecycle, outcomes
from booking.admin import rights, screen, words
from booking.admin.verbs import verb
from booking.models import AppointmentRequest, Call, Status
from booking.staff_forms import WaitForm


@verb("call")
def call(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """Write a call down. The number of calls that the screen showed makes a second press harmless."""
    if http.POST.get("calls") != str(asked.calls.count()):
        messages.warning(http, _("A call was written down meanwhile. Look at the list before you add one more."))
        return None
    outcome = http.POST.get("outcome", "")
    if outcome not in Call.Outcome.values:
        messages.warning(http, _("Choose how the call ended. Nothing was written down."))
        return None
    before = asked.status
    actor = lifecycle.staff(rights.member(http))
    outcomes.log_call(request=asked, outcome=outcome, by=actor, now=timezone.now())
    messages.success(http, _("The call is written down."))
    if asked.status == Status.WAITING != before:
        messages.info(http, _waits(asked))
    return None


@verb("came", moves=True)
def came(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """The visit took place."""
    outcomes.came(request=asked, by=lifecycle.staff(rights.member(http)), now=timezone.now())
    messages.success(http, _("The patient came: the visit is complete."))
    return None


@verb("no_show", moves=True)
def no_show(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """Nobody came."""
    outcomes.no_show(request=asked, by=lifecycle.staff(rights.member(http)), now=timezone.now())
    messages.success(http, _("Written down: the patient did not come."))
    return None


@verb("not_done", moves=True)
def not_done(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """She came and it was not done. Nobody is asked why."""
    outcomes.not_done(request=asked, by=lifecycle.staff(rights.member(http)), now=timezone.now())
    messages.success(http, _("Written down: the patient came and it was not done."))
    return None


@verb("rebook", moves=True)
def rebook(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """Back into the queue, with her place."""
    outcomes.rebook(request=asked, by=lifecycle.staff(rights.member(http)), now=timezone.now())
    messages.success(http, _("The request is back in the queue."))
    return None


@verb("next_cycle", moves=True)
def next_cycle(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """Not this cycle."""
    outcomes.next_cycle(request=asked, by=lifecycle.staff(rights.member(http)), now=timezone.now())
    messages.success(http, _("Moved to the next cycle. The patient keeps the place."))
    return None


@verb("wait", moves=True)
def wait(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """The patient's turn, until a day."""
    now = timezone.now()
    form = WaitForm(http.POST, last_day=asked.last_acceptable_day, now=now)
    if not form.is_valid():
        return screen.show(http, asked, bound={"wait": form})
    actor = lifecycle.staff(rights.member(http))
    outcomes.wait(request=asked, until=form.cleaned_data["until"], by=actor, now=now)
    messages.success(http, _waits(asked))
    return None


def _waits(asked: AppointmentRequest) -> str:
    day = words.short_day(asked.review_on) if asked.review_on else ""
    return _("Waiting for the patient until %(day)s. Then it comes back by itself.") % {"day": day}
