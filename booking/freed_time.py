"""Times that became free again, and whom they would fit. Must not offer anything: one press of a person does.

Nothing is stored for it: what was freed is read from ended visits and from offers that came to nothing, and asked of
the timetable again, so that a time beside another visit, or one that was taken since, is not shown as free.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When
from django.utils import timezone

from booking import availability
from booking.availability import Slot
from booking.models import AppointmentRequest, OfferedTime, RequestedDay, Service, Status, Visit
from booking.timetable import local_day
from pages.models import Office

MOST_TIMES, MOST_PATIENTS = 12, 8
# Further back, everybody has had the chance to look.
LOOK_BACK_ROWS = 60
WAITING = (Status.NEXT_CYCLE, Status.NEW, Status.CHANGE_REQUESTED)
DayPart, Timing = AppointmentRequest.DayPart, AppointmentRequest.Timing


@dataclass(frozen=True)
class Freed:
    """One time that is free again; `had_by` are requests that had it and let it go."""

    slot: Slot
    service: Service
    office: Office | None
    had_by: frozenset[int]


def freed(*, now: datetime) -> list[Freed]:
    """The times that came free and still are, soonest first."""
    found: dict[tuple[datetime, int, int | None], Freed] = {}
    for row, service, request_id in _let_go(now=now):
        key = (row.starts_at, row.physician_id, row.office_id)
        before = found[key].had_by if key in found else frozenset()
        slot = Slot(row.starts_at, row.ends_at, row.physician_id, row.office_id)
        found[key] = Freed(slot, service, row.office, before | {request_id})
    return list(islice(_still_free(sorted(found.values(), key=lambda one: one.slot), now=now), MOST_TIMES))


def fitting(one: Freed) -> list[AppointmentRequest]:
    """Open requests whose days and office contain it, in fair order: who waits for her next cycle, or came in vain, is
    first, then who loses her chance first."""
    local = timezone.localtime(one.slot.starts_at, availability.zone())
    part = DayPart.MORNING if local.time() < time(12) else DayPart.AFTERNOON
    days = RequestedDay.objects.filter(request=OuterRef("pk"))
    fits = Exists(days.filter(day=local.date())) | (Q(timing=Timing.ANY) & ~Exists(days))
    rows = AppointmentRequest.objects.filter(
        fits,
        Q(office=one.slot.office_id) | Q(office__isnull=True),
        status__in=WAITING,
        service=one.service,
        daypart__in=(DayPart.ANY, part),
    ).exclude(pk__in=one.had_by)
    first = Case(When(status=Status.NEXT_CYCLE, then=Value(0)), default=Value(1), output_field=IntegerField())
    order = AppointmentRequest.objects.who_loses_first().query.order_by
    return list(rows.select_related("contact_number").order_by(first, *order)[:MOST_PATIENTS])


def freed_by(request: AppointmentRequest, *, now: datetime) -> bool:
    """Whether this request had a time ahead that it let go: somebody else may be glad of it."""
    visits = request.visits.filter(ended_at__isnull=False, starts_at__gt=now)
    return visits.exists()


def _let_go(*, now: datetime) -> Iterable[tuple[Visit | OfferedTime, Service, int]]:
    visits = Visit.objects.filter(ended_at__isnull=False, starts_at__gt=now).order_by("-ended_at")
    for visit in visits.select_related("office", "service")[:LOOK_BACK_ROWS]:
        yield visit, visit.service, visit.request_id
    times = OfferedTime.objects.filter(offer__ended_at__isnull=False, held_time__isnull=True, starts_at__gt=now)
    for offered in times.select_related("office", "offer__service").order_by("-offer__ended_at")[:LOOK_BACK_ROWS]:
        yield offered, offered.offer.service, offered.offer.request_id


def _still_free(times: Iterable[Freed], *, now: datetime) -> Iterator[Freed]:
    """Asked once for each visit type, office and day, and for no more of them than somebody wants to see."""
    known: dict[tuple[int, int | None, date], set[tuple[datetime, int]]] = {}
    for one in times:
        day = local_day(one.slot.starts_at)
        key = (one.service.pk, one.slot.office_id, day)
        if key not in known:
            free = availability.free_slots(service=one.service, office=one.office, day=day, now=now, for_staff=True)
            known[key] = {(slot.starts_at, slot.physician_id) for slot in free}
        if (one.slot.starts_at, one.slot.physician_id) in known[key]:
            yield one
