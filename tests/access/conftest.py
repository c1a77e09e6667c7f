"""All states of all pages, made once for a run, and the browser that looks at them. Must not judge them."""

import mimetypes
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import axe_playwright_python
import pytest
import time_machine
from django.conf import settings
from django.contrib.staticfiles import finders
from playwright.sync_api import BrowserContext, Page, Route, sync_playwright

from pages import frame
from tests import factories
from tests.access import staff_states, states
from tests.access.states import Shown
from tests.journeys.conftest import CHROMIUM

HOST = "http://clinic.test"
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()
# What a browser makes of a page depends on its bytes alone. They come from the same templates on both databases, where
# the tests without a browser read them; so Chromium looks at them once, in the run on SQLite.
if "sqlite" not in settings.DATABASES["default"]["ENGINE"]:
    collect_ignore_glob = ["test_in_a_browser*.py"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks at the states shares them (tests/one_process.py)."""
    for item in items:
        if Path(str(item.path)).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.django_db)  # pytest-django makes a database only for those who say so
            if "screen" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.browser)
                item.add_marker(pytest.mark.timeout(900))  # the first one looks at hundreds of pages
                if CHROMIUM is None:
                    item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))


@pytest.fixture(scope="session")
def _made(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> tuple[list[Shown], list[Shown]]:
    with django_db_blocker.unblock(), time_machine.travel(factories.NOW, tick=False), states.undone():
        states.load_clinic()
        made = list(states.everything(now=factories.NOW)), list(staff_states.everything(now=factories.NOW))
    frame.forget()  # it holds the frame of a clinic that is gone
    return made


@pytest.fixture(scope="session")
def pages(_made: tuple[list[Shown], list[Shown]]) -> list[Shown]:
    """Every state of every page of patients, in both languages."""
    return _made[0]


@pytest.fixture(scope="session")
def screens(_made: tuple[list[Shown], list[Shown]]) -> list[Shown]:
    """Every screen of staff."""
    return _made[1]


class Screen:
    """One tab that shows what was made, without a server."""

    def __init__(self, context: BrowserContext) -> None:
        self._html: dict[str, Shown] = {}
        self.asked_elsewhere: list[str] = []
        self._waits_for_font = True
        context.route("**/*", self._answer)
        context.add_init_script(f"if (!location.pathname.startsWith('/static/')) {{ {AXE} }}")
        self.page: Page = context.new_page()

    def open(self, shown: Shown, *, width: int, dark: bool = False, is_hurried: bool = False) -> None:
        """Show a state: whole and in the site's own font or, in a hurry, as a reader meets it while it loads."""
        self.has(shown)
        self.turn(width=width, dark=dark)
        self._waits_for_font = not is_hurried
        self.page.goto(HOST + shown.path, wait_until="domcontentloaded" if is_hurried else "load")
        if not is_hurried and 'id="cycle-helper"' in shown.html:
            self.page.locator("#cycle-helper").wait_for()  # its script shows it once the page is painted
        self.page.add_style_tag(content="* { transition: none !important }")  # the admin's own: axe would look halfway

    def turn(self, *, width: int, dark: bool, height: int = 800) -> None:
        """The same page in another window or colour scheme."""
        if self.page.viewport_size != (size := {"width": width, "height": height}):
            self.page.set_viewport_size(size)
        self.page.emulate_media(color_scheme="dark" if dark else "light")

    def has(self, shown: Shown) -> None:
        """Answer its address with it."""
        self._html[shown.path] = shown

    def _answer(self, route: Route) -> None:
        parts = urlsplit(route.request.url)
        if f"{parts.scheme}://{parts.netloc}" != HOST:
            self.asked_elsewhere.append(route.request.url)
            route.abort()
        elif parts.path.startswith("/static/"):
            found = finders.find(parts.path.removeprefix("/static/"))
            kind = mimetypes.guess_type(parts.path)[0] or "application/octet-stream"
            if found is None:
                route.fulfill(status=404, body="")
            elif kind == "text/css" and self._waits_for_font:  # what is measured must not hang on who was faster
                css = Path(str(found)).read_text().replace("font-display: optional", "font-display: block")
                route.fulfill(body=css, content_type=kind)
            else:
                route.fulfill(path=str(found), content_type=kind)
        else:
            shown = self._html.get(parts.path + (f"?{parts.query}" if parts.query else ""))
            if shown is None:
                route.fulfill(status=404, body="")
            else:
                route.fulfill(status=200, body=shown.html, content_type=shown.headers["Content-Type"])


@pytest.fixture(scope="module")
def screen(_made: object) -> Iterator[Screen]:
    """Chromium with one tab. Ends with the module: Playwright's event loop must not stay for tests with a database."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the loop is Playwright's; nothing here asks the database
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = chromium.new_context(viewport={"width": 320, "height": 800}, reduced_motion="reduce")
        context.set_default_timeout(15_000)
        yield Screen(context)
        chromium.close()
