"""A form that comes back without its token gets a plain page and loses nothing; browsers' Origin is accepted."""

import re
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from pages import publishing


@pytest.fixture
def browser() -> Client:
    """A client in which the CSRF check is on, as in a browser."""
    return Client(enforce_csrf_checks=True)


def token_in(html: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)
    assert found is not None
    return found[1]


FIRST_STEP = {"visit": "hsg", "office": "los-angeles"}


def test_a_post_with_token_and_the_sites_own_origin_is_accepted(browser: Client, clinic: None, settings: Any) -> None:
    token = token_in(browser.get("/request/").content.decode())
    answer = browser.post("/request/", {**FIRST_STEP, "csrfmiddlewaretoken": token}, HTTP_ORIGIN="http://testserver")
    assert answer.status_code == 302


@pytest.mark.parametrize("origin", ["null", "https://evil.example"])
def test_a_foreign_or_hidden_origin_is_refused(browser: Client, clinic: None, origin: str) -> None:
    token = token_in(browser.get("/request/").content.decode())
    answer = browser.post("/request/", {**FIRST_STEP, "csrfmiddlewaretoken": token}, HTTP_ORIGIN=origin)
    assert answer.status_code == 403


def test_browsers_send_their_origin_because_of_our_referrer_policy(browser: Client, clinic: None) -> None:
    # With no-referrer they would send `Origin: null`, which the test above shows to be refused.
    assert browser.get("/request/").headers["Referrer-Policy"] == "same-origin"


def test_a_missing_token_gets_a_plain_page_that_is_not_kept(browser: Client, clinic: None) -> None:
    browser.get("/request/")
    answer = browser.post("/request/", FIRST_STEP)
    assert answer.status_code == 403
    assert "Your page was open for a long time" in answer.content.decode()
    assert "CSRF" not in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]


def test_answers_of_the_pages_before_are_kept(browser: Client, clinic: None) -> None:
    token = token_in(browser.get("/request/").content.decode())
    browser.post("/request/", {**FIRST_STEP, "csrfmiddlewaretoken": token})
    assert browser.post("/request/times/", {"timing": "help"}).status_code == 403
    first = browser.get("/request/").content.decode()
    assert re.search(r'value="los-angeles"[^>]*checked|checked[^>]*value="los-angeles"', first)


def test_the_page_is_there_without_the_database(browser: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> int:
        raise DatabaseError

    monkeypatch.setattr(publishing, "generation", gone)
    answer = browser.post("/healthz")
    assert answer.status_code == 403
    assert "Your page was open for a long time" in answer.content.decode()
