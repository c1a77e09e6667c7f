"""The cycle helper of step 2 in a real browser, under the policy of its page: it marks days and sends nothing."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from csp.utils import build_policy
from django.conf import settings
from django.template.loader import render_to_string
from playwright.sync_api import Page, sync_playwright

from pages import cycle_script
from tests.journeys.conftest import CHROMIUM

pytestmark = pytest.mark.browser
ANOTHER = "<script>document.title = 'Another script ran'</script>"
DAYS = ["2026-12-10", "2026-12-14", "2026-12-16", "2027-01-04"]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """The helper and four days, without the rest of the page."""
    rows = "".join(
        f'<div class="opt"><input type="checkbox" name="days" value="{day}" id="d{n}">'
        f'<label for="d{n}">{date.fromisoformat(day):%b %d}{": morning only" if n else ""}</label></div>'
        for n, day in enumerate(DAYS)
    )
    helper = render_to_string("components/cycle_helper.html", {"cycle_first_day": 6, "cycle_last_day": 12})
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        without = browser.new_context(java_script_enabled=False).new_page()
        without.set_content(html := f"{helper}<form>{rows}</form>")
        assert without.locator("#cycle-helper").is_hidden()
        opened = browser.new_page()
        policy = build_policy(config=settings.CONTENT_SECURITY_POLICY["DIRECTIVES"])
        opened.route(
            "**/*",
            lambda route: route.fulfill(
                body=html + cycle_script.ELEMENT + ANOTHER,
                content_type="text/html; charset=utf-8",
                headers={"Content-Security-Policy": policy},
            ),
        )
        opened.goto("http://clinic.test/request/times/")
        opened.locator("#cycle-helper").wait_for()
        yield opened
        browser.close()


def marked(page: Page) -> list[Any]:
    return [row.inner_text() for row in page.locator("label:has(.fits)").all()]


def test_days_inside_the_window_are_marked_in_words(page: Page) -> None:
    page.fill("#cycle-start", "2026-12-05")  # day 6 is December 10, day 12 is December 16
    rows = ("Dec 10", "Dec 14: morning only", "Dec 16: morning only")  # the first is free the whole day
    assert marked(page) == [f"{row} – fits your cycle" for row in rows]
    assert page.locator("[role=status]").inner_text() == "These days on this page fit: Dec 10; Dec 14; Dec 16."


def test_another_date_marks_anew_and_none_is_said(page: Page) -> None:
    page.fill("#cycle-start", "2026-11-01")
    assert marked(page) == []
    assert page.locator("[role=status]").inner_text().startswith("None of the days on this page fit.")
    page.fill("#cycle-start", "")
    assert page.locator("[role=status]").inner_text() == ""


def test_the_date_has_no_name_and_stands_outside_the_form(page: Page) -> None:
    assert page.evaluate("document.getElementById('cycle-start').name") == ""
    assert page.evaluate("document.getElementById('cycle-start').form") is None


def test_the_policy_of_the_page_lets_no_other_script_run(page: Page) -> None:
    assert page.locator("#cycle-helper").is_visible()
    assert page.title() != "Another script ran"
