"""The page that shows the patient's phone."""

import json
import re
from collections.abc import Iterator
from http.client import HTTPConnection
from zoneinfo import ZoneInfo

import pytest

from booking.simulator import Simulator
from booking.simulator.phone import as_number, linked, shown
from tests.booking.simulator.clinic import PATIENT
from tests.booking.simulator.test_api import ask, post_form


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(zone=ZoneInfo("America/Los_Angeles")) as running:
        yield running


def from_clinic(simulator: Simulator, body: str, to: str = PATIENT) -> None:
    simulator.store.add(to=to, sender="+15005550006", body=body, direction="outbound-api", status="delivered")


def html(simulator: Simulator, path: str = "/") -> str:
    status, body = ask(simulator, "GET", path)
    assert status == 200
    return body.decode()


def test_an_empty_phone_says_what_to_do(simulator: Simulator) -> None:
    page = html(simulator)
    assert "<h1>Patient's phone (simulator)</h1>" in page
    assert "No texts yet" in page


def test_bubbles_are_in_order_newest_last(simulator: Simulator) -> None:
    from_clinic(simulator, "First text")
    simulator.text_from_patient(PATIENT, "Second text")
    from_clinic(simulator, "Third text")
    texts = re.findall(r'<p class="text">(.*?)</p>', html(simulator))
    assert texts == ["First text", "Second text", "Third text"]


def test_the_newest_conversation_is_shown_and_others_are_one_press_away(simulator: Simulator) -> None:
    from_clinic(simulator, "To the first")
    from_clinic(simulator, "To the second", to="+12135550143")
    page = html(simulator)
    assert "<h2>(213) 555-0143</h2>" in page
    assert "number=%2B12135550142" in page
    assert "<h2>(213) 555-0142</h2>" in html(simulator, "/?number=%2B12135550142")


def test_a_reply_is_posted_and_comes_back_to_the_conversation(simulator: Simulator) -> None:
    status, _ = post_form(simulator, "/", {"number": PATIENT, "body": "STOP"}, Origin=simulator.url)
    assert status == 303
    page = html(simulator, "/?number=%2B12135550142")
    assert "This number said STOP" in page
    assert "Twilio, by itself" in page


def test_an_empty_reply_or_a_wrong_number_sends_nothing(simulator: Simulator) -> None:
    post_form(simulator, "/", {"number": PATIENT, "body": "   "})
    post_form(simulator, "/", {"number": "nobody", "body": "STOP"})
    assert simulator.messages == []
    assert "This is not a US phone number." in html(simulator, "/?number=nobody")


def test_the_failure_of_a_text_shows_its_code(simulator: Simulator) -> None:
    from_clinic(simulator, "Hello")
    simulator.store.change(simulator.messages[0].sid, status="undelivered", error_code=30003)
    assert "Not delivered (30003)" in html(simulator)


@pytest.mark.parametrize(
    "nasty",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "https://a.example/\"onmouseover='alert(1)'",
        "javascript:alert(1)",
        "https://a.example/<script>",
        "{title} {0} %s",
    ],
)
def test_no_text_becomes_markup(simulator: Simulator, nasty: str) -> None:
    simulator.text_from_patient(PATIENT, nasty)
    page = html(simulator)
    assert "<script" not in page
    assert "<img" not in page
    assert not re.search(r"<[^>]* on[a-z]+=", page)
    assert 'href="javascript' not in page


def test_a_number_in_the_address_does_not_become_markup(simulator: Simulator) -> None:
    assert "<script" not in html(simulator, "/?number=%22%3E%3Cscript%3E")


def test_links_are_links_without_the_full_stop_after_them() -> None:
    assert linked("See https://c.example/r/a?b=1&c=2. Bye") == (
        'See <a href="https://c.example/r/a?b=1&amp;c=2" target="_blank" rel="noopener noreferrer">'
        "https://c.example/r/a?b=1&amp;c=2</a>. Bye"
    )


def test_numbers_are_read_as_people_write_them() -> None:
    assert as_number("(213) 555-0142") == as_number("+1 213 555 0142") == as_number("2135550142") == PATIENT
    assert as_number("555-0142") == as_number("") == ""
    assert shown(PATIENT) == "(213) 555-0142"


def test_the_page_has_no_inline_style_script_or_refresh_and_a_strict_policy(simulator: Simulator) -> None:
    from_clinic(simulator, "Hello")
    page = html(simulator)
    for word in ("<script", "style=", "<style", 'http-equiv="refresh"', "//fonts"):
        assert word not in page
    connection = HTTPConnection(simulator.url.removeprefix("http://"), timeout=3)
    connection.request("GET", "/")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert "default-src 'none'; style-src 'self'" in answer.headers["Content-Security-Policy"]
    assert ask(simulator, "GET", "/phone.css")[1].startswith(b"/*")


def test_the_messages_are_there_as_json(simulator: Simulator) -> None:
    from_clinic(simulator, "Hello")
    simulator.text_from_patient("+12135550143", "Hi")
    whole = json.loads(ask(simulator, "GET", "/simulator/messages.json")[1])["messages"]
    assert [one["body"] for one in whole] == ["Hello", "Hi"]
    one_number = ask(simulator, "GET", "/simulator/messages.json?number=%2B12135550143")[1]
    assert [one["direction"] for one in json.loads(one_number)["messages"]] == ["inbound"]
