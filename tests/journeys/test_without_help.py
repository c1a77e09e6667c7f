"""The request as people do it who have only a keyboard, no JavaScript, or another language halfway; and what the cycle
helper leaves behind, which is nothing."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from tests.journeys.conftest import SHIFTED, Person
from tests.running import Site


def focused(page: Page, what: str) -> str:
    """A property of the element that has the focus."""
    return str(page.evaluate(f"document.activeElement.{what}"))


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until it has the focus; a trap or a missing stop ends the journey."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} was not reached with Tab from {focused(page, 'outerHTML')[:200]}")


def presses(page: Page, selector: str, key: str) -> None:
    """Go there with Tab and press a key."""
    tab_to(page, selector)
    page.keyboard.press(key)


def opens(page: Page, selector: str) -> None:
    """Go there with Tab and press Enter, which loads a page."""
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_request_with_the_keyboard_alone(site: Site, person: Callable[..., Person]) -> None:
    patient, began = person("keyboard"), time.monotonic()
    page = patient.page
    # Given somebody who never touches a mouse
    page.goto(f"{site.url}/hsg/")
    opens(page, "main a[href='/request/']")
    # When she forgets an answer, the summary has the focus and leads to the field
    opens(page, "main form [type=submit]:not([name])")
    assert focused(page, "id") == "errors"
    presses(page, "#errors a[href='#id_office_0']", "Enter")
    assert focused(page, "id") == "id_office_0"
    # When she answers with Space and arrow keys
    page.goto(page.url)
    presses(page, "#id_visit_0", "Space")
    presses(page, "#id_office_0", "Space")
    page.keyboard.press("ArrowDown")
    assert page.locator("#id_office_1").is_checked()
    opens(page, "main form [type=submit]:not([name])")
    presses(page, "[name=timing]", "Space")
    presses(page, "[name=days]", "Space")
    opens(page, "main form [type=submit]:not([name])")
    for name, words in (("name", "Tab Example"), ("phone", "213.555.0145"), ("email", "tab@example.com")):
        tab_to(page, f"[name={name}]")
        page.keyboard.type(words)
    presses(page, "[name=contact]", "Space")
    presses(page, "[name=voicemail]", "Space")
    opens(page, "main form [type=submit]:not([name])")
    assert patient.heading() == "Check your answers and send"
    # Then it is sent, and her page can be opened and the request withdrawn
    patient.takes_her_time(since=began)
    opens(page, "main form [type=submit]:not([name])")
    assert patient.reference()
    opens(page, "main a[href^='/r/']")
    opens(page, "main a[href$='/cancel/']")
    opens(page, "main form [type=submit]:not([name])")
    assert patient.heading() == "This request is cancelled"


def test_a_request_without_javascript(site: Site, person: Callable[..., Person]) -> None:
    patient, began = person("no script", java_script_enabled=False), time.monotonic()
    page = patient.page
    page.goto(f"{site.url}/request/")
    for path in ("/request/", "/request/times/", "/request/contact/"):
        # Each page, sent empty, shows what to fix first and moves the focus there without a script
        assert page.url == site.url + path
        page.locator("main form [type=submit]:not([name])").click()
        expect(page.locator("#errors")).to_be_focused()
        assert page.title().startswith("Error: ")
        assert page.locator("#cycle-helper:visible").count() == 0
        fills_in(page, path)
        page.locator("main form [type=submit]:not([name])").click()
    expect(page).to_have_url(f"{site.url}/request/check/")
    patient.takes_her_time(since=began)
    page.locator("main form [type=submit]:not([name])").click()
    assert patient.reference()


def fills_in(page: Page, path: str) -> None:
    if path == "/request/":
        page.locator("[name=visit][value=hsg]").check()
        page.locator("[name=office][value=any]").check()
    elif path == "/request/times/":
        page.locator("[name=timing][value=days]").check()
        page.locator("[name=days]").first.check()
    else:
        page.locator("[name=name]").fill("Script Example")
        page.locator("[name=phone]").fill("+1 (213) 555-0156 ext 7")
        page.locator("[name=contact][value=phone]").check()
        page.locator("[name=voicemail][value=no]").check()


def test_answers_are_kept_when_she_goes_on_in_the_other_language(site: Site, person: Callable[..., Person]) -> None:
    patient, began = person("two languages"), time.monotonic()
    page = patient.page
    page.goto(f"{site.url}/request/")
    fills_in(page, "/request/")
    page.get_by_role("button", name="Continue").click()
    fills_in(page, "/request/times/")
    day = page.locator("[name=days]").first.get_attribute("value")
    page.get_by_role("button", name="Continue").click()
    # When she switches on the third page, both pages before are answered in Spanish, too
    page.locator("[name=name]").fill("Half Example")
    page.get_by_role("button", name="Español").click()
    expect(page).to_have_url(f"{site.url}/es/solicitud/contacto/")
    assert page.locator("[name=name]").input_value() == "Half Example"
    fills_in(page, "/request/contact/")
    page.locator("[name=name]").press("Enter")  # goes on, though the button of the language stands before the form
    expect(page).to_have_url(f"{site.url}/es/solicitud/revisar/")
    assert "Script Example" in patient.text()
    page.get_by_role("link", name="Español").or_(page.get_by_role("link", name="English")).click()
    expect(page).to_have_url(f"{site.url}/request/check/")
    for words in ("HSG test", "Any office", "Script Example", "+1 (213) 555-0156 ext 7"):
        assert words in patient.text()
    page.goto(f"{site.url}/es/solicitud/fechas/")
    assert page.locator(f"[name=days][value='{day}']").is_checked()
    page.goto(f"{site.url}/es/solicitud/revisar/")
    patient.takes_her_time(since=began)
    page.get_by_role("button", name="Mandar mi solicitud").click()
    assert patient.heading() == "Recibimos su solicitud"


STORED = """async () => ({
    local: localStorage.length, session: sessionStorage.length, cookies: document.cookie,
    databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
    workers: (await navigator.serviceWorker.getRegistrations()).length, address: location.href, name: window.name,
})"""

# A day some days after another one, as the browser writes it.
WORDS = """([iso, later, language]) => new Intl.DateTimeFormat(language, {
    weekday: "long", month: "long", day: "numeric", timeZone: "UTC",
}).format(Date.parse(iso) + later * 864e5)"""


@pytest.mark.parametrize(("language", "prepare"), [("en", "/hsg/prepare/"), ("es", "/es/hsg/preparacion/")])
def test_the_first_day_of_her_period_goes_nowhere(
    site: Site, person: Callable[..., Person], language: str, prepare: str
) -> None:
    patient = person("cycle")
    page, asked = patient.page, list[Request]()
    page.context.on("request", lambda question: asked.append(question))  # noqa: PLW0108
    # Given the page of days
    page.goto(f"{site.url}/request/")
    fills_in(page, "/request/")
    page.get_by_role("button", name="Continue").click()
    if language == "es":
        page.get_by_role("button", name="Español").click()
    window = page.locator("#cycle-helper")
    first_day = page.locator("[name=days]").first.get_attribute("value")
    page.wait_for_load_state("networkidle")
    before, stored = len(asked), page.evaluate(STORED)
    # When she enters the date that makes the first day listed her sixth
    date = page.evaluate("(iso) => new Date(Date.parse(iso) - 5 * 864e5).toISOString().slice(0, 10)", first_day)
    page.locator("#cycle-start").fill(date)
    # Then days are marked, nothing was asked for, nothing is kept
    assert page.locator(".fits").count() > 0
    assert window.locator("[role=status]").inner_text() != ""
    page.wait_for_timeout(300)
    assert len(asked) == before
    assert page.evaluate(STORED) == stored
    assert (stored["local"], stored["session"], stored["databases"], stored["caches"], stored["workers"]) == (0,) * 5
    # And what is sent afterwards does not hold it either
    fills_in(page, "/request/times/")
    page.locator("main form [type=submit]:not([name])").click()
    page.wait_for_load_state("networkidle")
    # On the page about getting ready it says the days, without a form and without a cookie
    page.context.clear_cookies()
    page.goto(site.url + prepare)
    assert page.locator("form").count() == 0
    other_date = page.evaluate("new Date(Date.now() - 2 * 864e5).toISOString().slice(0, 10)")
    page.locator("#cycle-start").fill(other_date)
    said = page.locator("#cycle-helper [role=status]").inner_text()
    for later in (5, 11):
        assert page.evaluate(WORDS, [other_date, later, language]) in said
    # A period long ago has no days left to choose
    page.locator("#cycle-start").fill("2026-01-05")
    assert {"en": "next period", "es": "próxima regla"}[language] in page.locator("#cycle-helper").inner_text()
    assert page.context.cookies() == []
    for question in asked:
        assert date not in question.url
        assert date not in (question.post_data or "")
        assert other_date not in question.url + (question.post_data or "")


def test_the_first_view_is_30_kb_in_4_requests_and_nothing_moves(site: Site, person: Callable[..., Person]) -> None:
    page, asked = person("slow phone").page, list[Request]()
    page.context.on("requestfinished", lambda question: asked.append(question))  # noqa: PLW0108

    def opened(path: str) -> int:
        asked.clear()
        page.goto(site.url + path, wait_until="networkidle")
        return sum(question.sizes()["responseBodySize"] for question in asked)

    assert opened("/hsg/") <= 30_000
    assert len(asked) <= 4
    assert page.evaluate(SHIFTED) == pytest.approx(0, abs=0.001)
    # The next page brings only itself: style sheet, font and icon are kept for a year
    assert opened("/pricing/") <= 14_000
    assert page.evaluate(SHIFTED) == pytest.approx(0, abs=0.001)
    # Where a script shows something, its place was kept
    assert opened("/hsg/prepare/") <= 14_000
    assert page.locator("#cycle-helper").is_visible()
    assert page.evaluate(SHIFTED) == pytest.approx(0, abs=0.001)
    assert page.context.cookies() == []
