"""python -m tests.draw_social_cards: draws the pictures of shared pages anew from our own drawings, with Chromium.

The words stand here in both languages; they are of the site, not of one clinic. Needs what the journeys need."""

import re
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "static" / "social"
SIZE = {"width": 1200, "height": 630}
WORDS = {"en": "HSG test: what to expect", "es": "Examen HSG: qué esperar"}


def page(language: str) -> str:
    """The HTML of one card."""
    mark = re.search(r"<svg class=\"mark\".*?</svg>", (ROOT / "templates/components/brand.html").read_text(), re.DOTALL)
    art = re.sub(r"\{#.*?#\}", "", (ROOT / "templates/figures/hero-home.svg").read_text())
    assert mark is not None
    html = Path(__file__).with_name("social_card.html").read_text(encoding="utf-8")
    for name, value in (("mark", mark[0]), ("words", WORDS[language]), ("art", art)):
        html = html.replace("{{ " + name + " }}", value)
    return html


def main() -> None:
    """Both languages."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for language in WORDS:
            source = Path(folder, f"{language}.html")
            source.write_text(page(language), encoding="utf-8")
            drawn = browser.new_page(viewport=SIZE, color_scheme="light")
            drawn.goto(source.as_uri())
            drawn.evaluate("document.fonts.ready")
            drawn.screenshot(path=FOLDER / f"card-{language}.png")
        browser.close()


if __name__ == "__main__":
    main()
