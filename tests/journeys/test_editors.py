"""An editor at work in a browser: the price changed everywhere and put back, sections moved without dragging, every
screen of the content and every kind of section looked at by axe."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, Person
from tests.pages.every_kind import PATHS
from tests.running import Site

SMALL_DESK = {"viewport": {"width": 360, "height": 800}}
MAKE = """
from django.db import transaction
from pages import publishing
from pages.models import Page
from tests.pages import every_kind
with transaction.atomic():
    page = Page.objects.filter(key="every-kind").first() or every_kind.make()
    for language in ("en", "es"):
        publishing.publish(page, language=language, by=None)
print(page.pk)
"""


def every_kind(site: Site) -> int:
    """A page with a sample of every kind, live in both languages; its number."""
    return int(site.manage(MAKE).split()[-1])


class Forgiving(list[str]):
    """The policy refuses the inline styles of the rich text editor (editor.css has what they are for) and of axe."""

    def append(self, problem: str) -> None:
        if "Applying inline style violates" not in problem:
            super().append(problem)


def signed_in(person: Person, site: Site, path: str = "/admin/") -> Page:
    person.problems = Forgiving()
    person.signs_in(site, path)
    return person.page


class Clicks:
    """Counts what an editor has to press."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def __call__(self, role: str, name: str) -> None:
        self.count += 1
        self.page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]


def test_a_price_is_changed_everywhere_with_three_presses_and_put_back_with_one(
    site: Site, person: Callable[..., Person]
) -> None:
    editor, patient = person("editor", **DESK), person("patient")
    page = signed_in(editor, site)
    press = Clicks(page)

    press("link", "Facts")
    press("link", "Price of an HSG")
    page.get_by_label("Value:").fill("975")
    press("button", "Save")
    expect(page.locator(".messagelist")).to_contain_text("is now $975, everywhere on the site")
    assert press.count == 3
    editor.look("fact-changed")
    for path in ("/pricing/", "/es/precios/", "/hsg/", "/es/hsg/", "/faq/"):
        expect_text(patient.page, f"{site.url}{path}", "$975", "$950")

    press("button", "Undo: back to $950")
    expect(page.locator(".messagelist")).to_contain_text("is now $950, everywhere on the site")
    assert press.count == 4
    expect_text(patient.page, f"{site.url}/pricing/", "$950", "$975")


def expect_text(page: Page, address: str, there: str, gone: str) -> None:
    """What is kept in memory is let go within half a second."""
    for _try in range(20):
        page.goto(address)
        words = page.locator("body").inner_text()
        if there in words and gone not in words:
            return
        page.wait_for_timeout(100)
    raise AssertionError((address, there))


def test_a_section_is_moved_with_keys_alone_and_stays_there(site: Site, person: Callable[..., Person]) -> None:
    number = every_kind(site)
    editor = person("editor", **DESK)
    page = signed_in(editor, site, f"/admin/pages/page/{number}/change/")
    sections = page.locator(".order-machine .inline-related:not(.empty-form)")

    def first_two() -> list[str]:
        expect(sections.first.get_by_role("button", name="Move down")).to_be_attached()  # the script has set them out
        titles = sections.evaluate_all(
            "all => all.sort((a, b) => a.style.order - b.style.order).slice(0, 2).map(one => one.id)"
        )
        return [re.sub(r"-?\d+$", "", title) for title in titles]

    before = first_two()
    assert before[0] != before[1]
    down = page.locator(f"[id^='{before[0]}-']:not(.empty-form)").first.get_by_role("button", name="Move down")
    down.focus()
    page.keyboard.press("Enter")
    assert first_two() == before[::-1]
    expect(page.locator("p[role=status]")).to_contain_text("2 /")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator(".messagelist")).to_contain_text("was changed successfully")
    assert first_two() == before[::-1]


def test_every_screen_of_the_content_is_clear_on_a_phone_and_on_a_desk(
    site: Site, person: Callable[..., Person]
) -> None:
    number = every_kind(site)
    for name, options in (("phone", {**SMALL_DESK, "color_scheme": "dark"}), ("desk", DESK)):
        editor = person(name, **options)
        page = signed_in(editor, site)
        one = f"/admin/pages/page/{number}"
        page.goto(f"{site.url}{one}/versions/")
        restore = page.get_by_role("link", name="Restore").first.get_attribute("href")
        for what, path in (
            ("home", "/admin/"),
            ("pages", "/admin/pages/page/"),
            ("editor", f"{one}/change/"),
            ("preview", f"{one}/preview/es/"),
            ("publish", f"{one}/publish/"),
            ("versions", f"{one}/versions/"),
            ("difference", f"{one}/compare/en/?old=1"),
            ("restore", restore),
            ("withdraw", f"{one}/withdraw/es/"),
            ("share", f"{one}/share/"),
            ("reviews", "/admin/pages/page/reviews/"),
            ("approvals", "/admin/pages/page/approvals/"),
            ("transfer", "/admin/pages/page/transfer/"),
            ("facts", "/admin/pages/fact/"),
            ("question", "/admin/pages/question/"),
            ("redirect", "/admin/pages/redirect/add/"),
        ):
            page.goto(f"{site.url}{path}")
            editor.look(f"{name}-{what}")
            if what not in {"facts", "pages", "question"}:  # long tables scroll in a frame of their own
                assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], what  # type: ignore[index]


def test_every_kind_of_section_is_clear_in_both_languages(site: Site, person: Callable[..., Person]) -> None:
    every_kind(site)
    for scheme in ("light", "dark"):
        patient = person(f"patient-{scheme}", viewport={"width": 360, "height": 800}, color_scheme=scheme)
        for path in PATHS:
            patient.page.goto(f"{site.url}{path}")
            patient.look(f"{scheme}{path.replace('/', '-')}")
            assert patient.page.evaluate("document.documentElement.scrollWidth") <= 360
