"""A morning at the desk: a caller entered in less than a minute, the usual answer in two clicks from the queue, a
search that leaves no trace, ticks before the visit, the reports."""

import re
from collections.abc import Callable
from datetime import date, timedelta

from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, Person
from tests.running import Site

NAME, NUMBER = "Ana Caller Example", "2135550177"
# Every press of a mouse or a finger is counted; window.name outlives the pages of a tab.
COUNT_CLICKS = "addEventListener('click', event => { if (event.detail) window.name = +(window.name || 0) + 1 }, true)"
# Keystroke-level model (Card, Moran, Newell 1980): a key of a good typist, pointing and clicking, thinking before it.
KEY, POINT, THINK = 0.2, 1.3, 1.35
WORDS_A_SECOND = 2.5  # read aloud


def test_a_morning_at_the_desk(site: Site, person: Callable[..., Person]) -> None:
    desk = person("desk", **DESK)
    desk.page.add_init_script(COUNT_CLICKS)
    desk.signs_in(site)
    # When somebody calls
    seconds = enters_a_caller(desk, site)
    # Then the request is in the queue within a minute, the script for texts read out among it
    assert seconds < 60, seconds
    # When staff give the usual answer
    clicks = answers_from_the_queue(desk, site)
    # Then two clicks were enough
    assert clicks == 2
    ticks_before_the_visit(desk)
    finds_her_by_phone(desk, site)
    reads_the_reports(desk, site)
    works_on_a_phone(person("phone", viewport={"width": 360, "height": 780}), site)
    assert NUMBER not in re.sub(r"\D", "", site.output)
    assert NAME not in site.output


def enters_a_caller(desk: Person, site: Site) -> float:
    """Fill in what an ordinary caller says; the seconds that a person needs for it."""
    page = desk.page
    page.goto(f"{site.url}/admin/booking/appointmentrequest/new-caller/")
    desk.look("01-new-caller")
    page.evaluate("window.name = ''")
    soon = date.today() + timedelta(days=14)
    day = (soon + timedelta(days=-soon.weekday() % 7)).isoformat()  # a Monday: the doctor is in Los Angeles
    typed = {"name": NAME, "phone": NUMBER, "day_1": day}
    for field, text in typed.items():
        page.locator(f"input[name={field}]").fill(text)
    page.locator("input[name=visit]").first.check()
    page.locator("input[name=office]").first.check()
    page.locator("input[name=voicemail][value=yes]").check()
    page.locator("input[name=sms_consent]").check()
    script = page.locator(".script blockquote").first.inner_text()
    page.get_by_role("button", name="Save the request").click()
    expect(page.locator("body")).to_contain_text("Saved. The reference is")
    keys = sum(map(len, typed.values())) + len(typed)  # and a Tab after each
    clicks = int(page.evaluate("window.name"))
    return keys * KEY + clicks * POINT + (len(typed) + clicks) * THINK + len(script.split()) / WORDS_A_SECOND


def answers_from_the_queue(desk: Person, site: Site) -> int:
    page = desk.page
    page.goto(f"{site.url}/admin/booking/appointmentrequest/")
    desk.look("02-queue")
    page.evaluate("window.name = ''")
    page.get_by_role("link", name=NAME).first.click()
    expect(page.locator("#set-time .preview-body, #set-time .preview-head").first).to_be_visible()
    page.get_by_role("button", name=re.compile("^Confirm")).click()
    expect(page.locator("body")).to_contain_text("The time is set:")
    return int(page.evaluate("window.name"))


def ticks_before_the_visit(desk: Person) -> None:
    page = desk.page
    desk.look("03-before-the-visit")
    page.get_by_role("button", name=re.compile("Done.*Prescription sent")).click()
    expect(page.locator("body")).to_contain_text("Ticked: Prescription sent.")
    page.get_by_role("button", name="I am on it").click()
    expect(page.locator("body")).to_contain_text("On it: demo")
    desk.look("04-ticked")


def finds_her_by_phone(desk: Person, site: Site) -> None:
    page = desk.page
    page.goto(f"{site.url}/admin/booking/appointmentrequest/")
    page.get_by_label("Find a patient").fill("(213) 555-0177")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name=NAME)).to_be_visible()
    desk.look("05-found")
    assert_no_digits_of_hers(page)
    page.locator("#changelist-filter a[href*='show=all']").click()
    expect(page.get_by_role("link", name=NAME)).to_be_visible()
    assert_no_digits_of_hers(page)


def assert_no_digits_of_hers(page: Page) -> None:
    visited = page.evaluate("performance.getEntries().map(entry => entry.name).join(' ') + location.href")
    assert "0177" not in visited
    assert "555" not in visited.split("?", 1)[-1]


def reads_the_reports(desk: Person, site: Site) -> None:
    desk.page.goto(f"{site.url}/admin/booking/appointmentrequest/reports/")
    expect(desk.page.locator("svg.chart").first).to_be_visible()
    desk.look("06-reports")


def works_on_a_phone(desk: Person, site: Site) -> None:
    """Nothing runs out of a narrow screen, in the dark."""
    desk.page.emulate_media(color_scheme="dark")
    desk.signs_in(site)
    for name, path in (("queue", ""), ("caller", "new-caller/"), ("reports", "reports/")):
        desk.page.goto(f"{site.url}/admin/booking/appointmentrequest/{path}")
        desk.look(f"phone-{name}")
        assert_nothing_runs_out(desk.page)
    desk.page.goto(f"{site.url}/admin/booking/appointmentrequest/?show=confirmed")
    desk.page.get_by_role("link", name=NAME).first.click()
    desk.look("phone-request")
    assert_nothing_runs_out(desk.page)


def assert_nothing_runs_out(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url
