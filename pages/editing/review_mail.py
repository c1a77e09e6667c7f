"""Mails staff the list of what is due for a check, at most once a week. Must not make the list
(review_list.py does)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pages.editing import review_list
from pages.models import ReviewMail

# A run that comes a little early in the next week still counts as the next week's.
EVERY = timedelta(days=7) - timedelta(hours=6)


def send(*, now: datetime) -> int | None:
    """The number of things on the list that was mailed; None when nothing was sent. The row and the mail stand or fall
    together: a mail that cannot be sent leaves no row, so that the next run tries again."""
    today = timezone.localdate(now)
    things = review_list.due(today=today)
    if not things or not settings.STAFF_EMAIL or ReviewMail.objects.filter(sent_at__gt=now - EVERY).exists():
        return None
    lines = [
        _("These pages and questions are due for a check:"),
        "",
        *(f"- {item.name} ({item.what}): {_who(item)}\n  {settings.SITE_URL}{item.admin_url}" for item in things),
        "",
        _("The whole list: %(url)s") % {"url": settings.SITE_URL + reverse("admin:pages_reviews")},
    ]
    with transaction.atomic():
        try:
            with transaction.atomic():
                week = today - timedelta(days=today.weekday())
                ReviewMail.objects.create(week=week, sent_at=now, things=len(things))
        except IntegrityError:
            return None  # another run of this week was faster
        subject = _("Website: %(count)d things to check") % {"count": len(things)}
        EmailMessage(subject, "\n".join(lines), to=settings.STAFF_EMAIL).send()
    return len(things)


def _who(item: review_list.Due) -> str:
    said = review_list.words(item)
    return f"{said}, {item.owner}" if item.owner else said
