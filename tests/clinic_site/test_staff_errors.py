"""What goes wrong under /admin/ is said to staff as staff, and never as to a patient."""

import re
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError
from django.test import Client, RequestFactory

from clinic_site import errors
from tests import factories
from tests.booking.admin.desk import QUEUE, address, member_of

HTML = {"HTTP_ACCEPT": "text/html,application/xhtml+xml"}
LOGIN = "/admin/login/"
FROM_HERE = {"HTTP_SEC_FETCH_SITE": "same-origin"}


@pytest.fixture
def browser(staff_user: Any) -> Client:
    """Staff signed in, in a client in which the CSRF check is on, as in a browser."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff_user)
    return client


def staff_are_told(answer: Any, status: int, *sentences: str) -> str:
    page = unescape(answer.content.decode())
    assert answer.status_code == status
    assert "css/staff.css" in page
    assert "Clinic desk" in page
    assert len(re.findall(r"<h1\b", page)) == 1
    for word in ("Request an appointment", "call 911", "Ask for an appointment", "css/site.css"):
        assert word not in page
    for sentence in sentences:
        assert sentence in page
    assert "no-store" in answer.headers["Cache-Control"]
    return page


class TestAPageThatIsNotThere:
    def test_says_so_and_leads_on(self, staff_client: Client) -> None:
        page = staff_are_told(staff_client.get("/admin/nowhere/"), 404, "This page is not there")
        assert 'href="/admin/"' in page
        assert f'href="{QUEUE}"' in page

    def test_leads_to_no_queue_who_may_not_see_it(self, clinic: None) -> None:
        page = staff_are_told(member_of("Editors").get("/admin/nowhere/"), 404)
        assert f'href="{QUEUE}"' not in page

    def test_a_request_that_does_not_exist_is_said_in_the_same_words(self, staff_client: Client) -> None:
        gone = staff_client.get(f"{QUEUE}999/change/")
        assert gone.content == staff_client.get(f"{QUEUE}998/change/").content
        staff_are_told(gone, 404, "This page is not there")

    def test_strangers_are_asked_to_sign_in_and_learn_nothing(self, db: None) -> None:
        assert Client().get("/admin/nowhere/")["Location"] == f"{LOGIN}?next=/admin/nowhere/"

    def test_patients_keep_their_own_page(self, clinic: None) -> None:
        assert "We cannot find that page" in Client().get("/nowhere/").content.decode()


class TestWhatSomebodyMayNotDo:
    def test_is_said_with_whom_to_ask(self, clinic: None) -> None:
        page = staff_are_told(
            member_of("Editors").get(QUEUE), 403, "You may not open this", "Ask who manages the accounts"
        )
        assert 'href="/admin/"' in page

    def test_whether_the_patient_exists_makes_no_difference(self, clinic: None, now: Any) -> None:
        client, asked = member_of("Editors"), factories.a_request()
        there = client.post(address(asked, "decline"))
        gone = client.post(address(asked, "decline").replace(f"/{asked.pk}/", "/999/"))
        assert there.content == gone.content
        staff_are_told(there, 403)


class TestAFormWithoutItsToken:
    def test_signing_in_in_a_second_tab_leads_on_to_what_is_open_already(self, browser: Client) -> None:
        typed = {"username": "desk", "password": "x", "next": QUEUE}
        page = staff_are_told(browser.post(LOGIN, typed), 403, "You are signed in already, in another tab", "as desk")
        assert f'class="press press-main" href="{QUEUE}"' in page

    @pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
    def test_it_never_leads_away_from_the_site(self, browser: Client, onward: str) -> None:
        page = staff_are_told(browser.post(LOGIN, {"next": onward}), 403)
        assert "evil" not in page
        assert "alert(1)" not in page
        assert 'class="press press-main" href="/admin/"' in page

    def test_a_sign_in_page_that_was_open_too_long_is_opened_anew(self, db: None) -> None:
        answer = Client(enforce_csrf_checks=True).post(LOGIN, {"username": "desk", "password": "x"})
        page = staff_are_told(answer, 403, "The page was open too long", "You are not signed in", "allow cookies")
        assert f'class="press press-main" href="{LOGIN}"' in page
        assert "signed in already" not in page

    def test_any_other_form_was_not_saved(self, browser: Client) -> None:
        page = staff_are_told(browser.post(f"{QUEUE}caller/", {"name": "Ana"}), 403, "Nothing was saved")
        assert "what you typed" not in page

    def test_what_was_typed_on_our_own_page_waits_to_be_sent(self, browser: Client) -> None:
        form = f"{QUEUE}caller/"
        page = staff_are_told(browser.post(form, {"name": "Ana Example"}, **FROM_HERE), 403, "We kept what you typed")
        assert f'class="press press-main" href="{form}"' in page
        kept = unescape(browser.get(form).content.decode())
        assert "Ana Example" in kept
        assert "Send it now" in kept
        assert "signed out" not in kept

    def test_a_strangers_page_keeps_nothing(self, browser: Client) -> None:
        form = f"{QUEUE}caller/"
        browser.post(form, {"name": "Not Her"}, HTTP_ORIGIN="https://evil.example")
        browser.post(form, {"name": "Not Her"}, HTTP_SEC_FETCH_SITE="cross-site")
        assert "Not Her" not in browser.get(form).content.decode()

    def test_a_password_is_not_kept(self, browser: Client) -> None:
        form = "/admin/password_change/"
        browser.post(form, {"old_password": "secret words"}, **FROM_HERE)
        assert "kept_form" not in browser.session


class TestTheOthers:
    def test_an_address_that_takes_no_such_thing(self, staff_client: Client) -> None:
        answer = staff_client.put(address(factories.a_request(), "note"), **HTML)
        staff_are_told(answer, 405, "This page does not take what was sent")
        assert answer.headers["Allow"]

    def test_a_strange_host_name_before_anybody_is_known(self, db: None) -> None:
        staff_are_told(Client().get("/admin/", HTTP_HOST="evil.example"), 400, "We could not read that")

    def test_more_than_a_form_holds(self, staff_client: Client, settings: Any) -> None:
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
        answer = staff_client.post(f"{QUEUE}search/", {"q": "x" * 5000})
        staff_are_told(answer, 413, "That is too much to send at once")

    def test_what_cannot_be_read(self, rf: RequestFactory) -> None:
        answer = errors.bad_request(rf.get("/admin/"), SuspiciousOperation())
        assert answer.status_code == 400
        assert "We could not read that" in answer.content.decode()

    def test_a_failure_of_ours_without_what_happened_inside(
        self, staff_user: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(*_: Any, **__: Any) -> None:
            raise RuntimeError("secret")

        monkeypatch.setattr("booking.templatetags.front_desk.counters", fails)
        client = Client(raise_request_exception=False)
        client.force_login(staff_user)
        page = staff_are_told(client.get("/admin/"), 500, "Something failed on our side")
        assert "secret" not in page

    def test_without_a_database_it_is_said_all_the_same(self, rf: RequestFactory) -> None:
        class Gone:
            @property
            def is_authenticated(self) -> bool:
                raise DatabaseError

        request = rf.post("/admin/booking/")
        request.user = Gone()  # type: ignore[assignment]
        answer = errors.page_was_open_too_long(request)
        assert answer.status_code == 403
        assert "The page was open too long" in answer.content.decode()
