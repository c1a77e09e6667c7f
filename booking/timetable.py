"""Everything that decides which times are free in a span of days, read in one query. Must not decide it
(booking/availability.py does) nor change a row.

Nine tables in one UNION: a page of the request then costs one question instead of nine, whatever the number of offices.
Each branch names its columns by their meaning here; what it does not have is NULL of the right type.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Cast

from booking.models import (
    FEED_IS_FRESH,
    CalendarBusy,
    Closure,
    DateOverride,
    DoctorCalendar,
    HeldTime,
    TravelTime,
    WeeklyHours,
)
from booking.promise import LONGEST_LOOK_AHEAD, BusinessHours, last_closing
from booking.travel import Travel
from pages.models import ClinicClosure, OpeningHours

# A visit that begins the day before may reach into the span, and so may the way from it.
AROUND = timedelta(days=1)
DAY_SECONDS = 24 * 60 * 60
COLUMNS: dict[str, models.Field[Any, Any]] = {
    "doctor": models.IntegerField(),
    "place": models.IntegerField(),
    "visit_type": models.IntegerField(),
    "number": models.IntegerField(),
    "day_1": models.DateField(),
    "day_2": models.DateField(),
    "clock_1": models.TimeField(),
    "clock_2": models.TimeField(),
    "at_1": models.DateTimeField(),
    "at_2": models.DateTimeField(),
    "at_3": models.DateTimeField(),
}


@dataclass(frozen=True)
class Hours:
    """One interval of the doctor on a weekday or, as an override, on a date; `starts` None: not there that date."""

    physician_id: int
    office_id: int | None
    is_open: bool
    weekday: int | None
    first_day: date | None
    last_day: date | None
    starts: time | None
    ends: time | None


@dataclass(frozen=True)
class ClosedSpan:
    """One closure; empty fields count for all."""

    physician_id: int | None
    office_id: int | None
    service_id: int | None
    first_day: date | None
    last_day: date | None
    key: str = ""  # which row says so


@dataclass(frozen=True)
class Busy:
    """A span in which the doctor is taken: held time with its buffers, or what the own calendar says (no office)."""

    busy_from: datetime
    busy_to: datetime
    office_id: int | None
    service_id: int | None
    starts_at: datetime | None  # of held time
    request_id: int | None = None


@dataclass
class Timetable:
    """What was read."""

    weekly: list[Hours] = field(default_factory=list)
    overrides: list[Hours] = field(default_factory=list)
    closures: list[ClosedSpan] = field(default_factory=list)
    busy: dict[int, list[Busy]] = field(default_factory=dict)
    travel: Travel = field(default_factory=Travel)
    hours: BusinessHours = field(default_factory=BusinessHours)
    known_until: dict[int, datetime] = field(default_factory=dict)  # by doctor
    _by_day: dict[tuple[int, int], list[Busy]] = field(default_factory=dict)  # busy again, by doctor and day in UTC

    def __post_init__(self) -> None:
        """Sort what is taken into days: each of hundreds of intervals then looks at a handful of spans, not at all."""
        for physician_id, spans in self.busy.items():
            for span in spans:
                for day in range(_utc_day(span.busy_from), _utc_day(span.busy_to) + 1):
                    self._by_day.setdefault((physician_id, day), []).append(span)

    def busy_near(self, physician_id: int, *, begin: int, end: int) -> set[Busy]:
        """What takes this doctor's time between two moments (in seconds since 1970), and a little more."""
        days = range(begin // DAY_SECONDS, end // DAY_SECONDS + 1)
        return {span for day in days for span in self._by_day.get((physician_id, day), ())}

    def intervals(self, *, first: date, last: date) -> Iterator[tuple[date, Hours]]:
        """The doctors' hours on each day, closed or not: hours on one date replace the weekly ones of that date, at
        every office, because being elsewhere that day means not being here."""
        on_date: dict[date | None, list[Hours]] = {}
        for hours in self.overrides:
            on_date.setdefault(hours.first_day, []).append(hours)
        on_weekday: dict[int | None, list[Hours]] = {}
        for hours in self.weekly:
            on_weekday.setdefault(hours.weekday, []).append(hours)
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            special, usual = on_date.get(day, []), on_weekday.get(day.weekday(), [])
            replaced = {hours.physician_id for hours in special}
            for hours in (*special, *(hours for hours in usual if hours.physician_id not in replaced)):
                if hours.starts is not None and (hours.first_day or day) <= day <= (hours.last_day or day):
                    yield day, hours

    def is_calendar_known(self, physician_id: int, *, now: datetime) -> bool:
        """Whether somebody looked at the doctor's calendar in time, or its feed is fresh."""
        return now <= self.known_until.get(physician_id, datetime.min.replace(tzinfo=UTC))


def read(*, first: date, last: date, now: datetime) -> Timetable:
    """The timetable of these local days."""
    rows = _rows(first=first, last=last, now=now)
    of = {kind: [row for row in rows if row["what"] == kind] for kind in {row["what"] for row in rows}}
    closed = [(row["day_1"], row["day_2"]) for row in of.get("holiday", ())]
    hours = BusinessHours(last_closing((row["number"], row["clock_2"]) for row in of.get("opening", ())), closed)
    busy: dict[int, list[Busy]] = {}
    for row in (*of.get("held", ()), *of.get("calendar", ())):
        span = Busy(row["at_1"], row["at_2"], row["place"], row["visit_type"], row["at_3"], row["number"])
        busy.setdefault(row["doctor"], []).append(span)
    return Timetable(
        weekly=[_hours(row) for row in of.get("weekly", ())],
        overrides=[_hours(row) for row in of.get("override", ())],
        closures=[_closed(row) for row in (*of.get("closure", ()), *of.get("holiday", ()))],
        busy=busy,
        travel=Travel({(row["doctor"], row["place"]): row["number"] for row in of.get("travel", ())}),
        hours=hours,
        known_until={
            row["doctor"]: known_until(
                confirm_within=row["number"], confirmed_at=row["at_1"], feed_good_at=row["at_2"], hours=hours
            )
            for row in of.get("looked_at", ())
        },
    )


def read_rules(*, first: date, last: date) -> Timetable:
    """What staff have entered about these local days, and nothing of what is taken in them."""
    parts = [*_rules(first=first, last=last), _holidays(from_day=first)]
    rows: list[dict[str, Any]] = list(parts[0].union(*parts[1:], all=True))
    return Timetable(
        weekly=[_hours(row) for row in rows if row["what"] == "weekly"],
        overrides=[_hours(row) for row in rows if row["what"] == "override"],
        closures=[_closed(row) for row in rows if row["what"] in ("closure", "holiday")],
    )


def _rows(*, first: date, last: date, now: datetime) -> list[dict[str, Any]]:
    start, end = day_bounds(first)[0] - AROUND, day_bounds(last)[1] + AROUND
    looked_back = min(first, local_day(now)) - timedelta(days=LONGEST_LOOK_AHEAD)
    parts = [
        *_rules(first=first, last=last),
        _branch(
            "held",
            HeldTime.objects.between(start, end).in_force(now=now),
            {"doctor": "physician", "place": "office", "visit_type": "service"}
            | {"at_1": "busy_from", "at_2": "busy_to", "at_3": "starts_at", "number": "request"},
        ),
        _branch(
            "calendar",
            CalendarBusy.objects.filter(starts_at__lt=end, ends_at__gt=start),
            {"doctor": "physician", "at_1": "starts_at", "at_2": "ends_at"},
        ),
        _branch("travel", TravelTime.objects.all(), {"doctor": "first", "place": "second", "number": "minutes"}),
        _branch(
            "looked_at",
            DoctorCalendar.objects.all(),
            {"doctor": "physician", "number": "confirm_within", "at_1": "confirmed_at", "at_2": "feed_good_at"},
        ),
        _branch("opening", OpeningHours.objects.filter(office=None), {"number": "weekday", "clock_2": "closes"}),
        _holidays(from_day=looked_back),
    ]
    return list(parts[0].union(*parts[1:], all=True))


def _rules(*, first: date, last: date) -> list[QuerySet[Any, Any]]:
    """What staff have entered about these days: weekly hours, hours on one date, closures."""
    open_now = models.Case(models.When(Q(office=None) | Q(office__is_open_for_requests=True), then=1), default=0)
    hours = {"doctor": "physician", "place": "office", "visit_type": "is_open", "clock_1": "starts", "clock_2": "ends"}
    weekly = WeeklyHours.objects.filter(
        Q(valid_from__lte=last) | Q(valid_from__isnull=True), Q(valid_to__gte=first) | Q(valid_to__isnull=True)
    )
    closures = Closure.objects.filter(
        Q(first_day__lte=last) | Q(first_day__isnull=True), Q(last_day__gte=first) | Q(last_day__isnull=True)
    )
    return [
        _branch(
            "weekly",
            weekly.annotate(is_open=open_now),
            {**hours, "number": "weekday", "day_1": "valid_from", "day_2": "valid_to"},
        ),
        _branch(
            "override",
            DateOverride.objects.filter(day__range=(first, last)).annotate(is_open=open_now),
            {**hours, "day_1": "day", "day_2": "day"},
        ),
        _branch(
            "closure",
            closures,
            {"doctor": "physician", "place": "office", "visit_type": "service"}
            | {"day_1": "first_day", "day_2": "last_day", "number": "pk"},
        ),
    ]


def _holidays(*, from_day: date) -> QuerySet[Any, Any]:
    # A plain queryset: the translated one would add columns of its own.
    rows: QuerySet[Any, Any] = QuerySet(ClinicClosure).filter(last_day__gte=from_day)
    return _branch("holiday", rows, {"day_1": "first_day", "day_2": "last_day", "number": "pk"})


def _branch(kind: str, rows: QuerySet[Any], meaning: dict[str, str]) -> QuerySet[Any, Any]:
    """One branch of the UNION, every column of it in its place and with its type."""
    columns = {
        name: F(meaning[name]) if name in meaning else Cast(Value(None), output_field=column)
        for name, column in COLUMNS.items()
    }
    said: QuerySet[Any, Any] = rows.order_by().values(what=Value(kind, output_field=models.CharField()), **columns)
    return said


def _closed(row: dict[str, Any]) -> ClosedSpan:
    key = f"{row['what']}:{row['number']}"
    return ClosedSpan(row["doctor"], row["place"], row["visit_type"], row["day_1"], row["day_2"], key)


def _hours(row: dict[str, Any]) -> Hours:
    return Hours(
        physician_id=row["doctor"],
        office_id=row["place"],
        is_open=bool(row["visit_type"]),
        weekday=row["number"],
        first_day=row["day_1"],
        last_day=row["day_2"],
        starts=row["clock_1"],
        ends=row["clock_2"],
    )


def known_until(
    *, confirm_within: int, confirmed_at: datetime | None, feed_good_at: datetime | None, hours: BusinessHours
) -> datetime:
    """Until when a doctor's calendar counts as known; long past when it never did. Looked at on Monday, for one
    business day: until Tuesday's close. A feed that is fresh was looked at by the worker."""
    if confirm_within == 0:
        return datetime.max.replace(tzinfo=UTC)
    known = [datetime.min.replace(tzinfo=UTC)]
    if feed_good_at is not None:
        known.append(feed_good_at + FEED_IS_FRESH)
    if confirmed_at is not None:
        # While the clinic has not told its hours: to the end of the day.
        usual = hours.or_weekdays(until=time.max)
        closes = usual.closes_after(local_day(confirmed_at), business_days=confirm_within)
        known.append(closes or confirmed_at)
    return max(known)


def _utc_day(instant: datetime) -> int:
    return int(instant.timestamp()) // DAY_SECONDS


def zone() -> ZoneInfo:
    """The clinic's zone, in which hours are meant."""
    return ZoneInfo(settings.TIME_ZONE)


def local_day(instant: datetime) -> date:
    """The clinic's date at this instant."""
    return instant.astimezone(zone()).date()


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The local day as a half-open interval in UTC: 23 or 25 hours when the clocks change."""
    start = datetime.combine(day, time.min, tzinfo=zone())
    end = datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone())
    return start.astimezone(UTC), end.astimezone(UTC)
