"""What the form of a time starts with."""

import re
from datetime import date, datetime, time

import pytest
from django.test import Client

from booking import actors, changes
from booking.models import AppointmentRequest, Closure, HeldTime, Status
from tests import factories
from tests.booking.admin.desk import QUEUE, a_time, address, press, read, words

pytestmark = pytest.mark.usefixtures("now", "clinic")


@pytest.fixture
def asked(clinic: None, now: datetime) -> AppointmentRequest:
    """A fresh request for two days in Los Angeles, by text."""
    return factories.a_request()


class TestWhereItTakesPlace:
    """A visit in an office never starts as one by video, whatever is not known yet."""

    NO_CHOICE = ("", "Choose an office")

    @pytest.fixture
    def anywhere(self, clinic: None, now: datetime) -> AppointmentRequest:
        """Any office, on Wednesday, December 16 (Los Angeles), or Thursday (San Diego)."""
        return factories.a_request(office=None, days=(date(2026, 12, 16), date(2026, 12, 17)))

    def starts_with(self, client: Client, asked: AppointmentRequest, query: str = "") -> tuple[str, str]:
        """What the office field holds before anybody touches it, and its words."""
        page = read(client, f"{address(asked)}?{query}")
        field = page[page.index('<select name="office"') :].partition("</select>")[0]
        options = re.findall(r'<option value="(\d*)"( selected)?>([^<]+)</option>', field)
        chosen = next((option for option in options if option[1]), options[0])
        return chosen[0], chosen[2]

    def test_any_office_starts_with_the_office_of_the_first_free_time(
        self, staff_client: Client, anywhere: AppointmentRequest
    ) -> None:
        assert self.starts_with(staff_client, anywhere)[1] == "Los Angeles"

    def test_without_a_free_time_on_her_days_nothing_is_chosen(
        self, staff_client: Client, anywhere: AppointmentRequest
    ) -> None:
        Closure.objects.create(first_day=date(2026, 12, 16), last_day=date(2026, 12, 17))
        assert self.starts_with(staff_client, anywhere) == self.NO_CHOICE

    def test_while_a_time_is_offered_nothing_is_chosen(
        self, staff_client: Client, anywhere: AppointmentRequest
    ) -> None:
        factories.an_offer(anywhere)
        assert self.starts_with(staff_client, anywhere) == self.NO_CHOICE

    def test_after_she_gave_her_time_up_nothing_is_chosen_while_nothing_is_free(
        self, staff_client: Client, anywhere: AppointmentRequest
    ) -> None:
        factories.a_visit(anywhere)
        changes.ask(request=anywhere, keep=False, by=actors.PATIENT, now=factories.NOW)
        Closure.objects.create(first_day=date(2026, 12, 7))
        assert self.starts_with(staff_client, anywhere) == self.NO_CHOICE

    def test_a_link_that_names_no_office_keeps_its_time_and_shows_no_text_by_video(
        self, staff_client: Client, anywhere: AppointmentRequest
    ) -> None:
        link = "at=2026-12-16T10:00"
        assert self.starts_with(staff_client, anywhere, link) == self.NO_CHOICE
        shown = staff_client.get(f"{address(anywhere)}?{link}").context
        assert shown["confirm_form"]["time"].value() == time(10)
        assert shown["confirm_form"]["day"].value() == date(2026, 12, 16)
        assert shown["preview"] is None
        assert shown["doubts"] == []

    def test_a_link_that_names_no_office_means_the_one_she_asked_for(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        assert self.starts_with(staff_client, asked, "at=2026-12-16T10:00")[1] == "Los Angeles"
        assert staff_client.get(f"{address(asked)}?at=2026-12-16T10:00").context["preview"] is not None

    def test_a_link_to_a_time_by_video_never_puts_another_visit_into_her_office(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        by_video = "at=2026-12-16T10:00&office="
        assert self.starts_with(staff_client, asked, by_video) == self.NO_CHOICE

    def test_without_a_choice_nothing_is_set_and_the_error_says_what_to_do(
        self, staff_client: Client, anywhere: AppointmentRequest
    ) -> None:
        answer = press(staff_client, anywhere, "confirm", {**a_time(anywhere), "office": ""})
        page = words(answer)
        assert "Choose an office" in page[page.index('id="confirm_office_error"') :].partition("</p>")[0]
        assert "By video" not in page[page.index('<select name="office"') :].partition("</select>")[0]
        assert AppointmentRequest.objects.get(pk=anywhere.pk).status == Status.NEW

    def test_an_hsg_is_held_in_no_place_without_an_office(
        self, staff_client: Client, anywhere: AppointmentRequest
    ) -> None:
        press(staff_client, anywhere, "hold", {**a_time(anywhere), "office": ""})
        assert not HeldTime.objects.exists()

    def test_a_time_by_video_that_is_held_for_her_starts_as_a_video_visit(
        self, staff_client: Client, anywhere: AppointmentRequest
    ) -> None:
        video = factories.a_service("video")
        by_video = {**a_time(anywhere, time="17:00"), "service": video.pk, "office": ""}
        press(staff_client, anywhere, "hold", by_video)
        shown = staff_client.get(address(anywhere)).context
        assert shown["confirm_form"]["service"].value() == video.pk
        assert self.starts_with(staff_client, anywhere) == ("", "By video: no office")
        sent = {**by_video, "shown": shown["picked"].mark}
        assert "The time is set: Wed, Dec 16, 5 p.m." in words(press(staff_client, anywhere, "confirm", sent))

    def test_a_video_visit_starts_by_video(self, staff_client: Client, clinic: None, now: datetime) -> None:
        by_video = factories.a_request(service=factories.a_service("video"), office=None)
        assert self.starts_with(staff_client, by_video) == ("", "By video: no office")
        assert staff_client.get(address(by_video)).context["preview"] is not None

    def test_a_video_visit_of_somebody_who_named_an_office_starts_by_video(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        AppointmentRequest.objects.update(service=factories.a_service("video"))
        Closure.objects.create(first_day=date(2026, 12, 7))
        assert self.starts_with(staff_client, asked) == ("", "By video: no office")


class TestNobodyCanBeWrittenTo:
    """A caller without consent to texts and without email: she has to be told."""

    @pytest.fixture
    def silent(self, clinic: None) -> AppointmentRequest:
        return factories.a_request(sms_consent=False, contact="phone", voicemail=True)

    def test_the_set_time_is_still_to_be_told_and_the_screen_says_so(
        self, staff_client: Client, silent: AppointmentRequest
    ) -> None:
        page = words(press(staff_client, silent, "confirm", a_time(silent)))
        assert "The patient does not know it yet" in page
        assert "Tell the patient the time: call" in page
        assert "Tell the patient the time: call" in read(staff_client, f"{QUEUE}?show=tasks")

    def test_one_press_sets_it_and_says_that_she_knows(self, staff_client: Client, silent: AppointmentRequest) -> None:
        assert "Confirm: told the patient on the phone" in read(staff_client, address(silent))
        page = words(press(staff_client, silent, "confirm", a_time(silent, told="1")))
        assert "Told the patient on the phone" in page
        assert "The patient does not know it yet" not in page
        assert not silent.tasks.exists()

    def test_offering_and_cancelling_say_it_too(self, staff_client: Client, silent: AppointmentRequest) -> None:
        assert "Offer: told the patient on the phone" in read(staff_client, address(silent))
        factories.a_visit(silent)
        assert "Cancel the visit: told the patient on the phone" in read(staff_client, address(silent))
        page = words(press(staff_client, silent, "cancel"))
        assert "Tell the patient that it is cancelled or declined: call" in page

    def test_who_gets_a_message_is_not_told_twice(self, staff_client: Client, clinic: None) -> None:
        assert "told the patient on the phone" not in read(staff_client, address(factories.a_request()))


def test_the_preview_says_how_long_the_text_is_in_words_of_the_desk(staff_client: Client, now: datetime) -> None:
    page = read(staff_client, f"{address(factories.a_request())}?at=2026-12-16T10:00")
    assert re.search(r"Text, \d+ characters, paid for as 1 text\b", page)
    assert "GSM-7" not in page
