"""Rivals for one time, on real connections: the database lets one win."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from booking import actors, held_time, lifecycle, standing, submission
from booking.models import AppointmentRequest, HeldGrain, HeldTime, Visit
from tests import factories
from tests.factories import NOW, a_physician, an_office, at

RIVALS = 8


def race(work):
    """Run `work(n)` in RIVALS threads at once; returns the names of what each ended with."""
    barrier = threading.Barrier(RIVALS)
    outcomes = []

    def run(n):
        try:
            barrier.wait(timeout=30)
            work(n)
            outcomes.append("won")
        except (lifecycle.TimeTaken, standing.StaleRequest) as lost:
            outcomes.append(type(lost).__name__)
        except Exception as error:  # whatever it is, the test must see it
            outcomes.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(RIVALS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return sorted(outcomes)


def confirm(request, user, starts_at, office=None):
    return lifecycle.confirm(
        request=request,
        physician=a_physician(),
        office=office or an_office(),
        service=request.service,
        starts_at=starts_at,
        by=actors.staff(user),
        now=NOW,
    )


@pytest.mark.django_db(transaction=True)
def test_of_many_rivals_for_one_time_exactly_one_wins(now):
    factories.clinic()
    user = factories.a_staff_user()
    requests = [factories.a_request(phone_e164=f"+121355501{n:02d}") for n in range(RIVALS)]
    outcomes = race(lambda n: confirm(requests[n], user, at("2026-12-16", "10:00")))
    assert outcomes == ["TimeTaken"] * (RIVALS - 1) + ["won"]
    assert Visit.objects.count() == HeldTime.objects.count() == 1
    assert AppointmentRequest.objects.filter(status="confirmed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_overlapping_times_in_different_offices_exactly_one_wins(now):
    factories.clinic()
    user = factories.a_staff_user()
    offices = [an_office("los-angeles"), an_office("san-diego")]
    requests = [factories.a_request(phone_e164=f"+121355501{n:02d}") for n in range(RIVALS)]
    clocks = ("10:00", "10:15", "10:30", "10:45")
    outcomes = race(lambda n: confirm(requests[n], user, at("2026-12-16", clocks[n % 4]), offices[n % 2]))
    assert outcomes == ["TimeTaken"] * (RIVALS - 1) + ["won"]


@pytest.mark.django_db(transaction=True)
def test_one_request_confirmed_by_many_staff_at_once_is_confirmed_once(now):
    factories.clinic()
    user = factories.a_staff_user()
    request = factories.a_request()
    copies = [AppointmentRequest.objects.get(pk=request.pk) for _ in range(RIVALS)]
    outcomes = race(lambda n: confirm(copies[n], user, at("2026-12-16", f"{9 + n % 7}:00".zfill(5))))
    assert outcomes == ["StaleRequest"] * (RIVALS - 1) + ["won"]
    assert Visit.objects.count() == HeldTime.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_many_times_at_once_makes_one_request(now):
    factories.clinic()
    answers = factories.answers()
    evidence = submission.Evidence(page="/request/check/", form_version="1")

    def send(n):
        lifecycle.submit(answers=answers, evidence=evidence, form_id="one", by=actors.PATIENT, now=NOW)

    assert race(send) == ["won"] * RIVALS
    assert AppointmentRequest.objects.count() == 1


def test_the_database_itself_refuses_a_second_visit_on_a_grain(clinic, now):
    factories.a_visit()
    other = HeldTime.objects.create(
        physician=a_physician(),
        kind=HeldTime.Kind.BLOCK,
        starts_at=at("2026-12-16", "10:00"),
        ends_at=at("2026-12-16", "10:15"),
        busy_from=at("2026-12-16", "10:00"),
        busy_to=at("2026-12-16", "10:15"),
    )
    taken = HeldGrain.objects.order_by("grain").first()
    with pytest.raises(IntegrityError), transaction.atomic():
        HeldGrain.objects.create(held_time=other, physician=a_physician(), grain=taken.grain, lane=0)


def test_grains_are_quarters_of_an_hour_since_1970_and_the_end_is_free():
    start = datetime(1970, 1, 1, 1, 0, tzinfo=UTC)
    assert list(held_time.grains(start, datetime(1970, 1, 1, 1, 30, tzinfo=UTC))) == [4, 5]
    assert list(held_time.grains(start, datetime(1970, 1, 1, 1, 31, tzinfo=UTC))) == [4, 5, 6]
