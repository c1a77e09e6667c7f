"""WCAG 2.2 AA as far as a rendered page decides it: every page and state of patients in both languages and every
screen of staff, narrow and wide, light and dark.

Each is opened once and looked at from all sides; a test then asks for one kind of finding. Results cannot differ
between databases (see conftest.py), so this runs once.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest
from playwright.sync_api import Route

from tests.access import dom
from tests.access.conftest import Screen
from tests.access.staff_states import SCRIPT_WORDS
from tests.access.states import Shown
from tests.journeys.conftest import SHIFTED
from tests.templates.test_site_css import CSS, FONT, PART, TEXT, contrast, tokens_by_scheme

LOOK = Path(__file__).with_name("look.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = {
    "runOnly": RULES,
    "rules": {"target-size": {"enabled": True}},  # off by default
    "resultTypes": ["violations", "incomplete"],
    "preload": False,
}
# Of axe's rules those that read a colour; no other can find more in the dark than in the light.
AXE_COLOURS = {**AXE, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# Django's admin has an empty corner in its tables: no criterion, a best practice.
AXE_STAFF = {**AXE, "rules": {"target-size": {"enabled": True}, "empty-table-header": {"enabled": False}}}
# Where axe cannot tell the contrast, and why that is no gap. Anything else that it cannot tell is a finding.
CANNOT_TELL = {
    ".g-action *": "It does not read gradients; test_words_on_a_gradient_can_be_read reads both of its ends.",
    "svg text": "It does not look behind words in a drawing; test_words_in_drawings_can_be_read does.",
    ":is(.addlink, .changelink, .viewlink, .messagelist li)": "Django's admin has an icon as background.",
    "#content :is(table, #changelist-filter) *": "A cell half outside a box that scrolls; its row has its colours.",
    ".ProseMirror *": "A long text in an editor lies half outside its box; it has the colours of the first lines.",
    ":is(.counter strong, .action-counter)": "A single digit, in the colour of the words beside it.",
}
# The admin scrolls in a box as high as the window; of words half outside it axe cannot tell the ground.
TALL = 6000
Found = dict[str, list[str]]


def look_at(screen: Screen, states: Iterable[Shown], *, widths: tuple[int, int], patients: bool) -> Found:
    """Every finding about every state, by kind."""
    found: Found = defaultdict(list)
    in_the_dark = set()
    for shown in states:
        screen.open(shown, width=widths[0])
        screen.page.evaluate(LOOK)
        # The dark changes colours alone: one page of a shape is enough, but words in a drawing stand where they stand.
        shape = dom.shape(shown.html) if patients and "<text" not in shown.html else str(shown)
        is_known = shape in in_the_dark
        in_the_dark.add(shape)
        for width, dark in ((widths[0], False), (widths[0], True), (widths[1], True), (widths[1], False)):
            if dark and is_known:
                continue
            screen.turn(width=width, dark=dark, height=800 if patients else TALL)
            where = f"{shown} at {width} px, {'dark' if dark else 'light'}"
            found["in the dark" if dark else "in the light"].append(where)
            axe = AXE_COLOURS if dark else AXE if patients else AXE_STAFF
            asked = [axe, list(CANNOT_TELL)]
            for kind, what in screen.page.evaluate("([o, known]) => look.withAxe(o, known)", asked):
                found[kind].append(f"{where}: {what}")
            found["drawings"] += [f"{where}: {what}" for what in screen.page.evaluate("look.atDrawings()")]
            if not dark:
                screen.turn(width=width, dark=dark)
                for kind, what in screen.page.evaluate("(patients) => look.atLayout(patients)", patients):
                    found[kind].append(f"{where}: {what}")
    return found


def assert_nothing(found: list[str]) -> None:
    """One finding a line: a list of them cannot be read."""
    assert not found, f"{len(found)} findings:\n" + "\n".join(found)


@pytest.fixture(scope="module")
def seen(screen: Screen, pages: list[Shown]) -> Found:
    """What was found about the pages of patients."""
    return look_at(screen, pages, widths=(320, 1280), patients=True)


@pytest.fixture(scope="module")
def seen_by_staff(screen: Screen, screens: list[Shown]) -> Found:
    """What was found about the screens of staff."""
    screen.has(next(shown for shown in screens if shown.name.endswith(SCRIPT_WORDS)))
    return look_at(
        screen,
        [shown for shown in screens if not shown.name.endswith(SCRIPT_WORDS)],
        widths=(360, 1280),
        patients=False,
    )


def test_axe_finds_nothing(seen: Found, pages: list[Shown]) -> None:
    assert_nothing(seen["violation"])
    assert len(seen["in the light"]) == 2 * len(pages)
    assert len(seen["in the dark"]) >= 2 * 60


def test_no_colour_hangs_on_what_the_shape_of_a_page_leaves_out() -> None:
    css = CSS.read_text()
    # By its address a link is kept on one line, and written out in print.
    assert dom.WORDS & set(re.findall(r"\[([\w-]+)\W*=", css)) == {"href"}
    assert re.findall(r":lang|:dir|#[a-z][\w-]*[^;{}]*\{", css) == []


def test_axe_can_tell_every_contrast_or_it_is_written_why_not(seen: Found) -> None:
    assert_nothing(seen["unknown contrast"])


def test_words_in_drawings_can_be_read(seen: Found) -> None:
    assert_nothing(seen["drawings"])


def test_words_on_a_gradient_can_be_read() -> None:
    [ends] = re.findall(r"\.g-action \{[^}]*linear-gradient\(var\(--([\w-]+)\), var\(--([\w-]+)\)\)", CSS.read_text())
    for tokens in tokens_by_scheme().values():
        for ground in ends:
            for text in ("ink", "link", "link-hover"):
                assert contrast(tokens[text], tokens[ground]) >= TEXT, (text, ground)
            assert contrast(tokens["ring"], tokens[ground]) >= PART


def test_1_3_2_what_comes_first_stands_first(seen: Found) -> None:
    assert_nothing(seen["order"])


def test_1_4_10_nothing_has_to_be_scrolled_sideways(seen: Found) -> None:
    assert_nothing(seen["reflow"])


def test_1_4_12_wider_spacing_cuts_nothing_off(seen: Found) -> None:
    assert_nothing(seen["spacing"])


def test_1_4_4_text_of_twice_the_size_cuts_nothing_off(seen: Found) -> None:
    assert_nothing(seen["large text"])


def test_2_4_7_and_2_4_11_focus_is_seen_and_nothing_covers_it(seen: Found) -> None:
    assert_nothing(seen["focus"])


def test_2_5_8_targets_are_large_and_ours_are_44_px(seen: Found) -> None:
    assert_nothing(seen["target"])


def test_no_page_asks_another_host(seen: Found, seen_by_staff: Found, screen: Screen) -> None:
    assert screen.asked_elsewhere == []


def test_axe_finds_nothing_on_the_screens_of_staff(seen_by_staff: Found) -> None:
    assert_nothing(seen_by_staff["violation"])
    assert_nothing(seen_by_staff["unknown contrast"])


def test_words_in_the_drawings_of_staff_can_be_read(seen_by_staff: Found) -> None:
    assert_nothing(seen_by_staff["drawings"])


def test_a_phone_is_wide_enough_for_the_screens_of_staff(seen_by_staff: Found) -> None:
    assert_nothing(seen_by_staff["reflow"])


def test_staff_see_where_the_focus_is(seen_by_staff: Found) -> None:
    assert_nothing(seen_by_staff["focus"])


def test_staff_drag_nothing(seen_by_staff: Found) -> None:
    assert_nothing(seen_by_staff["drag"])


@pytest.mark.parametrize("name", ["public: hsg", "request: contact", "patient: new", "error: 404"])
def test_2_4_1_the_first_tab_shows_the_way_past_the_header(screen: Screen, pages: list[Shown], name: str) -> None:
    screen.open(next(shown for shown in pages if shown.name == name), width=320)
    page = screen.page
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    box = skip.bounding_box()
    assert page.evaluate("document.activeElement.className") == "skip"
    assert box is not None
    assert box["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("name", ["public: home", "public: hsg", "public: prepare", "request: times"])
def test_nothing_moves_while_a_page_loads_and_its_script_starts(screen: Screen, pages: list[Shown], name: str) -> None:
    screen.open(next(shown for shown in pages if shown.name == name), width=320, is_hurried=True)
    screen.page.wait_for_load_state("load")
    if screen.page.locator("#cycle-helper").count():
        screen.page.locator("#cycle-helper input[type=date]").wait_for()
    assert screen.page.evaluate(SHIFTED) == pytest.approx(0, abs=0.001)


@pytest.mark.parametrize("name", ["public: home", "public: hsg"])
def test_nothing_moves_when_the_font_comes_late(screen: Screen, pages: list[Shown], name: str) -> None:
    """No fallback has the same widths on every machine, so a late font waits for the next page."""
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    screen.page.route("**/*.woff2", hold)
    screen.open(next(shown for shown in pages if shown.name == name), width=320, is_hurried=True)
    screen.page.evaluate("new Promise((painted) => setTimeout(painted, 400))")  # past what a browser waits for a font
    for route in late:
        route.fulfill(path=FONT, content_type="font/woff2")
    screen.page.wait_for_load_state("load")
    screen.page.unroute("**/*.woff2", hold)
    assert screen.page.evaluate(SHIFTED) == 0
