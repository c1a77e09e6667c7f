"""Whose a time is, on the screens of the desk: said where a clinic has more than one doctor, and not said where it has
one, because then everybody knows."""

from datetime import date, datetime, time
from typing import Any

import pytest
from django.test import Client

from booking import actors, lifecycle, offers
from booking.admin import doctors
from booking.models import AppointmentRequest, DateOverride, HeldTime, WeeklyHours
from pages.models import Physician
from tests import factories
from tests.booking.admin.desk import a_time, address, press, read, words
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("now", "clinic")
FREED = "/admin/booking/appointmentrequest/freed/"
WEDNESDAY, FRIDAY = 2, 4


@pytest.fixture
def asked(clinic: None, now: datetime) -> AppointmentRequest:
    """Wednesday, December 16, or Friday, December 18, in Los Angeles."""
    return factories.a_request()


@pytest.fixture
def second(clinic: None) -> Physician:
    """Sees patients in Los Angeles on Wednesdays, with the first doctor; on Fridays the first one is alone."""
    doctor = factories.a_physician("second", short_name="Dr. Second")
    WeeklyHours.objects.create(
        physician=doctor, office=factories.an_office(), weekday=WEDNESDAY, starts=time(9), ends=time(12)
    )
    return doctor


def head(page: str, start: str) -> str:
    """The heading of a list of times, without its tags, up to its end."""
    return " ".join(page[page.index(start) :].partition("</")[0].split())


class TestWhoCounts:
    def names(self) -> set[str]:
        return set(doctors.to_tell_apart((), now=NOW).values())

    def test_one_doctor_is_nobody_to_tell_apart(self) -> None:
        assert doctors.to_tell_apart((), now=NOW) == {}

    def test_two_are_told_apart_by_their_short_names(self, second: Physician) -> None:
        assert self.names() == {"Dr. Allaei", "Dr. Second"}

    def test_a_doctor_who_is_only_on_the_website_does_not_count(self) -> None:
        factories.a_physician("website", short_name="Dr. Website")
        assert self.names() == set()

    def test_a_doctor_whose_hours_have_ended_does_not_count(self, second: Physician) -> None:
        WeeklyHours.objects.filter(physician=second).update(valid_to=date(2026, 12, 6))
        assert self.names() == set()
        WeeklyHours.objects.filter(physician=second).update(valid_to=date(2026, 12, 7))
        assert "Dr. Second" in self.names()

    def test_a_doctor_with_hours_on_one_day_ahead_counts(self) -> None:
        guest = factories.a_physician("guest", short_name="Dr. Guest")
        on_one_day = DateOverride.objects.create(physician=guest, day=date(2026, 12, 16))
        assert self.names() == set()  # not there that day
        DateOverride.objects.filter(pk=on_one_day.pk).update(starts=time(9), ends=time(12))
        assert "Dr. Guest" in self.names()
        DateOverride.objects.filter(pk=on_one_day.pk).update(day=date(2026, 12, 6))
        assert self.names() == set()

    def test_times_of_a_doctor_who_left_are_told_apart_from_the_others(self, second: Physician) -> None:
        WeeklyHours.objects.filter(physician=second).delete()
        first = factories.a_physician()
        assert doctors.to_tell_apart([first.pk], now=NOW) == {}
        assert doctors.to_tell_apart([second.pk], now=NOW)[second.pk] == "Dr. Second"


class TestFreeTimes:
    def test_a_day_of_one_doctor_names_her_once_above_its_times(
        self, staff_client: Client, asked: AppointmentRequest, second: Physician
    ) -> None:
        shown = staff_client.get(address(asked))
        both, one = shown.context["days"]
        assert (both.doctor, one.doctor) == ("", "Dr. Allaei")
        assert {option.place for option in one.options} == {""}
        page = words(shown)
        assert head(page, "<h3>Friday, December 18").startswith("<h3>Friday, December 18 · Los Angeles · Dr. Allaei")
        assert head(page, "<h3>Wednesday, December 16").startswith("<h3>Wednesday, December 16 · Los Angeles <")

    def test_so_do_the_boxes_of_an_offer(
        self, staff_client: Client, asked: AppointmentRequest, second: Physician
    ) -> None:
        both, one = staff_client.get(address(asked)).context["tick_days"]
        assert one.label == "Friday, December 18 · Los Angeles · Dr. Allaei"
        assert {tick.place for tick in one.ticks} == {""}
        assert both.label == "Wednesday, December 16 · Los Angeles"
        assert {tick.place for tick in both.ticks} == {"Dr. Allaei", "Dr. Second"}

    def test_the_next_free_times_after_a_lost_race_name_her(
        self, staff_client: Client, asked: AppointmentRequest, second: Physician
    ) -> None:
        factories.a_visit(factories.a_request(phone_e164="+12135550135"), starts_at=factories.at("2026-12-18", "10:00"))
        answer = press(staff_client, asked, "confirm", a_time(asked, day="2026-12-18"))
        assert [option.place for option in answer.context["taken"]] == ["Los Angeles, Dr. Allaei"] * 3

    def test_one_doctor_is_not_named(self, staff_client: Client, asked: AppointmentRequest) -> None:
        shown = staff_client.get(address(asked))
        assert {day.doctor for day in shown.context["days"]} == {""}
        assert [day.label for day in shown.context["tick_days"]] == [
            "Wednesday, December 16 · Los Angeles",
            "Friday, December 18 · Los Angeles",
        ]
        factories.a_visit(factories.a_request(phone_e164="+12135550135"))
        answer = press(staff_client, asked, "confirm", a_time(asked))
        assert {option.place for option in answer.context["taken"]} == {"Los Angeles"}


class TestOfferedTimes:
    def offered(self, client: Client, asked: AppointmentRequest) -> list[str]:
        """The times that she was offered, as staff read them."""
        page = read(client, address(asked))
        box = page[page.index("Offered to the patient") :].partition("</ul>")[0]
        return [" ".join(item.partition("</a>")[0].rpartition(">")[2].split()) for item in box.split("<li>")[1:]]

    def test_each_names_its_doctor(self, staff_client: Client, asked: AppointmentRequest, second: Physician) -> None:
        factories.an_offer(asked, ("2026-12-16", "10:00"), ("2026-12-18", "14:00"), physician=second)
        assert self.offered(staff_client, asked) == [
            "Wed, Dec 16, 10 a.m. · Los Angeles · Dr. Second",
            "Fri, Dec 18, 2 p.m. · Los Angeles · Dr. Second",
        ]

    def test_the_only_doctor_is_not_named(self, staff_client: Client, asked: AppointmentRequest) -> None:
        factories.an_offer(asked)
        assert self.offered(staff_client, asked) == [
            "Wed, Dec 16, 10 a.m. · Los Angeles",
            "Fri, Dec 18, 2 p.m. · Los Angeles",
        ]


class TestFreedTimes:
    def freed_heads(self, client: Client) -> list[str]:
        return [" ".join(part.partition("</h2>")[0].partition(">")[2].split()) for part in self._parts(client)]

    def _parts(self, client: Client) -> list[str]:
        return read(client, FREED).split('<h2 id="freed-')[1:]

    def free(self, **visit: Any) -> None:
        """A visit is cancelled again."""
        gone = factories.a_visit(factories.a_request(phone_e164="+12135550135"), **visit).request
        lifecycle.cancel(request=gone, by=actors.PATIENT, now=NOW)

    def test_each_names_its_doctor_and_the_offer_holds_hers(
        self, staff_client: Client, asked: AppointmentRequest, second: Physician
    ) -> None:
        self.free(physician=second)
        self.free()
        assert self.freed_heads(staff_client) == [
            "Wed, Dec 16, 10 a.m. · Los Angeles · Dr. Allaei · HSG test",
            "Wed, Dec 16, 10 a.m. · Los Angeles · Dr. Second · HSG test",
        ]
        [_first, time] = staff_client.get(FREED).context["times"]
        data = {"until": time["until"], "time": time["mark"]}
        press(staff_client, asked, "offer", data)
        assert HeldTime.objects.get().physician == second

    def test_the_only_doctor_is_not_named(self, staff_client: Client, asked: AppointmentRequest) -> None:
        self.free()
        assert self.freed_heads(staff_client) == ["Wed, Dec 16, 10 a.m. · Los Angeles · HSG test"]

    def test_a_time_that_an_offer_gave_back_names_its_doctor(
        self, staff_client: Client, asked: AppointmentRequest, second: Physician
    ) -> None:
        factories.an_offer(asked, ("2026-12-16", "10:00"), physician=second)
        offers.turn_down(request=asked, number=1, by=actors.PATIENT, now=NOW)
        assert self.freed_heads(staff_client) == ["Wed, Dec 16, 10 a.m. · Los Angeles · Dr. Second · HSG test"]
