"""Who looked at which request. Every staff screen that shows a request calls this. Must not change anything else."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User

from booking.models import AccessEvent, AppointmentRequest

OPENED, LISTED, EXPORTED, ON_PAPER = "opened", "listed", "exported", "day_sheet"


def opened(*, request: AppointmentRequest, by: User, at: datetime) -> None:
    """Somebody opened one request."""
    AccessEvent.objects.bulk_create([AccessEvent(at=at, user=by, request=request, what=OPENED)])


def exported(*, request_ids: Iterable[int], by: User, at: datetime) -> None:
    """Somebody took out the evidence of a number that these requests share."""
    AccessEvent.objects.bulk_create([AccessEvent(at=at, user=by, request_id=pk, what=EXPORTED) for pk in request_ids])


def listed(*, request_ids: Iterable[int], by: User, at: datetime) -> None:
    """Somebody saw these requests in a list: one row each, in one insert."""
    AccessEvent.objects.bulk_create(
        [AccessEvent(at=at, user=by, request_id=pk, what=LISTED) for pk in dict.fromkeys(request_ids)]
    )


def on_paper(*, request_ids: Iterable[int], by: User, at: datetime) -> None:
    """Somebody made a sheet to print with the names of these requests."""
    AccessEvent.objects.bulk_create([AccessEvent(at=at, user=by, request_id=pk, what=ON_PAPER) for pk in request_ids])
