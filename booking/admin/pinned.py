"""What the front desk has pinned to a request, in words: who is on it, next call, ticks. Must not change any of it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone
from django.utils.translation import gettext as _

from booking import readiness
from booking.admin import words
from booking.models import AppointmentRequest, DeskCard


@dataclass(frozen=True)
class Pinned:
    """The card of a request in words; empty where nothing is pinned."""

    on_it: str = ""
    is_mine: bool = False
    next_call: str = ""
    is_call_due: bool = False
    speaks_for: str = ""


@dataclass(frozen=True)
class Tick:
    """One line of the readiness list."""

    kind: str
    label: str
    due: str
    is_due: bool
    done: str


def card(asked: AppointmentRequest) -> DeskCard | None:
    """The card, if anything was ever pinned."""
    try:
        return asked.desk_card
    except ObjectDoesNotExist:
        return None


def speaks_for(asked: AppointmentRequest) -> str:
    """Whom we may speak with besides her."""
    found = card(asked)
    return found.may_speak_with if found else ""


def on_it(asked: AppointmentRequest, *, now: datetime) -> str:
    """“Ana, since 10:05 a.m.”"""
    found = card(asked)
    if found is None or found.on_it is None or found.on_it_since is None:
        return ""
    since = words.since(found.on_it_since, now=now)
    return _("%(name)s, since %(time)s") % {"name": words.person(found.on_it), "time": since}


def of(asked: AppointmentRequest, *, user: User, now: datetime) -> Pinned:
    """Everything pinned."""
    found = card(asked)
    if found is None:
        return Pinned()
    return Pinned(
        on_it=on_it(asked, now=now),
        is_mine=found.on_it_id == user.pk,
        next_call=words.since(found.next_call_at, now=now) if found.next_call_at else "",
        is_call_due=found.next_call_at is not None and found.next_call_at <= now,
        speaks_for=found.may_speak_with,
    )


def ticks(asked: AppointmentRequest, *, now: datetime) -> list[Tick]:
    """The readiness list: done by whom and when, or due."""
    today = timezone.localtime(now).date()
    return [
        Tick(
            kind=row.kind,
            label=str(row.get_kind_display()),
            due=_due(row.due_on, today=today),
            is_due=row.due_on <= today,
            done=f"{words.person(row.ticked_by)}, {words.since(row.ticked_at, now=now)}"
            if row.ticked_by and row.ticked_at
            else "",
        )
        for row in readiness.of(asked)
    ]


def _due(day: date, *, today: date) -> str:
    if day < today:
        return _("late: was due %(day)s") % {"day": words.short_day(day)}
    return _("due today") if day == today else _("due %(day)s") % {"day": words.short_day(day)}
