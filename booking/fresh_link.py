"""A new private link: what was sent before opens nothing, and she gets the new one. Must not know to whom the old one
went (booking/contact_details.py corrects that), nor write anew what waits: whoever sends it does
(booking/messaging/outbox.py)."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from booking import links
from booking.actors import Actor
from booking.messaging import outbox
from booking.models import AppointmentRequest, OutgoingMessage
from booking.standing import record, stand_in_line


def give(*, request: AppointmentRequest, by: Actor, now: datetime) -> list[OutgoingMessage]:
    """Make every link so far open nothing, and send her the new one. What goes to her; nothing where no message can.

    It goes by itself also where other messages wait: these may never leave. Raises StaleRequest.
    """
    with transaction.atomic():
        stand_in_line(request)
        # One that waits for the morning would go out beside this one, and say the same.
        outbox.cancel_waiting(request=request, kinds=("link",), now=now)
        rotate(request=request, by=by, now=now)
        return send(request=request, now=now)


def rotate(*, request: AppointmentRequest, by: Actor, now: datetime) -> None:
    """Make every link that was sent so far open nothing, and a new one open the request. Nobody is told."""
    with transaction.atomic():
        AppointmentRequest.objects.filter(pk=request.pk).update(link_version=F("link_version") + 1)
        request.refresh_from_db(fields=["link_version"])
        request.link_hash = links.stored_hash(links.token(request))
        AppointmentRequest.objects.filter(pk=request.pk).update(link_hash=request.link_hash)
        record(request, verb="new_link", by=by, now=now, source=request.status, target=request.status)


def send(*, request: AppointmentRequest, now: datetime) -> list[OutgoingMessage]:
    """The link by itself, while it opens her page."""
    if not opens(request, now=now):
        return []
    return outbox.queue(request=request, kind="link", occasion=f"link{request.link_version}", now=now)


def opens(request: AppointmentRequest, *, now: datetime) -> bool:
    """Whether her page still opens."""
    return links.find(links.token(request), now=now) is not None
