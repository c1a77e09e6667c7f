"""What people see who set colours of their own, and what a page looks like where its content ends: rules that no
checker knows."""

import pytest

from tests.access.conftest import Screen
from tests.access.states import Shown

MARKED = """
    [...document.querySelectorAll('.nav a')].filter((a) => {
      const look = getComputedStyle(a);
      return look.textDecorationLine != 'none' || parseFloat(look.borderBlockEndWidth) > 0;
    }).map((a) => a.textContent)
"""
# Words on a filled part of a drawing, in colours that the two do not share.
READABLE = """
    [...document.querySelectorAll('svg .on')].map((words) => {
      const ground = words.closest('svg').querySelector('.df');
      return [getComputedStyle(words).fill, getComputedStyle(ground).fill];
    })
"""
ROOM_BELOW = """
    [...document.querySelectorAll('.g-action')].map((band) => {
      const last = [...band.querySelectorAll('.btn')].at(-1).getBoundingClientRect();
      return band.getBoundingClientRect().bottom - last.bottom;
    })
"""
BELOW_AND_FOOT = """[document.documentElement, document.querySelector('.foot .deep')]
    .map((part) => getComputedStyle(part).backgroundColor)"""


def named(pages: list[Shown], name: str) -> Shown:
    return next(shown for shown in pages if shown.name == name)


@pytest.fixture
def own_colours(screen: Screen) -> Screen:
    screen.page.emulate_media(forced_colors="active")
    yield screen
    screen.page.emulate_media(forced_colors="none")


def test_in_own_colours_the_present_page_alone_is_marked(own_colours: Screen, pages: list[Shown]) -> None:
    own_colours.open(named(pages, "public: hsg"), width=1280)
    assert own_colours.page.evaluate(MARKED) == ["HSG test"]


def test_in_own_colours_words_on_a_filled_part_of_a_drawing_can_be_read(
    own_colours: Screen, pages: list[Shown]
) -> None:
    own_colours.open(named(pages, "public: hsg"), width=1280)
    found = own_colours.page.evaluate(READABLE)
    assert found
    assert all(words != ground for words, ground in found)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_call_to_action_in_the_middle_of_a_page_has_room_below_its_buttons(
    screen: Screen, pages: list[Shown], width: int
) -> None:
    screen.open(named(pages, "public: contact"), width=width)
    [room] = screen.page.evaluate(ROOM_BELOW)
    assert room >= 24


@pytest.mark.parametrize("dark", [False, True])
def test_below_a_short_page_its_foot_goes_on(screen: Screen, pages: list[Shown], dark: bool) -> None:
    screen.open(named(pages, "patient: new"), width=1280, dark=dark)
    below, foot = screen.page.evaluate(BELOW_AND_FOOT)
    assert below == foot
