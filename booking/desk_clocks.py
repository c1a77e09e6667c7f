"""The clocks that the front desk works by besides the promise: when to try a call again, by when a written estimate is
due. Must not know requests; it turns an instant into another. Weekends and closed days count in neither."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from booking.promise import BusinessHours, business_hours
from booking.timetable import local_day, zone

# 45 CFR 149.610(b)(1): a visit set 3 to 9 business days ahead has its estimate within 1 business day, one set 10 or
# more ahead within 3. A nearer visit has none unless the patient asks.
ESTIMATE_FROM, ESTIMATE_FAR = 3, 10
ESTIMATE_WITHIN, ESTIMATE_WITHIN_FAR = 1, 3
# Another part of the day reaches people whom the first one missed.
MORNING_TRY, MIDDAY_TRY, AFTERNOON_TRY = time(10), time(12, 30), time(15, 30)
BEST_TIMES = {"morning": MORNING_TRY, "midday": MIDDAY_TRY, "late_afternoon": AFTERNOON_TRY}


def next_try(*, called_at: datetime, best_time: str = "any") -> datetime:
    """When to call again after a call that reached nobody: at the time she asked for, else in the other half of the
    day; always before the clinic closes and never within the same half-day."""
    local = called_at.astimezone(zone())
    hours = _hours(first=local.date())
    wished = BEST_TIMES.get(best_time)
    this_afternoon = wished or AFTERNOON_TRY
    closes = hours.closing[local.weekday()] if hours.is_open(local.date()) else time.min
    if local.time() < time(12) <= this_afternoon < closes:
        return _wall(local.date(), this_afternoon)
    day = next(hours.days_after(local.date()), local.date() + timedelta(days=1))
    closes = hours.closing.get(day.weekday(), time(17))
    clock = wished or MORNING_TRY
    return _wall(day, clock if clock < closes else time(max(closes.hour - 1, 0)))


def estimate_due_on(*, set_at: datetime, visit_day: date) -> date | None:
    """By which day the written estimate of a visit has to be sent, or None when it is too near to need one.

    Counted in business days after the clinic's own day on which the time was set.
    """
    set_on = local_day(set_at)
    hours = _hours(first=set_on)
    ahead = sum(day <= visit_day for day in hours.days_after(set_on))
    if ahead < ESTIMATE_FROM:
        return None
    within = ESTIMATE_WITHIN if ahead < ESTIMATE_FAR else ESTIMATE_WITHIN_FAR
    return next(islice(hours.days_after(set_on), within - 1, None))


def _hours(*, first: date) -> BusinessHours:
    # While the clinic's hours are unknown the law's clock runs all the same, and calls are made.
    return business_hours(first=first).or_weekdays(until=time(17))


def _wall(day: date, clock: time) -> datetime:
    """Wall time is never added up in seconds, so the days on which the clocks change need no rule of their own."""
    return datetime.combine(day, clock, tzinfo=zone()).astimezone(UTC)
