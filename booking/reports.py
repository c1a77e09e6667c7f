"""How well the clinic answers: counts over the requests that arrived in some days, and over the steps of the form. Must
not name a patient; every number is a count of many, or a median."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Exists, OuterRef, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking.models import (
    WAITING_FOR_STAFF,
    AppointmentRequest,
    DeclineReason,
    DeskTask,
    FlowCount,
    RequestEvent,
    Status,
    Visit,
)
from booking.timetable import day_bounds

FLOW_STEPS: tuple[tuple[str, str | Promise], ...] = (
    ("began", _("Opened the form")),
    ("visit", _("Answered what and where")),
    ("times", _("Answered which days")),
    ("contact", _("Answered who and how")),
    ("sent", _("Sent the request")),
)
MOST_ERRORS = 15
ERROR = "error "


@dataclass(frozen=True)
class Line:
    """One line of a table: what, how many, and which share of the whole in percent."""

    label: str
    number: int
    share: int


@dataclass(frozen=True)
class Report:
    """One table."""

    key: str
    title: str | Promise
    lines: list[Line]
    middle: timedelta | None = None  # where the lines are lengths of time


@dataclass(frozen=True)
class _Fate:
    """What the reports look at of one request."""

    waited: timedelta | None
    standing: str
    is_confirmed: bool
    lost: str


def all_of(*, first: date, last: date, now: datetime, say: Callable[[str], str]) -> list[Report]:
    """The reports on requests that arrived on these local days, the first and the last among them. Two queries and one
    for the form."""
    fates = [_fate(row, now=now) for row in _rows(first, last)]
    return [
        _first_contact(fates),
        _promise(fates),
        _confirmed(fates),
        _lost(fates),
        *_form(first, last, say=say),
    ]


def _rows(first: date, last: date) -> Iterable[dict[str, Any]]:
    """Requests of people: not what programs sent, and one for a person who asked twice."""
    start, end = day_bounds(first)[0], day_bounds(last)[1]
    discarded = RequestEvent.objects.filter(request=OuterRef("pk"), verb="discard")
    asked = AppointmentRequest.objects.filter(created_at__gte=start, created_at__lt=end)
    asked = asked.exclude(status=Status.QUARANTINED).exclude(status=Status.DECLINED, status_reason="duplicate")
    visits = Visit.objects.filter(request=OuterRef("pk"))
    columns = ("created_at", "promise_due_at", "promise_met_at", "status", "status_reason")
    untold = DeskTask.objects.untold().filter(request=OuterRef("pk"))
    known = {"has_visit": Exists(visits), "is_untold": Exists(untold)}
    people: Iterable[dict[str, Any]] = asked.filter(~Exists(discarded)).order_by().values(*columns, **known).iterator()
    return people


def _fate(row: dict[str, Any], *, now: datetime) -> _Fate:
    arrived, met, status = row["created_at"], row["promise_met_at"], row["status"]
    is_owed = status in WAITING_FOR_STAFF or row["is_untold"]
    return _Fate(
        waited=max(met - arrived, timedelta(0)) if met else None,
        standing=_standing(row["promise_due_at"], met, is_owed=is_owed, now=now),
        is_confirmed=row["has_visit"],
        lost=_loss(status, row["status_reason"]),
    )


def _standing(due: datetime | None, met: datetime | None, *, is_owed: bool, now: datetime) -> str:
    """How the promise of a request stands; empty without one. `is_owed`: it is our turn, or she was not told."""
    if due is None:
        return ""
    if met is not None:
        return "kept" if met <= due else "late"
    if not is_owed:
        return "ended"
    return "late" if due < now else "open"


def _loss(status: str, reason: str) -> str:
    """Why a request ended without a visit that took place; empty when it did not."""
    if status == Status.DECLINED:
        return str(dict(DeclineReason.choices).get(reason, _("Declined")))
    if status == Status.CANCELLED:
        return str(_("Cancelled by the patient") if reason == "by_patient" else _("Cancelled by us"))
    others: dict[str, Any] = {
        Status.EXPIRED: _("Ran out of days"),
        Status.NO_SHOW: _("Did not come"),
        Status.NOT_DONE: _("Came, not done"),
    }
    return str(others.get(status, ""))


def _first_contact(fates: list[_Fate]) -> Report:
    bounds: list[tuple[Any, Callable[[timedelta], bool]]] = [
        (_("Within 4 hours"), lambda waited: waited <= timedelta(hours=4)),
        (_("Within 1 day"), lambda waited: timedelta(hours=4) < waited <= timedelta(days=1)),
        (_("Within 2 days"), lambda waited: timedelta(days=1) < waited <= timedelta(days=2)),
        (_("Later"), lambda waited: waited > timedelta(days=2)),
    ]
    waits = [fate.waited for fate in fates if fate.waited is not None]
    counted = [(str(label), sum(map(fits, waits))) for label, fits in bounds]
    middle = timedelta(seconds=median(wait.total_seconds() for wait in waits)) if waits else None
    return Report("contact", _("Time to the first contact"), _lines(counted, whole=len(waits)), middle)


def _promise(fates: list[_Fate]) -> Report:
    found = Counter(fate.standing for fate in fates if fate.standing)
    names = {
        "kept": _("Answered in time"),
        "late": _("Answered late, or late now"),
        "ended": _("Ended before an answer was due"),
        "open": _("Waiting, still in time"),
    }
    counted = [(str(label), found[key]) for key, label in names.items()]
    return Report("promise", _("Our promise"), _lines(counted, whole=sum(found.values())))


def _confirmed(fates: list[_Fate]) -> Report:
    confirmed = sum(fate.is_confirmed for fate in fates)
    counted = [(str(_("Got a time")), confirmed), (str(_("No time so far, or lost")), len(fates) - confirmed)]
    return Report("confirmed", _("Requests that got a time"), _lines(counted, whole=len(fates)))


def _lost(fates: list[_Fate]) -> Report:
    found = Counter(fate.lost for fate in fates if fate.lost)
    return Report("lost", _("Lost, by reason"), _lines(found.most_common(), whole=len(fates)))


def _form(first: date, last: date, *, say: Callable[[str], str]) -> list[Report]:
    rows = FlowCount.objects.filter(day__gte=first, day__lte=last).values_list("name").annotate(Sum("number"))
    found: dict[str, int] = dict(rows.order_by())
    steps = [(str(label), found.get(key, 0)) for key, label in FLOW_STEPS]
    errors: Counter[str] = Counter()
    for name, number in found.items():
        if name.startswith(ERROR):
            errors[say(name.removeprefix(ERROR))] += number
    return [
        Report("steps", _("Steps of the form"), _lines(steps, whole=found.get("began", 0))),
        Report(
            "errors",
            _("What the form asked again for"),
            _lines(errors.most_common(MOST_ERRORS), whole=errors.total()),
        ),
    ]


def _lines(counted: Iterable[tuple[str, int]], *, whole: int) -> list[Line]:
    return [Line(label, number, round(100 * number / whole) if whole else 0) for label, number in counted]
