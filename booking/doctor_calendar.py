"""A doctor's own calendar: that somebody looked at it, the feed from which its busy times are read, and the secret link
under which the doctor reads ours. Must not decide what patients see (booking/availability.py does).

A feed that cannot be read changes nothing but its mark: the busy times of the last good reading stay, and the front
page and /readyz call it stale.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from booking import feed_fetching, feed_process, feed_reading, links, timetable
from booking.feed_fetching import FeedProblem
from booking.models import CalendarBusy, DoctorCalendar
from pages.models import Physician

logger = logging.getLogger("booking.doctor_calendar")

READ_EVERY = timedelta(minutes=10)
# Longer than any visit type's horizon, and a little of what is past: a visit may be moved to this morning.
BEHIND, AHEAD = timedelta(days=1), timedelta(days=400)


def confirm(*, physician: Physician, by: Any, now: datetime) -> None:
    """Somebody looked at the doctor's calendar and it is right. `by` None: made-up data for trying out."""
    calendar, _created = DoctorCalendar.objects.get_or_create(physician=physician)
    DoctorCalendar.objects.filter(pk=calendar.pk).update(confirmed_at=now, confirmed_by=by)


def set_feed(*, calendar: DoctorCalendar, url: str, now: datetime) -> None:
    """Read busy times from here from now on. What an old feed said is forgotten. Raises FeedProblem."""
    host = feed_fetching.checked(url)
    _replace_feed(calendar, url=url, host=host, set_at=now)


def end_feed(*, calendar: DoctorCalendar) -> None:
    """Read no feed any more, and forget what it said."""
    _replace_feed(calendar, url="", host="", set_at=None)


def _replace_feed(calendar: DoctorCalendar, *, url: str, host: str, set_at: datetime | None) -> None:
    calendar.feed_url, calendar.feed_host, calendar.feed_set_at = url, host, set_at
    calendar.feed_tried_at, calendar.feed_good_at, calendar.feed_problem = None, None, ""
    with transaction.atomic():
        names = ("feed_url", "feed_host", "feed_set_at", "feed_tried_at", "feed_good_at", "feed_problem")
        calendar.save(update_fields=names)
        CalendarBusy.objects.filter(physician=calendar.physician_id).delete()


def read_next(*, now: datetime) -> bool:
    """By the clock: read the feed that waits longest, if one is due. One at a time, so that a slow service holds up the
    clock for ten seconds and not for ten feeds. Whether one was due."""
    due = DoctorCalendar.objects.exclude(feed_host="").filter(
        Q(feed_tried_at__isnull=True) | Q(feed_tried_at__lte=now - READ_EVERY)
    )
    calendar = due.order_by(F("feed_tried_at").asc(nulls_first=True), "pk").first()
    if calendar is None:
        return False
    # Two workers at once: one of them moves the mark.
    mine = DoctorCalendar.objects.filter(pk=calendar.pk, feed_tried_at=calendar.feed_tried_at)
    if mine.update(feed_tried_at=now):
        read(calendar=calendar, now=now)
    return True


def read(*, calendar: DoctorCalendar, now: datetime) -> None:
    """Fetch the feed and keep when it says busy; if that fails, keep what was known and why it failed."""
    try:
        body = feed_fetching.fetch(calendar.feed_url)
        spans = feed_process.busy(
            body, start=now - BEHIND, end=now + AHEAD, zone=timetable.zone(), own_host=settings.SITE_HOST
        )
    except FeedProblem as problem:
        _failed(calendar, problem.problem)
    except feed_reading.NotACalendar:
        _failed(calendar, DoctorCalendar.Problem.NOT_A_CALENDAR)
    else:
        _store(calendar, spans, now=now)


def _failed(calendar: DoctorCalendar, problem: DoctorCalendar.Problem) -> None:
    logger.warning("The feed of a doctor's calendar cannot be read: %s", problem.value)
    DoctorCalendar.objects.filter(pk=calendar.pk, feed_set_at=calendar.feed_set_at).update(feed_problem=problem.value)


def _store(calendar: DoctorCalendar, spans: list[feed_reading.Span], *, now: datetime) -> None:
    with transaction.atomic():
        same = DoctorCalendar.objects.filter(pk=calendar.pk, feed_set_at=calendar.feed_set_at)
        if not same.update(feed_good_at=now, feed_problem=""):
            return  # another address was entered while this one was read
        rows = CalendarBusy.objects.filter(physician=calendar.physician_id)
        if list(rows.order_by("starts_at").values_list("starts_at", "ends_at")) == spans:
            return
        rows.delete()
        CalendarBusy.objects.bulk_create(
            CalendarBusy(physician_id=calendar.physician_id, starts_at=begin, ends_at=end) for begin, end in spans
        )


def new_link(*, calendar: DoctorCalendar) -> None:
    """Make the secret link of the doctor, or a new one: the old one opens nothing from now on."""
    with transaction.atomic():
        DoctorCalendar.objects.filter(pk=calendar.pk).update(
            link_version=F("link_version") + 1, link_hash=f"being made {calendar.pk}"
        )
        calendar.refresh_from_db(fields=["link_version"])
        calendar.link_hash = links.stored_hash(links.calendar_token(calendar))
        DoctorCalendar.objects.filter(pk=calendar.pk).update(link_hash=calendar.link_hash)
