"""What a patient does about times on her own pages, over HTTP."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from booking import actors, changes, links, offers
from booking.models import AppointmentRequest, DoctorCalendar, HeldTime, Service, Status, Visit
from pages.models import Office
from tests import factories
from tests.factories import NOW, an_offer, at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(clinic: None) -> Iterator[Any]:
    cache.clear()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def hers() -> AppointmentRequest:
    return factories.a_request()


def text(response: Any) -> str:
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    words = " ".join(re.sub(r"<[^>]+>", " ", main).split())
    return words.replace("\N{NO-BREAK SPACE}", " ").replace("&#x27;", "'")


def page(hers: AppointmentRequest, name: str = "") -> Any:
    return Client().get(f"/r/{links.token(hers)}/{name}")


def press(hers: AppointmentRequest, name: str, **values: Any) -> Any:
    """Over a real token check, as the browser does it."""
    client = Client(enforce_csrf_checks=True)
    home = client.get(f"/r/{links.token(hers)}/" + (name if name == "change/" else "")).content.decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', home)
    token = found[1] if found else ""
    return client.post(f"/r/{links.token(hers)}/{name}", {"csrfmiddlewaretoken": token, **values}, follow=True)


def status_of(hers: AppointmentRequest) -> str:
    return AppointmentRequest.objects.get(pk=hers.pk).status


class TestAnOffer:
    def test_her_page_shows_the_times_and_until_when_they_are_held(self, hers: AppointmentRequest) -> None:
        an_offer(hers)
        words = text(page(hers))
        assert "We have a time for you" in words
        assert "We hold these times for you until Tuesday, December 8, 10:30 am." in words
        assert "Wednesday, December 16, 2026" in words
        assert "2 pm, Los Angeles time" in words
        assert words.count("Take this time") == 2
        assert "You do not have an appointment yet." in words

    def test_one_press_takes_a_time(self, hers: AppointmentRequest) -> None:
        an_offer(hers)
        words = text(press(hers, "accept/", offer=1, time=2))
        assert "Your appointment is set" in words
        assert "Friday, December 18, 2026" in words
        assert HeldTime.objects.get().kind == "visit"

    def test_pressing_again_shows_her_appointment(self, hers: AppointmentRequest) -> None:
        an_offer(hers)
        press(hers, "accept/", offer=1, time=1)
        client = Client()
        again = client.post(f"/r/{links.token(hers)}/accept/", {"offer": 1, "time": 1}, follow=True)
        assert again.status_code == 200
        assert "Your appointment is set" in text(again)
        assert Visit.objects.count() == 1

    def test_opening_the_address_of_a_button_changes_nothing(self, hers: AppointmentRequest) -> None:
        an_offer(hers)
        for name in ("accept/", "other-times/", "keep/", "release/"):
            assert page(hers, name).status_code == 302
        assert status_of(hers) == Status.OFFERED

    def test_an_expired_offer_says_so_and_what_happens_next(self, hers: AppointmentRequest, clock: Any) -> None:
        made = an_offer(hers)
        clock.move_to(made.expires_at + timedelta(seconds=1))
        answer = Client().post(f"/r/{links.token(hers)}/accept/", {"offer": 1, "time": 1})
        words = text(answer)
        assert answer.status_code == 409
        assert "We held times for you until Tuesday, December 8, 10:30 am. They are no longer held." in words
        assert "We are looking for another time for you. We will answer by Wednesday, December 9, 5 pm." in words
        assert "The next free times" in words
        assert status_of(hers) == Status.NEW

    @pytest.mark.parametrize("why", ["nobody looked at the calendar", "the office takes no requests", "too far ahead"])
    def test_too_late_she_is_shown_no_free_time_that_the_days_page_would_not_show(
        self, hers: AppointmentRequest, clock: Any, why: str
    ) -> None:
        made = an_offer(hers)
        if why == "nobody looked at the calendar":
            DoctorCalendar.objects.update(confirm_within=1, confirmed_at=None)
        elif why == "the office takes no requests":
            Office.objects.update(is_open_for_requests=False)
        else:
            Service.objects.update(horizon_days=1)
        clock.move_to(made.expires_at + timedelta(seconds=1))
        answer = Client().post(f"/r/{links.token(hers)}/accept/", {"offer": 1, "time": 1})
        assert answer.status_code == 409
        assert "The next free times" not in text(answer)

    def test_before_the_sweep_her_page_is_honest_already(self, hers: AppointmentRequest, clock: Any) -> None:
        made = an_offer(hers)
        clock.move_to(made.expires_at + timedelta(seconds=1))
        for swept in (False, True):
            if swept:
                offers.sweep(now=made.expires_at + timedelta(seconds=1))
            words = text(page(hers))
            assert "They are no longer held." in words
            assert "Take this time" not in words
            assert "You do not have an appointment yet." in words
        assert "We answer by Wednesday, December 9, 5 pm." in words

    def test_an_offer_that_staff_took_back_cannot_be_replayed(self, hers: AppointmentRequest) -> None:
        an_offer(hers)
        offers.withdraw(request=hers, by=actors.staff(factories.a_staff_user()), now=NOW)
        answer = Client().post(f"/r/{links.token(hers)}/accept/", {"offer": 1, "time": 1})
        assert "This time is no longer open. We are looking for another time for you." in text(answer)

    @pytest.mark.parametrize(
        "typed",
        [
            {},
            {"offer": "x", "time": "1"},
            {"offer": "9" * 30, "time": "1"},
            {"offer": "1", "time": "-1"},
            {"offer": "²"},
        ],
    )
    def test_a_forged_form_gets_a_sentence(self, hers: AppointmentRequest, typed: dict[str, str]) -> None:
        an_offer(hers)
        answer = Client().post(f"/r/{links.token(hers)}/accept/", typed)
        assert answer.status_code == 409
        assert status_of(hers) == Status.OFFERED

    def test_saying_that_none_works_brings_it_back_to_us(self, hers: AppointmentRequest) -> None:
        an_offer(hers)
        words = text(press(hers, "other-times/", offer=1))
        assert "You told us that none of the times we offered works for you." in words
        assert "We answer by Tuesday, December 8, 5 pm." in words
        assert status_of(hers) == Status.NEW

    def test_what_became_of_an_offer_is_no_news_after_a_time_was_set(
        self, hers: AppointmentRequest, clock: Any
    ) -> None:
        an_offer(hers)
        press(hers, "other-times/", offer=1)
        clock.move_to(NOW + timedelta(minutes=5))
        hers.refresh_from_db()
        factories.a_visit(hers, now=NOW + timedelta(minutes=5))
        words = text(press(hers, "change/", old_time="release"))
        assert "You gave your old time up." in words
        assert "none of the times we offered" not in words

    def test_asking_for_other_days_goes_on_to_the_days(self, hers: AppointmentRequest) -> None:
        an_offer(hers)
        answer = press(hers, "other-times/", offer=1, then="days")
        assert "Choose your days" in text(answer)

    def test_a_spanish_page_says_all_of_it_in_spanish(self, clock: Any) -> None:
        hers = factories.a_request(page_language="es")
        made = an_offer(hers, ("2026-12-16", "10:00"))
        words = text(page(hers))
        assert "Le apartamos este horario hasta el martes 8 de diciembre, 10:30 a. m." in words
        assert "Elegir este horario" in words
        clock.move_to(made.expires_at)
        answer = Client().post(f"/r/{links.token(hers)}/accept/", {"offer": 1, "time": 1})
        assert "Ya no están apartados." in text(answer)


class TestAnotherTime:
    @pytest.fixture
    def hers(self) -> AppointmentRequest:
        return factories.a_visit().request

    def test_a_page_asks_what_becomes_of_the_old_time(self, hers: AppointmentRequest) -> None:
        words = text(page(hers, "change/"))
        assert "Keep my old time until then" in words
        assert "Give up my old time now" in words
        assert "If you already started the medicine, call us" in words
        assert status_of(hers) == Status.CONFIRMED

    def test_keeping_it_leaves_it_on_her_page(self, hers: AppointmentRequest) -> None:
        words = text(press(hers, "change/", old_time="keep"))
        assert "You asked for another time" in words
        assert "Until then your old time stays yours." in words
        assert "Wednesday, December 16, 2026" in words
        assert "You do not have an appointment" not in words
        assert "We answer by Tuesday, December 8, 5 pm." in words
        assert "If you already started the medicine, call us" in words

    def test_an_offer_that_she_took_is_no_news_any_more(self, clock: Any) -> None:
        hers = factories.a_request()
        an_offer(hers)
        press(hers, "accept/", offer=1, time=1)
        words = text(press(hers, "change/", old_time="keep"))
        assert "You took one of these times already." not in words

    def test_releasing_it_says_that_she_has_none(self, hers: AppointmentRequest) -> None:
        words = text(press(hers, "change/", old_time="release"))
        assert "You gave your old time up." in words
        assert "You do not have an appointment yet." in words
        assert "December 16" not in words
        assert HeldTime.objects.count() == 0

    def test_a_form_without_an_answer_asks_again(self, hers: AppointmentRequest) -> None:
        words = text(press(hers, "change/", old_time="perhaps"))
        assert "Press one of the buttons" in words
        assert status_of(hers) == Status.CONFIRMED

    def test_she_can_change_her_mind(self, hers: AppointmentRequest) -> None:
        changes.ask(request=hers, keep=True, by=actors.PATIENT, now=NOW)
        assert "Your appointment is set" in text(press(hers, "keep/"))

    def test_she_can_release_it_later_and_a_second_press_does_no_harm(self, hers: AppointmentRequest) -> None:
        changes.ask(request=hers, keep=True, by=actors.PATIENT, now=NOW)
        assert "You gave your old time up." in text(press(hers, "release/"))
        again = Client().post(f"/r/{links.token(hers)}/release/")
        assert again.status_code == 302
        assert "You gave your old time up." in text(page(hers))

    def test_an_offered_time_stands_beside_the_old_one(self, hers: AppointmentRequest) -> None:
        changes.ask(request=hers, keep=True, by=actors.PATIENT, now=NOW)
        an_offer(hers, ("2026-12-18", "14:00"))
        words = text(page(hers))
        assert "Your old time" in words
        assert "Take this time" in words
        assert "You do not have an appointment yet" not in words
        words = text(press(hers, "accept/", offer=1, time=1))
        assert "Friday, December 18, 2026" in words
        assert "December 16" not in words
        assert "If you already started the medicine, call us" in words

    def test_after_the_visit_began_nothing_is_asked(self, hers: AppointmentRequest, clock: Any) -> None:
        clock.move_to(at("2026-12-16", "10:30"))
        assert "Ask for another time" not in text(page(hers))
        answer = Client().post(f"/r/{links.token(hers)}/change/", {"old_time": "keep"})
        assert answer.status_code == 409
