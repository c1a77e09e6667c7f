"""Stops a channel whose set-up the provider refuses, and tells staff once. Must not touch a message: the outbox asks
here before each try.

One row for each channel, whatever the number of messages that wait. When the pause is over one message is tried, by a
conditional UPDATE that one worker wins; the others go when it was taken.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django_tasks import task

from booking.messaging.twilio_codes import class_of_code
from booking.models import SendingPause

logger = logging.getLogger("booking.pause")

PAUSE = timedelta(minutes=10)
# A refusal so soon after the last one is the same incident: staff know of it.
SAME_INCIDENT = timedelta(hours=6)


def may_try(channel: str, *, now: datetime) -> bool:
    """Whether a message may be tried on this channel now; after a pause only the first who asks may."""
    running = SendingPause.objects.filter(channel=channel, ended_at__isnull=True)
    until = running.values_list("paused_until", flat=True).first()
    if until is None:
        return True
    return until <= now and running.filter(paused_until=until).update(paused_until=now + PAUSE) == 1


def paused_channels(*, now: datetime) -> list[str]:
    """Channels on which nothing is tried now."""
    running = SendingPause.objects.filter(ended_at__isnull=True, paused_until__gt=now)
    return list(running.values_list("channel", flat=True))


def running() -> list[SendingPause]:
    """Pauses that nobody has repaired yet, for the banner and /readyz."""
    return list(SendingPause.objects.filter(ended_at__isnull=True).order_by("began_at"))


def begin(*, channel: str, code: int, by_report: bool, now: datetime) -> None:
    """The set-up was refused: stop the channel for a while, and tell staff if this is a new incident."""
    columns = {"code": code, "paused_until": now + PAUSE, "ends_by_delivery": by_report, "ended_at": None}
    with transaction.atomic():
        row, is_new = SendingPause.objects.get_or_create(channel=channel, defaults={**columns, "began_at": now})
        if not is_new:
            mine = SendingPause.objects.filter(pk=row.pk)
            is_new = mine.filter(ended_at__lt=now - SAME_INCIDENT).update(**columns, began_at=now) == 1
            if not is_new:
                mine.update(**columns)
        if is_new:
            tell_staff.enqueue(channel, code)


def end(*, channel: str, sent_after: datetime, was_delivered: bool, now: datetime) -> None:
    """A message went through. One that was sent before the refusal proves nothing."""
    proven = Q() if was_delivered else Q(ends_by_delivery=False)
    SendingPause.objects.filter(proven, channel=channel, ended_at__isnull=True, began_at__lte=sent_after).update(
        ended_at=now
    )


@task()
def tell_staff(channel: str, code: int) -> None:
    """One email for each incident; it names a channel and a code and nobody."""
    if not settings.STAFF_EMAIL:
        return
    kind = str(dict(SendingPause._meta.get_field("channel").flatchoices).get(channel, channel))
    reason = str(class_of_code(code).reason)
    EmailMessage(
        subject=_("Messages to patients are paused (%(kind)s)") % {"kind": kind},
        body=_(
            "%(reason)s\n\nCode: %(code)s. Messages wait and are not lost; one is tried every 10 minutes. "
            "Until then, call patients who have to know something today.\n\n%(link)s"
        )
        % {"reason": reason, "code": code, "link": f"{settings.SITE_URL}/admin/"},
        to=settings.STAFF_EMAIL,
    ).send()
