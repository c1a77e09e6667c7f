"""The way between two offices: in what is offered, in what can be taken, and in a race."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from booking import availability, held_time, lifecycle, travel
from booking.models import HeldTime, TravelTime
from booking.travel import Travel
from tests import factories
from tests.booking.test_held_time import RIVALS, confirm, race
from tests.factories import a_physician, a_service, an_office, at

DAY = "2026-12-16"  # a Wednesday, when the doctor is in Los Angeles


def a_way(minutes=60, one="los-angeles", other="san-diego"):
    """Minutes on the way between two offices."""
    first, second = sorted((an_office(one), an_office(other)), key=lambda office: office.pk)
    return TravelTime.objects.create(first=first, second=second, minutes=minutes)


def starts(*, office, key="hsg", now):
    slots = availability.free_slots(
        service=a_service(key), office=office, day=at(DAY, "12:00").date(), now=now, for_staff=True
    )
    return [slot.starts_at.astimezone(availability.zone()).strftime("%H:%M") for slot in slots]


def take(starts_at, *, office, now, **more):
    return held_time.take(
        kind=HeldTime.Kind.VISIT,
        physician=a_physician(),
        office=office,
        service=a_service("hsg"),
        request=factories.a_request(phone_e164=f"+1213555{starts_at.minute:02d}{office.pk if office else 0:02d}"),
        starts_at=starts_at,
        now=now,
        **more,
    )


def test_the_way_is_the_same_in_both_directions_and_needed_only_between_two_offices():
    way = Travel({(1, 2): 60})
    assert way.between(1, 2) == way.between(2, 1) == timedelta(minutes=60)
    assert way.between(1, 1) == way.between(1, 3) == way.between(1, None) == timedelta(0)
    assert (way.longest(2), way.longest(None)) == (timedelta(minutes=60), timedelta(0))


def test_times_that_the_doctor_could_not_reach_are_not_offered(clinic, now):
    factories.weekly_hours(office=an_office("san-diego"), weekdays=(2,))
    factories.a_visit(starts_at=at(DAY, "12:00"))  # busy until 1 pm
    assert "13:00" in starts(office=an_office("san-diego"), now=now)
    a_way(60)
    offered = starts(office=an_office("san-diego"), now=now)
    assert [clock for clock in offered if "10:00" <= clock <= "14:00"] == ["10:00", "14:00"]
    assert "13:00" in starts(office=an_office("los-angeles"), now=now)


def test_a_visit_by_video_needs_no_way(clinic, now):
    factories.weekly_hours(office=None, weekdays=(2,), starts="12:00", ends="14:00")
    a_way(60)
    factories.a_visit(starts_at=at(DAY, "12:00"))
    assert starts(office=None, key="video", now=now)[0] == "13:00"


@pytest.mark.parametrize(("clock", "is_free"), [("13:45", False), ("14:00", True), ("10:15", False), ("10:00", True)])
def test_two_offices_closer_than_the_way_cannot_both_be_taken(clinic, now, clock, is_free):
    a_way(60)
    take(at(DAY, "12:00"), office=an_office("los-angeles"), now=now)
    if is_free:
        assert take(at(DAY, clock), office=an_office("san-diego"), now=now).lane == 0
    else:
        with pytest.raises(held_time.Taken):
            take(at(DAY, clock), office=an_office("san-diego"), now=now)


def test_the_way_is_kept_across_midnight(clinic, now):
    a_way(180)
    take(at(DAY, "22:30"), office=an_office("los-angeles"), now=now)
    with pytest.raises(held_time.Taken):
        take(at("2026-12-17", "01:00"), office=an_office("san-diego"), now=now)


def test_a_hold_elsewhere_that_ran_out_is_no_hindrance(clinic, now):
    a_way(60)
    held = take(at(DAY, "12:00"), office=an_office("los-angeles"), now=now)
    HeldTime.objects.filter(pk=held.pk).update(kind=HeldTime.Kind.OFFER, expires_at=now)
    take(at(DAY, "13:15"), office=an_office("san-diego"), now=now)
    assert not HeldTime.objects.filter(pk=held.pk).exists()


def test_with_a_reason_staff_ignore_the_way_and_the_reason_is_kept(clinic, now):
    a_way(60)
    take(at(DAY, "12:00"), office=an_office("los-angeles"), now=now)
    held = take(at(DAY, "13:15"), office=an_office("san-diego"), now=now, overbooking_reason="She flies")
    assert (held.lane, held.overbooking_reason) == (0, "She flies")


def test_a_reason_that_was_not_needed_is_not_kept(clinic, now):
    held = take(at(DAY, "12:00"), office=an_office(), now=now, overbooking_reason="Just in case")
    assert (held.lane, held.overbooking_reason) == (0, "")


def test_the_cap_of_a_day_is_passed_with_a_reason_only(clinic, now):
    service = a_service("hsg")
    service.cap_per_day = 1
    service.save()
    take(at(DAY, "09:00"), office=an_office(), now=now)
    with pytest.raises(held_time.Taken):
        take(at(DAY, "11:00"), office=an_office(), now=now)
    assert take(at(DAY, "11:15"), office=an_office(), now=now, overbooking_reason="Twins").overbooking_reason == "Twins"


def test_freeing_one_of_two_overbooked_visits_does_not_reopen_the_time(clinic, now):
    first = take(at(DAY, "12:00"), office=an_office(), now=now)
    second = take(at(DAY, "12:15"), office=an_office(), now=now, overbooking_reason="Twins")
    assert second.lane == 1
    held_time.free(first)
    assert "12:15" not in starts(office=an_office(), now=now)
    with pytest.raises(held_time.Taken):
        take(at(DAY, "12:30"), office=an_office(), now=now)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda one, other: TravelTime(first=other, second=one, minutes=10),
        lambda one, _other: TravelTime(first=one, second=one, minutes=10),
        lambda one, other: TravelTime(first=one, second=other, minutes=0),
        lambda one, other: TravelTime(first=one, second=other, minutes=481),
    ],
)
def test_the_database_refuses_a_way_that_cannot_be(db, wrong):
    one, other = an_office("los-angeles"), an_office("san-diego")
    with pytest.raises(IntegrityError):
        wrong(one, other).save()


@pytest.mark.django_db(transaction=True)
def test_of_rivals_for_two_offices_that_are_too_near_exactly_one_wins(now):
    factories.clinic()
    a_way(60)
    user = factories.a_staff_user()
    offices = [an_office("los-angeles"), an_office("san-diego")]
    requests = [factories.a_request(phone_e164=f"+121355501{n:02d}") for n in range(RIVALS)]
    # The visits never overlap (45 + 15 minutes each): only the way keeps them apart.
    outcomes = race(lambda n: confirm(requests[n], user, at(DAY, ("10:00", "11:15")[n % 2]), offices[n % 2]))
    assert outcomes == ["TimeTaken"] * (RIVALS - 1) + ["won"]


def test_the_loser_is_shown_times_that_the_doctor_can_reach(clinic, now, staff_user):
    factories.weekly_hours(office=an_office("san-diego"), weekdays=(2,))
    a_way(60)
    factories.a_visit(starts_at=at(DAY, "12:00"))
    with pytest.raises(lifecycle.TimeTaken) as lost:
        confirm(factories.a_request(phone_e164="+12135550199"), staff_user, at(DAY, "13:30"), an_office("san-diego"))
    assert lost.value.free[0].starts_at == at(DAY, "14:00")


def test_the_way_is_read_as_it_is_now(db):
    way = a_way(45)
    assert travel.read().between(way.second_id, way.first_id) == timedelta(minutes=45)
