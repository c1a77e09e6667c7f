"""The honest clock: by when the clinic promises to answer. Must not know requests; it turns an instant into another.

Business hours are the clinic's opening hours (pages.OpeningHours without an office); days when the clinic is closed
do not count. While the clinic has not told us its hours there is no promise, and pages leave the sentence out.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import formats, timezone, translation
from django.utils.translation import pgettext

from pages import facts, opening
from pages.models import ClinicClosure, OpeningHours

LONGEST_LOOK_AHEAD = 60  # days; a clinic that is closed longer has other worries


def due_at(*, received_at: datetime, known: facts.Facts | None = None) -> datetime | None:
    """The end of business on the promised day, in UTC, or None while hours are unknown.

    The promised day is the n-th business day after the local day of arrival, n being the fact
    `response_business_days`: what arrives on Monday, at whatever hour, is answered by Tuesday's close.
    """
    closing = _closing_times()
    days = (known or facts.current()).number("response_business_days")
    if not closing or days is None:
        return None
    zone = ZoneInfo(settings.TIME_ZONE)
    local = received_at.astimezone(zone)
    closed = _closed_days(local.date())
    business_days = 0
    for offset in range(1, LONGEST_LOOK_AHEAD):
        day = local.date() + timedelta(days=offset)
        end = closing.get(day.weekday())
        if end is None or day in closed:
            continue
        business_days += 1
        if business_days >= days:
            return datetime.combine(day, end, tzinfo=zone).astimezone(UTC)
    return None


def words(due: datetime, language: str) -> str:
    """“Tuesday, December 8, 5 pm” in the clinic's zone and the given language."""
    local = timezone.localtime(due, ZoneInfo(settings.TIME_ZONE))
    with translation.override(language):
        day = formats.date_format(local, pgettext("date format", "l, F j"))
    return f"{day}, {opening.clock(local.time(), language)}"


def _closing_times() -> dict[int, time]:
    closing: dict[int, time] = {}
    for hours in OpeningHours.objects.filter(office__isnull=True):
        closing[hours.weekday] = max(hours.closes, closing.get(hours.weekday, time.min))
    return closing


def _closed_days(first: date) -> set[date]:
    last = first + timedelta(days=LONGEST_LOOK_AHEAD)
    closed: set[date] = set()
    for closure in ClinicClosure.objects.filter(last_day__gte=first, first_day__lte=last):
        day = max(first, closure.first_day)
        while day <= min(last, closure.last_day):
            closed.add(day)
            day += timedelta(days=1)
    return closed
