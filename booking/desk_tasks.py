"""Tasks of the front desk as other rooms open them and hand them over. Must not finish one: that is staff's, in the
verbs that they press."""

from datetime import datetime
from typing import Any

from django.db import transaction

from booking.models import AppointmentRequest, DeskTask


def open_task(request: AppointmentRequest, kind: DeskTask.Kind, *, now: datetime, **about: Any) -> None:
    """Have somebody call; one open task of a kind is enough. A `message` or `text` joins it before anybody ends it."""
    with transaction.atomic():
        task = _the_open_one(request, kind, opened_at=now)
        for name, row in about.items():
            getattr(task, f"{name}s").add(row)


def hand_over(ends: AppointmentRequest, *, to: AppointmentRequest) -> None:
    """What is still to do for a request that ends is to do for the one that goes on: since as long, and about the same
    texts and messages. Call it inside a transaction that keeps both requests in line (standing.stand_in_line).

    Two tasks of one kind become one, as old as the older and about both. Each is opened anew instead of being given
    another request: a text that comes in that moment may have opened one of its kind there already.
    """
    for old in ends.tasks.open().select_for_update().order_by("pk"):
        task = _the_open_one(to, DeskTask.Kind(old.kind), opened_at=old.opened_at)
        task.messages.add(*old.messages.all())
        task.texts.add(*old.texts.all())
        if old.opened_at < task.opened_at:
            task.opened_at = old.opened_at
            task.save(update_fields=["opened_at"])
        old.delete()


def _the_open_one(request: AppointmentRequest, kind: DeskTask.Kind, *, opened_at: datetime) -> DeskTask:
    opened = DeskTask.objects.select_for_update()
    return opened.get_or_create(request=request, kind=kind, done_at=None, defaults={"opened_at": opened_at})[0]
