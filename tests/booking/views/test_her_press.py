"""What a press on an older page of hers does after her time changed: it names its time, and gives up no other one."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from booking import actors, changes, links, offers
from booking.models import AppointmentRequest, HeldTime, OutgoingMessage, Status
from tests import factories
from tests.factories import NOW, an_offer, at

pytestmark = pytest.mark.django_db
REFUSED = "Your time was set or changed after you opened that page, so we changed nothing."
FIRST, SECOND = at("2026-12-16", "10:00"), at("2026-12-18", "14:00")
# Page that she has open: the form on it, and what its button says.
AN_APPOINTMENT = [
    ("change/", "change/", {"old_time": "keep"}),
    ("change/", "change/", {"old_time": "release"}),
    ("cancel/", "cancel/", {}),
]
AN_OLD_TIME = [("", "keep/", {}), ("", "release/", {}), ("cancel/", "cancel/", {})]


@pytest.fixture(autouse=True)
def clock(clinic: None) -> Iterator[Any]:
    cache.clear()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def hers() -> AppointmentRequest:
    """With a visit on Wednesday, December 16."""
    return factories.a_visit(starts_at=FIRST).request


class OpenPage:
    """One of her pages as it stands in her browser, however long ago she opened it."""

    def __init__(self, hers: AppointmentRequest, name: str) -> None:
        self.address = f"/r/{links.token(hers)}/"
        self.browser = Client(enforce_csrf_checks=True)
        self.html = self.browser.get(self.address + name).content.decode()

    def press(self, name: str, button: dict[str, str], **hidden: str | None) -> Any:
        """Send the form as the browser does; `hidden` changes what it carries, None leaves it out."""
        forms = re.findall(rf'<form method="post" action="{self.address}{name}">(.*?)</form>', self.html, re.DOTALL)
        carried = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', forms[0]))
        sent = {key: value for key, value in {**carried, **hidden, **button}.items() if value is not None}
        return self.browser.post(self.address + name, sent)


def text(response: Any) -> str:
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split()).replace("\N{NO-BREAK SPACE}", " ")


def again(hers: AppointmentRequest) -> AppointmentRequest:
    return AppointmentRequest.objects.get(pk=hers.pk)


def staff_move_it(hers: AppointmentRequest) -> None:
    """To Friday, December 18."""
    factories.a_visit(again(hers), starts_at=SECOND)


def asks_and_keeps(hers: AppointmentRequest) -> None:
    changes.ask(request=again(hers), keep=True, by=actors.PATIENT, now=NOW)


def everything(hers: AppointmentRequest) -> dict[str, Any]:
    """All that a press could change."""
    now = again(hers)
    return {
        "status": now.status,
        "promise": (now.promise_due_at, now.promise_met_at),
        "days": [row.day for row in now.days.all()],
        "visits": list(now.visits.values_list("version", "starts_at", "ended_at")),
        "held": list(HeldTime.objects.values_list("kind", "starts_at")),
        "events": list(now.events.values_list("verb", flat=True)),
        "offers": list(now.offers.values_list("number", "outcome")),
        "messages": list(OutgoingMessage.objects.values_list("kind", "occasion", "state")),
    }


class TestAfterStaffMovedHer:
    @pytest.mark.parametrize(("page", "form", "button"), AN_APPOINTMENT)
    def test_an_older_page_gives_nothing_up_and_shows_the_time_she_has(
        self, hers: AppointmentRequest, page: str, form: str, button: dict[str, str]
    ) -> None:
        old = OpenPage(hers, page)
        staff_move_it(hers)
        before = everything(hers)
        answer = old.press(form, button)
        assert answer.status_code == 409
        words = text(answer)
        assert REFUSED in words
        assert "This is your time now" in words
        assert "Friday, December 18, 2026" in words
        assert "2 pm, Los Angeles time" in words
        assert "December 16" not in words
        assert everything(hers) == before

    @pytest.mark.parametrize(("page", "form", "button"), AN_OLD_TIME)
    def test_an_old_time_that_is_another_one_by_now_is_neither_kept_nor_released(
        self, hers: AppointmentRequest, page: str, form: str, button: dict[str, str]
    ) -> None:
        asks_and_keeps(hers)
        old = OpenPage(hers, page)
        staff_move_it(hers)
        asks_and_keeps(hers)
        before = everything(hers)
        answer = old.press(form, button)
        assert answer.status_code == 409
        assert REFUSED in text(answer)
        assert "Friday, December 18, 2026" in text(answer)
        assert everything(hers) == before

    def test_an_older_page_that_asks_for_another_time_is_told_of_the_newer_one_though_she_asked_again_since(
        self, hers: AppointmentRequest
    ) -> None:
        old = OpenPage(hers, "change/")
        staff_move_it(hers)
        asks_and_keeps(hers)
        answer = old.press("change/", {"old_time": "release"})
        assert answer.status_code == 409
        assert REFUSED in text(answer)
        assert "Friday, December 18, 2026" in text(answer)

    @pytest.mark.parametrize(("page", "form", "button"), AN_APPOINTMENT)
    def test_the_page_of_the_time_that_she_has_now_does_what_it_says(
        self, hers: AppointmentRequest, page: str, form: str, button: dict[str, str]
    ) -> None:
        staff_move_it(hers)
        assert OpenPage(hers, page).press(form, button).status_code == 302
        changed = again(hers)
        is_kept = button.get("old_time") == "keep"
        assert changed.status == (Status.CANCELLED if form == "cancel/" else Status.CHANGE_REQUESTED)
        assert (changed.current_visit() is not None) == is_kept

    @pytest.mark.parametrize(("page", "form", "button"), AN_OLD_TIME)
    def test_an_old_time_that_still_is_hers_is_kept_released_or_cancelled(
        self, hers: AppointmentRequest, page: str, form: str, button: dict[str, str]
    ) -> None:
        staff_move_it(hers)
        asks_and_keeps(hers)
        assert OpenPage(hers, page).press(form, button).status_code == 302
        ends = {"keep/": Status.CONFIRMED, "release/": Status.CHANGE_REQUESTED, "cancel/": Status.CANCELLED}
        assert again(hers).status == ends[form]
        assert (again(hers).current_visit() is not None) == (form == "keep/")

    def test_a_spanish_page_says_it_in_spanish(self) -> None:
        hers = factories.a_visit(factories.a_request(page_language="es"), starts_at=FIRST).request
        old = OpenPage(hers, "cancel/")
        staff_move_it(hers)
        words = text(old.press("cancel/", {}))
        assert "Su cita se fijó o cambió después de que usted abrió esa página. Por eso no cambiamos nada." in words
        assert "Esta es su cita ahora" in words
        assert "viernes 18 de diciembre de 2026" in words


class TestAfterATimeWasSetOrGivenUp:
    def test_who_withdraws_her_request_does_not_cancel_a_time_that_she_has_not_seen(self) -> None:
        hers = factories.a_request()
        old = OpenPage(hers, "cancel/")
        factories.a_visit(again(hers), starts_at=FIRST)
        before = everything(hers)
        answer = old.press("cancel/", {})
        assert answer.status_code == 409
        assert REFUSED in text(answer)
        assert "Wednesday, December 16, 2026" in text(answer)
        assert everything(hers) == before

    def test_who_withdraws_her_request_while_nothing_is_set_ends_it(self) -> None:
        hers = factories.a_request()
        assert OpenPage(hers, "cancel/").press("cancel/", {}).status_code == 302
        assert again(hers).status == Status.CANCELLED

    def test_who_cancels_a_time_that_is_gone_already_does_not_end_the_search_for_another(
        self, hers: AppointmentRequest
    ) -> None:
        old = OpenPage(hers, "cancel/")
        changes.ask(request=again(hers), keep=False, by=actors.PATIENT, now=NOW)
        before = everything(hers)
        answer = old.press("cancel/", {})
        assert answer.status_code == 409
        assert "Your request was changed" in text(answer)
        assert "This is your time now" not in text(answer)
        assert everything(hers) == before

    @pytest.mark.parametrize("old_time", ["keep", "release"])
    def test_asking_for_another_time_twice_leads_to_her_page(self, hers: AppointmentRequest, old_time: str) -> None:
        old = OpenPage(hers, "change/")
        for _ in range(2):
            answer = old.press("change/", {"old_time": old_time})
            assert (answer.status_code, answer.headers["Location"]) == (302, old.address)
        assert list(hers.events.values_list("verb", flat=True)).count("ask_change") == 1


class TestAPageFromBeforeFormsNamedTheirTime:
    """It carries no mark. While her time was never moved, every page that showed one showed this one."""

    @pytest.mark.parametrize(("page", "form", "button"), AN_APPOINTMENT)
    def test_it_works_as_long_as_her_time_was_never_moved(
        self, hers: AppointmentRequest, page: str, form: str, button: dict[str, str]
    ) -> None:
        assert OpenPage(hers, page).press(form, button, seen=None).status_code == 302
        assert again(hers).status in (Status.CANCELLED, Status.CHANGE_REQUESTED)

    @pytest.mark.parametrize(("page", "form", "button"), AN_APPOINTMENT)
    def test_once_her_time_was_moved_it_gives_nothing_up(
        self, hers: AppointmentRequest, page: str, form: str, button: dict[str, str]
    ) -> None:
        old = OpenPage(hers, page)
        staff_move_it(hers)
        before = everything(hers)
        answer = old.press(form, button, seen=None)
        assert answer.status_code == 409
        assert "Friday, December 18, 2026" in text(answer)
        assert everything(hers) == before

    @pytest.mark.parametrize("form", ["keep/", "release/"])
    def test_once_her_old_time_is_another_one_it_is_neither_kept_nor_released(
        self, hers: AppointmentRequest, form: str
    ) -> None:
        staff_move_it(hers)
        asks_and_keeps(hers)
        before = everything(hers)
        assert OpenPage(hers, "").press(form, {}, seen=None).status_code == 409
        assert everything(hers) == before

    def test_without_a_time_the_request_can_be_withdrawn(self) -> None:
        hers = factories.a_request()
        assert OpenPage(hers, "cancel/").press("cancel/", {}, seen=None).status_code == 302
        assert again(hers).status == Status.CANCELLED


@pytest.mark.parametrize("forged", ["", "x", "-1", "²", "2", "9" * 30])
@pytest.mark.parametrize(("page", "form", "button"), AN_APPOINTMENT)
def test_a_forged_mark_gives_nothing_up(
    hers: AppointmentRequest, page: str, form: str, button: dict[str, str], forged: str
) -> None:
    before = everything(hers)
    assert OpenPage(hers, page).press(form, button, seen=forged).status_code == 409
    assert everything(hers) == before


class TestFormsThatNameWhatTheyAreForAlready:
    """They carry the number of an offer, or give up no time: no mark is needed."""

    @pytest.mark.parametrize("form", ["accept/", "other-times/"])
    def test_an_offer_that_is_over_since_staff_set_a_time_leaves_that_time_alone(self, form: str) -> None:
        hers = factories.a_request()
        an_offer(hers, ("2026-12-16", "10:00"))
        old = OpenPage(hers, "")
        factories.a_visit(again(hers), starts_at=SECOND)
        before = everything(hers)
        answer = old.press(form, {})
        assert answer.status_code == 409
        assert "Your appointment is set. Date, time and place are on your page." in text(answer)
        assert everything(hers) == before

    def test_an_older_offer_is_not_taken_for_a_newer_one(self, clock: Any) -> None:
        hers = factories.a_request()
        an_offer(hers, ("2026-12-16", "10:00"))
        old = OpenPage(hers, "")
        offers.withdraw(request=again(hers), by=actors.staff(factories.a_staff_user()), now=NOW)
        clock.move_to(NOW + timedelta(minutes=1))
        an_offer(again(hers), ("2026-12-18", "14:00"), now=NOW + timedelta(minutes=1))
        before = everything(hers)
        assert old.press("accept/", {}).status_code == 409
        assert old.press("other-times/", {}).status_code == 409
        assert everything(hers) == before

    def test_choosing_days_on_an_older_page_leaves_a_time_that_was_set_alone(self) -> None:
        hers = factories.a_request(timing="later", days=())
        old = OpenPage(hers, "days/")
        factories.a_visit(again(hers), starts_at=SECOND)
        before = everything(hers)
        answer = old.browser.post(old.address + "days/", {"days": ["2026-12-16"], "csrfmiddlewaretoken": csrf(old)})
        assert (answer.status_code, answer.headers["Location"]) == (302, old.address)
        assert everything(hers) == before

    def test_stopping_texts_on_an_older_page_stops_texts_and_leaves_the_time_alone(
        self, hers: AppointmentRequest
    ) -> None:
        old = OpenPage(hers, "")
        staff_move_it(hers)
        before = everything(hers)
        assert old.press("stop-texts/", {}).status_code == 200
        assert everything(hers)["visits"] == before["visits"]
        assert everything(hers)["held"] == before["held"]


def csrf(page: OpenPage) -> str:
    return re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.html)[0]


def test_back_on_the_page_after_she_kept_her_time_she_can_still_give_it_up(hers: AppointmentRequest) -> None:
    page = OpenPage(hers, "change/")
    assert page.press("change/", {"old_time": "keep"}).status_code == 302
    assert again(hers).current_visit() is not None
    assert page.press("change/", {"old_time": "release"}).status_code == 302
    assert again(hers).current_visit() is None


@pytest.mark.parametrize("verb", ["keep/", "release/"])
def test_a_double_tap_is_no_refusal(hers: AppointmentRequest, verb: str) -> None:
    changes.ask(request=again(hers), keep=True, by=actors.PATIENT, now=NOW)
    page = OpenPage(hers, "")
    assert page.press(verb, {}).status_code == 302
    left = (again(hers).status, again(hers).current_visit())
    assert page.press(verb, {}).status_code == 302
    assert (again(hers).status, again(hers).current_visit()) == left
