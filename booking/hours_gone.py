"""Puts patients on the list to call whose time lies in hours that are gone: a day that was closed, a day off, other
hours of the doctor. Must not end a visit or an offer: a closure cancels nothing by itself, and the doctor may come for
her all the same. Closing a day with its messages is booking/closings.py.

It compares what speaks against each time now with what a person knows of. So it does not matter who took the hours
away, on which page, or whether anybody looked at the warning there; and a time that staff set in spite of a closure,
because the doctor agreed, is not asked about.
"""

from datetime import datetime

from django.db import transaction

from booking import desk_tasks, unusual_time
from booking.models import DeskTask, HeldTime

AT_ONCE = 200
HELD_FOR_HER = (HeldTime.Kind.VISIT, HeldTime.Kind.OFFER)
KIND = DeskTask.Kind.HOURS_GONE


def list_calls(*, now: datetime) -> int:
    """Open a task for each patient whose time something new speaks against, and take back the tasks that nothing speaks
    for any more, because the hours came back or she has another time. How many times are on the list now that were not.
    """
    ahead = HeldTime.objects.filter(kind__in=HELD_FOR_HER, starts_at__gt=now, request__isnull=False).in_force(now=now)
    named = ("physician", "office", "service", "request", "starts_at", "ends_at", "known_against")
    times = list(ahead.only(*named).order_by("starts_at", "pk"))
    against = unusual_time.against(times)
    new = [held for held in times if against[held] - unusual_time.known(held)]
    opened = sum(_open(held, against=unusual_time.stored(against[held]), now=now) for held in new[:AT_ONCE])
    for held in times:
        # What is over is forgotten: closed again, the day is news again.
        if against[held] < unusual_time.known(held):
            _know(held, unusual_time.stored(against[held]))
    touched = {held.request_id for held in times if against[held]}
    DeskTask.objects.open().filter(kind=KIND).exclude(request__in=touched).delete()
    return opened


def _open(held: HeldTime, *, against: str, now: datetime) -> int:
    """The task and that it was opened are one: of two workers one opens it, and a time that was just freed has none."""
    with transaction.atomic():
        if not _know(held, against) or held.request is None:
            return 0
        desk_tasks.open_task(held.request, KIND, now=now)
    return 1


def _know(held: HeldTime, against: str) -> int:
    return HeldTime.objects.filter(pk=held.pk, known_against=held.known_against).update(known_against=against)
