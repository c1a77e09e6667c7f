"""The part of the screen where a time is set or moved: free times to press, the form, the text that will be sent.
Must not set anything (booking/admin/verbs.py does)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from booking import talking, unusual_time
from booking.admin import asked_for, doctors, doubts, previews, rights, times, words
from booking.availability import Slot
from booking.models import AppointmentRequest, HeldTime, Service, Status, Visit
from booking.staff_forms import LONGEST_AHEAD, ConfirmForm, wall_to_utc
from pages.models import Physician


@dataclass(frozen=True)
class Choice:
    """A time in the form: from a pressed link, from what was typed, or the first free one."""

    starts_at: datetime
    office_id: int | None
    service: Service
    physician_id: int | None = None

    @property
    def has_place(self) -> bool:
        """Whether it says where: a visit in an office without one is not by video, it is not whole."""
        return self.office_id is not None or self.service.setting == Service.Setting.VIDEO

    @property
    def mark(self) -> str:
        """Which time and doctor the shown text and doubts are for; a press for others shows theirs first."""
        return f"{self.starts_at:%Y%m%d%H%M}:{self.office_id or 0}:{self.service.pk}:{self.physician_id or 0}"


def context(
    http: HttpRequest,
    asked: AppointmentRequest,
    *,
    visit: Visit | None,
    form: forms.Form | None,
    taken: Sequence[Slot] | None,
    base_url: str,
    now: datetime,
) -> dict[str, Any]:
    """Everything around setting a time; nothing for a request that cannot get one."""
    service = service_of(asked, visit)
    if service is None or not (asked.is_open or asked.status == Status.CONFIRMED):
        return {}
    typed = form if isinstance(form, ConfirmForm) else None
    picked = typed_choice(typed) if typed else _asked_for(http, asked, visit=visit, service=service, now=now)
    wish = times.Wish(
        service=service,
        office=None if visit else asked.office,
        daypart=asked.daypart,
        base_url=base_url,
        doctors=doctors.to_tell_apart((), now=now),
        chosen=(picked.starts_at, picked.office_id, picked.physician_id) if picked else None,
    )
    hers = {row.day for row in asked.days.all()}
    looked_at = _looked_at(http, picked=picked, hers=hers, now=now)
    wanted = times.wanted_days(asked, wish=wish, looked_at=looked_at, now=now)
    offered = times.on_days(asked, wanted, hers=hers, wish=wish, now=now)
    is_free_to_fill = typed is None and visit is None and asked.status != Status.OFFERED
    if picked is None and is_free_to_fill and (first := times.first_of(offered)):
        picked = Choice(first.starts_at, first.office_id, service, first.physician_id)
        offered = times.with_chosen(offered, first)
    placed = picked if picked is not None and picked.has_place else None
    if times.first_of(offered) is None:  # shown, but never filled in by itself: it is no day that she named
        offered += times.on_days(asked, times.next_open(wish, but=wanted, now=now), hers=hers, wish=wish, now=now)
    said = _doubts(placed, shown=offered, now=now)
    return {
        "confirm_form": typed or _fresh_form(http, asked, picked=picked, visit=visit, service=service, now=now),
        "picked": picked,
        "picked_when": words.when(picked.starts_at) if picked else "",
        # A time without doubts has nothing against it: they ask for more.
        "against": against(placed) if placed is not None and said else "",
        "doubts": said,
        "days": offered,
        "looked_at": looked_at,
        "taken": times.from_slots(taken, wish=wish) if taken is not None else None,
        "preview": _preview(asked, picked=placed, visit=visit),
        "is_moving": visit is not None,
        "is_open_part": visit is None or typed is not None or picked is not None or looked_at is not None,
    }


def against(picked: Choice) -> str:
    """What staff have entered that speaks against this time. The form holds it: what was not there when it was shown,
    say a day that was closed meanwhile, is shown before anything is set."""
    wanted = HeldTime(
        physician_id=picked.physician_id or 0,
        office_id=picked.office_id,
        service=picked.service,
        starts_at=picked.starts_at,
        ends_at=picked.starts_at + timedelta(minutes=picked.service.minutes),
        pk=0,
    )
    return unusual_time.stored(unusual_time.against([wanted])[wanted])


def _doubts(picked: Choice | None, *, shown: Sequence[times.DayTimes], now: datetime) -> list[str]:
    if picked is None:
        return []
    return doubts.of(
        service=picked.service,
        physician_id=picked.physician_id or 0,
        office_id=picked.office_id,
        starts_at=picked.starts_at,
        shown=shown,
        now=now,
    )


def typed_choice(form: ConfirmForm) -> Choice | None:
    """What a sent form chose, when it is whole."""
    if not form.is_bound or not form.is_valid():
        return None
    values = form.cleaned_data
    office = values["office"]
    return Choice(values["starts_at"], office.pk if office else None, values["service"], values["physician"].pk)


def _preview(asked: AppointmentRequest, *, picked: Choice | None, visit: Visit | None) -> previews.Preview | None:
    if picked is None:
        return None
    kind = "moved" if visit or asked.visits.exists() else "confirmed"
    return previews.of(asked, kind=kind, starts_at=picked.starts_at, office_id=picked.office_id)


def service_of(asked: AppointmentRequest, visit: Visit | None) -> Service | None:
    """The visit type that is set or offered; None while there is none to set."""
    if visit is not None:
        return visit.service
    if asked.service.setting != Service.Setting.UNDECIDED:
        return asked.service
    return Service.objects.exclude(setting=Service.Setting.UNDECIDED).first()


def _asked_for(
    http: HttpRequest, asked: AppointmentRequest, *, visit: Visit | None, service: Service, now: datetime
) -> Choice | None:
    """The time of a pressed link, else what this person holds for her."""
    pressed = _pressed(http, asked, visit=visit, service=service, now=now)
    return pressed or _held(asked, user=http.user, service=service, now=now)


def _pressed(
    http: HttpRequest, asked: AppointmentRequest, *, visit: Visit | None, service: Service, now: datetime
) -> Choice | None:
    """The time of a pressed link; anything that is no time is as if nothing was pressed."""
    office, doctor = (asked_for.number(http.GET.get(name, "")) for name in ("office", "doctor"))
    try:
        local = datetime.strptime(http.GET.get("at", ""), "%Y-%m-%dT%H:%M")  # noqa: DTZ007 - given its zone below
        starts_at = wall_to_utc(local, now=now)
    except (ValueError, ValidationError):
        return None
    if "office" not in http.GET:
        office = visit.office_id if visit else asked.office_id
    if service.setting == Service.Setting.VIDEO:
        office = None
    if doctor is None:  # a link of somebody's own: the doctor of the visit, or the first
        doctor = visit.physician_id if visit else Physician.objects.values_list("pk", flat=True).first()
    return Choice(starts_at, office, service, doctor)


def _held(asked: AppointmentRequest, *, user: Any, service: Service, now: datetime) -> Choice | None:
    """What this person holds for her while they talk: one press sets it."""
    own = talking.mine(talking.held_now(asked, now=now), user=user)
    return Choice(own.starts_at, own.office_id, own.service or service, own.physician_id) if own else None


def _looked_at(http: HttpRequest, *, picked: Choice | None, hers: set[date], now: datetime) -> date | None:
    """The day to show besides hers: asked for, or that of the picked time. Never a past one."""
    today = timezone.localtime(now).date()
    try:
        day: date | None = date.fromisoformat(http.GET.get("day", ""))
    except ValueError:
        day = timezone.localtime(picked.starts_at).date() if picked else None
    is_ahead = day is not None and today <= day <= today + LONGEST_AHEAD
    return day if is_ahead and day not in hers else None


def _fresh_form(
    http: HttpRequest,
    asked: AppointmentRequest,
    *,
    picked: Choice | None,
    visit: Visit | None,
    service: Service,
    now: datetime,
) -> ConfirmForm:
    is_by_video = service.setting == Service.Setting.VIDEO
    initial: dict[str, Any] = {"service": service.pk, "office": None if is_by_video else asked.office_id}
    if visit is not None:
        initial.update(office=visit.office_id, physician=visit.physician_id)
    if picked is not None:
        local = timezone.localtime(picked.starts_at)
        initial.update(day=local.date(), time=local.time(), office=picked.office_id, physician=picked.physician_id)
        initial.update(service=picked.service.pk)
    return ConfirmForm(initial=initial, now=now, may_overbook=rights.may(http.user, "overbook"))
