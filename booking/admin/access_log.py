"""Who looked at which request. Every staff screen that shows a request calls this. Must not change anything else."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User

from booking.models import AccessEvent, AppointmentRequest

OPENED, LISTED, EXPORTED, ON_PAPER = "opened", "listed", "exported", "day_sheet"


def opened(*, request: AppointmentRequest, by: User, at: datetime) -> None:
    """Somebody opened one request."""
    _write(OPENED, [request.pk], by=by, at=at)


def exported(*, request_ids: Iterable[int], by: User, at: datetime) -> None:
    """Somebody took out the evidence of a number that these requests share."""
    _write(EXPORTED, request_ids, by=by, at=at)


def listed(*, request_ids: Iterable[int], by: User, at: datetime) -> None:
    """Somebody saw these requests in a list."""
    _write(LISTED, request_ids, by=by, at=at)


def on_paper(*, request_ids: Iterable[int], by: User, at: datetime) -> None:
    """Somebody made a sheet to print with the names of these requests."""
    _write(ON_PAPER, request_ids, by=by, at=at)


def _write(what: str, request_ids: Iterable[int], *, by: User, at: datetime) -> None:
    """One row for each request, in one insert."""
    once = dict.fromkeys(request_ids)
    AccessEvent.objects.bulk_create([AccessEvent(at=at, user=by, request_id=pk, what=what) for pk in once])
