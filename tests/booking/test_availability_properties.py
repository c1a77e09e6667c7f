"""Whatever the hours, closures, held times, ways and clocks: what is offered is exactly what is free.

The oracle below asks each quarter of an hour by itself, in the words of the specification; availability jumps.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from booking import availability, held_time, timetable
from booking.models import HeldTime, Service, TravelTime
from booking.timetable import Busy, ClosedSpan, Hours, Timetable
from booking.travel import Travel
from pages.models import Office
from tests import factories
from tests.factories import LA, NOW, at

SERVICE = 7
GRAIN = timedelta(minutes=15)
# A plain day, both days of the clock change, and a leap day.
DAYS = [date(2026, 12, 16), date(2027, 3, 14), date(2027, 11, 7), date(2028, 2, 29)]
HORIZON = 3

# Mostly one doctor, two offices and daytime, so that things meet; now and then something else.
places = st.sampled_from([11, 11, 11, 12, 12, 13, None])
doctors = st.sampled_from([1, 1, 1, 2])
minutes_of_day = st.integers(6 * 12, 20 * 12).map(lambda five: five * 5)


def clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


@st.composite
def hours(draw: Any, day: date, *, on_date: bool) -> Hours:
    starts = draw(st.one_of(st.integers(0, 20).map(lambda five: five * 5), minutes_of_day))
    ends = min(starts + draw(st.integers(4, 120)) * 5, 24 * 60 - 5)
    their_day = day + timedelta(days=draw(st.sampled_from([0, 0, 0, 0, 1, -1])))
    is_away = on_date and draw(st.integers(0, 3)) == 0
    first = draw(st.sampled_from([None, None, day, day - timedelta(days=3), day + timedelta(days=1)]))
    last = draw(st.sampled_from([None, None, day, day + timedelta(days=3), day - timedelta(days=1)]))
    return Hours(
        physician_id=draw(doctors),
        office_id=draw(places),
        is_open=draw(st.integers(0, 5)) > 0,
        weekday=None if on_date else their_day.weekday(),
        first_day=their_day if on_date else first,
        last_day=their_day if on_date else last,
        starts=None if is_away else clock(starts),
        ends=None if is_away else clock(ends),
    )


@st.composite
def closures(draw: Any, day: date) -> ClosedSpan:
    return ClosedSpan(
        physician_id=draw(st.sampled_from([None, 1, 2])),
        office_id=draw(st.sampled_from([None, 11, 12])),
        service_id=draw(st.sampled_from([None, SERVICE, SERVICE + 1])),
        first_day=draw(st.sampled_from([None, day, day + timedelta(days=1)])),
        last_day=draw(st.sampled_from([None, day, day + timedelta(days=1)])),
    )


@st.composite
def taken(draw: Any, day: date) -> tuple[int, Busy]:
    start = timetable.day_bounds(day)[0] + timedelta(minutes=draw(st.one_of(minutes_of_day, st.integers(-600, 2000))))
    end = start + timedelta(minutes=draw(st.integers(1, 240)))
    is_held = draw(st.integers(0, 3)) > 0
    visit_type = draw(st.sampled_from([None, SERVICE])) if is_held else None
    # Only what is held for a patient has a visit type; one patient may hold up to three times.
    request = draw(st.integers(1, 4)) if visit_type else None
    place, begins = (draw(places), start) if is_held else (None, None)
    return draw(doctors), Busy(start, end, place, visit_type, begins, request)


def usual(day: date) -> Hours:
    """A working day of the first doctor at the first office, so that there is something to offer."""
    return Hours(1, 11, True, day.weekday(), None, None, time(8), time(18))


World = tuple[Timetable, Service, Office | None, date, datetime]


@st.composite
def worlds(draw: Any) -> World:
    day = draw(st.sampled_from(DAYS))
    busy: dict[int, list[Busy]] = {}
    for doctor, span in draw(st.lists(taken(day), max_size=5)):
        busy.setdefault(doctor, []).append(span)
    ways = {pair: draw(st.sampled_from([0, 30, 75, 180])) for pair in ((11, 12), (11, 13), (12, 13))}
    known = Timetable(
        weekly=[usual(day), *draw(st.lists(hours(day, on_date=False), max_size=4))],
        overrides=draw(st.sampled_from([[], [], [], [draw(hours(day, on_date=True)), draw(hours(day, on_date=True))]])),
        closures=draw(st.sampled_from([[], [], [], [draw(closures(day))]])),
        busy=busy,
        travel=Travel(ways),
    )
    service = Service(
        pk=SERVICE,
        setting=draw(st.sampled_from(["office", "office", "office", "video"])),
        minutes=draw(st.sampled_from([15, 20, 30, 45, 60, 90])),
        buffer_before=draw(st.sampled_from([0, 0, 5, 15, 30])),
        buffer_after=draw(st.sampled_from([0, 0, 10, 15, 45])),
        cap_per_day=draw(st.sampled_from([None, None, None, 1, 2])),
    )
    office = draw(st.sampled_from([None, None, *(Office(pk=pk) for pk in (11, 11, 12, 13))]))
    now = timetable.day_bounds(day)[0] + timedelta(minutes=draw(st.sampled_from([-3000, -60, 0, 600, 601, 1000])))
    return known, service, office, day, now


def hours_of(known: Timetable, day: date) -> Iterator[Hours]:
    """Hours on this date beat the weekly ones of the same doctor."""
    special = [row for row in known.overrides if row.first_day == day]
    yield from special
    for row in known.weekly:
        is_valid = (row.first_day or day) <= day <= (row.last_day or day)
        if row.weekday == day.weekday() and is_valid and row.physician_id not in {s.physician_id for s in special}:
            yield row


def wanted(world: World) -> set[tuple[datetime, int, int | None]]:
    """The oracle: every quarter of an hour, asked by itself."""
    known, service, office, day, now = world
    found = set()
    for row in hours_of(known, day):
        if row.starts is None or row.ends is None:
            continue
        if service.setting == "video":
            is_here = row.office_id is None
        else:
            is_here = row.office_id == office.pk if office else row.office_id is not None and row.is_open
        closed = any(
            closure.physician_id in (None, row.physician_id)
            and closure.office_id in (None, row.office_id)
            and closure.service_id in (None, service.pk)
            and (closure.first_day or day) <= day <= (closure.last_day or day)
            for closure in known.closures
        )
        spans = known.busy.get(row.physician_id, [])
        of_that_day = [s for s in spans if s.starts_at and s.starts_at.astimezone(LA).date() == day]
        same = {s.request_id for s in of_that_day if s.service_id == service.pk}
        if not is_here or closed or (service.cap_per_day is not None and len(same) >= service.cap_per_day):
            continue
        opens = datetime.combine(day, row.starts, tzinfo=LA).astimezone(UTC)
        closes = datetime.combine(day, row.ends, tzinfo=LA).astimezone(UTC)
        start = datetime(2026, 1, 1, tzinfo=UTC) + (opens - datetime(2026, 1, 1, tzinfo=UTC)) // GRAIN * GRAIN
        while start <= closes:
            end = start + timedelta(minutes=service.minutes)
            begin, stop = availability.busy_span(service=service, starts_at=start, ends_at=end)
            ways = [(s, known.travel.between(row.office_id, s.office_id)) for s in spans]
            is_taken = any(s.busy_from - way < stop and s.busy_to + way > begin for s, way in ways)
            if opens <= start and end <= closes and start > now and not is_taken:
                found.add((start, row.physician_id, row.office_id))
            start += GRAIN
    return found


def test_the_worlds_are_neither_empty_nor_untouched() -> None:
    """Without this the properties could hold because nothing ever meets."""
    free, blocked = [], []

    @settings(max_examples=200, deadline=None, database=None, phases=[Phase.generate], derandomize=True)
    @given(worlds())
    def look(world: World) -> None:
        found = wanted(world)
        free.append(bool(found))
        blocked.append(found != wanted((replace(world[0], busy={}), *world[1:])))

    look()
    assert sum(free) > 50
    assert sum(blocked) > 10


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_what_is_offered_is_exactly_what_is_free(world: Any) -> None:
    known, service, office, day, now = world
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timetable, "read", lambda **_span: known)
        slots = availability.free_slots(service=service, office=office, day=day, now=now, for_staff=True)
    assert {(slot.starts_at, slot.physician_id, slot.office_id) for slot in slots} == wanted(world)
    assert all(slot.ends_at - slot.starts_at == timedelta(minutes=service.minutes) for slot in slots)


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_a_day_is_open_exactly_when_it_has_a_free_time_in_that_part(world: Any) -> None:
    known, service, office, _day, now = world
    service.notice_hours, service.horizon_days = 0, HORIZON
    known.known_until = dict.fromkeys((1, 2), now)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timetable, "read", lambda **_span: known)
        days = availability.open_days(service=service, office=office, now=now)
        today = now.astimezone(LA).date()
        each = [today + timedelta(days=n) for n in range(HORIZON + 1)]
        slots = {d: availability.free_slots(service=service, office=office, day=d, now=now) for d in each}
    walls = {d: {slot.starts_at.astimezone(LA).hour < 12 for slot in found} for d, found in slots.items() if found}
    assert {d.day: {part for part, has in ((True, d.morning), (False, d.afternoon)) if has} for d in days} == walls


class WhatIsOfferedCanBeTaken(TestCase):
    """Availability asks and held_time decides, in two places: they must not disagree."""

    @settings(max_examples=20, deadline=None)
    @given(
        st.lists(st.tuples(st.integers(0, 31), st.sampled_from(["los-angeles", "san-diego"])), min_size=1, max_size=5),
        st.integers(0, 120),
    )
    def test_a_time_can_be_taken_exactly_when_it_is_offered(self, wishes: list[tuple[int, str]], minutes: int) -> None:
        """One wish after the other, each asked first and then taken."""
        service = factories.a_service("hsg")
        for slug in ("los-angeles", "san-diego"):
            factories.weekly_hours(office=factories.an_office(slug), weekdays=(2,))
        one, other = sorted((factories.an_office("los-angeles"), factories.an_office("san-diego")), key=lambda o: o.pk)
        if minutes:
            TravelTime.objects.create(first=one, second=other, minutes=minutes)
        day = date(2026, 12, 16)
        for quarter, slug in wishes:
            starts_at = at(day, "09:00") + quarter * GRAIN
            office = factories.an_office(slug)
            slots = availability.free_slots(service=service, office=office, day=day, now=NOW, for_staff=True)
            is_offered = starts_at in {slot.starts_at for slot in slots}
            try:
                held_time.take(
                    kind=HeldTime.Kind.VISIT,
                    physician=factories.a_physician(),
                    office=office,
                    service=service,
                    request=None,
                    starts_at=starts_at,
                    now=NOW,
                )
                was_taken = True
            except held_time.Taken:
                was_taken = False
            fits = starts_at + timedelta(minutes=service.minutes) <= at(day, "17:00")
            assert was_taken == is_offered or not fits
