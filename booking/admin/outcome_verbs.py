"""One press each: a call, what became of a visit, and what waits. Must not change a row itself (booking/outcomes.py
does)."""

from datetime import datetime
from typing import Protocol

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking import actors, outcomes
from booking.admin import asked_for, rights, screen, words
from booking.admin.verbs import is_another_number, say_untold, verb
from booking.models import AppointmentRequest, Call, Status
from booking.staff_forms import WaitForm


@verb("call")
def call(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """Write a call down. The number of calls that the screen showed makes a second press harmless; that of her texts
    keeps what she wrote since from being finished unread."""
    if http.POST.get("calls") != str(asked.calls.count()):
        messages.warning(http, _("A call was written down meanwhile. Look at the list before you add one more."))
        return None
    if is_another_number(http, asked):
        return None
    outcome = http.POST.get("outcome", "")
    if outcome not in Call.Outcome.values:
        messages.warning(http, _("Choose how the call ended. Nothing was written down."))
        return None
    before = asked.status
    actor = actors.staff(rights.member(http))
    read = asked_for.number(http.POST.get("read", "")) or 0
    outcomes.log_call(request=asked, outcome=outcome, by=actor, now=timezone.now(), read=read)
    messages.success(http, _("The call is written down."))
    if outcome == Call.Outcome.SPOKE and asked.tasks.settled_by_talking().exists():
        messages.warning(http, _("She wrote meanwhile. Read it under “To do”."))
    if outcome == Call.Outcome.WRONG_NUMBER:
        messages.warning(http, _("Wrong number. No more texts go to it, for any request."))
    if asked.status == Status.WAITING != before:
        messages.info(http, _waits(asked))
    return None


class _Move(Protocol):
    """A move that needs nothing but who makes it."""

    def __call__(self, *, request: AppointmentRequest, by: actors.Actor, now: datetime) -> object: ...


def _one_press(name: str, move: _Move, said: Promise) -> None:
    """Register a verb that is one move and one sentence."""

    @verb(name, moves=True)
    def press(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
        move(request=asked, by=actors.staff(rights.member(http)), now=timezone.now())
        messages.success(http, str(said))
        say_untold(http, asked)
        return None


_one_press("came", outcomes.came, gettext_lazy("The patient came: the visit is complete."))
_one_press("no_show", outcomes.no_show, gettext_lazy("Written down: the patient did not come."))
# Nobody is asked why.
_one_press("not_done", outcomes.not_done, gettext_lazy("Written down: the patient came and it was not done."))
_one_press("rebook", outcomes.rebook, gettext_lazy("The request is back in the queue."))
_one_press("next_cycle", outcomes.next_cycle, gettext_lazy("Moved to the next cycle. The patient keeps the place."))


@verb("take_back", moves=True)
def take_back(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """What was said of the visit was a mistake. The line that the screen showed is named: nobody takes another back."""
    said = asked_for.number(http.POST.get("mistake", "")) or 0
    mistake = outcomes.take_back(request=asked, said=said, by=actors.staff(rights.member(http)), now=timezone.now())
    messages.success(http, _("Taken back. Nothing was sent to the patient. Now say what became of the visit."))
    if mistake.lost_offer:
        messages.warning(http, _("The times that were offered stay withdrawn. Offer times again."))
    return None


@verb("wait", moves=True)
def wait(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """The patient's turn, until a day."""
    now = timezone.now()
    form = WaitForm(http.POST, last_day=asked.last_acceptable_day, now=now)
    if not form.is_valid():
        return screen.show(http, asked, bound={"wait": form})
    actor = actors.staff(rights.member(http))
    outcomes.wait(request=asked, until=form.cleaned_data["until"], by=actor, now=now)
    messages.success(http, _waits(asked))
    return None


def _waits(asked: AppointmentRequest) -> str:
    day = words.short_day(asked.review_on) if asked.review_on else ""
    return _("Waiting for the patient until %(day)s. Then it comes back by itself.") % {"day": day}
