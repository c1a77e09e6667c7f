"""Whatever goes wrong, a person gets a page that helps, with the phone number, and loses nothing she typed."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.test import Client, RequestFactory

from booking import links
from clinic_site import errors
from pages import error_files, frame, publishing
from tests import factories


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


def test_what_was_typed_on_the_very_page_is_kept_too(browser: Client, clinic: None) -> None:
    token = token_in(browser.get("/request/").content.decode())
    browser.post("/request/", {**FIRST_STEP, "csrfmiddlewaretoken": token})
    help_me = {"timing": "help", "avoid": "December 14", "csrfmiddlewaretoken": token}
    assert browser.post("/request/times/", help_me).status_code == 302
    typed = {"name": "Ana Example", "phone": "213.555.0134", "contact": "phone", "voicemail": "no"}
    answer = browser.post("/request/contact/", typed, HTTP_SEC_FETCH_SITE="same-origin")
    assert answer.status_code == 403
    assert 'href="/request/contact/"' in answer.content.decode()
    page = browser.get("/request/contact/").content.decode()
    for value in ("Ana Example", "213.555.0134"):
        assert f'value="{value}"' in page
    assert 'id="errors"' not in page


def test_it_is_kept_when_the_session_is_gone_as_well(browser: Client, clinic: None) -> None:
    answer = browser.post("/es/solicitud/", FIRST_STEP, HTTP_ORIGIN="http://testserver")
    assert "Guardamos sus respuestas" in answer.content.decode()
    first = browser.get("/es/solicitud/").content.decode()
    assert re.search(r'value="los-angeles"[^>]*checked', first)


@pytest.mark.parametrize(
    "claimed", [{"HTTP_SEC_FETCH_SITE": "cross-site"}, {"HTTP_ORIGIN": "https://evil.example"}, {}]
)
def test_a_strangers_page_cannot_fill_in_hers(browser: Client, clinic: None, claimed: dict[str, str]) -> None:
    browser.get("/request/")
    answer = browser.post("/request/contact/", {"name": "Not Her"}, **claimed)
    assert "We kept your answers." not in answer.content.decode()
    assert "request_draft" in browser.session
    assert not browser.session["request_draft"].get("refused")


def test_other_forms_are_not_kept(browser: Client, clinic: None) -> None:
    answer = browser.post("/find-request/", {"phone": "213 555 0134"}, HTTP_SEC_FETCH_SITE="same-origin")
    assert answer.status_code == 403
    assert "request_draft" not in browser.session


def test_a_button_on_her_own_page_that_is_refused_leads_back_there_in_her_language(
    browser: Client, clinic: None
) -> None:
    hers = factories.a_request(page_language="es")
    address = f"/r/{links.token(hers)}/"
    page = browser.post(f"{address}cancel/").content.decode()
    assert '<html lang="es"' in page
    assert f'href="{address}"' in page
    assert "Abra su solicitud otra vez" in page
    assert "Guardamos" not in page


HTML = {"HTTP_ACCEPT": "text/html,application/xhtml+xml"}


@pytest.fixture
def phone(db: None) -> Iterator[str]:
    """The number that every error page shows."""
    factories.facts(clinic_phone="+12135550100")
    frame.forget()
    yield "(213)\N{NO-BREAK SPACE}555-0100"
    frame.forget()


def people_are_helped(answer: Any, phone: str, heading: str) -> None:
    html = answer.content.decode()
    assert heading in html
    assert phone in html
    assert answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("path", "heading"), [("/hsg/", "does not take"), ("/es/hsg/", "no acepta")])
def test_an_address_that_takes_nothing_says_so_to_people(db: None, phone: str, path: str, heading: str) -> None:
    answer = Client().put(path, **HTML)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    people_are_helped(answer, phone, heading)


def test_programs_get_the_bare_status(db: None) -> None:
    assert Client().get("/twilio/status/").content == b""
    assert Client().put("/hsg/").content == b""


@pytest.mark.parametrize(("path", "heading"), [("/request/", "too much to send"), ("/es/solicitud/", "demasiado")])
def test_more_than_a_form_holds_is_413(browser: Client, clinic: None, phone: str, path: str, heading: str) -> None:
    browser.get(path)
    answer = browser.post(path, {"name": "x" * 1_100_000})
    assert answer.status_code == 413
    people_are_helped(answer, phone, heading)


@pytest.mark.parametrize(("path", "heading"), [("/hsg/", "could not read"), ("/es/hsg/", "No pudimos leer")])
def test_a_strange_host_name_is_400(db: None, phone: str, path: str, heading: str) -> None:
    answer = Client().get(path, HTTP_HOST="evil.example")
    assert answer.status_code == 400
    people_are_helped(answer, phone, heading)


@pytest.mark.parametrize(("path", "heading"), [("/nowhere/", "cannot find"), ("/es/nada/", "No encontramos")])
def test_a_lost_page_is_404(db: None, phone: str, path: str, heading: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 404
    people_are_helped(answer, phone, heading)


@pytest.mark.parametrize(("path", "heading"), [("/request/", "on our side"), ("/es/solicitud/", "Algo falló")])
def test_a_failure_of_ours_is_500_from_a_file(
    clinic: None, phone: str, monkeypatch: pytest.MonkeyPatch, path: str, heading: str
) -> None:
    error_files.write()

    def fails(*_: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("booking.views.request.Draft", fails)
    answer = Client(raise_request_exception=False).get(path)
    assert answer.status_code == 500
    assert "secret" not in answer.content.decode()
    people_are_helped(answer, phone, heading)
    monkeypatch.setattr(error_files, "read", lambda *_: "")
    assert heading in Client(raise_request_exception=False).get(path).content.decode()


def test_who_may_not_see_a_page_is_told_so(db: None, phone: str) -> None:
    request = RequestFactory().get("/es/hsg/")
    request.user = AnonymousUser()
    answer = errors.forbidden(request, PermissionDenied())
    assert answer.status_code == 403
    assert phone in answer.content.decode()
    assert '<html lang="es">' in answer.content.decode()


def test_without_the_database_the_page_and_its_phone_come_from_a_file(
    browser: Client, db: None, phone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    error_files.write()

    def gone() -> int:
        raise DatabaseError

    monkeypatch.setattr(publishing, "generation", gone)
    answer = browser.post("/healthz")
    assert answer.status_code == 403
    assert "Your page was open for a long time" in answer.content.decode()
    assert phone in answer.content.decode()
    monkeypatch.setattr(error_files, "read", lambda *_: "")
    assert "Your page was open for a long time" in browser.post("/healthz").content.decode()
