"""Texts wake nobody: 8 am to 9 pm on the clinic's wall, whatever the clocks do that day."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django_tasks_db.models import DBTaskResult

from booking import actors, lifecycle
from booking.admin import words
from booking.messaging import consent, outbox, quiet_hours
from booking.models import ConsentEvent, OutgoingMessage
from tests import factories
from tests.factories import at

pytestmark = pytest.mark.usefixtures("clinic", "now")
NIGHT, MORNING = at("2026-12-07", "22:00"), at("2026-12-08", "08:00")


def attempt(row: OutgoingMessage, now: datetime) -> OutgoingMessage:
    with time_machine.travel(now, tick=False):
        outbox.attempt(row.pk, now=now)
    row.refresh_from_db()
    return row


def of_kind(kind: str) -> OutgoingMessage:
    return OutgoingMessage.objects.get(kind=kind)


class TestTheHours:
    @pytest.mark.parametrize("day", ["2026-12-07", "2027-03-14", "2026-11-01", "2027-07-04"])
    @pytest.mark.parametrize(
        ("clock", "opens"),
        [("00:00", "08:00"), ("07:59", "08:00"), ("08:00", ""), ("20:59", "")],
    )
    def test_a_text_goes_from_eight_to_nine_in_winter_in_summer_and_on_the_days_between(
        self, day: str, clock: str, opens: str
    ) -> None:
        now = at(day, clock)
        expected = at(day, opens) if opens else None
        assert quiet_hours.held_until(kind="confirmed", asked_at=now, now=now) == expected

    @pytest.mark.parametrize(
        ("day", "next_day"),
        [("2026-12-07", "2026-12-08"), ("2027-03-13", "2027-03-14"), ("2026-10-31", "2026-11-01")],
    )
    def test_from_nine_on_it_waits_for_the_next_morning(self, day: str, next_day: str) -> None:
        now = at(day, "21:00")
        assert quiet_hours.held_until(kind="moved", asked_at=now, now=now) == at(next_day, "08:00")

    @pytest.mark.parametrize("kind", sorted(quiet_hours.ANSWERS))
    def test_an_answer_goes_at_once_at_any_hour_but_not_when_it_is_old(self, kind: str) -> None:
        assert quiet_hours.held_until(kind=kind, asked_at=NIGHT, now=NIGHT) is None
        later = NIGHT + timedelta(minutes=31)
        assert quiet_hours.held_until(kind=kind, asked_at=NIGHT, now=later) == MORNING

    @pytest.mark.parametrize(
        ("clock", "expected"),
        [("05:59", at("2026-12-08", "06:00")), ("06:00", None), ("07:30", None)],
    )
    def test_a_visit_of_today_may_be_cancelled_from_six(self, clock: str, expected: datetime | None) -> None:
        now, visit = at("2026-12-08", clock), at("2026-12-08", "14:00")
        assert quiet_hours.held_until(kind="cancelled", asked_at=now, now=now, cancelled_visit_at=visit) == expected

    def test_a_visit_of_tomorrow_that_is_cancelled_at_night_is_told_at_six(self) -> None:
        found = quiet_hours.held_until(
            kind="cancelled", asked_at=NIGHT, now=NIGHT, cancelled_visit_at=at("2026-12-08", "09:00")
        )
        assert found == at("2026-12-08", "06:00")

    def test_a_visit_of_another_day_waits_until_eight(self) -> None:
        found = quiet_hours.held_until(
            kind="cancelled", asked_at=NIGHT, now=NIGHT, cancelled_visit_at=at("2026-12-09", "09:00")
        )
        assert found == MORNING


class TestHolding:
    def test_a_time_set_at_night_is_held_and_goes_out_in_the_morning(self, simulator: object) -> None:
        factories.a_visit(now=NIGHT)
        row = of_kind("confirmed")
        assert (row.state, row.reason, row.next_attempt_at) == ("held", "quiet_hours", MORNING)
        assert attempt(row, MORNING - timedelta(seconds=1)).state == "held"
        assert simulator.messages == []
        assert attempt(row, MORNING).state == "sent"
        assert len(simulator.messages) == 1

    def test_staff_read_until_when_it_is_held(self) -> None:
        factories.a_visit(now=NIGHT)
        assert words.delivery_reason(of_kind("confirmed")) == "Held until 8 am."

    def test_a_retry_that_comes_due_at_night_is_held_too(self, simulator: object) -> None:
        evening = at("2026-12-07", "20:59")
        factories.a_visit(now=evening)
        simulator.faults.set(reply="429")
        row = attempt(of_kind("confirmed"), evening)
        assert row.state == "queued"
        simulator.faults.clear()
        assert attempt(row, at("2026-12-07", "21:05")).state == "held"
        assert attempt(row, MORNING).state == "sent"

    def test_her_own_request_is_answered_at_night(self, simulator: object) -> None:
        with time_machine.travel(NIGHT, tick=False):
            factories.a_request(now=NIGHT)
        assert attempt(of_kind("received"), NIGHT).state == "sent"

    def test_a_request_released_at_night_is_answered_in_the_morning(self) -> None:
        request = factories.a_request(quarantine_reason="too_fast")
        lifecycle.release_from_quarantine(request=request, by=actors.staff(factories.a_staff_user()), now=NIGHT)
        assert of_kind("received").state == "held"

    def test_an_email_is_not_held(self) -> None:
        factories.a_visit(factories.a_request(contact="email", email="maria@mail.example"), now=NIGHT)
        assert of_kind("confirmed").state == "queued"

    @pytest.mark.parametrize(("by_clinic", "expected"), [(True, "queued"), (False, "held")])
    def test_only_the_clinics_own_cancelling_goes_from_six(self, by_clinic: bool, expected: str) -> None:
        visit = factories.a_visit(starts_at=at("2026-12-08", "14:00"))
        by = actors.staff(factories.a_staff_user()) if by_clinic else actors.PATIENT
        lifecycle.cancel(request=visit.request, by=by, now=at("2026-12-08", "06:30"))
        assert of_kind("cancelled").state == expected

    def test_a_stop_reaches_what_is_held(self, simulator: object) -> None:
        visit = factories.a_visit(now=NIGHT)
        number = visit.request.contact_number
        consent.stop(number=number, source=ConsentEvent.Source.TEXT, now=NIGHT)
        outbox.suppress_waiting(number=number, now=NIGHT)
        assert of_kind("confirmed").state == "suppressed"

    def test_a_move_takes_back_what_is_held_for_the_old_time(self) -> None:
        visit = factories.a_visit(now=NIGHT)
        factories.a_visit(visit.request, starts_at=at("2026-12-18", "10:00"), now=NIGHT)
        assert of_kind("confirmed").state == "cancelled"
        assert of_kind("moved").state == "held"

    def test_a_held_text_whose_wake_up_got_lost_is_swept_up_in_the_morning(self) -> None:
        factories.a_visit(now=NIGHT)
        OutgoingMessage.objects.filter(kind="received").update(state="sent", finished_at=NIGHT)
        DBTaskResult.objects.all().delete()
        assert outbox.sweep(now=MORNING) == 0
        assert outbox.sweep(now=MORNING + outbox.LEASE) == 1
