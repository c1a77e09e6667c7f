"""Offers: held for one patient, for as long as they say, and then honestly over."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from booking import actors, availability, changes, clockwork, held_time, lifecycle, offers, outcomes, standing
from booking.availability import Slot
from booking.models import (
    AppointmentRequest,
    DeskTask,
    HeldGrain,
    HeldTime,
    Offer,
    OfferedTime,
    RequestEvent,
    Status,
    Visit,
)
from pages.models import ClinicClosure, OpeningHours
from tests import factories
from tests.factories import NOW, a_physician, a_service, an_office, at

pytestmark = pytest.mark.usefixtures("clinic", "now")


@pytest.fixture
def desk() -> actors.Actor:
    return actors.staff(factories.a_staff_user())


def slot(day: str, clock: str, office: str = "los-angeles", minutes: int = 45) -> Slot:
    starts = at(day, clock)
    return Slot(starts, starts + timedelta(minutes=minutes), a_physician().pk, an_office(office).pk)


TWO = (("2026-12-16", "10:00"), ("2026-12-18", "14:00"))


def offer(request: AppointmentRequest, desk: actors.Actor, *times: tuple[str, str], now: datetime = NOW) -> Offer:
    return offers.offer(
        request=request,
        service=a_service("hsg"),
        slots=[slot(*time) for time in times or TWO],
        expires_at=offers.runs_out_at(now=now),
        by=desk,
        now=now,
    )


def confirm(request: AppointmentRequest, desk: actors.Actor, when: datetime, **more: Any) -> Visit:
    values = {"physician": a_physician(), "office": an_office(), "service": a_service("hsg"), "by": desk, "now": NOW}
    return lifecycle.confirm(request=request, starts_at=when, **{**values, **more})


def accept(request: AppointmentRequest, position: int = 1, *, number: int = 1, now: datetime = NOW) -> Visit:
    return offers.accept(request=request, number=number, position=position, by=actors.PATIENT, now=now)


def kinds(request: AppointmentRequest) -> list[tuple[str, str]]:
    return list(request.messages.order_by("pk").values_list("kind", "occasion"))


def starts_shown() -> list[datetime]:
    """What is free on December 16 in Los Angeles."""
    day, office = date(2026, 12, 16), an_office()
    found = availability.free_slots(service=a_service("hsg"), office=office, day=day, now=NOW, for_staff=True)
    return [slot.starts_at for slot in found]


def grains_are_whole() -> bool:
    """Every quarter of an hour of every held time is covered by its request, once."""
    for held in HeldTime.objects.all():
        own = HeldGrain.objects.filter(held_time__request=held.request, physician=held.physician, lane=held.lane)
        covered = set(own.values_list("grain", flat=True))
        if not set(held_time.grains(held.busy_from, held.busy_to)) <= covered:
            return False
    return True


class TestSending:
    def test_each_time_is_held_for_her_and_the_promise_is_met(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        made = offer(request, desk)
        assert request.status == Status.OFFERED
        assert request.promise_met_at == NOW
        assert [time.starts_at for time in made.times.all()] == [at(*TWO[0]), at(*TWO[1])]
        assert {(held.kind, held.expires_at) for held in HeldTime.objects.all()} == {("offer", made.expires_at)}
        assert kinds(request)[-1] == ("offered", "o1")
        with pytest.raises(lifecycle.TimeTaken):
            confirm(factories.a_request(), desk, at("2026-12-16", "10:30"))

    def test_the_text_names_the_end_of_the_offer_and_nothing_of_the_visit(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        offer(request, desk)
        body = request.messages.get(kind="offered").body
        assert "We are holding a time for you until Tue Dec 8, 10:30 am." in body
        assert "HSG" not in body

    def test_the_history_says_who_offered(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        offer(request, desk)
        event = request.events.last()
        assert event is not None
        assert (event.verb, event.actor, event.from_status, event.to_status) == ("offer", desk.user, "new", "offered")

    def test_all_times_are_held_or_none(self, desk: actors.Actor) -> None:
        factories.a_visit(starts_at=at(*TWO[1]))
        request = factories.a_request(phone_e164="+12135550135")
        with pytest.raises(lifecycle.TimeTaken) as lost:
            offer(request, desk)
        assert lost.value.free
        assert request.status == Status.NEW
        assert Offer.objects.count() == OfferedTime.objects.count() == 0
        assert request.held_times.count() == 0
        assert kinds(request) == [("received", "once")]

    def test_offered_times_may_overlap_each_other(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        offer(request, desk, ("2026-12-16", "10:00"), ("2026-12-16", "10:30"), ("2026-12-16", "11:00"))
        assert HeldTime.objects.count() == 3
        assert grains_are_whole()
        accept(request, 2)
        assert HeldTime.objects.get().starts_at == at("2026-12-16", "10:30")
        assert HeldGrain.objects.count() == 4
        assert grains_are_whole()

    def test_three_times_of_one_patient_count_as_one_visit_of_the_days_cap(self, desk: actors.Actor) -> None:
        service = a_service("hsg")
        service.cap_per_day = 2
        service.save()
        request = factories.a_request()
        offer(request, desk, ("2026-12-16", "10:00"), ("2026-12-16", "11:00"), ("2026-12-16", "12:00"))
        assert starts_shown()
        confirm(factories.a_request(), desk, at("2026-12-16", "15:00"), service=service)
        assert starts_shown() == []
        with pytest.raises(lifecycle.TimeTaken):
            confirm(factories.a_request(), desk, at("2026-12-16", "16:00"), service=service)

    @pytest.mark.parametrize("status", ["offered", "confirmed", "cancelled", "quarantined"])
    def test_from_other_states_nothing_is_offered(self, desk: actors.Actor, status: str) -> None:
        request = factories.a_request()
        request.status = status
        with pytest.raises(standing.StaleRequest):
            offer(request, desk)
        assert HeldTime.objects.count() == 0

    @pytest.mark.parametrize(
        ("times", "words"),
        [
            ([], "Choose one, two or three times"),
            ([("2026-12-16", f"{hour}:00") for hour in (10, 11, 12, 13)], "Choose one, two or three times"),
            ([TWO[0], TWO[0]], "not the same"),
            ([("2026-12-08", "09:00")], "before the patient has time to answer"),
        ],
    )
    def test_what_makes_no_sense_is_refused_in_words(self, desk: actors.Actor, times: Any, words: str) -> None:
        request = factories.a_request()
        with pytest.raises(offers.OfferRefused, match=words):
            offers.offer(
                request=request,
                service=a_service("hsg"),
                slots=[slot(*time) for time in times],
                expires_at=offers.runs_out_at(now=NOW),
                by=desk,
                now=NOW,
            )
        assert request.status == Status.NEW

    def test_an_end_that_is_too_soon_or_too_late_is_refused(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        for end in (NOW + timedelta(hours=3), NOW + timedelta(days=3)):
            with pytest.raises(offers.OfferRefused):
                offers.offer(
                    request=request, service=a_service(), slots=[slot(*TWO[0])], expires_at=end, by=desk, now=NOW
                )

    def test_a_hold_while_talking_of_hers_does_not_stand_in_the_way(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        held_time.take(
            kind=HeldTime.Kind.TALKING,
            physician=a_physician(),
            office=an_office(),
            service=a_service("hsg"),
            request=request,
            starts_at=at(*TWO[0]),
            now=NOW,
            expires_at=NOW + timedelta(minutes=20),
            made_by=desk.user,
        )
        offer(request, desk)
        assert set(HeldTime.objects.values_list("kind", flat=True)) == {"offer"}


class TestTheEnd:
    """Monday to Friday, 9 am to 5 pm."""

    @pytest.mark.parametrize(
        ("sent", "ends"),
        [
            (("2026-12-07", "10:00"), ("2026-12-08", "10:30")),  # 6.5 hours on Monday, 1.5 on Tuesday
            (("2026-12-07", "16:00"), ("2026-12-08", "16:30")),
            (("2026-12-07", "22:00"), ("2026-12-08", "17:00")),  # told at 8 am
            (("2026-12-11", "13:00"), ("2026-12-14", "13:30")),  # over a weekend
            (("2026-12-12", "11:00"), ("2026-12-14", "17:00")),  # sent on a Saturday
            (("2026-03-06", "15:00"), ("2026-03-09", "15:30")),  # over the night in which an hour is lost
            (("2026-10-30", "15:00"), ("2026-11-02", "15:30")),  # and over the one that is given twice
        ],
    )
    def test_it_counts_eight_opening_hours(self, sent: tuple[str, str], ends: tuple[str, str]) -> None:
        assert offers.runs_out_at(now=at(*sent)) == at(*ends)

    def test_it_ends_at_a_time_that_people_say(self) -> None:
        assert offers.runs_out_at(now=at("2026-12-07", "10:04")) == at("2026-12-08", "10:45")

    def test_days_on_which_the_clinic_is_closed_do_not_count(self) -> None:
        ClinicClosure.objects.create(first_day=date(2026, 12, 8), last_day=date(2026, 12, 9))
        assert offers.runs_out_at(now=NOW) == at("2026-12-10", "10:30")

    def test_a_lunch_break_does_not_count(self) -> None:
        OpeningHours.objects.all().update(closes="12:00")
        for weekday in range(5):
            OpeningHours.objects.create(weekday=weekday, opens="13:00", closes="17:00")
        assert offers.runs_out_at(now=NOW) == at("2026-12-08", "11:30")

    def test_a_time_that_is_near_shortens_it_to_four_hours(self) -> None:
        assert offers.runs_out_at(now=NOW, first=at("2026-12-08", "10:00")) == at("2026-12-07", "14:30")

    def test_without_known_hours_it_lasts_a_day(self) -> None:
        OpeningHours.objects.all().delete()
        assert offers.runs_out_at(now=NOW) == NOW + timedelta(hours=24, minutes=30)

    @pytest.mark.parametrize("hour", range(0, 24 * 8, 5))
    def test_it_always_falls_in_opening_hours_and_leaves_four_of_them(self, hour: int) -> None:
        sent = NOW + timedelta(hours=hour)
        for first in (None, sent):
            end = offers.runs_out_at(now=sent, first=first).astimezone(factories.LA)
            assert end.weekday() < 5
            assert 9 <= end.hour + end.minute / 60 <= 17
            open_minutes = sum(
                local.weekday() < 5 and 9 <= local.hour < 17
                for minute in range(int((end - sent).total_seconds() // 60))
                if (local := (sent + timedelta(minutes=minute)).astimezone(factories.LA))
            )
            assert open_minutes >= 4 * 60


class TestAnswering:
    def test_accepting_confirms_it_and_frees_the_others(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        offer(request, desk)
        visit = accept(request, 2)
        assert (request.status, visit.starts_at) == (Status.CONFIRMED, at(*TWO[1]))
        assert HeldTime.objects.get().kind == "visit"
        assert HeldTime.objects.get().expires_at is None
        assert Offer.objects.get().outcome == Offer.Outcome.ACCEPTED
        assert kinds(request)[-1] == ("confirmed", "v1")
        confirm(factories.a_request(), desk, at(*TWO[0]))  # the other one is free again

    def test_her_time_is_hers_even_if_staff_put_somebody_beside_it(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        offer(request, desk)
        confirm(factories.a_request(), desk, at(*TWO[0]), overbooking_reason="Sisters who come together")
        assert accept(request, 1).starts_at == at(*TWO[0])

    def test_pressing_twice_finds_the_visit_of_the_first_press(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        offer(request, desk)
        stale = AppointmentRequest.objects.get(pk=request.pk)
        first = accept(request)
        assert accept(request) == first
        assert accept(stale) == first
        assert Visit.objects.count() == 1
        assert kinds(request).count(("confirmed", "v1")) == 1

    def test_of_two_times_only_the_first_pressed_counts(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        offer(request, desk)
        accept(request, 1)
        with pytest.raises(standing.StaleRequest):
            accept(request, 2)
        assert Visit.objects.get().starts_at == at(*TWO[0])

    def test_an_accepted_offer_cannot_be_replayed_after_the_visit_moved(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        offer(request, desk)
        accept(request)
        confirm(request, desk, at("2026-12-18", "09:00"))
        with pytest.raises(standing.StaleRequest):
            accept(request)
        assert request.current_visit() is not None

    @pytest.mark.parametrize(("number", "position"), [(2, 1), (1, 3), (0, 0), (99, 1)])
    def test_what_was_never_offered_cannot_be_accepted(self, desk: actors.Actor, number: int, position: int) -> None:
        request = factories.a_request()
        offer(request, desk)
        with pytest.raises(standing.StaleRequest):
            accept(request, position, number=number)

    def test_nobody_accepts_an_offer_made_to_somebody_else(self, desk: actors.Actor) -> None:
        offer(factories.a_request(), desk)
        with pytest.raises(standing.StaleRequest):
            accept(factories.a_request(phone_e164="+12135550135"))

    def test_turning_it_down_starts_a_new_promise_and_frees_the_times(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        offer(request, desk)
        offers.turn_down(request=request, number=1, by=actors.PATIENT, now=NOW + timedelta(hours=2))
        request.refresh_from_db()
        assert (request.status, request.promise_met_at) == (Status.NEW, None)
        assert request.promise_due_at == at("2026-12-08", "17:00")
        assert HeldTime.objects.count() == 0
        assert Offer.objects.get().outcome == Offer.Outcome.TURNED_DOWN

    def test_who_waits_for_the_next_cycle_keeps_her_place(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        outcomes.next_cycle(request=request, by=desk, now=NOW)
        offer(request, desk)
        offers.turn_down(request=request, number=1, by=actors.PATIENT, now=NOW)
        assert request.status == Status.NEXT_CYCLE

    def test_staff_confirm_another_time_instead(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        offer(request, desk)
        confirm(request, desk, at("2026-12-18", "09:00"))
        assert Offer.objects.get().outcome == Offer.Outcome.WITHDRAWN
        assert HeldTime.objects.get().starts_at == at("2026-12-18", "09:00")
        with pytest.raises(standing.StaleRequest):
            accept(request)

    @pytest.mark.parametrize("how", ["cancel", "decline", "withdraw"])
    def test_whatever_ends_it_frees_its_times(self, desk: actors.Actor, how: str) -> None:
        request = factories.a_request()
        offer(request, desk)
        if how == "cancel":
            lifecycle.cancel(request=request, by=actors.PATIENT, now=NOW)
        elif how == "decline":
            lifecycle.decline(request=request, reason="no_time", by=desk, now=NOW)
        else:
            offers.withdraw(request=request, by=desk, now=NOW)
        assert HeldTime.objects.count() == HeldGrain.objects.count() == 0
        assert not Offer.objects.open().exists()
        assert request.messages.filter(kind="offered", state="cancelled").exists() == (how != "decline")

    def test_a_second_offer_is_a_new_number_with_a_text_of_its_own(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        offer(request, desk)
        offers.withdraw(request=request, by=desk, now=NOW)
        second = offer(request, desk, ("2026-12-18", "09:00"))
        assert second.number == 2
        assert kinds(request)[-1] == ("offered", "o2")
        with pytest.raises(standing.StaleRequest):
            accept(request, 1, number=1)
        assert accept(request, 1, number=2).starts_at == at("2026-12-18", "09:00")


class TestRunningOut:
    def late(self, made: Offer) -> datetime:
        return made.expires_at + timedelta(seconds=1)

    def test_staff_get_a_task_and_the_times_are_free(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        made = offer(request, desk)
        assert offers.sweep(now=made.expires_at - timedelta(seconds=1)) == 0
        assert offers.sweep(now=self.late(made)) == 1
        assert offers.sweep(now=self.late(made)) == 0
        request.refresh_from_db()
        assert request.status == Status.NEW
        assert [task.kind for task in request.tasks.all()] == [DeskTask.Kind.OFFER_EXPIRED]
        assert HeldTime.objects.count() == 0
        assert request.promise_due_at == at("2026-12-09", "17:00")
        event = RequestEvent.objects.last()
        assert event is not None
        assert (event.verb, event.actor_kind) == ("offer_expired", "system")

    def test_the_clock_does_it(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        made = offer(request, desk)
        with time_machine.travel(self.late(made), tick=False):
            assert clockwork.tick(now=self.late(made))
        request.refresh_from_db()
        assert request.status == Status.NEW

    def test_before_the_sweep_it_is_over_for_everybody(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        made = offer(request, desk)
        late = self.late(made)
        assert offers.current(request, now=late) is None
        free = availability.free_slots(
            service=a_service("hsg"), office=an_office(), day=date(2026, 12, 16), now=late, for_staff=True
        )
        assert at(*TWO[0]) in [found.starts_at for found in free]
        confirm(factories.a_request(), desk, at(*TWO[0]), now=late)
        with pytest.raises(standing.StaleRequest):
            accept(request, 1, now=late)
        request.refresh_from_db()
        assert request.status == Status.NEW
        assert Offer.objects.get().outcome == Offer.Outcome.EXPIRED

    def test_it_holds_to_the_last_second(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        made = offer(request, desk)
        assert accept(request, now=made.expires_at - timedelta(seconds=1))

    def test_a_new_offer_or_a_set_time_finishes_the_task(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        made = offer(request, desk)
        offers.sweep(now=self.late(made))
        request.refresh_from_db()
        confirm(request, desk, at(*TWO[0]), now=self.late(made))
        assert not request.tasks.open().exists()

    def test_a_text_that_is_still_on_its_way_is_not_sent(
        self, desk: actors.Actor, simulator: Any, deliver_all: Any
    ) -> None:
        request = factories.a_request()
        deliver_all()
        offer(request, desk)
        lifecycle.cancel(request=request, by=actors.PATIENT, now=NOW)
        deliver_all()
        assert len(simulator.messages) == 1


class TestAnotherTime:
    def test_the_old_visit_is_kept_while_another_is_offered(self, desk: actors.Actor) -> None:
        visit = factories.a_visit()
        request = visit.request
        changes.ask(request=request, keep=True, by=actors.PATIENT, now=NOW)
        offer(request, desk, ("2026-12-16", "10:15"), TWO[1])
        assert request.current_visit() == visit
        assert set(HeldTime.objects.values_list("kind", flat=True)) == {"visit", "offer"}
        assert grains_are_whole()
        moved = accept(request, 2)
        assert moved.version == 2
        assert [held.starts_at for held in HeldTime.objects.all()] == [at(*TWO[1])]
        assert kinds(request)[-1] == ("moved", "v2")

    def test_turning_it_down_leaves_her_with_the_old_time(self, desk: actors.Actor) -> None:
        request = factories.a_visit().request
        changes.ask(request=request, keep=True, by=actors.PATIENT, now=NOW)
        offer(request, desk, ("2026-12-16", "10:15"))
        offers.turn_down(request=request, number=1, by=actors.PATIENT, now=NOW)
        assert request.status == Status.CHANGE_REQUESTED
        assert request.current_visit() is not None
        assert HeldTime.objects.get().kind == "visit"
        assert grains_are_whole()

    def test_she_comes_at_the_old_time_while_another_is_offered(self, desk: actors.Actor) -> None:
        request = factories.a_visit(starts_at=at("2026-12-08", "09:00")).request
        changes.ask(request=request, keep=True, by=actors.PATIENT, now=NOW)
        offer(request, desk)
        outcomes.came(request=request, by=desk, now=at("2026-12-08", "10:00"))
        assert request.status == Status.COMPLETED
        assert not Offer.objects.open().exists()
        assert set(HeldTime.objects.values_list("kind", flat=True)) == {"visit"}


class TestTheDatabase:
    def row(self, **fields: Any) -> Offer:
        values = {
            "request": factories.a_request(),
            "number": 1,
            "service": a_service("hsg"),
            "times_offered": 1,
            "goes_back_to": "new",
            "sent_at": NOW,
            "sent_by": factories.a_staff_user(),
            "expires_at": NOW + timedelta(hours=8),
        }
        return Offer.objects.create(**{**values, **fields})

    @pytest.mark.parametrize(
        ("name", "fields"),
        [
            ("offer_of_one_to_three_times", {"times_offered": 0}),
            ("offer_of_one_to_three_times", {"times_offered": 4}),
            ("offer_ends_after_it_was_sent", {"expires_at": NOW}),
            ("offer_ended_at_goes_with_outcome", {"outcome": "expired"}),
            ("offer_ended_at_goes_with_outcome", {"ended_at": NOW}),
            ("offer_goes_back_to_an_open_status", {"goes_back_to": "confirmed"}),
        ],
    )
    def test_an_offer_that_makes_no_sense(self, name: str, fields: dict[str, Any]) -> None:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            self.row(**fields)

    def test_a_second_open_offer_of_one_request(self) -> None:
        first = self.row()
        with pytest.raises(IntegrityError), transaction.atomic():
            self.row(request=first.request, number=2)

    @pytest.mark.parametrize("position", [0, 4])
    def test_a_fourth_time(self, position: int) -> None:
        made = self.row()
        with pytest.raises(IntegrityError, match="offered_time_is_one_of_three"), transaction.atomic():
            OfferedTime.objects.create(
                offer=made,
                position=position,
                physician=a_physician(),
                starts_at=at(*TWO[0]),
                ends_at=at("2026-12-16", "11:00"),
            )
