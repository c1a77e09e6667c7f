"""Puts patients on the list to call whose time lies in hours that are gone: a day that was closed, a day off, other
hours of the doctor. Must not end a visit or an offer: a closure cancels nothing by itself, and the doctor may come for
her all the same. Closing a day with its messages is booking/closings.py.

It compares what speaks against each time now with what a person knows of. So it does not matter who took the hours
away, on which page, or whether anybody looked at the warning there; and a time that staff set in spite of a closure,
because the doctor agreed, is not asked about.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from booking import desk_tasks, unusual_time
from booking.models import DeskTask, HeldTime, HeldTimeQuerySet

AT_ONCE = 200
HELD_FOR_HER = (HeldTime.Kind.VISIT, HeldTime.Kind.OFFER)
KIND = DeskTask.Kind.HOURS_GONE


def list_calls(*, now: datetime) -> int:
    """Open a task for each patient whose time something new speaks against, and take back the tasks that nothing speaks
    for any more, because the hours came back or she has another time. How many times are on the list now that were not.
    """
    named = ("physician", "office", "service", "request", "starts_at", "ends_at", "known_against")
    times = list(_ahead(now=now).only(*named).order_by("starts_at", "pk"))
    against = unusual_time.against(times)
    new = [held for held in times if against[held] - unusual_time.known(held)]
    opened = sum(_open(held, against=unusual_time.stored(against[held]), now=now) for held in new[:AT_ONCE])
    for held in times:
        # What is over is forgotten: closed again, the day is news again.
        if against[held] < unusual_time.known(held):
            _know(held, unusual_time.stored(against[held]))
    _take_back(now=now)
    return opened


def _take_back(*, now: datetime) -> None:
    """The tasks of whom nothing is known to speak against any more. Asked anew, with the tasks locked, and not from
    what was read before: a day that is closed meanwhile is known from then on, and nobody would open the task again."""
    with transaction.atomic():
        tasks = DeskTask.objects.open().filter(kind=KIND).select_for_update().order_by("pk")
        locked = [task.pk for task in tasks]
        known = _ahead(now=now).exclude(known_against="").filter(request=OuterRef("request"))
        DeskTask.objects.filter(~Exists(known), pk__in=locked).delete()


def _ahead(*, now: datetime) -> HeldTimeQuerySet:
    """The times that patients have, or may accept."""
    return HeldTime.objects.filter(kind__in=HELD_FOR_HER, starts_at__gt=now, request__isnull=False).in_force(now=now)


def _open(held: HeldTime, *, against: str, now: datetime) -> int:
    """The task and that it was opened are one: of two workers one opens it, and a time that was just freed has none."""
    with transaction.atomic():
        if not _know(held, against) or held.request is None:
            return 0
        desk_tasks.open_task(held.request, KIND, now=now)
    return 1


def _know(held: HeldTime, against: str) -> int:
    return HeldTime.objects.filter(pk=held.pk, known_against=held.known_against).update(known_against=against)
