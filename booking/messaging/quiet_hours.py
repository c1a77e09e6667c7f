"""At which hours texts may go out, on the clinic's wall clock. Must not read the database or know a message's words.

Texts that the patient did not ask for at this moment go out from 8 am to 9 pm: the hours of 47 CFR 64.1200(c)(1),
read in the clinic's zone, where its patients live. They are constants and not facts, because the law sets them and not
the clinic. An answer to what the patient herself has just done goes at once, at any hour. When the clinic cancels a
visit of the same day, the text may go from 6 am: it is better to be woken than to drive.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

OPENS = time(8)
CLOSES = time(21)
OPENS_FOR_CANCELLED_TODAY = time(6)
ANSWERS = frozenset({"received", "days_link", "link_again", "help"})
# After that a text is no answer any more: she may be asleep.
ANSWER_IS_FRESH = timedelta(minutes=30)


def held_until(
    *, kind: str, asked_at: datetime, now: datetime, cancelled_visit_at: datetime | None = None
) -> datetime | None:
    """When a text of this kind may go, or None for now. `asked_at`: when the patient did what it answers.
    `cancelled_visit_at`: start of the visit that the clinic has cancelled."""
    if kind in ANSWERS and now - asked_at <= ANSWER_IS_FRESH:
        return None
    here = local(now)
    opens = OPENS
    if cancelled_visit_at is not None and local(cancelled_visit_at).date() == here.date():
        opens = OPENS_FOR_CANCELLED_TODAY
    if here.time() < opens:
        return at(here.date(), opens)
    if here.time() < CLOSES:
        return None
    tomorrow = here.date() + timedelta(days=1)
    is_for_tomorrow = cancelled_visit_at is not None and local(cancelled_visit_at).date() == tomorrow
    return at(tomorrow, OPENS_FOR_CANCELLED_TODAY if is_for_tomorrow else OPENS)


def at(day: date, clock: time) -> datetime:
    """A wall time of the clinic as an instant. No clock change falls between 6 am and 9 pm."""
    return datetime.combine(day, clock, tzinfo=ZoneInfo(settings.TIME_ZONE))


def local(instant: datetime) -> datetime:
    """The instant on the clinic's wall."""
    return instant.astimezone(ZoneInfo(settings.TIME_ZONE))
