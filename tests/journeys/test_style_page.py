"""The pattern library as a browser lays it out: nothing sticks out of a small screen, and every drawing can be read."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.conftest import Person
from tests.running import Site

WIDTH = 320
# The labels of the explaining drawings: their smallest size in pixels, and what leaves its drawing or covers another.
LABELS = """() => {
  const found = {smallest: 99, bad: []};
  for (const svg of document.querySelectorAll("figure svg")) {
    const box = svg.getBoundingClientRect(), scale = box.width / svg.viewBox.baseVal.width;
    const labels = [...svg.querySelectorAll("text")].map(
      text => ({says: text.textContent, at: text.getBoundingClientRect(),
                size: parseFloat(getComputedStyle(text).fontSize) * scale}));
    for (const one of labels) {
      found.smallest = Math.min(found.smallest, one.size);
      if (one.at.left < box.left - 1 || one.at.right > box.right + 1) found.bad.push(one.says + " leaves the drawing");
      for (const other of labels)
        if (one !== other && one.at.left < other.at.right && other.at.left < one.at.right
            && one.at.top + 3 < other.at.bottom - 3 && other.at.top + 3 < one.at.bottom - 3)
          found.bad.push(one.says + " covers " + other.says);
    }
  }
  return found;
}"""


def test_every_part_stands_on_a_small_screen_in_both_languages(site: Site, person: Callable[..., Person]) -> None:
    staff = person("staff", viewport={"width": WIDTH, "height": 800})
    page = staff.page
    staff.signs_in(site)
    for language, scheme in (("en", "light"), ("es", "dark")):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.goto(f"{site.url}/admin/style/?language={language}")
        expect(page.locator("#errors")).to_be_focused()
        staff.look(f"style-{language}-{scheme}")
        assert page.evaluate("document.documentElement.scrollWidth") == WIDTH
        labels = page.evaluate(LABELS)
        assert labels["bad"] == []
        assert labels["smallest"] >= 13
