"""What a page weighs, on the bytes that are sent: as WhiteNoise and the reading cache compress them. The figures are
promises to somebody on a slow phone."""

import re
from functools import cache
from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from clinic_site.reading_cache import compressed
from pages import cycle_script
from tests.access.states import Shown, named

KB = 1000
LINKED = re.compile(r'(?:src|href)="(/static/[^"]+)"')
HOST = re.compile(r'(?:src|action|poster|data|srcset)="((?:https?:)?//[^"]+)"|<link[^>]+href="((?:https?:)?//[^"]+)"')


@cache  # every page has the same style sheet
def weight(address: str) -> int:
    """A static file as it is sent: a font is compressed already."""
    path = Path(str(finders.find(address.removeprefix("/static/"))))
    return path.stat().st_size if path.suffix == ".woff2" else len(brotli.compress(path.read_bytes(), quality=11))


def html(shown: Shown) -> int:
    """The page in the encoding that every browser takes."""
    return len(compressed(shown.html.encode(), "br"))


def loaded(shown: Shown) -> set[str]:
    """What the browser fetches with the page. The style sheet names the font, which is preloaded on reading pages."""
    return set(LINKED.findall(shown.html)) | {"/static/fonts/figtree-400-700.woff2"}


def of(pages: list[Shown], *kinds: str) -> list[Shown]:
    return [shown for shown in pages if shown.kind in kinds]


def test_the_first_view_of_the_hsg_page_is_at_most_30_kb_in_3_requests(pages: list[Shown]) -> None:
    for shown in named(pages, "public: hsg"):
        assert 1 + len(loaded(shown)) <= 3, shown
        assert html(shown) + sum(map(weight, loaded(shown))) <= 30 * KB, shown


def test_every_first_view_keeps_to_what_the_hsg_page_keeps_to(pages: list[Shown]) -> None:
    heavy = [
        f"{shown}: {total} bytes"
        for shown in of(pages, "public", "request", "patient", "error")
        if (total := html(shown) + sum(map(weight, loaded(shown)))) > 30 * KB
    ]
    assert heavy == []


def test_a_second_page_is_at_most_14_kb(pages: list[Shown]) -> None:
    # Style sheet and font are kept for a year; the page itself, with the script that it may hold, is new.
    assert [f"{shown}: {total} bytes" for shown in pages if (total := html(shown)) > 14 * KB] == []


def test_html_is_at_most_14_kb_compressed_and_45_kb_as_written(pages: list[Shown]) -> None:
    assert [str(shown) for shown in pages if len(compressed(shown.html.encode(), "gzip")) > 14 * KB] == []
    assert [str(shown) for shown in pages if len(shown.html.encode()) > 45 * KB] == []


def test_nothing_needs_a_script_and_the_only_one_is_the_cycle_helper(pages: list[Shown]) -> None:
    for shown in pages:
        scripts = re.findall(r"<script(?![^>]*ld\+json).*?</script>", shown.html, re.DOTALL)
        assert scripts in ([], [cycle_script.ELEMENT]), shown
        has_days = "times" in shown.name or "days" in shown.name
        assert not scripts or has_days or shown.name == "public: prepare", shown


def test_the_cycle_helper_is_at_most_2_kb() -> None:
    assert len(brotli.compress(cycle_script.ELEMENT.encode())) <= 2 * KB


def test_reading_sets_no_cookie(pages: list[Shown]) -> None:
    assert [str(shown) for shown in of(pages, "public") if shown.cookies] == []
    assert [str(shown) for shown in of(pages, "public") if "Cookie" in shown.headers.get("Vary", "")] == []


def test_no_page_names_another_host_to_load_from_or_send_to(pages: list[Shown]) -> None:
    own = settings.SITE_URL
    found = {
        f"{shown}: {address}"
        for shown in pages
        for pair in HOST.findall(shown.html)
        if (address := pair[0] or pair[1]) and not address.startswith(own)
    }
    assert found == set()


@pytest.mark.parametrize("kind", ["public", "request", "patient", "error"])
def test_one_style_sheet_and_no_picture(pages: list[Shown], kind: str) -> None:
    for shown in of(pages, kind):
        assert len(re.findall(r'rel="stylesheet"', shown.html)) == 1, shown
        assert "<img" not in shown.html, shown
