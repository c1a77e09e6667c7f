"""Confirmed is not ready: what has to be done before a visit, by when, and what is overdue. Must not tick anything
(booking/desk_work.py does) nor keep an answer."""

from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef

from booking import desk_clocks
from booking.models import AppointmentRequest, DeskTask, Readiness, Service, Visit
from booking.timetable import local_day

Kind = Readiness.Kind
CALL_BEFORE = timedelta(days=3)
AT_ONCE = 200


def open_list(visit: Visit, *, now: datetime) -> None:
    """Make the list of a visit that was just set. A visit that was moved keeps its ticks and the dates follow it; one
    that was not done, or missed, starts anew: what was sent for it is no longer enough."""
    due, day, today = due_dates(visit, now=now), local_day(visit.starts_at), local_day(now)
    known = {row.kind: row for row in Readiness.objects.filter(request=visit.request_id)}
    Readiness.objects.bulk_create(
        Readiness(request_id=visit.request_id, kind=kind, visit_day=day, due_on=due_on)
        for kind, due_on in due.items()
        if kind not in known
    )
    for kind, row in known.items():
        if row.visit_day < today:
            row.ticked_at = row.ticked_by = None
        elif kind == Kind.ESTIMATE:
            # A clock that runs already is not set back by moving the visit.
            due[kind] = min(row.due_on, due.get(kind, row.due_on))
        row.visit_day, row.due_on = day, due.get(kind, row.due_on)
    Readiness.objects.bulk_update(known.values(), ["visit_day", "due_on", "ticked_at", "ticked_by"])


def due_dates(visit: Visit, *, now: datetime) -> dict[str, date]:
    """What this visit needs and by when, in the order of the list."""
    day, today = local_day(visit.starts_at), local_day(now)
    first_dose = day - timedelta(days=_fact(visit, "antibiotic_start_days_before"))
    filled = first_dose - timedelta(days=_fact(visit, "prescription_fill_days"))
    estimate = desk_clocks.estimate_due_on(set_at=now, visit_day=day) if visit.price_dollars is not None else None
    wanted: dict[str, date | None] = {
        Kind.SAFETY: filled if visit.service.needs_preparation else None,
        Kind.PRESCRIPTION: filled if visit.service.needs_preparation else None,
        Kind.PRICE: day - timedelta(days=1) if visit.price_dollars is not None else None,
        Kind.ESTIMATE: estimate,
        Kind.INTERPRETER: day - timedelta(days=2) if visit.request.interpreter else None,
        Kind.DRIVER: day - timedelta(days=1) if _could_have_sedation(visit) else None,
    }
    return {kind: max(due_on, today) for kind, due_on in wanted.items() if due_on is not None}


def list_prescriptions(*, now: datetime) -> int:
    """Put visits that are three days away without a prescription on the list to call. How many were put there."""
    today = local_day(now)
    near = Readiness.objects.open(Kind.PRESCRIPTION, now=now).filter(
        visit_day__gte=today, visit_day__lte=today + CALL_BEFORE
    )
    task = DeskTask.Kind.PRESCRIPTION
    # One that staff finished by hand is not opened again for the same visit: they know.
    told = DeskTask.objects.filter(kind=task, opened_at__gte=now - CALL_BEFORE - timedelta(days=1))
    opened = 0
    for row in near.exclude(request_id__in=told.values("request_id"))[:AT_ONCE]:
        opened += DeskTask.objects.get_or_create(
            request_id=row.request_id, kind=task, done_at=None, defaults={"opened_at": now}
        )[1]
    # Nobody has to call about a visit that was cancelled, given up or taken away meanwhile, or has begun.
    visits = Visit.objects.ahead(now=now).filter(request=OuterRef("request"))
    DeskTask.objects.open().filter(~Exists(visits), kind=task).delete()
    return opened


def of(request: AppointmentRequest) -> list[Readiness]:
    """The list of a request: what is due first stands first, and of one day in the order of the kinds."""
    order = [kind.value for kind in Kind]
    rows = request.readiness.select_related("ticked_by")
    return sorted(rows, key=lambda row: (row.due_on, order.index(row.kind)))


def _could_have_sedation(visit: Visit) -> bool:
    return visit.service.setting == Service.Setting.OFFICE and visit.service.needs_preparation


def _fact(visit: Visit, key: str) -> int:
    return int((visit.facts or {}).get(key) or 0)
