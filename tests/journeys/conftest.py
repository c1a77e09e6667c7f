"""A running site for all journeys of a run, and browsers for the people in them. Must not know what they do."""

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from tests import running

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SCREENSHOTS = running.ROOT / "var" / "screenshots"
AXE_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}

FASTEST_SECONDS = 6  # sent in five, a request looks automated
REFERENCE = re.compile(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}\b")
HER_LINK = re.compile(r"http://\S+/r/[\w-]+/")
# How far things have moved on the page so far; 0 when nothing did.
SHIFTED = """() => new Promise((done) => {
    let sum = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { sum += entry.value; }))
        .observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done(sum), 300);
})"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All journeys share one running site (tests/one_process.py), and none starts without a browser."""
    for item in items:
        if Path(str(item.path)).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.processes)
            if "browser" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.browser)
                if CHROMIUM is None:
                    item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[running.Site]:
    """Web server, worker and simulator as `make run` starts them, on the database of this run."""
    folder = tmp_path_factory.mktemp("site")
    by_day = running.by_day(now=datetime.now(UTC))
    if connection.vendor != "postgresql":
        with running.launched(folder, **by_day) as site:
            yield site
        return
    with (
        running.postgres_database(os.environ["TEST_DATABASE_URL"]) as address,
        running.launched(folder, DATABASE_URL=address, **by_day) as site,
    ):
        yield site


@pytest.fixture
def browser() -> Iterator[Browser]:
    """Chromium. One per journey: Playwright's event loop must not stay for the tests that come after."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        yield chromium
        chromium.close()


@dataclass
class Person:
    """Somebody with a browser: what she sees is looked at with axe and kept as a picture."""

    page: Page
    pictures: Path
    problems: list[str] = field(default_factory=list)
    seen: int = 0

    def look(self, name: str) -> None:
        """Keep a picture of this page and let axe judge it."""
        self.seen += 1
        self.page.screenshot(path=self.pictures / f"{name}.png", full_page=True)
        for violation in Axe().run(self.page, options=AXE_RULES).response["violations"]:
            nodes = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
            self.problems.append(f"{name}: {violation['id']} ({violation['help']}): {nodes}")

    def heading(self) -> str:
        """The heading of the page."""
        return self.page.locator("h1").first.inner_text()

    def sheets(self) -> int:
        """How many sheets of paper this page prints on."""
        return len(re.findall(rb"/Type\s*/Page\b", self.page.pdf(prefer_css_page_size=True)))

    def text(self) -> str:
        """All words of the page."""
        return self.page.locator("body").inner_text()

    def reference(self) -> str:
        """The reference of the request on this page."""
        found = REFERENCE.search(self.text())
        assert found is not None, self.text()
        return found[0]

    def goes_on(self) -> None:
        """To the next page of the request, which has nothing to correct."""
        self.page.get_by_role("button", name="Continue").click()
        expect(self.page.locator("#errors")).to_have_count(0)

    def takes_her_time(self, *, since: float) -> None:
        """As long as a person needs for the request at least."""
        time.sleep(max(0.0, FASTEST_SECONDS - (time.monotonic() - since)))

    def opens_the_link_in(self, words: str) -> None:
        """Her own page, from what a text or an email says."""
        link = HER_LINK.search(words)
        assert link is not None, words
        self.page.goto(link[0])

    def signs_in(self, site: running.Site, path: str = "/admin/") -> None:
        """As staff, on the way to a page of theirs."""
        self.page.goto(f"{site.url}{path}")
        self.page.locator("input[name=username]").fill("demo")
        self.page.locator("input[name=password]").fill(site.password)
        self.page.locator("[type=submit]").first.click()
        expect(self.page).to_have_url(site.url + path)


PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 1, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 900}}


@pytest.fixture
def person(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Person]]:
    """Make people: `person("patient")`, `person("desk", **DESK)`. At the end nobody may have met a problem."""
    people: list[Person] = []

    def make(name: str, **browser_options: Any) -> Person:
        context = browser.new_context(
            **{"locale": "en-US", "timezone_id": "America/Los_Angeles", **PHONE, **browser_options}
        )
        pictures = SCREENSHOTS / connection.vendor / request.node.name
        pictures.mkdir(parents=True, exist_ok=True)
        made = Person(context.new_page(), pictures)
        made.page.set_default_timeout(15_000)

        def heard(message: ConsoleMessage) -> None:
            if message.type == "error":
                made.problems.append(f"console at {urlsplit(message.location.get('url', '')).path}: {message.text}")

        def asked(question: Request) -> None:
            if urlsplit(question.url).hostname not in {"localhost", "127.0.0.1", None}:
                made.problems.append(f"asked a third party: {question.url}")

        context.on("console", heard)
        context.on("request", asked)
        context.on("weberror", lambda error: made.problems.append(f"script: {error.error}"))
        people.append(made)
        return made

    yield make
    assert [problem for one in people for problem in one.problems] == []
