"""The request flow over HTTP: what a patient, a hurried finger and a script meet."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client

from booking import availability
from booking.models import AppointmentRequest, Closure, ConsentEvent, Service, Status, WeeklyHours
from pages import cycle_script
from pages.models import Fact, Office, OpeningHours
from tests import factories
from tests.booking.views.flow import CONTACT, TIMES, VISIT, answer, fill, hidden, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(clinic: None) -> Iterator[Any]:
    """A clock that the test moves; a minute passes before anything is sent."""
    with time_machine.travel(factories.NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def patient(clock: Any) -> Client:
    """A browser that opened the first page a minute ago."""
    client = Client()
    client.get("/request/")
    clock.shift(60)
    return client


def text(response: Any) -> str:
    """The visible words of a page, on one line."""
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def the_request() -> AppointmentRequest:
    return AppointmentRequest.objects.get()


def test_three_steps_a_check_and_a_confirmation(patient: Client) -> None:
    assert answer(patient, "/request/", VISIT).headers["Location"] == "/request/times/"
    assert answer(patient, "/request/times/", TIMES).headers["Location"] == "/request/contact/"
    assert answer(patient, "/request/contact/", CONTACT).headers["Location"] == "/request/check/"
    assert send(patient).headers["Location"] == "/request/sent/"
    stored = the_request()
    assert (stored.service.key, stored.office.slug) == ("hsg", "los-angeles")  # type: ignore[union-attr]
    assert [row.day for row in stored.days.all()] == [date(2026, 12, 16), date(2026, 12, 18)]
    assert (stored.name, stored.phone_typed, stored.contact) == ("Ana Example López", "(213) 555-0134", "text")
    assert stored.contact_number is not None
    assert stored.contact_number.number == "+12135550134"
    assert (stored.speaks, stored.step_free, stored.interpreter, stored.page_language) == ("es", True, False, "en")
    assert stored.status == Status.NEW


def test_the_confirmation_shows_the_reference_the_promise_and_the_link(patient: Client) -> None:
    fill(patient)
    send(patient)
    page = patient.get("/request/sent/")
    words = text(page)
    assert the_request().spaced_reference in words
    assert "We answer by Tuesday, December 8, 5 pm." in words
    assert "You do not have an appointment yet." in words
    assert "See where your request stands, change your days or cancel." in words
    assert "call 911" in words
    link = re.search(r'href="(/r/[\w-]+/)"', page.content.decode())
    assert link is not None
    assert patient.get(link[1]).status_code == 200


def test_what_happens_next_fits_a_video_visit(patient: Client) -> None:
    fill(patient, visit={**VISIT, "visit": "video"}, times={"timing": "any"})
    send(patient)
    words = text(patient.get("/request/sent/"))
    assert "We call or write to agree on a day and a time." in words
    assert "prescription" not in words


def test_a_link_to_choose_later_is_explained(patient: Client) -> None:
    fill(patient, times={"timing": "later"})
    send(patient)
    words = text(patient.get("/request/sent/"))
    assert "You choose your days on your private page when you are ready." in words
    assert "We answer by" not in words


def test_without_clinic_hours_the_promise_is_left_out(patient: Client) -> None:
    OpeningHours.objects.all().delete()
    fill(patient)
    send(patient)
    assert "We answer by" not in text(patient.get("/request/sent/"))


def test_after_sending_her_answers_leave_the_session(patient: Client) -> None:
    fill(patient)
    send(patient)
    kept = str(dict(patient.session.items()))
    for personal in ("Ana", "555", "2026-12-16", "step_free"):
        assert personal not in kept


def test_the_flow_is_in_spanish_under_its_own_addresses(clock: Any) -> None:
    client = Client()
    page = client.get("/es/solicitud/")
    assert '<html lang="es">' in page.content.decode()
    clock.shift(60)
    steps = ["/es/solicitud/", "/es/solicitud/fechas/", "/es/solicitud/contacto/", "/es/solicitud/revisar/"]
    for here, onward, values in zip(steps, steps[1:], (VISIT, TIMES, {**CONTACT, "language": ""}), strict=False):
        assert answer(client, here, values).headers["Location"] == onward
    assert answer(client, steps[-1], {}).headers["Location"] == "/es/solicitud/enviada/"
    assert (the_request().page_language, the_request().speaks) == ("es", "es")


def test_answers_stay_when_the_language_is_switched(patient: Client) -> None:
    fill(patient)
    page = patient.get("/es/solicitud/revisar/")
    assert page.status_code == 200
    assert "Ana Example López" in text(page)


@pytest.mark.parametrize(
    ("path", "values", "message"),
    [
        ("/request/", {}, "Select what you want to request"),
        ("/request/", {"visit": "hsg"}, "Select an office, or select any office"),
        ("/request/times/", {}, "Select when you can come"),
        ("/request/times/", {"timing": "days"}, "Select 1, 2 or 3 days"),
        ("/request/contact/", {}, "Enter your full name"),
        ("/request/contact/", {}, "Enter a phone number we can call"),
        ("/request/contact/", {}, "Select how we contact you"),
    ],
)
def test_an_error_stands_in_the_title_the_summary_and_at_the_field(
    patient: Client, path: str, values: dict[str, Any], message: str
) -> None:
    fill(patient)
    html = answer(patient, path, values).content.decode()
    assert "<title>Error: " in html
    assert 'id="errors" tabindex="-1" autofocus' in html
    assert html.count(message) == 2
    for target in re.findall(r'<a href="#([^"]+)">', html.partition('id="errors"')[2].partition("</ul>")[0]):
        assert f'id="{target}"' in html


def test_what_was_typed_wrong_is_still_there(patient: Client) -> None:
    fill(patient)
    html = answer(patient, "/request/contact/", {**CONTACT, "phone": "12 34"}).content.decode()
    assert 'value="12 34"' in html
    assert 'value="Ana Example López"' in html


@pytest.mark.parametrize("path", ["/request/", "/request/times/", "/request/contact/?return=check"])
def test_errors_are_shown_by_a_page_that_browsers_can_go_back_to(patient: Client, path: str) -> None:
    fill(patient)
    assert patient.post(path, {}).headers["Location"] == path
    assert "<title>Error: " in patient.get(path).content.decode()


def test_a_step_that_was_fixed_shows_no_errors_any_more(patient: Client) -> None:
    fill(patient, contact={**CONTACT, "phone": "12 34"})
    assert answer(patient, "/request/contact/", CONTACT).headers["Location"] == "/request/check/"
    html = patient.get("/request/contact/").content.decode()
    assert "<title>Error" not in html
    assert 'value="(213) 555-0134"' in html


def test_what_was_typed_wrong_stays_when_the_language_is_switched(patient: Client) -> None:
    fill(patient, contact={**CONTACT, "phone": "12 34"})
    assert 'value="12 34"' in patient.get("/es/solicitud/contacto/").content.decode()


def in_spanish(client: Client, path: str, values: dict[str, Any]) -> str:
    """The page that follows the button "Español" with these answers on the page."""
    answered = answer(client, path, {**values, "in_language": "es"})
    assert answered.status_code == 302
    return client.get(answered.headers["Location"]).content.decode()


def test_what_was_not_sent_yet_goes_along_to_the_other_language(patient: Client) -> None:
    html = in_spanish(patient, "/request/", {"visit": "hsg"})
    assert "Pedir una cita" in html
    assert 'value="hsg" id="id_visit_0" checked' in html
    assert "<title>Error" not in html
    assert 'id="errors"' not in html
    fill(patient, contact={**CONTACT, "in_language": "es", "phone": "12 34", "sms_consent": "yes"})
    html = patient.get("/es/solicitud/contacto/").content.decode()
    assert 'value="12 34"' in html
    assert re.search(r'name="sms_consent"[^>]* checked', html)
    assert 'id="errors"' not in html
    assert patient.get("/request/check/").headers["Location"] == "/request/contact/"  # nothing of it counts as answered


def test_errors_that_wait_to_be_fixed_wait_in_the_other_language_too(patient: Client) -> None:
    fill(patient, contact={**CONTACT, "phone": "12 34"})
    html = in_spanish(patient, "/request/contact/", {**CONTACT, "phone": "56 78"})
    assert 'value="56 78"' in html
    assert "<title>Error: " in html


def test_the_days_that_are_shown_stay_when_the_language_is_switched(patient: Client) -> None:
    fill(patient)
    answered = patient.post("/request/times/?show=24", {"days": ["2026-12-16"], "in_language": "es"})
    assert answered.headers["Location"] == "/es/solicitud/fechas/?show=24"
    assert patient.post("/es/solicitud/fechas/", {"in_language": "en"}).headers["Location"] == "/request/times/"
    assert patient.post("/request/times/", {"in_language": "//evil.example"}).headers["Location"] == "/request/times/"


def test_the_page_that_sends_the_request_changes_its_language_by_a_link(patient: Client) -> None:
    """A button would send it."""
    fill(patient)
    html = patient.get("/request/check/").content.decode()
    assert '<a href="/es/solicitud/revisar/" lang="es" hreflang="es">' in html
    assert "in_language" not in html


def test_an_answer_that_was_kept_is_still_kept_when_its_page_is_left_for_the_other_language(patient: Client) -> None:
    fill(patient)
    in_spanish(patient, "/request/contact/", {**CONTACT, "name": "Eva Example"})
    assert "Ana Example López" in text(patient.get("/request/check/"))
    assert "Eva Example" in patient.get("/request/contact/").content.decode()


def test_a_book_pasted_into_a_field_does_not_fill_the_session(patient: Client) -> None:
    fill(patient, contact={**CONTACT, "name": "x" * 100_000, "days": ["2026-12-16"] * 1000})
    assert len(str(dict(patient.session.items()))) < 3_000
    assert "Full name must be 100 characters or fewer" in text(patient.get("/request/contact/"))


def test_going_back_shows_the_answers(patient: Client) -> None:
    fill(patient)
    for path, marks in (
        ("/request/", ['value="hsg" id="id_visit_0" checked', 'value="los-angeles" id="id_office_0" checked']),
        ("/request/times/", ['value="2026-12-16" id="id_days_0_']),
        ("/request/contact/", ['value="(213) 555-0134"', 'value="Ana Example López"']),
    ):
        html = patient.get(path).content.decode()
        for mark in marks:
            assert mark in html or mark.replace("id_days_0_", "id_days_") in html
        assert "<title>Error" not in html


@pytest.mark.parametrize(
    ("path", "before", "typed", "mark"),
    [
        ("/request/times/", "/request/", {"avoid": "December 20"}, 'value="December 20"'),
        ("/request/contact/", "/request/times/", {"phone": "12 34"}, 'value="12 34"'),
    ],
)
def test_back_keeps_what_was_typed_and_judges_none_of_it(
    patient: Client, path: str, before: str, typed: dict[str, str], mark: str
) -> None:
    fill(patient)
    assert answer(patient, path, {**typed, "go_back": "yes"}).headers["Location"] == before
    html = patient.get(path).content.decode()
    assert mark in html
    assert "<title>Error" not in html


def test_back_is_a_button_where_something_is_typed_and_enter_does_not_press_it(patient: Client) -> None:
    fill(patient)
    for path in ("/request/times/", "/request/contact/"):
        buttons = re.findall(r"<button[^>]*>", patient.get(path).content.decode())
        assert 'class="vh"' in buttons[0]
        assert any('name="go_back"' in button for button in buttons[1:])
    assert 'href="/request/contact/">Back' in patient.get("/request/check/").content.decode()


def test_a_change_link_leads_back_to_the_check_page(patient: Client) -> None:
    fill(patient)
    assert '/request/contact/?return=check#div_id_phone"' in patient.get("/request/check/").content.decode()
    path = "/request/contact/?return=check"
    assert answer(patient, path, {**CONTACT, "go_back": "yes"}).headers["Location"] == "/request/check/"
    changed = answer(patient, path, {**CONTACT, "phone": "213 555 0199"})
    assert changed.headers["Location"] == "/request/check/"
    assert "213 555 0199" in text(patient.get("/request/check/"))


@pytest.mark.parametrize("path", ["/request/times/", "/request/contact/", "/request/check/", "/request/sent/"])
def test_a_deep_link_without_data_goes_to_step_1(clinic: None, client: Client, path: str) -> None:
    response = client.get(path)
    assert response.headers["Location"] == "/request/"
    assert not response.cookies


def test_a_step_that_was_skipped_comes_first(patient: Client) -> None:
    answer(patient, "/request/", VISIT)
    assert patient.get("/request/contact/").headers["Location"] == "/request/times/"
    assert patient.get("/request/check/").headers["Location"] == "/request/times/?return=check"


@pytest.mark.parametrize(
    ("path", "values"), [("/request/times/", TIMES), ("/request/contact/", CONTACT), ("/request/check/", {})]
)
def test_an_ended_session_says_so_and_starts_again(clinic: None, client: Client, path: str, values: Any) -> None:
    response = client.post(path, values)
    assert response.headers["Location"] == "/request/?expired=1"
    assert "Your page was open for more than a day" in text(client.get("/request/?expired=1"))
    assert not AppointmentRequest.objects.exists()


def test_a_page_from_before_yesterday_keeps_the_answers_and_asks_to_look_again(patient: Client, clock: Any) -> None:
    fill(patient)
    old = hidden(patient.get("/request/check/"))
    clock.shift(23 * 3600)
    answer(patient, "/request/contact/", {**CONTACT, "name": "Ana Maria Example"})  # the session lives on
    clock.shift(2 * 3600)
    fresh = hidden(patient.get("/request/check/"))
    late = patient.post("/request/check/", {**fresh, "ts": old["ts"]})
    assert "Your page was open for a long time" in text(late)
    assert not AppointmentRequest.objects.exists()
    assert "Ana Maria Example" in text(patient.get("/request/check/"))


def test_sending_twice_makes_one_request_and_shows_the_same_page(patient: Client) -> None:
    fill(patient)
    page = hidden(patient.get("/request/check/"))
    first, second = patient.post("/request/check/", page), patient.post("/request/check/", page)
    assert first.headers["Location"] == second.headers["Location"] == "/request/sent/"
    reference = the_request().spaced_reference
    assert reference in text(patient.get("/request/sent/"))


@pytest.mark.parametrize("path", ["/request/times/", "/request/contact/", "/request/check/"])
def test_going_back_after_sending_shows_the_confirmation(patient: Client, path: str) -> None:
    fill(patient)
    send(patient)
    assert patient.get(path).headers["Location"] == "/request/sent/"
    assert patient.post(path, CONTACT).headers["Location"] == "/request/sent/"
    assert AppointmentRequest.objects.count() == 1


def test_an_old_check_page_sent_again_during_a_new_request_changes_nothing(patient: Client) -> None:
    fill(patient)
    page = hidden(patient.get("/request/check/"))
    patient.post("/request/check/", page)
    answer(patient, "/request/", VISIT)
    assert patient.post("/request/check/", page).headers["Location"] == "/request/sent/"
    assert AppointmentRequest.objects.count() == 1


def test_a_double_tap_in_two_threads_of_the_server_makes_one_request(patient: Client) -> None:
    fill(patient)
    page = hidden(patient.get("/request/check/"))
    before = dict(patient.session.items())
    patient.post("/request/check/", page)
    session = patient.session
    for key in list(session.keys()):
        del session[key]
    session.update(before)  # what the second thread had read before the first one answered
    session.save()
    assert patient.post("/request/check/", page).headers["Location"] == "/request/sent/"
    assert AppointmentRequest.objects.count() == 1


def test_answers_that_were_changed_in_another_window_are_not_sent_unseen(patient: Client) -> None:
    fill(patient)
    page = hidden(patient.get("/request/check/"))
    answer(patient, "/request/contact/", {**CONTACT, "name": "Somebody Else"})
    response = patient.post("/request/check/", page)
    assert "Your answers were changed in another window. Check them and send again" in text(response)
    assert "<title>Error: " in response.content.decode()
    assert not AppointmentRequest.objects.exists()
    assert patient.post("/request/check/", hidden(response)).headers["Location"] == "/request/sent/"
    assert the_request().name == "Somebody Else"


def test_the_same_answers_sent_again_do_not_make_the_check_page_stale(patient: Client) -> None:
    fill(patient)
    page = hidden(patient.get("/request/check/"))
    answer(patient, "/request/contact/", CONTACT)
    assert patient.post("/request/check/", page).headers["Location"] == "/request/sent/"


def test_a_filled_trap_is_quarantined_and_looks_normal(patient: Client) -> None:
    answer(patient, "/request/", VISIT, website="http://spam.example")
    answer(patient, "/request/times/", TIMES)
    answer(patient, "/request/contact/", CONTACT)
    assert send(patient).headers["Location"] == "/request/sent/"
    assert (the_request().status, the_request().status_reason) == (Status.QUARANTINED, "honeypot")
    assert not the_request().messages.exists()
    assert not ConsentEvent.objects.exists()
    words = text(patient.get("/request/sent/"))
    assert "We have your request" in words
    assert the_request().spaced_reference in words


def test_a_request_sent_within_seconds_is_quarantined_and_looks_normal(clock: Any) -> None:
    client = Client()
    fill(client)
    clock.shift(4)
    assert send(client).headers["Location"] == "/request/sent/"
    assert (the_request().status, the_request().status_reason) == (Status.QUARANTINED, "too_fast")


def test_five_seconds_are_enough_for_a_person(clock: Any) -> None:
    client = Client()
    fill(client)
    clock.shift(5)
    send(client)
    assert the_request().status == Status.NEW


def test_a_forged_stamp_is_quarantined(patient: Client) -> None:
    fill(patient)
    send(patient, ts="1796666400:forged")
    assert the_request().status == Status.QUARANTINED


def close(day: date) -> None:
    Closure.objects.create(first_day=day, last_day=day)


def test_a_day_that_filled_up_before_step_2_is_sent_is_named_and_the_other_is_kept(patient: Client) -> None:
    answer(patient, "/request/", VISIT)
    page = hidden(patient.get("/request/times/"))
    close(date(2026, 12, 16))
    response = patient.post("/request/times/", {**page, **TIMES}, follow=True)
    assert "Wednesday, December 16 is no longer free. Choose another day" in text(response)
    html = response.content.decode()
    assert re.search(r'value="2026-12-18" id="[^"]+" checked', html)
    assert 'value="2026-12-16"' not in html


def test_a_day_that_filled_up_before_sending_leads_back_to_the_days(patient: Client) -> None:
    fill(patient)
    page = hidden(patient.get("/request/check/"))
    close(date(2026, 12, 16))
    response = patient.post("/request/check/", page, follow=True)
    assert response.redirect_chain == [("/request/times/?return=check", 302)]
    assert "Wednesday, December 16 is no longer free. Choose another day" in text(response)
    assert not AppointmentRequest.objects.exists()
    again = answer(patient, "/request/times/?return=check", {"timing": "days", "days": ["2026-12-18"]})
    assert again.headers["Location"] == "/request/check/"


def test_a_forged_day_is_refused_in_plain_words(patient: Client) -> None:
    answer(patient, "/request/", VISIT)
    response = answer(patient, "/request/times/", {"timing": "days", "days": ["2026-12-16", "../../etc"]})
    assert "Select one of the options on this page" in text(response)


def test_twelve_days_are_shown_and_a_button_shows_later_ones(patient: Client) -> None:
    answer(patient, "/request/", VISIT)

    def listed(path: str) -> int:
        return patient.get(path).content.decode().count('name="days"')

    assert listed("/request/times/") == 12
    assert 'name="show" value="24"' in patient.get("/request/times/").content.decode()
    assert listed("/request/times/?show=24") == 24
    for absurd in ("-1", "9" * 400, "x", "٣"):
        assert listed(f"/request/times/?show={absurd}") == 12
    assert 'name="show"' not in patient.get("/request/times/?show=366").content.decode()


def test_showing_later_days_keeps_every_answer_of_the_page(patient: Client) -> None:
    answer(patient, "/request/", VISIT)
    later = re.findall(r'name="days" value="([\d-]+)"', patient.get("/request/times/?show=24").content.decode())[-1]
    typed = {
        "timing": "help",
        "days": ["2026-12-16", later],
        "daypart": "morning",
        "avoid": "December 20",
        "show": "24",
    }
    path = "/request/times/?return=check"
    answered = patient.post(path, {**hidden(patient.get(path)), **typed})
    assert answered.headers["Location"] == "/request/times/?return=check&show=24"
    html = patient.get(answered.headers["Location"]).content.decode()
    assert html.count('name="days"') == 24
    for value in ("help", "2026-12-16", later, "morning"):
        assert re.search(f'value="{value}" id="[^"]+" checked', html)
    assert 'value="December 20"' in html
    assert "<title>Error" not in html
    assert patient.get("/request/contact/").headers["Location"] == "/request/times/"  # nothing of it counts as answered


def test_days_are_grouped_by_month(patient: Client) -> None:
    answer(patient, "/request/", VISIT)
    words = text(patient.get("/request/times/"))
    assert "December 2026 Mon, Dec 14 Wed, Dec 16" in words


def test_the_first_day_leaves_time_for_the_answer_and_the_medicine(patient: Client) -> None:
    Fact.objects.update_or_create(key="prescription_fill_days", defaults={"value": "2"})
    Fact.objects.update_or_create(key="antibiotic_start_days_before", defaults={"value": "2"})
    answer(patient, "/request/", VISIT)
    assert "Dec 11" not in text(patient.get("/request/times/"))


def test_an_empty_calendar_says_so_and_offers_help(patient: Client) -> None:
    WeeklyHours.objects.all().delete()
    answer(patient, "/request/", VISIT)
    page = patient.get("/request/times/")
    assert "We have no open days to show you right now" in text(page)
    assert 'name="days"' not in page.content.decode()
    assert answer(patient, "/request/times/", {"timing": "help"}).headers["Location"] == "/request/contact/"


def test_a_video_visit_asks_its_own_question_and_drops_the_old_answer(patient: Client) -> None:
    fill(patient)
    answer(patient, "/request/?return=check", {"visit": "video", "office": "los-angeles"})
    assert patient.get("/request/check/").headers["Location"] == "/request/times/?return=check"
    page = patient.get("/request/times/")
    assert "Choose days" in text(page)
    assert "after your period" not in text(page)
    assert answer(patient, "/request/times/", {"timing": "any"}).headers["Location"] == "/request/contact/"


def test_without_an_open_office_the_page_says_why_and_what_to_do(patient: Client) -> None:
    Office.objects.update(is_open_for_requests=False)
    assert "We do not take requests online right now" in text(patient.get("/request/"))


def test_an_office_that_closed_meanwhile_is_asked_again(patient: Client) -> None:
    fill(patient)
    Office.objects.filter(slug="los-angeles").update(is_open_for_requests=False)
    response = patient.get("/request/check/", follow=True)
    assert response.redirect_chain == [("/request/", 302)]
    assert "Select one of the options on this page" in text(response)


def test_the_check_page_names_what_was_left_out_in_one_row_with_the_way_to_add_it(patient: Client) -> None:
    fill(patient, times={"timing": "help"}, contact={**CONTACT, "help": [], "language": ""})
    page = patient.get("/request/check/")
    words = text(page)
    assert "Not given Time of day, dates you cannot come Change time of day, dates you cannot come" in words
    left_out = "Email address, best time to call, voice message, language, help for your visit"
    assert f"Not given {left_out} Change" in words
    assert words.count("Not given") == 2
    assert '"/request/contact/?return=check#div_id_email"' in page.content.decode()


def test_the_check_page_keeps_in_sight_what_decides_how_we_reach_her(patient: Client) -> None:
    fill(patient, contact={"name": "Ana", "email": "ana@example.com", "contact": "email"})
    words = text(patient.get("/request/check/"))
    assert "Phone number Not given Change" in words
    assert "Texts No Change" in words


def test_the_check_page_lists_every_answer_and_what_was_skipped(patient: Client) -> None:
    fill(patient)
    words = text(patient.get("/request/check/"))
    for part in ("HSG test", "Los Angeles", "Wednesday, December 16", "Morning", "(213) 555-0134", "Texts Yes"):
        assert part in words
    assert "Not given Email address" in words
    assert "You do not have an appointment yet. We agree on a time with you first." in words
    assert "Never send card details here or by text." in words
    assert "Change phone number" in words


def test_the_price_comes_from_the_facts_and_is_left_out_when_unknown(patient: Client) -> None:
    fill(patient)
    Fact.objects.update_or_create(key="hsg_price", defaults={"value": ""})
    assert "IV sedation" not in text(patient.get("/request/check/"))
    Fact.objects.update_or_create(key="hsg_price", defaults={"value": "950"})
    Fact.objects.update_or_create(key="payment_when", defaults={"value": "You pay on the day."})
    words = text(patient.get("/request/check/"))
    assert "HSG test $950. IV sedation costs extra. You pay on the day." in words


def test_a_visit_says_what_it_costs_where_it_is_chosen(patient: Client) -> None:
    Fact.objects.update_or_create(key="hsg_price", defaults={"value": "950"})
    Service.objects.exclude(key="hsg").update(price_fact="result_talk_value")
    Fact.objects.update_or_create(key="result_talk_value", defaults={"value": ""})
    html = patient.get("/request/").content.decode()
    assert re.findall(r'<span class="hint" id="id_visit_\d_hint">([^<]*)<', html) == ["$950"]
    assert 'value="hsg" id="id_visit_0" aria-describedby="id_visit_0_hint"' in html


def test_a_video_visit_is_not_told_how_one_pays_in_an_office(patient: Client) -> None:
    for key, value in (("result_talk_value", "350"), ("payment_when", "You pay in cash."), ("deposit_rule", "None.")):
        Fact.objects.update_or_create(key=key, defaults={"value": value})
    Service.objects.filter(key="video").update(price_fact="result_talk_value")
    fill(patient, visit={**VISIT, "visit": "video"}, times={"timing": "any"})
    words = text(patient.get("/request/check/"))
    assert "$350. None. Never send card details here or by text." in words
    assert "cash" not in words


def test_a_slip_in_the_email_warns_and_does_not_block(patient: Client) -> None:
    fill(patient, contact={**CONTACT, "email": "ana@gmial.com"})
    assert "You wrote ana@gmial.com. Did you mean ana@gmail.com?" in text(patient.get("/request/check/"))
    assert send(patient).headers["Location"] == "/request/sent/"


def test_a_tick_is_written_to_the_ledger_with_its_evidence(patient: Client) -> None:
    fill(patient)
    patient.defaults |= {"REMOTE_ADDR": "192.0.2.77", "HTTP_USER_AGENT": "Mozilla/5.0 (Example)" + "x" * 300}
    send(patient)
    event = ConsentEvent.objects.get()
    assert (event.kind, event.source, event.page) == ("granted", "form", "/request/contact/")
    assert event.network == "192.0.2.0/24"
    assert event.form_version
    assert event.field_value == "sms_consent=yes"
    assert event.browser.startswith("Mozilla/5.0 (Example)")
    assert len(event.browser) == 200


@pytest.mark.parametrize("value", ["on", "true", "1", "YES"])
def test_another_value_than_the_box_holds_is_no_consent(patient: Client, value: str) -> None:
    fill(patient, contact={**CONTACT, "contact": "phone", "voicemail": "no", "sms_consent": value})
    send(patient)
    assert not ConsentEvent.objects.exists()


def test_the_eleventh_request_of_an_hour_from_one_address_is_told_to_call(
    patient: Client, settings: LazySettings, clock: Any
) -> None:
    settings.REQUEST_LIMIT_PER_HOUR = 1
    fill(patient)
    send(patient)
    patient.get("/request/")
    fill(patient)
    clock.shift(60)
    refused = send(patient)
    assert refused.status_code == 429
    assert "We got several requests from this network" in text(refused)
    assert AppointmentRequest.objects.count() == 1
    clock.shift(timedelta(hours=1))
    assert send(patient).headers["Location"] == "/request/sent/"


def test_zero_means_no_limit(patient: Client, settings: LazySettings, clock: Any) -> None:
    settings.REQUEST_LIMIT_PER_HOUR = 0
    for _round in range(3):
        patient.get("/request/")
        fill(patient)
        clock.shift(60)
        assert send(patient).headers["Location"] == "/request/sent/"
    assert AppointmentRequest.objects.count() == 3


def test_the_address_is_kept_only_as_a_hash(patient: Client) -> None:
    fill(patient)
    send(patient)
    assert re.fullmatch(r"[0-9a-f]{32}", the_request().network_hash)


def test_no_answer_ever_stands_in_an_address(patient: Client) -> None:
    addresses = []
    for path, values in (("/request/", VISIT), ("/request/times/", TIMES), ("/request/contact/", CONTACT)):
        addresses.append(answer(patient, path, values).headers["Location"])
    addresses.append(send(patient).headers["Location"])
    assert all("?" not in address for address in addresses)


@pytest.mark.parametrize("path", ["/request/", "/request/times/", "/request/contact/", "/request/check/"])
def test_pages_are_not_stored_and_not_indexed(patient: Client, path: str) -> None:
    fill(patient)
    response = patient.get(path)
    assert response.headers["Cache-Control"] == "no-store"
    assert '<meta name="robots" content="noindex">' in response.content.decode()
    assert response.headers["Referrer-Policy"] == "same-origin"


def test_a_form_without_its_token_is_refused(clinic: None) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/request/")
    assert client.post("/request/", VISIT).status_code == 403


# Session, generation (once or twice: it is read at most every half second) and the page's own rows. Times and check
# ask for the open days, which takes eight.
@pytest.mark.parametrize(
    ("path", "most"), [("/request/", 5), ("/request/times/", 13), ("/request/contact/", 5), ("/request/check/", 14)]
)
def test_a_page_asks_the_database_few_questions(
    patient: Client, django_assert_max_num_queries: Any, path: str, most: int
) -> None:
    fill(patient)
    patient.get(path)
    with django_assert_max_num_queries(most):
        patient.get(path)


def test_services_come_in_their_order_and_only_those_on_offer(patient: Client) -> None:
    Service.objects.filter(key="unsure").update(is_offered=False)
    html = patient.get("/request/").content.decode()
    assert re.findall(r'name="visit" value="(\w+)"', html) == ["hsg", "video"]


def test_open_days_are_those_of_availability(patient: Client, clock: Any) -> None:
    answer(patient, "/request/", VISIT)
    html = patient.get("/request/times/?show=366").content.decode()
    now = datetime.fromtimestamp(factories.NOW.timestamp() + 60, tz=factories.NOW.tzinfo)
    known = availability.open_days(
        service=Service.objects.get(key="hsg"), office=Office.objects.get(slug="los-angeles"), now=now
    )
    assert re.findall(r'name="days" value="([\d-]+)"', html) == [day.day.isoformat() for day in known]


def test_the_cycle_helper_shows_only_when_the_doctor_gave_the_window(patient: Client) -> None:
    answer(patient, "/request/", VISIT)
    Fact.objects.filter(key__startswith="cycle_").update(value="")
    assert 'id="cycle-helper"' not in patient.get("/request/times/").content.decode()
    for key, value in (("cycle_first_day", "6"), ("cycle_last_day", "12")):
        Fact.objects.update_or_create(key=key, defaults={"value": value})
    html = patient.get("/request/times/").content.decode()
    assert 'id="cycle-helper" hidden data-first="6" data-last="12"' in html
    assert html.count(cycle_script.ELEMENT) == 1
    assert "day&nbsp;6 to day&nbsp;12" in html


ABSURD = [
    "\x00",
    "a" * 10_000,
    "🙂" * 50,
    "\u202eabc",
    "<script>alert(1)</script>",
    "'; --",
    "٣٤٥",
    "%0d%0aX: y",
    "{{ 7 }}",
]


@pytest.mark.parametrize("value", ABSURD)
def test_absurd_values_get_an_answer_and_never_an_error_page(patient: Client, value: str) -> None:
    fill(patient)
    fields = {
        "/request/": ["visit", "office"],
        "/request/times/": ["timing", "days", "daypart", "avoid"],
        "/request/contact/": [*CONTACT, "email", "best_time", "voicemail", "other_language", "ts", "website"],
        "/request/check/": ["form_id"],
    }
    for path, names in fields.items():
        response = answer(patient, path, {name: [value, value] for name in names})
        assert response.status_code == 200
        assert "<script>alert" not in response.content.decode()
        assert 'id="errors"' in response.content.decode()
