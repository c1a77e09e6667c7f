"""Close a day: the doctor is ill, an office has no power. Must not write a status itself: every move goes through
standing.claim.

Closing the day, ending its visits and queueing one neutral message for each is one transaction. A visit that was taken
away by us is not cancelled: the request goes back to the desk with a new promise, as one that keeps its place. Offers
with a time on that day are taken back without a message, as there is no new time to tell yet: a task puts each of these
patients on the list to call.
The closing stays open until each patient was reached (ClosedVisit.objects.with_reached says what that means).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from booking import desk_tasks, held_time, offers, timetable
from booking.actors import Actor
from booking.lifecycle import TOLD_BY_THE_OLD_TIME
from booking.messaging import outbox
from booking.models import (
    CLINIC_CLOSED,
    AppointmentRequest,
    ClosedVisit,
    Closure,
    DayClosing,
    DeskTask,
    HeldTime,
    Offer,
    OfferedTime,
    Status,
    Visit,
)
from booking.standing import StaleRequest, claim, end_visit, set_clock
from pages.models import Office, Physician

KIND = "clinic_closed"


class AlreadyClosed(Exception):
    """The day is closed already, and nobody is left whom closing it would touch. `closing` is the first one."""

    def __init__(self, closing: DayClosing) -> None:
        self.closing = closing
        super().__init__(f"closed by {closing.pk}")


@dataclass(frozen=True)
class Touched:
    """A visit of that day, and whether by its plan she has begun to take the medicine."""

    visit: Visit
    had_started: bool


def touched(*, day: date, physician: Physician | None, office: Office | None, now: datetime) -> list[Touched]:
    """The visits ahead on that day which closing it takes away; those who started the medicine first."""
    start, end = timetable.day_bounds(day)
    visits = Visit.objects.filter(ended_at__isnull=True, starts_at__gte=max(start, now), starts_at__lt=end)
    if physician is not None:
        visits = visits.filter(physician=physician)
    if office is not None:
        visits = visits.filter(office=office)
    today = timetable.local_day(now)
    rows = visits.select_related("request__contact_number", "office", "service").order_by("starts_at", "pk")
    found = [Touched(visit, _has_started(visit, today=today)) for visit in rows]
    return sorted(found, key=lambda one: not one.had_started)


def close(
    *,
    day: date,
    physician: Physician | None,
    office: Office | None,
    seen: Sequence[int],
    note: str,
    by: Actor,
    now: datetime,
) -> DayClosing:
    """Close the day. `seen` are the visits that staff were shown: raises StaleRequest when they are no longer the same,
    so that nobody gets a message that nobody looked at, and AlreadyClosed when that was all: a second list of whom to
    call, with nobody on it, would read as if everybody was reached."""
    with transaction.atomic():
        locked = _stand_in_line(day=day, physician=physician, office=office, now=now)
        is_shut = _is_shut(day=day, physician=physician, office=office)
        if is_shut and not locked and (before := _closed_before(day=day, physician=physician, office=office)):
            raise AlreadyClosed(before)
        closing = DayClosing.objects.create(
            day=day,
            physician=physician,
            office=office,
            opened_at=now,
            opened_by=by.user,  # type: ignore[misc]
        )
        if not is_shut:
            Closure.objects.create(first_day=day, last_day=day, physician=physician, office=office, note=note)
        found = touched(day=day, physician=physician, office=office, now=now)
        of_offers = offered(day=day, physician=physician, office=office, now=now)
        with_visit = {one.visit.request_id: one.visit.request for one in found}
        has_come = (with_visit.keys() | {made.request_id for made in of_offers}) - locked
        if has_come or sorted(one.visit.pk for one in found) != sorted(seen):
            raise StaleRequest
        for made in of_offers:
            # The very object whose visit goes next: it must know where it stands then.
            offers.withdraw(request=with_visit.get(made.request_id, made.request), by=by, now=now)
            if made.request_id not in with_visit:
                desk_tasks.open_task(made.request, DeskTask.Kind.OFFER_TAKEN_BACK, now=now)
        for one in found:
            _take_away(one, closing=closing, by=by, now=now)
    return closing


def offered(*, day: date, physician: Physician | None, office: Office | None, now: datetime) -> list[Offer]:
    """The open offers with a time on that day: nobody may accept it."""
    start, end = timetable.day_bounds(day)
    times = OfferedTime.objects.filter(starts_at__gte=start, starts_at__lt=end)
    if physician is not None:
        times = times.filter(physician=physician)
    if office is not None:
        times = times.filter(office=office)
    rows = Offer.objects.open().filter(pk__in=times.values("offer"))
    return list(rows.select_related("request").order_by("pk"))


def _as_wide(physician: Physician | None, office: Office | None) -> tuple[Q, Q]:
    """Rows that count for all that this doctor and office count for."""
    return Q(physician=None) | Q(physician=physician), Q(office=None) | Q(office=office)


def _is_shut(*, day: date, physician: Physician | None, office: Office | None) -> bool:
    spans = Closure.objects.filter(*_as_wide(physician, office), service=None)
    begun, not_over = (Q(first_day=None) | Q(first_day__lte=day)), (Q(last_day=None) | Q(last_day__gte=day))
    return spans.filter(begun, not_over).exists()


def _closed_before(*, day: date, physician: Physician | None, office: Office | None) -> DayClosing | None:
    return DayClosing.objects.filter(*_as_wide(physician, office), day=day).order_by("pk").first()


def _stand_in_line(*, day: date, physician: Physician | None, office: Office | None, now: datetime) -> set[int]:
    """Wait for whoever moves one of these requests, and then for whoever takes time on that day. The keys of the
    requests, which nobody else moves now: what is found beside them afterwards came in between.

    Every other move locks its one request before the doctor's day; this one moves many, and must not wait for a
    request while it holds a day that the other one waits for. So it lines up for all days that these requests hold.
    """
    of_visits = touched(day=day, physician=physician, office=office, now=now)
    of_offers = offered(day=day, physician=physician, office=office, now=now)
    wanted = {one.visit.request_id for one in of_visits} | {made.request_id for made in of_offers}
    rows = AppointmentRequest.objects.filter(pk__in=wanted).order_by("pk")
    locked = set(rows.select_for_update(no_key=True).values_list("pk", flat=True))
    doctors = [physician.pk] if physician else Physician.objects.values_list("pk", flat=True)
    noon = timetable.day_bounds(day)[0] + timedelta(hours=12)
    held = HeldTime.objects.filter(request__in=locked).values_list("physician", "starts_at")
    held_time.line_up(*((pk, noon) for pk in doctors), *held)
    return locked


def _take_away(one: Touched, *, closing: DayClosing, by: Actor, now: datetime) -> None:
    visit, request = one.visit, one.visit.request
    end_visit(visit, now=now)
    # Whoever is being offered another time already goes on with that.
    target = None if request.status == Status.OFFERED else Status.CHANGE_REQUESTED
    claim(
        request, verb="close_day", by=by, now=now, target=target, status_reason=CLINIC_CLOSED, last_acceptable_day=None
    )
    held_time.free_all(request, kinds=(HeldTime.Kind.VISIT, HeldTime.Kind.TALKING))
    set_clock(request, now=now)
    ClosedVisit.objects.create(closing=closing, visit=visit, had_started=one.had_started)
    outbox.cancel_waiting(request=request, kinds=TOLD_BY_THE_OLD_TIME, now=now)
    outbox.queue(request=request, kind=KIND, occasion=f"v{visit.version}", now=now, visit=visit)


def _has_started(visit: Visit, *, today: date) -> bool:
    lead = visit.facts.get("antibiotic_start_days_before")
    if lead is None:
        return False
    return today >= timetable.local_day(visit.starts_at) - timedelta(days=lead)
