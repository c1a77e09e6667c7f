"""Reminders: from the visit as it stands when they are sent, once, at a decent hour, never too many."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine

from booking import actors, clockwork, lifecycle, reminders
from booking.messaging import outbox, reminder_times
from booking.models import OutgoingMessage, Visit
from tests import factories
from tests.factories import at

pytestmark = pytest.mark.usefixtures("clinic", "now")
# The visit of factories.a_visit: Wednesday, December 16, 10 am; the first antibiotic day is the 14th.
EVE_OF_PLAN, EVE = "2026-12-13", "2026-12-15"


def rows(kind: str = "") -> list[OutgoingMessage]:
    wanted = (kind,) if kind else reminder_times.REMINDERS
    return list(OutgoingMessage.objects.filter(kind__in=wanted).order_by("pk"))


def kinds() -> list[tuple[str, str, str]]:
    return [(row.kind, row.occasion, row.state) for row in rows()]


def attempt(row: OutgoingMessage, now: datetime) -> OutgoingMessage:
    with time_machine.travel(now, tick=False):
        outbox.attempt(row.pk, now=now)
    row.refresh_from_db()
    return row


def move(visit: Visit, starts_at: datetime, now: datetime) -> Visit:
    request = visit.request
    request.refresh_from_db()
    return factories.a_visit(request, starts_at=starts_at, now=now)


class TestWhen:
    @pytest.mark.parametrize(
        ("clock", "due"),
        [
            (at("2026-12-12", "10:00"), []),
            (at(EVE_OF_PLAN, "09:59"), []),
            (at(EVE_OF_PLAN, "10:00"), ["plan_begins"]),
            (at(EVE_OF_PLAN, "20:59"), ["plan_begins"]),
            (at(EVE, "09:59"), []),
            (at(EVE, "10:00"), ["day_before"]),
        ],
    )
    def test_the_plan_and_the_day_before_are_told_at_ten(self, clock: datetime, due: list[str]) -> None:
        factories.a_visit()
        reminders.queue_due(now=clock)
        assert [row.kind for row in rows() if row.state == "queued"] == due

    def test_the_same_morning_is_told_for_visits_after_noon_alone(self) -> None:
        factories.a_visit(starts_at=at("2026-12-16", "12:00"))
        factories.a_visit(
            factories.a_request(phone_e164="+12135550135", phone_typed="213 555 0135"),
            starts_at=at("2026-12-16", "11:45") - timedelta(minutes=90),
        )
        reminders.queue_due(now=at("2026-12-16", "08:00"))
        assert [row.kind for row in rows("same_morning")] == ["same_morning"]

    def test_a_visit_without_preparation_has_no_plan(self) -> None:
        request = factories.a_request(service=factories.a_service("video"), office=None)
        factories.a_visit(request, starts_at=at("2026-12-16", "17:00"))
        for clock in (at(EVE_OF_PLAN, "10:00"), at(EVE, "10:00"), at("2026-12-16", "08:00")):
            reminders.queue_due(now=clock)
        assert [row.kind for row in rows()] == ["day_before", "same_morning"]

    @pytest.mark.parametrize("day", ["2027-03-14", "2026-11-01", "2027-11-07"])
    def test_ten_in_the_morning_is_ten_on_the_wall_on_the_days_the_clocks_change(self, day: str) -> None:
        start = at(day, "10:00") + timedelta(days=1)
        visit = Visit(starts_at=start, facts={}, confirmed_at=start - timedelta(days=9))
        found = reminder_times.window("day_before", visit)
        assert found is not None
        assert (found.opens, found.closes) == (at(day, "10:00"), at(day, "21:00"))

    def test_a_time_that_was_set_a_moment_ago_is_not_repeated_at_once(self) -> None:
        factories.a_visit(starts_at=at("2026-12-08", "15:00"), now=at("2026-12-07", "12:00"))
        reminders.queue_due(now=at("2026-12-07", "12:30"))
        assert rows("day_before") == []
        reminders.queue_due(now=at("2026-12-07", "13:00"))
        assert len(rows("day_before")) == 1


class TestOnce:
    def test_asking_again_or_from_another_worker_queues_nothing_more(self) -> None:
        factories.a_visit()
        assert reminders.queue_due(now=at(EVE, "10:00")) == 2  # the plan's came too late and is recorded
        for minutes in range(3):
            assert reminders.queue_due(now=at(EVE, "10:00") + timedelta(minutes=minutes)) == 0

    def test_the_clock_queues_them_and_the_worker_sends_them(
        self, simulator: object, deliver_all: Callable[[], int]
    ) -> None:
        factories.a_visit()
        deliver_all()
        with time_machine.travel(at(EVE_OF_PLAN, "10:00"), tick=False):
            clockwork.tick(now=at(EVE_OF_PLAN, "10:00"))
            deliver_all()
        assert kinds() == [("plan_begins", "v1", "sent")]
        assert simulator.messages[-1].body.startswith(
            "CVI: Tomorrow you start to get ready for your visit on Wed Dec 16. Steps: http"
        )

    def test_an_email_stands_in_without_consent_and_without_both_nothing_is_queued(self) -> None:
        asked = {"sms_consent": False, "contact": "phone", "voicemail": True}
        factories.a_visit(factories.a_request(**asked, email="maria@mail.example"))
        reminders.queue_due(now=at(EVE, "10:00"))
        assert {row.channel for row in rows()} == {"email"}
        other = {"phone_e164": "+12135550135", "phone_typed": "213 555 0135"}
        factories.a_visit(factories.a_request(**asked, **other), starts_at=at("2026-12-18", "10:00"))
        assert reminders.queue_due(now=at("2026-12-17", "10:00")) == 0


class TestOldVisits:
    def test_nothing_is_queued_for_a_cancelled_visit(self) -> None:
        visit = factories.a_visit()
        lifecycle.cancel(request=visit.request, by=actors.PATIENT, now=factories.NOW)
        assert reminders.queue_due(now=at(EVE, "10:00")) == 0

    def test_a_move_takes_back_what_waits_for_the_old_time(self) -> None:
        visit = factories.a_visit()
        reminders.queue_due(now=at(EVE, "10:00"))
        move(visit, at("2026-12-21", "10:00"), at(EVE, "10:00"))
        assert [row.state for row in rows("day_before")] == ["cancelled"]

    def test_a_row_that_slipped_through_is_stopped_inside_the_claim(self, simulator: object) -> None:
        visit = factories.a_visit()
        reminders.queue_due(now=at(EVE, "10:00"))
        Visit.objects.filter(pk=visit.pk).update(ended_at=at(EVE, "10:00"))
        row = attempt(rows("day_before")[0], at(EVE, "10:01"))
        assert (row.state, row.reason) == ("cancelled", "visit_changed")
        assert simulator.messages == []

    def test_the_new_time_is_reminded_of_from_the_new_visit(self) -> None:
        visit = factories.a_visit()
        move(visit, at("2026-12-21", "10:00"), at("2026-12-10", "10:00"))
        reminders.queue_due(now=at(EVE, "10:00"))
        assert rows("day_before") == []
        reminders.queue_due(now=at("2026-12-20", "10:00"))
        assert [(row.kind, row.occasion) for row in rows("day_before")] == [("day_before", "v2")]


class TestTooLate:
    def test_a_clock_that_was_silent_records_what_it_missed(self) -> None:
        factories.a_visit()
        reminders.queue_due(now=at("2026-12-16", "08:00"))
        assert {(row.kind, row.state, row.reason) for row in rows()} == {
            ("day_before", "cancelled", "too_late"),
            ("plan_begins", "cancelled", "too_late"),
        }

    def test_a_reminder_that_hung_in_the_queue_is_dropped_when_its_use_is_over(self, simulator: object) -> None:
        factories.a_visit()
        reminders.queue_due(now=at(EVE, "20:59"))
        row = attempt(rows("day_before")[0], at(EVE, "21:00"))
        assert row.state == "held"
        row = attempt(row, at("2026-12-16", "08:00"))
        assert (row.state, row.reason) == ("cancelled", "too_late")
        assert simulator.messages == []

    def test_the_provider_drops_it_when_its_use_is_over(self, simulator: object, monkeypatch: object) -> None:
        factories.a_visit()
        reminders.queue_due(now=at(EVE, "20:30"))
        asked: dict[str, object] = {}
        real = outbox.twilio.send
        monkeypatch.setattr(outbox.twilio, "send", lambda **call: real(**asked.setdefault("call", call)))
        assert attempt(rows("day_before")[0], at(EVE, "20:30")).state == "sent"
        assert asked["call"]["validity"] == timedelta(minutes=30)


class TestCaps:
    def another(self, starts_at: datetime) -> Visit:
        """A second visit of the same number."""
        return factories.a_visit(factories.a_request(), starts_at=starts_at)

    def test_one_a_day_for_a_number_and_the_more_useful_one_wins(self) -> None:
        factories.a_visit()
        self.another(at("2026-12-18", "10:00"))  # its plan begins on the 16th: both are due on the 15th
        reminders.queue_due(now=at(EVE, "10:00"))
        told = {(row.kind, row.state, row.reason) for row in rows() if row.reason != "too_late"}
        assert told == {("day_before", "queued", ""), ("plan_begins", "cancelled", "too_many")}

    def test_three_a_week_for_a_number(self) -> None:
        for day in ("2026-12-09", "2026-12-11", "2026-12-14", "2026-12-15"):
            office = "orange-county" if day.endswith("15") else "los-angeles"
            request = factories.a_request(office=factories.an_office(office))
            factories.a_visit(request, starts_at=at(day, "10:00"))
        for day in ("2026-12-08", "2026-12-10", "2026-12-13", "2026-12-14"):
            reminders.queue_due(now=at(day, "10:00"))
        sent = [row.state for row in rows("day_before")]
        assert sent == ["queued", "queued", "queued", "cancelled"]

    def test_the_day_before_a_moved_visit_is_never_dropped(self) -> None:
        visit = factories.a_visit()
        reminders.queue_due(now=at(EVE, "10:00"))
        OutgoingMessage.objects.filter(kind="day_before").update(state="delivered", finished_at=at(EVE, "10:00"))
        move(visit, at("2026-12-16", "15:00"), at(EVE, "12:00"))
        reminders.queue_due(now=at(EVE, "13:00"))
        assert [(row.occasion, row.state) for row in rows("day_before")] == [("v1", "delivered"), ("v2", "queued")]

    def test_another_number_is_not_counted(self) -> None:
        factories.a_visit()
        other = factories.a_request(phone_e164="+12135550135", phone_typed="213 555 0135")
        factories.a_visit(other, starts_at=at("2026-12-16", "14:00"))
        reminders.queue_due(now=at(EVE, "10:00"))
        assert [row.state for row in rows("day_before")] == ["queued", "queued"]

    def test_other_messages_are_not_counted(self) -> None:
        visit = factories.a_visit(now=at(EVE, "09:00"), starts_at=at("2026-12-18", "10:00"))
        move(visit, at("2026-12-16", "15:00"), at(EVE, "09:05"))
        reminders.queue_due(now=at(EVE, "11:00"))
        assert [row.state for row in rows("day_before")] == ["queued"]


def test_a_tick_over_many_visits_asks_few_questions(
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    factories.a_visit()
    with django_assert_max_num_queries(2):
        reminders.queue_due(now=at("2026-12-10", "10:00"))
