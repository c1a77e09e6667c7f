"""The honest clock: by when the clinic promises to answer. Must not know requests; it turns an instant into another.

Business hours are the clinic's opening hours (pages.OpeningHours without an office); days when the clinic is closed
do not count. While the clinic has not told us its hours there is no promise, and pages leave the sentence out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import formats, timezone, translation
from django.utils.translation import pgettext

from pages import facts, opening
from pages.models import ClinicClosure, OpeningHours

LONGEST_LOOK_AHEAD = 60  # days; a clinic that is closed longer has other worries


@dataclass(frozen=True)
class BusinessHours:
    """When the clinic closes on each weekday (Monday is 0), and the first and last day of each closure."""

    closing: Mapping[int, time] = field(default_factory=dict)
    closed: Sequence[tuple[date, date]] = ()

    def is_open(self, day: date) -> bool:
        """Whether it is a business day."""
        return day.weekday() in self.closing and not any(first <= day <= last for first, last in self.closed)

    def days_after(self, day: date) -> Iterator[date]:
        """The business days after this one, as far as anybody looks."""
        ahead = (day + timedelta(days=offset) for offset in range(1, LONGEST_LOOK_AHEAD))
        return (later for later in ahead if self.is_open(later))

    def closes_after(self, day: date, *, business_days: int) -> datetime | None:
        """The end of business on the n-th business day after `day`, in UTC; None while hours are unknown."""
        later = next(islice(self.days_after(day), max(business_days - 1, 0), None), None)
        if later is None:
            return None
        end = self.closing[later.weekday()]
        return datetime.combine(later, end, tzinfo=ZoneInfo(settings.TIME_ZONE)).astimezone(UTC)

    def or_weekdays(self, *, until: time) -> "BusinessHours":
        """For clocks that run although the clinic has not told its hours: Monday to Friday then."""
        return self if self.closing else BusinessHours(dict.fromkeys(range(5), until), self.closed)


def due_at(
    *, received_at: datetime, known: facts.Facts | None = None, hours: BusinessHours | None = None
) -> datetime | None:
    """The end of business on the promised day, in UTC, or None while hours are unknown.

    The promised day is the n-th business day after the local day of arrival, n being the fact
    `response_business_days`: what arrives on Monday, at whatever hour, is answered by Tuesday's close.
    """
    days = (known or facts.current()).number("response_business_days")
    if days is None:
        return None
    day = received_at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    return (hours or business_hours(first=day)).closes_after(day, business_days=days)


def business_hours(*, first: date) -> BusinessHours:
    """The clinic's hours, and its closures from `first` on."""
    closing = last_closing(OpeningHours.objects.filter(office__isnull=True).values_list("weekday", "closes"))
    last = first + timedelta(days=LONGEST_LOOK_AHEAD)
    closures = ClinicClosure.objects.filter(last_day__gte=first, first_day__lte=last)
    return BusinessHours(closing, list(closures.values_list("first_day", "last_day")))


def last_closing(intervals: Iterable[tuple[int, time]]) -> dict[int, time]:
    """When the clinic closes on each weekday, from the weekday and end of each interval in which it is open."""
    closing: dict[int, time] = {}
    for weekday, closes in intervals:
        closing[weekday] = max(closes, closing.get(weekday, time.min))
    return closing


def after_open_hours(start: datetime, *, hours: int) -> datetime | None:
    """The instant, in UTC, at which the clinic has been open for this many hours since `start`; it lies within its
    opening hours, at the latest at their end. None while hours are unknown."""
    opening_hours = list(OpeningHours.objects.filter(office__isnull=True).order_by("opens"))
    zone = ZoneInfo(settings.TIME_ZONE)
    first = start.astimezone(zone).date()
    known = business_hours(first=first)
    left = timedelta(hours=hours)
    for offset in range(LONGEST_LOOK_AHEAD if opening_hours else 0):
        day = first + timedelta(days=offset)
        for interval in opening_hours:
            if interval.weekday != day.weekday() or not known.is_open(day):
                continue
            opens = max(start, datetime.combine(day, interval.opens, tzinfo=zone).astimezone(UTC))
            closes = datetime.combine(day, interval.closes, tzinfo=zone).astimezone(UTC)
            if closes - opens >= left:
                return opens + left
            left -= max(timedelta(0), closes - opens)
            start = max(start, closes)  # hours that overlap count once
    return None


def words(due: datetime, language: str) -> str:
    """“Tuesday, December 8, 5 pm” in the clinic's zone and the given language."""
    local = timezone.localtime(due, ZoneInfo(settings.TIME_ZONE))
    with translation.override(language):
        day = formats.date_format(local, pgettext("date format", "l, F j"))
    return f"{day}, {opening.clock(local.time(), language)}"
