"""Offering, holding, and another time, on the screen of one request; and the page of freed times."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from booking import actors, changes, lifecycle, offers
from booking.models import AppointmentRequest, DeskTask, HeldTime, Offer, OutgoingMessage, Status
from tests import factories
from tests.booking.admin.desk import a_time, address, member_of, press, read, words
from tests.factories import NOW, at

pytestmark = pytest.mark.usefixtures("now", "clinic")
FREED = "/admin/booking/appointmentrequest/freed/"


@pytest.fixture
def asked(clinic: None, now: datetime) -> AppointmentRequest:
    """A fresh request for two days in Los Angeles, by text."""
    return factories.a_request()


def status_of(asked: AppointmentRequest) -> str:
    return AppointmentRequest.objects.get(pk=asked.pk).status


def ticked(shown: Any) -> dict[str, Any]:
    """What the form of the offer sends when only its button is pressed."""
    times = [tick.value for day in shown.context["tick_days"] for tick in [*day.ticks, *day.more] if tick.is_ticked]
    return {"time": times, "until": shown.context["until"], "seen": shown.context["seen"]}


def offer(client: Client, asked: AppointmentRequest, **more: Any) -> Any:
    shown = client.get(address(asked))
    return client.post(address(asked, "offer"), {**ticked(shown), **more}, follow=True)


class TestOffering:
    def test_one_press_offers_the_first_time_of_each_of_her_days(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        answer = offer(staff_client, asked)
        assert "Offered until Tuesday, December 8, 10:30" in words(answer)
        assert "Wed, Dec 16, 9 a.m." in words(answer)
        assert [time.starts_at.day for time in Offer.objects.get().times.all()] == [16, 18]
        assert status_of(asked) == Status.OFFERED

    def test_the_text_that_was_shown_is_the_text_that_is_sent(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        shown = staff_client.get(address(asked))
        offer(staff_client, asked)
        message = OutgoingMessage.objects.get(kind="offered")
        assert message.body == shown.context["offer_preview"].body

    def test_pressing_twice_offers_once(self, staff_client: Client, asked: AppointmentRequest) -> None:
        data = ticked(staff_client.get(address(asked)))
        staff_client.post(address(asked, "offer"), data)
        second = staff_client.post(address(asked, "offer"), data, follow=True)
        assert "Nothing was changed. This request is “Time offered” now" in words(second)
        assert Offer.objects.count() == 1

    @pytest.mark.parametrize("times", [[], ["x"], ["1:2:3"], ["²:1:1"]])
    def test_no_time_or_a_forged_one_offers_nothing(
        self, staff_client: Client, asked: AppointmentRequest, times: list[str]
    ) -> None:
        answer = offer(staff_client, asked, time=times)
        assert "Choose one, two or three times. Nothing is offered yet." in words(answer)
        assert status_of(asked) == Status.NEW

    def test_a_page_that_was_open_for_long_is_shown_again(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        data = ticked(staff_client.get(address(asked)))
        with time_machine.travel(NOW + timedelta(hours=6), tick=False):
            staff_client.force_login(factories.a_staff_user("later"))
            answer = staff_client.post(address(asked, "offer"), data, follow=True)
        assert "The end of the offer has changed meanwhile." in words(answer)
        assert status_of(asked) == Status.NEW

    def test_a_time_that_was_taken_meanwhile_shows_the_next_free_ones(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        data = ticked(staff_client.get(address(asked)))
        factories.a_visit(starts_at=factories.at("2026-12-16", "09:00"))
        answer = staff_client.post(address(asked, "offer"), data, follow=True)
        assert "This time is no longer free." in words(answer)
        assert "The next free times:" in words(answer)
        assert Offer.objects.count() == 0

    def test_it_can_be_taken_back_or_answered_on_the_phone(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        offer(staff_client, asked)
        assert "The offer is taken back." in words(press(staff_client, asked, "withdraw"))
        offer(staff_client, asked)
        assert "none of the times works" in words(press(staff_client, asked, "turned_down"))
        assert status_of(asked) == Status.NEW
        assert [made.outcome for made in Offer.objects.order_by("number")] == ["withdrawn", "turned_down"]

    def test_she_says_yes_on_the_phone_to_one_of_her_times(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        offer(staff_client, asked)
        shown = staff_client.get(address(asked))
        # nothing else is filled in: a press by habit must not set a time that nobody offered her
        assert shown.context["picked"] is None
        when, _office, _doctor, fill = shown.context["offer_times"][0]
        assert address(asked) + fill.replace("&", "&amp;") in shown.content.decode()
        filled = staff_client.get(address(asked) + fill.split("#")[0])
        assert filled.context["picked_when"] == when
        assert filled.context["doubts"] == []

    def test_an_offer_that_ran_out_is_a_task_on_the_screen(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        offer(staff_client, asked)
        offers.sweep(now=NOW + timedelta(days=2))
        assert asked.tasks.get().kind == DeskTask.Kind.OFFER_EXPIRED
        assert "The offer ran out: call" in read(staff_client, address(asked))


class TestHolding:
    def test_the_time_of_the_form_is_held_and_the_end_is_shown(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        answer = press(staff_client, asked, "hold", a_time(asked))
        assert "Held for you until 10:20 a.m.: Wed, Dec 16, 10 a.m." in words(answer)
        assert "is held for you until <strong>10:20 a.m.</strong>" in words(answer)

    def test_one_press_makes_it_the_visit(self, staff_client: Client, asked: AppointmentRequest) -> None:
        press(staff_client, asked, "hold", a_time(asked, time="14:15"))
        shown = staff_client.get(address(asked))
        form = shown.context["confirm_form"]
        data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
        sent = {**data, "seen": shown.context["seen"], "shown": shown.context["picked"].mark}
        answer = staff_client.post(address(asked, "confirm"), sent, follow=True)
        assert "The time is set: Wed, Dec 16, 2:15 p.m." in words(answer)
        assert HeldTime.objects.get().kind == "visit"

    def test_a_colleague_sees_who_holds_it(self, staff_client: Client, asked: AppointmentRequest) -> None:
        press(staff_client, asked, "hold", a_time(asked))
        colleague = Client()
        colleague.force_login(factories.a_staff_user("ana"))
        assert "is held by desk until" in read(colleague, address(asked))

    def test_it_can_be_let_go_twice(self, staff_client: Client, asked: AppointmentRequest) -> None:
        press(staff_client, asked, "hold", a_time(asked))
        for _ in range(2):
            assert "The held time is free again." in words(press(staff_client, asked, "unhold"))
        assert HeldTime.objects.count() == 0

    def test_a_taken_time_is_not_held(self, staff_client: Client, asked: AppointmentRequest) -> None:
        factories.a_visit(factories.a_request(phone_e164="+12135550135"))
        answer = press(staff_client, asked, "hold", a_time(asked))
        assert "This time is no longer free." in words(answer)
        assert "The next free times:" in words(answer)


class TestAnotherTime:
    @pytest.mark.parametrize(("old_time", "held"), [("keep", 1), ("release", 0)])
    def test_staff_write_down_that_she_needs_another_time(
        self, staff_client: Client, asked: AppointmentRequest, old_time: str, held: int
    ) -> None:
        factories.a_visit(asked)
        answer = press(staff_client, asked, "ask_change", {"old_time": old_time})
        assert "the patient needs another time" in words(answer)
        assert status_of(asked) == Status.CHANGE_REQUESTED
        assert HeldTime.objects.count() == held

    def test_without_an_answer_nothing_changes(self, staff_client: Client, asked: AppointmentRequest) -> None:
        factories.a_visit(asked)
        assert "Nothing was changed." in words(press(staff_client, asked, "ask_change"))
        assert status_of(asked) == Status.CONFIRMED

    def test_she_comes_at_the_old_time_after_all(self, staff_client: Client, asked: AppointmentRequest) -> None:
        factories.a_visit(asked)
        changes.ask(request=asked, keep=True, by=actors.PATIENT, now=NOW)
        assert "Comes at the old time after all" in read(staff_client, address(asked))
        assert "The old time stays." in words(press(staff_client, asked, "keep"))
        assert status_of(asked) == Status.CONFIRMED

    def test_the_text_shown_for_a_released_visit_is_the_one_that_is_sent(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        factories.a_visit(asked)
        changes.ask(request=asked, keep=False, by=actors.PATIENT, now=NOW)
        shown = staff_client.get(address(asked))
        form = shown.context["confirm_form"]
        data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
        sent = {**data, "seen": shown.context["seen"], "shown": shown.context["picked"].mark}
        staff_client.post(address(asked, "confirm"), sent)
        assert OutgoingMessage.objects.get(kind="moved", channel="sms").body == shown.context["preview"].body


class TestFreedTimes:
    def test_one_press_offers_it_to_one_patient(self, staff_client: Client, asked: AppointmentRequest) -> None:
        first = factories.a_request(phone_e164="+12135550135", name="Somebody Else")
        factories.a_visit(first)
        press(staff_client, first, "cancel")
        shown = staff_client.get(FREED)
        [time] = shown.context["times"]
        [patient] = time["patients"]
        assert patient["asked"] == asked
        data = {"seen": patient["seen"], "until": time["until"], "time": time["mark"]}
        answer = staff_client.post(address(asked, "offer"), data, follow=True)
        assert "Offered until" in words(answer)
        assert OutgoingMessage.objects.get(kind="offered").body == patient["preview"].body
        assert staff_client.get(FREED).context["times"] == []

    def test_the_front_page_and_the_request_that_freed_it_lead_there(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        factories.a_visit(asked)
        assert FREED in words(press(staff_client, asked, "cancel"))
        assert FREED in read(staff_client, "/admin/")

    def test_more_freed_times_for_the_same_patients_cost_hardly_more_queries(
        self, asked: AppointmentRequest, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(7):
            factories.a_request(phone_e164=f"+1213555020{number}", email=f"p{number}@example.com")
        for number, clock in enumerate(("09:00", "10:30", "12:00", "13:30", "15:00")):
            gone = factories.a_request(phone_e164=f"+1213555030{number}")
            factories.a_visit(gone, starts_at=at("2026-12-16", clock))
            lifecycle.cancel(request=gone, by=actors.PATIENT, now=NOW)
        client = member_of("Front desk")
        client.get(FREED)
        with django_assert_max_num_queries(70):
            times = client.get(FREED).context["times"]
        assert [len(time["patients"]) for time in times] == [8] * 5

    def test_without_freed_times_it_says_so(self, staff_client: Client) -> None:
        assert "No time was freed that is still open." in read(staff_client, FREED)

    def test_editors_see_nothing_of_it(self) -> None:
        assert member_of("Editors").get(FREED).status_code == 403
