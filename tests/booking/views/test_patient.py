"""The patient's own pages over HTTP."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from booking import actors, contact_details, fresh_link, lifecycle, links, outcomes
from booking.messaging import consent
from booking.models import (
    AppointmentRequest,
    ConsentEvent,
    DeclineReason,
    OutgoingMessage,
    RequestEvent,
    Service,
    Status,
)
from booking.views import state_words
from booking.views.patient import MOST_LINKS_A_DAY
from pages import cycle_script
from pages.models import Fact
from tests import factories
from tests.booking.views.flow import hidden

pytestmark = pytest.mark.django_db
NOW = factories.NOW


@pytest.fixture(autouse=True)
def clock(clinic: None) -> Iterator[Any]:
    """A clock that the test moves."""
    cache.clear()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def text(response: Any) -> str:
    """The visible words of a page, on one line."""
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def open_page(hers: AppointmentRequest, page: str = "") -> Any:
    return Client().get(f"/r/{links.token(hers)}/{page}")


def press(hers: AppointmentRequest, page: str, **values: Any) -> Any:
    client = Client()
    path = f"/r/{links.token(hers)}/{page}"
    return client.post(path, {**hidden(client.get(path)), **values}, follow=True)


def test_a_new_request_says_what_happens_next_and_by_when() -> None:
    words = text(open_page(factories.a_request()))
    assert "We have your request" in words
    assert "You do not have an appointment yet. We answer by Tuesday, December 8, 5 pm." in words
    assert "Received Done We are arranging a time Now Time set Later Your visit Later" in words


def test_while_she_still_chooses_days_nothing_is_arranged_yet() -> None:
    hers = factories.a_request(timing="later", days=())
    AppointmentRequest.objects.filter(pk=hers.pk).update(status=Status.WAITING)
    words = text(open_page(hers))
    assert "You do not have an appointment yet." in words
    assert "Received Now We are arranging a time Later" in words


def test_a_cancelled_request_says_that_there_is_no_appointment() -> None:
    hers = factories.a_request()
    AppointmentRequest.objects.filter(pk=hers.pk).update(status=Status.CANCELLED, closed_at=NOW)
    assert "You do not have an appointment." in text(open_page(hers))


def test_every_status_has_words() -> None:
    assert set(state_words.WORDS) == set(Status)


@pytest.mark.parametrize("status", [status for status in Status if status not in (Status.CONFIRMED, Status.OFFERED)])
def test_every_status_is_shown_in_plain_words(status: Status) -> None:
    hers = factories.a_request()
    closed = NOW if status in ("completed", "no_show", "not_done", "declined", "cancelled", "expired") else None
    AppointmentRequest.objects.filter(pk=hers.pk).update(status=status, closed_at=closed)
    response = open_page(hers)
    words = text(response)
    assert response.status_code == 200
    assert str(state_words.WORDS[status].heading) in words
    still_open = closed is None
    assert ("You do not have an appointment yet." in words) == still_open


def test_a_quarantined_request_reads_like_any_other() -> None:
    suspect, plain = factories.a_request(quarantine_reason="honeypot"), factories.a_request()
    first, second = text(open_page(suspect)), text(open_page(plain))
    assert first.partition("Your reference")[0] == second.partition("Your reference")[0]


def test_a_late_answer_is_said_first(clock: Any) -> None:
    hers = factories.a_request()
    clock.move_to(NOW + timedelta(days=3))
    words = text(open_page(hers))
    assert words.index("Our answer is late") < words.index("We have your request")
    assert "We said we would answer by Tuesday, December 8, 5 pm, and we are late." in words


def a_call(hers: AppointmentRequest, outcome: str, moment: str) -> None:
    """Staff called on December 8."""
    desk = actors.staff(factories.a_staff_user())
    outcomes.log_call(request=hers, outcome=outcome, by=desk, now=factories.at("2026-12-08", moment))


@pytest.mark.parametrize("outcome", ["no_answer", "voicemail"])
def test_a_try_that_did_not_reach_her_is_told_with_its_time(outcome: str) -> None:
    hers = factories.a_request()
    a_call(hers, outcome, "10:12")
    words = text(open_page(hers))
    assert "We called at 10:12 am on Tuesday, December 8." in words.replace("\N{NO-BREAK SPACE}", " ")
    assert "You do not have an appointment yet." in words


def test_a_wrong_number_is_no_call_to_her() -> None:
    hers = factories.a_request()
    a_call(hers, "wrong_number", "10:12")
    assert "We called" not in text(open_page(hers))


def test_after_we_spoke_earlier_tries_are_no_news() -> None:
    hers = factories.a_request()
    for outcome, moment in (("no_answer", "09:00"), ("spoke", "10:12"), ("voicemail", "15:30")):
        a_call(hers, outcome, moment)
    words = text(open_page(hers)).replace("\N{NO-BREAK SPACE}", " ")
    assert "We called at 3:30 pm on Tuesday, December 8. We spoke with you on Tuesday, December 8." in words
    assert "9 am" not in words


def test_many_tries_are_not_a_list_of_reproaches() -> None:
    hers = factories.a_request()
    for minute in range(5):
        a_call(hers, "no_answer", f"10:0{minute}")
    words = text(open_page(hers))
    assert words.count("We called at") == state_words.MOST_CALLS


def test_a_spanish_page_tells_it_in_spanish() -> None:
    hers = factories.a_request(page_language="es")
    a_call(hers, "no_answer", "13:12")
    words = text(open_page(hers)).replace("\N{NO-BREAK SPACE}", " ")
    assert "Le llamamos el martes 8 de diciembre, 1:12 p. m." in words


def test_who_never_chose_days_is_not_told_of_a_last_day(clock: Any) -> None:
    hers = factories.a_request(timing="later", days=())
    for days in (40, 140):
        outcomes.sweep(now=NOW + timedelta(days=days))
    hers.refresh_from_db()
    clock.move_to(NOW + timedelta(days=140))
    words = text(open_page(hers))
    assert "We got no days from you, so we closed it." in words
    assert "The last day that worked for you" not in words


def test_a_declined_request_gives_the_reason() -> None:
    hers = factories.a_request()
    lifecycle.decline(request=hers, reason=DeclineReason.NO_TIME, by=actors.staff(factories.a_staff_user()), now=NOW)
    assert "We have no time on the days you can come." in text(open_page(hers))


def test_a_confirmed_visit_shows_date_time_place_price_and_the_plan() -> None:
    Fact.objects.update_or_create(key="hsg_price", defaults={"value": "950"})
    visit = factories.a_visit()
    page = open_page(visit.request)
    words = text(page)
    for part in (
        "Your appointment is set",
        "Date Wednesday, December 16, 2026",
        "Time 10 am, Los Angeles time",
        "100 Example Street Los Angeles, CA 90001",
        "Price $950",
        "How to get ready",
        "Add to my calendar",
    ):
        assert part in words
    assert "You do not have an appointment yet" not in words


def test_after_the_visit_the_page_says_how_to_ask(clock: Any) -> None:
    visit = factories.a_visit()
    clock.move_to(NOW + timedelta(days=30))
    assert outcomes.complete_past_visits(now=NOW + timedelta(days=30)) == 1
    words = text(open_page(visit.request))
    assert "Your visit is done" in words
    assert "Add to my calendar" not in words
    assert "Cancel" not in words


def test_the_copied_price_stays_when_the_fact_changes() -> None:
    Fact.objects.update_or_create(key="hsg_price", defaults={"value": "950"})
    visit = factories.a_visit()
    Fact.objects.filter(key="hsg_price").update(value="1200")
    assert "Price $950" in text(open_page(visit.request))


@pytest.mark.parametrize("page", ["", "cancel/", "plan/", "calendar.ics"])
def test_her_pages_are_private(page: str) -> None:
    hers = factories.a_visit().request
    response = open_page(hers, page)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert "noindex" in response.headers["X-Robots-Tag"]
    if page != "calendar.ics":
        html = response.content.decode()
        assert "<title>Your request – CVI</title>" in html
        assert "María" not in html
        assert "555" not in html


def test_a_link_that_opens_nothing_speaks_the_language_of_the_browser() -> None:
    html = Client().get("/r/gone/", HTTP_ACCEPT_LANGUAGE="es-MX,es;q=0.9").content.decode()
    assert '<html lang="es"' in html
    assert 'href="/es/buscar-solicitud/"' in html
    assert 'href="/find-request/"' in html


def test_unknown_and_expired_links_look_alike(clock: Any) -> None:
    hers = factories.a_request()
    lifecycle.cancel(request=hers, by=actors.PATIENT, now=NOW)
    assert open_page(hers).status_code == 200
    clock.move_to(NOW + timedelta(days=365))
    expired, unknown = open_page(hers), Client().get("/r/0123456789abcdefghijkl/")
    assert expired.status_code == unknown.status_code == 404
    assert text(expired) == text(unknown)
    assert "Get the link to your request again" in text(unknown)
    assert unknown.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("token", ["x" * 5000, "%00", "'", "..%2f", "🙂"])
def test_absurd_tokens_find_nothing(token: str) -> None:
    assert Client().get(f"/r/{token}/").status_code == 404


@pytest.mark.parametrize("page", ["", "days/", "plan/", "calendar.ics", "cancel/", "stop-texts/"])
def test_looking_changes_nothing(page: str) -> None:
    hers = factories.a_visit().request
    before = (RequestEvent.objects.count(), OutgoingMessage.objects.count(), ConsentEvent.objects.count())
    open_page(hers, page)
    assert (RequestEvent.objects.count(), OutgoingMessage.objects.count(), ConsentEvent.objects.count()) == before


def test_her_page_speaks_the_language_of_her_request() -> None:
    response = open_page(factories.a_request(page_language="es"))
    assert '<html lang="es">' in response.content.decode()
    assert response.headers["Content-Language"] == "es"


def test_cancelling_asks_once_more_and_then_says_so() -> None:
    hers = factories.a_request()
    assert "Cancel your request?" in text(open_page(hers, "cancel/"))
    hers.refresh_from_db()
    assert hers.status == Status.NEW
    assert "This request is cancelled" in text(press(hers, "cancel/"))
    hers.refresh_from_db()
    assert (hers.status, hers.status_reason) == (Status.CANCELLED, "by_patient")


def test_cancelling_a_visit_frees_its_time() -> None:
    visit = factories.a_visit()
    assert "Cancel your appointment?" in text(open_page(visit.request, "cancel/"))
    press(visit.request, "cancel/")
    assert not visit.request.held_times.exists()


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=3)])
def test_a_visit_that_has_begun_is_not_cancelled_by_her_any_more(clock: Any, later: timedelta) -> None:
    """Otherwise who did not come would be counted as one who cancelled, and who came as one who did not."""
    visit = factories.a_visit()
    page = hidden(open_page(visit.request, "cancel/"))
    clock.move_to(visit.starts_at + later)
    assert "Cancel my appointment" not in text(open_page(visit.request))
    Client().post(f"/r/{links.token(visit.request)}/cancel/", page)
    visit.request.refresh_from_db()
    assert visit.request.status == Status.CONFIRMED
    assert visit.request.current_visit() == visit


def test_cancelling_twice_does_no_harm() -> None:
    hers = factories.a_request()
    client = Client()
    path = f"/r/{links.token(hers)}/cancel/"
    page = hidden(client.get(path))
    client.post(path, page)
    assert client.post(path, page, follow=True).status_code == 200
    assert hers.events.filter(verb="cancel").count() == 1


def test_stopping_texts_is_one_press_and_recorded() -> None:
    hers = factories.a_request()
    assert "Stop texts" in text(open_page(hers))
    client = Client()
    response = client.post(f"/r/{links.token(hers)}/stop-texts/")
    assert "We do not text you any more" in text(response)
    assert hers.contact_number is not None
    assert not consent.may_text(hers.contact_number)
    newest = ConsentEvent.objects.order_by("-pk")[0]
    assert (newest.kind, newest.source) == ("stopped", "page")
    client.post(f"/r/{links.token(hers)}/stop-texts/")
    assert ConsentEvent.objects.filter(kind="stopped").count() == 1
    assert "Stop texts" not in text(open_page(hers))


def test_what_was_agreed_for_a_number_that_was_wrong_is_not_on_her_page() -> None:
    hers = factories.a_request()
    desk = actors.staff(factories.a_staff_user())
    mistyped = hers.contact_number
    before = contact_details.of(hers)
    contact_details.correct(
        request=hers,
        details=replace(before, phone_typed="213 555 0143", phone_e164="+12135550143"),
        seen=contact_details.mark(hers),
        by=desk,
        now=factories.NOW,
    )
    assert "Stop texts" not in text(open_page(hers))
    assert hers.contact_number != mistyped


def test_texts_cannot_be_stopped_by_a_link() -> None:
    hers = factories.a_request()
    answer = open_page(hers, "stop-texts/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/r/{links.token(hers)}/")
    assert not ConsentEvent.objects.filter(kind=ConsentEvent.Kind.STOPPED).exists()


def test_days_are_chosen_later_by_the_private_link() -> None:
    hers = factories.a_request(timing="later", days=())
    assert "Choose my days" in text(open_page(hers))
    page = press(hers, "days/", days=["2026-12-16"], daypart="morning")
    assert "We answer by Tuesday, December 8, 5 pm." in text(page)
    hers.refresh_from_db()
    assert (hers.timing, hers.daypart, hers.status) == ("days", "morning", Status.NEW)
    assert [row.day for row in hers.days.all()] == [date(2026, 12, 16)]


def test_days_that_were_chosen_can_be_changed_and_are_ticked() -> None:
    hers = factories.a_request()
    assert "Change my days" in text(open_page(hers))
    html = open_page(hers, "days/").content.decode()
    assert re.findall(r'value="([\d-]+)" id="[^"]+" checked', html) == ["2026-12-16", "2026-12-18"]
    press(hers, "days/", days=["2026-12-21"])
    assert [row.day for row in hers.days.all()] == [date(2026, 12, 21)]


@pytest.mark.parametrize(
    ("days", "message"),
    [
        ([], "Select 1, 2 or 3 days"),
        (["2026-12-08"], "Tuesday, December 8 is no longer free. Choose another day"),
        (["x"], "Select one of the options on this page"),
    ],
)
def test_the_days_page_says_what_to_fix(days: list[str], message: str) -> None:
    hers = factories.a_request(timing="later", days=())
    page = press(hers, "days/", days=days)
    assert message in text(page)
    assert "<title>Error: " in page.content.decode()


def test_showing_later_days_keeps_what_she_ticked_and_changes_nothing() -> None:
    hers = factories.a_request(days=())
    page = press(hers, "days/", days=["2026-12-16"], daypart="morning", show="24")
    html = page.content.decode()
    assert html.count('name="days"') == 24
    assert f'action="/r/{links.token(hers)}/days/?show=24"' in html
    for value in ("2026-12-16", "morning"):
        assert re.search(f'value="{value}" id="[^"]+" checked', html)
    assert "<title>Error" not in html
    assert not hers.days.exists()


def test_the_days_page_says_which_days_fit_as_the_request_does() -> None:
    for key, value in (("cycle_first_day", "6"), ("cycle_last_day", "12")):
        Fact.objects.update_or_create(key=key, defaults={"value": value})
    page = open_page(factories.a_request(days=()), "days/")
    html = page.content.decode()
    assert "At our clinic that is day&nbsp;6 to day&nbsp;12." in text(page)
    assert 'id="cycle-helper" hidden data-first="6" data-last="12"' in html
    assert html.count(cycle_script.ELEMENT) == 1
    assert "<figure>" in html


def test_days_for_a_video_visit_have_nothing_to_fit() -> None:
    html = open_page(factories.a_request(service=Service.objects.get(key="video"), days=()), "days/").content.decode()
    assert "HSG" not in html
    assert "cycle-helper" not in html.replace(cycle_script.ELEMENT, "")


def test_enter_on_the_days_page_sends_the_days() -> None:
    """Enter presses the first button, and “Show later days” stands before the one that sends."""
    buttons = re.findall(r"<button[^>]*>", open_page(factories.a_request(days=()), "days/").content.decode())
    assert 'class="vh"' in buttons[0]
    assert 'name="show"' in buttons[1]


def test_her_page_says_what_to_do_about_a_wrong_phone_number() -> None:
    said = "Is your phone number or another answer wrong? Call us"
    hers = factories.a_request()
    assert said in text(open_page(hers))
    AppointmentRequest.objects.filter(pk=hers.pk).update(status=Status.CANCELLED, closed_at=NOW)
    assert said not in text(open_page(hers))


def test_days_cannot_be_chosen_for_a_confirmed_visit() -> None:
    hers = factories.a_visit().request
    assert open_page(hers, "days/").headers["Location"] == links.path(hers)


def test_the_plan_has_real_dates() -> None:
    for key, value in (("antibiotic_total_days", "5"), ("antibiotic_start_days_before", "2")):
        Fact.objects.update_or_create(key=key, defaults={"value": value})
    words = text(open_page(factories.a_visit().request, "plan/"))
    assert "Monday, December 14 First antibiotic day" in words
    assert "Friday, December 18 Last antibiotic day" in words


@pytest.mark.parametrize("page", ["plan/", "calendar.ics"])
def test_without_a_visit_there_is_no_plan_yet(page: str) -> None:
    hers = factories.a_request()
    assert open_page(hers, page).headers["Location"] == links.path(hers)


def test_the_calendar_file_is_one_neutral_event() -> None:
    response = open_page(factories.a_visit().request, "calendar.ics")
    assert response.headers["Content-Type"].startswith("text/calendar")
    assert b"DTSTART:20261216T180000Z" in response.content
    assert b"HSG" not in response.content


def ask(reference: str, phone: str = "(213) 555-0134", client: Client | None = None) -> Any:
    client = client or Client()
    page = hidden(client.get("/find-request/"))
    return client.post("/find-request/", {**page, "reference": reference, "phone": phone})


def test_a_lost_link_is_sent_again_and_the_answer_never_says_whether_it_matched() -> None:
    hers = factories.a_request()
    OutgoingMessage.objects.all().delete()
    matched = ask(hers.spaced_reference.lower())
    assert [row.kind for row in OutgoingMessage.objects.all()] == ["link_again"]
    wrong_phone, wrong_reference = ask(hers.reference, "213 555 0199"), ask("22222222")
    assert OutgoingMessage.objects.count() == 1
    assert text(matched) == text(wrong_phone) == text(wrong_reference)
    assert matched.status_code == wrong_phone.status_code == wrong_reference.status_code


def test_a_lost_link_is_sent_once_a_day(clock: Any) -> None:
    hers = factories.a_request()
    OutgoingMessage.objects.all().delete()
    ask(hers.reference)
    ask(hers.reference)
    assert OutgoingMessage.objects.count() == 1
    clock.move_to(NOW + timedelta(days=1))
    ask(hers.reference)
    assert OutgoingMessage.objects.count() == 2


def test_who_had_asked_that_day_gets_the_link_that_was_made_new_since(staff_user: Any) -> None:
    hers = factories.a_request()
    ask(hers.reference)
    fresh_link.rotate(request=hers, by=actors.staff(staff_user), now=NOW)
    ask(hers.reference)
    ask(hers.reference)
    sent = [row.body for row in OutgoingMessage.objects.filter(kind="link_again").order_by("pk")]
    assert [links.url(hers) in body for body in sent] == [False, True]


def test_new_links_do_not_lift_the_cap_of_a_day(staff_user: Any) -> None:
    hers = factories.a_request()
    for _time in range(9):
        fresh_link.rotate(request=hers, by=actors.staff(staff_user), now=NOW)
        ask(hers.reference)
    assert OutgoingMessage.objects.filter(kind="link_again").count() == MOST_LINKS_A_DAY


def test_trying_references_is_capped_per_address(settings: LazySettings) -> None:
    settings.REQUEST_LIMIT_PER_HOUR = 2
    answers = [ask("22222222").status_code for _try in range(3)]
    assert answers == [200, 200, 429]


def test_the_find_page_says_what_to_fix() -> None:
    page = ask("", "")
    assert "Enter your reference. It has 8 letters and numbers, like 7K4P-29XM" in text(page)
    assert "Enter the phone number you gave us" in text(page)
    assert Client().get("/es/buscar-solicitud/").status_code == 200


def test_her_page_asks_the_database_few_questions(django_assert_max_num_queries: Any) -> None:
    hers = factories.a_visit().request
    open_page(hers)
    with django_assert_max_num_queries(8):
        open_page(hers)
