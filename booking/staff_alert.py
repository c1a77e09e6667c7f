"""Tells the front desk by email that requests came in or became late, and that texts which no request shows lie unread.
Must not say whose or what they say, or change a request.

One email an hour at most, whatever the number of workers: the hour is a row, and a worker claims it before the one
call it makes. What is new is what came after the last email that was sent, so an email that got lost, or a worker that
was killed, is made good by the next one. Nobody is told twice what the mail server took.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.messaging import email, twilio
from booking.models import AppointmentRequest, IncomingText, StaffAlert, Status

logger = logging.getLogger("booking.staff_alert")

LOOK_BACK = timedelta(hours=24)
UNREAD_AFTER = timedelta(hours=1)  # whoever works at the desk has seen the counter by then
TRY_AGAIN_AFTER = timedelta(minutes=5)  # far longer than one call may take


@dataclass(frozen=True)
class News:
    """How many; never who."""

    new: int
    late: int
    waiting: int
    unplaced: int = 0  # numbers, not texts: one sender is one


def tell(*, now: datetime) -> bool:
    """Send the email of this hour, if there is something to tell. Whether it was sent now."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    if not settings.STAFF_EMAIL or StaffAlert.objects.filter(hour=hour, sent_at__isnull=False).exists():
        return False
    news = _news(since=_told_until(now=now), now=now)
    if not news.new and not news.late and not news.unplaced:
        return False
    row, _created = StaffAlert.objects.get_or_create(hour=hour)
    free = Q(tried_at__isnull=True) | Q(tried_at__lte=now - TRY_AGAIN_AFTER)
    mine = StaffAlert.objects.filter(free, pk=row.pk, sent_at__isnull=True, is_unknown=False)
    if not mine.update(tried_at=now):
        return False
    return _send(row, news, now=now)


def _send(row: StaffAlert, news: News, *, now: datetime) -> bool:
    sent = StaffAlert.objects.filter(pk=row.pk)
    try:
        email.hand_over(_letter(row, news))
    except twilio.OutcomeUnknown:
        sent.update(is_unknown=True)
        logger.warning("It is not known whether the email to staff was taken. The next hour tells it again.")
        return False
    except twilio.SendRefused as refused:
        logger.warning("The email to staff was refused (code %s). It is tried again.", refused.code)
        return False
    sent.update(sent_at=now)
    return True


def _told_until(*, now: datetime) -> datetime:
    newest = StaffAlert.objects.filter(sent_at__isnull=False).order_by("-hour").first()
    earliest = now - LOOK_BACK
    return max(newest.sent_at, earliest) if newest is not None and newest.sent_at is not None else earliest


def _news(*, since: datetime, now: datetime) -> News:
    asked = AppointmentRequest.objects
    # What looks automated waits for a person, too: somebody real may have filled it in.
    came = asked.filter(status__in=(Status.NEW, Status.QUARANTINED), created_at__gt=since, created_at__lte=now)
    by_web = came.filter(source=AppointmentRequest.Source.WEB)
    late = asked.late(now=now).filter(promise_due_at__gt=since)
    unread = IncomingText.objects.to_place()
    unread = unread.filter(received_at__gt=since - UNREAD_AFTER, received_at__lte=now - UNREAD_AFTER)
    senders = unread.values("contact_number").distinct().count()
    return News(by_web.count(), late.count(), asked.waiting_for_staff().count(), senders)


def _letter(row: StaffAlert, news: News) -> EmailMessage:
    new = ngettext("%d new request", "%d new requests", news.new) % news.new
    late = ngettext("%d request became late", "%d requests became late", news.late) % news.late
    unplaced = ngettext(
        "%d number wrote a text that we cannot place", "%d numbers wrote texts that we cannot place", news.unplaced
    )
    every = ((new, news.new), (late, news.late), (unplaced % news.unplaced, news.unplaced))
    told = [words for words, number in every if number]
    waiting = ngettext("%d request waits for an answer.", "%d requests wait for an answer.", news.waiting)
    link = settings.SITE_URL + reverse("admin:booking_appointmentrequest_changelist")
    lines = [*(f"{words}." for words in told), waiting % news.waiting, "", _("Open the desk: %s") % link]
    return EmailMessage(
        subject=", ".join(told),
        body="\n".join(lines) + "\n",
        to=settings.STAFF_EMAIL,
        headers=email.automatic_headers(str(row.key), "en"),
    )
