"""One press each: offer times, take an offer back, hold a time while talking, another time for a confirmed patient.
Must not change a row itself (booking/offers.py, booking/talking.py and booking/changes.py do)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from booking import actors, changes, lifecycle, offers, promise, talking
from booking.admin import offering, rights, screen, setting_time, words
from booking.admin.verbs import say_untold, verb
from booking.availability import Slot
from booking.models import AppointmentRequest
from booking.staff_forms import ConfirmForm


@verb("offer", moves=True)
def offer(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """Hold one to three times for her and send the text that was shown."""
    now = timezone.now()
    service = setting_time.service_of(asked, asked.current_visit())
    if service is None:
        return None
    try:
        made = offers.offer(
            request=asked,
            service=service,
            slots=offering.chosen(http.POST, service=service),
            expires_at=offering.until(http.POST, now=now),
            by=actors.staff(rights.member(http)),
            now=now,
            told="told" in http.POST,
        )
    except offers.OfferRefused as refused:
        messages.warning(http, f"{refused.words} {_('Nothing is offered yet.')}")
        return None
    except lifecycle.TimeTaken as taken:
        messages.warning(http, f"{taken.words} {_('Nothing is offered yet.')}")
        return screen.show(http, get_object_or_404(screen.rows(), pk=asked.pk), taken=taken.free)
    messages.success(http, _("Offered until %(until)s.") % {"until": promise.words(made.expires_at, "en")})
    say_untold(http, asked)
    return None


@verb("withdraw", moves=True)
def withdraw(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """Take the offer back; its times are free again."""
    offers.withdraw(request=asked, by=actors.staff(rights.member(http)), now=timezone.now())
    messages.success(http, _("The offer is taken back. Its times are free again."))
    return None


@verb("turned_down", moves=True)
def turned_down(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """She said on the phone that none of the times works."""
    now = timezone.now()
    current = offers.current(asked, now=now)
    number = current.number if current else 0
    offers.turn_down(request=asked, number=number, by=actors.staff(rights.member(http)), now=now)
    messages.success(http, _("Written down: none of the times works. They are free again."))
    return None


@verb("hold")
def hold(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """Hold the time of the form for 20 minutes, while staff talk with her."""
    now, user = timezone.now(), rights.member(http)
    form = ConfirmForm(http.POST, now=now, may_overbook=rights.may(user, "overbook"))
    picked = setting_time.typed_choice(form)
    if picked is None or picked.physician_id is None:
        return screen.show(http, asked, bound={"confirm": form})
    slot = Slot(picked.starts_at, picked.starts_at, picked.physician_id, picked.office_id)
    try:
        held = talking.hold(request=asked, service=picked.service, slot=slot, by=actors.staff(user), now=now)
    except lifecycle.TimeTaken as taken:
        messages.warning(http, str(taken.words))
        return screen.show(http, asked, bound={"confirm": form}, taken=taken.free)
    until = words.clock(held.expires_at) if held.expires_at else ""
    messages.success(
        http,
        _("Held for you until %(until)s: %(when)s") % {"when": words.when(held.starts_at), "until": until},
    )
    return None


@verb("unhold")
def unhold(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """Free what this person holds for her. A second press says the same."""
    talking.let_go(request=asked, by=actors.staff(rights.member(http)), now=timezone.now())
    messages.success(http, _("The held time is free again."))
    return None


@verb("ask_change", moves=True)
def ask_change(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """She needs another time, and says what becomes of the old one."""
    old_time = http.POST.get("old_time", "")
    if old_time not in ("keep", "release"):
        messages.warning(http, _("Choose what becomes of the old time. Nothing was changed."))
        return None
    actor, now = actors.staff(rights.member(http)), timezone.now()
    changes.ask(request=asked, keep=old_time == "keep", by=actor, now=now, seen=screen.version_seen(http))
    messages.success(http, _("Written down: the patient needs another time."))
    return None


@verb("keep", moves=True)
def keep(http: HttpRequest, asked: AppointmentRequest) -> HttpResponse | None:
    """She comes at the old time after all."""
    by = actors.staff(rights.member(http))
    changes.keep(request=asked, by=by, now=timezone.now(), seen=screen.version_seen(http))
    messages.success(http, _("The old time stays."))
    return None
