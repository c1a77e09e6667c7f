"""When each reminder of a visit is worth sending. Must not read the database: a visit in, a window out."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from booking import prep_plan
from booking.messaging import quiet_hours
from booking.models import Visit

# In the order of use: where only one may go, the first one does.
DAY_BEFORE, SAME_MORNING, PLAN_BEGINS = "day_before", "same_morning", "plan_begins"
REMINDERS = (DAY_BEFORE, SAME_MORNING, PLAN_BEGINS)

MID_MORNING = time(10)  # people are up, and there is a working day left to call
NOON = time(12)
# Who reads it later than this before the visit is on the way already.
LAST_CALL = timedelta(hours=2)
# The text that set the time says the same: a reminder on its heels would be noise.
AFTER_SETTING = timedelta(hours=1)


@dataclass(frozen=True)
class Window:
    """From when a reminder is due, and from when it is of no use."""

    opens: datetime
    closes: datetime


def window(kind: str, visit: Visit) -> Window | None:
    """The window of this reminder for this visit; None where it has none."""
    here = quiet_hours.local(visit.starts_at)
    found = None
    if kind == DAY_BEFORE:
        found = _day_of(here.date() - timedelta(days=1))
    elif kind == SAME_MORNING and here.time() >= NOON:
        found = Window(quiet_hours.at(here.date(), quiet_hours.OPENS), visit.starts_at - LAST_CALL)
    elif kind == PLAN_BEGINS and (first := prep_plan.first_medicine_day(visit)) is not None:
        found = _day_of(first - timedelta(days=1))
    if found is None:
        return None
    opens = max(found.opens, visit.confirmed_at + AFTER_SETTING)
    return Window(opens, found.closes) if opens < found.closes else None


def _day_of(day: date) -> Window:
    """From mid-morning to the evening: the words say “tomorrow”, so they must not arrive a day later."""
    return Window(quiet_hours.at(day, MID_MORNING), quiet_hours.at(day, quiet_hours.CLOSES))
