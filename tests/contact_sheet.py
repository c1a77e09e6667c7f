"""`python -m tests.contact_sheet`: one picture of every page at 360 and 1280 px, light and dark, English and Spanish.
With `--looks contrast forced` the same for people who ask for more contrast or set their own colours.

Starts a site of its own, walks through it as a patient and as staff, and ends it. Must not judge what it shows: people
look at the picture (tests/templates and tests/accessibility judge).
"""

import argparse
import html
import re
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from pages.paths import FIXED_PATHS
from tests.journeys.conftest import CHROMIUM, FASTEST_SECONDS, Person
from tests.journeys.phone import wait_for_texts
from tests.running import ROOT, Site, by_day, launched

FOLDER = ROOT / "var" / "contact-sheet"
LANGUAGES = ("en", "es")
WIDTHS = {360: 800, 1280: 900}
LOOKS: dict[str, dict[str, Any]] = {  # what a person's own machine asks for
    "light": {"color_scheme": "light", "contrast": "no-preference", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "contrast": "no-preference", "forced_colors": "none"},
    "contrast": {"color_scheme": "light", "contrast": "more", "forced_colors": "none"},
    "forced": {"color_scheme": "dark", "contrast": "no-preference", "forced_colors": "active"},
}
TALLEST = {360: 2600, 1280: 2700}  # what is below does not fit on one picture
SHARE = {360: 0.42, 1280: 0.26}  # of its real size, on the sheet
SHEET_STYLE = (
    "body{margin:24px;background:#6d6a66;color:#fff;inline-size:max-content;display:grid;"
    "grid-template-columns:auto auto;gap:0 40px;font:600 18px sans-serif}"
    "div{display:flex;gap:8px;align-items:start;block-size:440px;overflow:hidden}h2{font-size:20px;margin:20px 0 8px}"
)
START = {"en": "/request/", "es": "/es/solicitud/"}
FIND = {"en": "/find-request/", "es": "/es/buscar-solicitud/"}
DESK = {
    "desk-0-first-page": "",
    "desk-1-queue": "booking/appointmentrequest/?show=all",
    "desk-2-request": "booking/appointmentrequest/?show=all",
    "desk-3-week": "booking/heldtime/week/",
    "desk-4-day-sheet": "booking/heldtime/day-sheet/",
    "desk-5-reports": "booking/appointmentrequest/reports/",
}
NUMBERS = {"en": "+12135550134", "es": "+12135550135"}
NAME = {"en": "Maria Example", "es": "María Ejemplo de la Cruz"}


@dataclass
class Sheet:
    """The pictures taken so far, in the order of the walk."""

    folder: Path
    looks: list[str]
    names: list[str] = field(default_factory=list)

    def take(self, page: Page, name: str, language: str) -> None:
        """This page in both widths and every look; a page that scrolls sideways is reported."""
        if name not in self.names:
            self.names.append(name)
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            beside = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if beside:
                print(f"{name} ({language}) is {beside} px wider than a screen of {width} px.", file=sys.stderr)
            for look in self.looks:
                page.emulate_media(**LOOKS[look])
                tall = min(int(page.evaluate("document.documentElement.scrollHeight")), TALLEST[width])
                page.screenshot(
                    path=self.folder / picture(name, language, width, look),
                    full_page=True,
                    clip={"x": 0, "y": 0, "width": width, "height": tall},
                )
        print(f"{language} {name}")


def picture(name: str, language: str, width: int, look: str) -> str:
    """The file name of one picture."""
    return f"{name}-{language}-{width}-{look}.png"


def public_pages(site: Site) -> Iterator[tuple[str, str, str]]:
    """Name, language and path of all pages of the sitemap and of those that wait for the clinic's texts; the English
    path names both."""
    for key in ("procedures", "ftr", "flushing", "lipiodol"):
        for language, path in zip(LANGUAGES, FIXED_PATHS[key], strict=True):
            yield f"procedures_{key}", language, path
    with urllib.request.urlopen(f"{site.url}/sitemap.xml", timeout=20) as answer:
        sitemap = answer.read().decode()
    for entry in re.findall(r"<url>.*?</url>", sitemap, re.DOTALL):
        paths = {code: urlsplit(url).path for code, url in re.findall(r'hreflang="(\w\w)" href="([^"]+)"', entry)}
        own = urlsplit(re.findall(r"<loc>(.*?)</loc>", entry)[0]).path
        language = "es" if own.startswith("/es/") else "en"
        name = paths.get("en", own).strip("/").replace("/", "_") or "home"
        yield name, language, own


def walk(browser: Browser, site: Site, sheet: Sheet, language: str) -> tuple[Page, str]:
    """A patient in this language: every page of the request with and without errors. Returns her page and its link."""
    page = browser.new_context(locale=language, timezone_id="America/Los_Angeles", reduced_motion="reduce").new_page()
    page.goto(site.url + START[language])
    sheet.take(page, "request-1-visit", language)
    goes_on(page)
    sheet.take(page, "request-1-visit-errors", language)
    page.locator("input[name=visit][value=hsg]").check()
    page.locator("input[name=office]").first.check()
    goes_on(page)
    sheet.take(page, "request-2-times", language)
    page.locator("input[name=timing][value=days]").check()
    for number in (0, 1):
        page.locator("input[name=days]").nth(number).check()
    goes_on(page)
    sheet.take(page, "request-3-contact", language)
    page.locator("input[name=phone]").fill("12")
    page.locator("input[name=email]").fill("maria@")
    goes_on(page)
    sheet.take(page, "request-3-contact-errors", language)
    page.locator("input[name=name]").fill(NAME[language])
    page.locator("input[name=phone]").fill(NUMBERS[language])
    page.locator("input[name=email]").fill("")
    page.locator("input[name=sms_consent]").check()
    page.locator("input[name=contact][value=text]").check()
    goes_on(page)
    sheet.take(page, "request-4-check", language)
    page.wait_for_timeout(FASTEST_SECONDS * 1000)
    goes_on(page)
    sheet.take(page, "request-5-sent", language)
    link = page.locator('main a[href*="/r/"]').first.get_attribute("href") or ""
    page.goto(site.url + urlsplit(link).path)
    sheet.take(page, "patient-1-waiting", language)
    page.goto(page.url + "cancel/")
    sheet.take(page, "patient-2-cancel", language)
    page.goto(site.url + FIND[language])
    sheet.take(page, "find-request", language)
    page.goto(site.url + ("/es/" if language == "es" else "/") + "no-such-page/")
    sheet.take(page, "not-found", language)
    return page, urlsplit(link).path


def goes_on(page: Page) -> None:
    """Press the one button of the form."""
    page.locator("main form button.btn[type=submit]").last.click()
    page.wait_for_load_state()


def confirm(page: Page, site: Site) -> None:
    """Staff set the first free time for every request."""
    page.set_viewport_size({"width": 1280, "height": 900})
    Person(page, FOLDER).signs_in(site)
    for name in NAME.values():
        page.goto(f"{site.url}/admin/booking/appointmentrequest/")
        page.get_by_role("link", name=name).first.click()
        page.locator("ul.options a").first.click()
        page.get_by_role("button", name="Confirm and send").click()


def compose(browser: Browser, sheet: Sheet, out: Path) -> None:
    """All pictures on one, a row for each page."""
    rows = []
    for name in sheet.names:
        cells = "".join(
            f'<img src="{picture(name, language, width, look)}" width="{round(width * SHARE[width])}">'
            for language in LANGUAGES
            for width in WIDTHS
            for look in sheet.looks
            if (sheet.folder / picture(name, language, width, look)).exists()
        )
        rows.append(f"<section><h2>{html.escape(name)}</h2><div>{cells}</div></section>")
    look = f"<!doctype html><meta charset=utf-8><style>{SHEET_STYLE}</style>"
    source = sheet.folder / "sheet.html"
    source.write_text(look + "".join(rows), encoding="utf-8")
    page = browser.new_page(viewport={"width": 4400, "height": 1000})
    page.goto(source.as_uri(), wait_until="load")
    page.screenshot(path=out, full_page=True)


def main(arguments: list[str]) -> int:
    """Walk, photograph, compose; 1 when there is no Chromium."""
    parser = argparse.ArgumentParser(prog="python -m tests.contact_sheet", description=__doc__)
    parser.add_argument(
        "--out", type=Path, default=FOLDER / "contact-sheet.png", help="the picture (default: %(default)s)"
    )
    parser.add_argument("--looks", nargs="+", choices=LOOKS, default=["light", "dark"], help="(default: %(default)s)")
    options = parser.parse_args(arguments)
    out = options.out.resolve()
    if CHROMIUM is None:
        print("Chromium is not installed.", file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    sheet = Sheet(FOLDER, options.looks)
    day = by_day(now=datetime.now(UTC))
    with (
        tempfile.TemporaryDirectory() as folder,
        launched(Path(folder), **day) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        reader = browser.new_page()
        for name, language, path in sorted(public_pages(site), key=lambda found: (found[0] != "home", found[0])):
            reader.goto(site.url + path)
            sheet.take(reader, name, language)
        patients = {language: walk(browser, site, sheet, language) for language in LANGUAGES}
        desk = browser.new_context().new_page()
        confirm(desk, site)
        for name, path in DESK.items():
            desk.goto(f"{site.url}/admin/{path}")
            if name == "desk-2-request":
                desk.locator("#result_list th a, #result_list td a").first.click()
            sheet.take(desk, name, "en")
        for language in LANGUAGES:
            desk.goto(f"{site.url}/admin/style/?language={language}")
            sheet.take(desk, "style", language)
        for language, (page, link) in patients.items():
            wait_for_texts(site.phone_url, NUMBERS[language], 2)
            page.goto(site.url + link)
            sheet.take(page, "patient-3-confirmed", language)
            page.goto(site.url + link + "plan/")
            sheet.take(page, "patient-4-plan", language)
        compose(browser, sheet, out)
        browser.close()
    print(out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
