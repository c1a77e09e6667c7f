"""Tasks of the front desk as other rooms open them. Must not finish one: that is staff's, in the verbs they press."""

from datetime import datetime
from typing import Any

from django.db import transaction

from booking.models import AppointmentRequest, DeskTask


def open_task(request: AppointmentRequest, kind: DeskTask.Kind, *, now: datetime, **about: Any) -> None:
    """Have somebody call; one open task of a kind is enough. A `message` or `text` joins it before anybody ends it."""
    with transaction.atomic():
        opened = DeskTask.objects.select_for_update()
        task, _is_new = opened.get_or_create(request=request, kind=kind, done_at=None, defaults={"opened_at": now})
        for name, row in about.items():
            getattr(task, f"{name}s").add(row)
