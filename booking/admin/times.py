"""Free times of the doctor to press, on the days a patient chose or on the next open ones. Must not take any."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from urllib.parse import urlencode

from django.utils import timezone

from booking import availability
from booking.admin import rivals, words
from booking.admin.rivals import Rival
from booking.availability import Slot
from booking.models import AppointmentRequest, Service
from pages.models import Office

SHOWN_A_DAY = 8
DAYS_OFFERED = 3


@dataclass(frozen=True)
class Option:
    """One free time. The link only fills the form in; nothing is set by following it."""

    starts_at: datetime
    office_id: int | None
    physician_id: int
    label: str
    place: str  # the office, the doctor, or both, where the day has more than one
    url: str
    is_chosen: bool


@dataclass(frozen=True)
class DayTimes:
    """One day with its free times: the first few, and the others. `office` and `doctor` when all of them have the same;
    no doctor in a clinic of one."""

    label: str
    office: str
    doctor: str
    is_wanted: bool
    options: list[Option]
    more: list[Option]
    rivals: Sequence[Rival] = ()
    more_rivals: int = 0


@dataclass(frozen=True)
class Wish:
    """What to look for: visit type, office, part of the day, and what is in the form already."""

    service: Service
    office: Office | None
    daypart: str
    base_url: str
    doctors: Mapping[int, str]  # names to tell them apart; none in a clinic of one
    chosen: tuple[datetime, int | None, int | None] | None = None  # start, office, doctor


def wanted_days(asked: AppointmentRequest, *, wish: Wish, looked_at: date | None, now: datetime) -> list[date]:
    """Her days that are still ahead, the day staff look at, and without any the next open ones."""
    today = timezone.localtime(now).date()
    days = [row.day for row in asked.days.all() if row.day >= today]
    if looked_at is not None:
        return [looked_at, *(day for day in days if day != looked_at)]
    return days or next_open(wish, but=(), now=now)


def next_open(wish: Wish, *, but: Sequence[date], now: datetime) -> list[date]:
    """The next days on which something is free, without those that are shown already."""
    open_days = availability.open_days(service=wish.service, office=wish.office, now=now)
    return [found.day for found in open_days if found.day not in but][:DAYS_OFFERED]


def on_days(
    asked: AppointmentRequest, days: Sequence[date], *, hers: set[date], wish: Wish, now: datetime
) -> list[DayTimes]:
    """The free times on exactly these days, her part of the day first, and who else wants the day."""
    names = {office.pk: office.name for office in Office.objects.all()}
    wanted_by = rivals.on_days(asked, days=days, office=wish.office)
    found: list[DayTimes] = []
    for day in days:
        slots = availability.free_slots(service=wish.service, office=wish.office, day=day, now=now, for_staff=True)
        offices = {names.get(slot.office_id or 0, "") for slot in slots}
        shown_names = names if len(offices) > 1 else {}
        whose = {wish.doctors.get(slot.physician_id, "") for slot in slots}
        doctors = wish.doctors if len(whose) > 1 else {}
        hers_first = _her_part_first(slots, wish.daypart)
        options = [_option(slot, wish=wish, offices=shown_names, doctors=doctors) for slot in hers_first]
        first = _few(options)
        rest = sorted((option for option in options if option not in first), key=_by_time)
        office, doctor = (same.pop() if len(same) == 1 else "" for same in (offices, whose))
        others, more = wanted_by.get(day, ([], 0))
        soonest = sorted(first, key=_by_time)
        found.append(DayTimes(words.long_day(day), office, doctor, day in hers, soonest, rest, others, more))
    return found


def from_slots(slots: Sequence[Slot], *, wish: Wish) -> list[Option]:
    """Options for the next free times, with their day in the label."""
    names = {office.pk: office.name for office in Office.objects.all()}
    return [
        _option(slot, wish=wish, offices=names, doctors=wish.doctors, label=words.when(slot.starts_at))
        for slot in slots
    ]


def to_fill_in(starts_at: datetime, *, office_id: int | None, physician_id: int) -> str:
    """The end of a screen's address that fills this time in; following it sets nothing."""
    local = timezone.localtime(starts_at)
    query = {"at": local.strftime("%Y-%m-%dT%H:%M"), "office": office_id or "", "doctor": physician_id}
    return f"?{urlencode(query)}#set-time"


def first_of(days: Iterable[DayTimes]) -> Option | None:
    """The time that the form starts with."""
    return next((option for day in days for option in (*day.options, *day.more)), None)


def with_chosen(days: Iterable[DayTimes], chosen: Option) -> list[DayTimes]:
    """The same days with this one marked."""

    def marked(options: list[Option]) -> list[Option]:
        return [replace(option, is_chosen=option == chosen) for option in options]

    return [replace(day, options=marked(day.options), more=marked(day.more)) for day in days]


def _few(options: list[Option]) -> list[Option]:
    """At most SHOWN_A_DAY: half-hours before quarter-hours, because people say “half past”."""
    if len(options) <= SHOWN_A_DAY:
        return options
    round_ones = [option for option in options if option.starts_at.minute % 30 == 0 or option.is_chosen]
    return (round_ones or options)[:SHOWN_A_DAY]


def _by_time(option: Option) -> tuple[datetime, str]:
    return option.starts_at, option.place


def _her_part_first(slots: list[Slot], daypart: str) -> list[Slot]:
    def is_other_part(slot: Slot) -> bool:
        is_morning = timezone.localtime(slot.starts_at).time() < time(12, 0)
        part = AppointmentRequest.DayPart.MORNING if is_morning else AppointmentRequest.DayPart.AFTERNOON
        return daypart not in (AppointmentRequest.DayPart.ANY, part)

    return sorted(slots, key=lambda slot: (is_other_part(slot), slot))


def _option(
    slot: Slot, *, wish: Wish, offices: Mapping[int, str], doctors: Mapping[int, str], label: str = ""
) -> Option:
    place = (offices.get(slot.office_id or 0), doctors.get(slot.physician_id))
    return Option(
        starts_at=slot.starts_at,
        office_id=slot.office_id,
        physician_id=slot.physician_id,
        label=label or words.clock(slot.starts_at),
        place=", ".join(name for name in place if name),
        url=wish.base_url + to_fill_in(slot.starts_at, office_id=slot.office_id, physician_id=slot.physician_id),
        is_chosen=wish.chosen == (slot.starts_at, slot.office_id, slot.physician_id),
    )
