"""The stylesheet keeps its promises: contrast of every token pair, size, nothing that sticks or hides focus."""

import re
from pathlib import Path

import brotli
import pytest
from django.conf import settings

CSS = Path(settings.BASE_DIR, "static/css/site.css")
FONT = Path(settings.BASE_DIR, "static/fonts/figtree-400-700.woff2")
TEXT, PART = 4.5, 3.0
GROUNDS = ["bg", "surface", "tint"]
STATES = ["ok", "err", "warn", "info"]


def tokens_by_scheme() -> dict[str, dict[str, str]]:
    layer = re.search(r"@layer tokens \{(.*?)\n\}", CSS.read_text(), re.DOTALL)
    assert layer
    light_part, dark_part = layer[1].split("@media screen and (prefers-color-scheme: dark)")
    found = {
        name: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", part))
        for name, part in (("light", light_part), ("dark", dark_part))
    }
    return {"light": found["light"], "dark": {**found["light"], **found["dark"]}}


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_pairs() -> list[tuple[str, str]]:
    pairs = [(text, ground) for text in ("ink", "ink-2", "link", "link-hover", "visited", "err") for ground in GROUNDS]
    pairs += [(text, f"{state}-bg") for state in STATES for text in (state, "ink", "ink-2", "link")]
    # The last call to action stands on a sky that goes from paper to peach.
    pairs += [(text, "peach") for text in ("ink", "link", "link-hover")]
    # White numbers on the round mark of a care card, words on buttons, the dark band and its light button.
    pairs += [("bg", state) for state in STATES]
    return [*pairs, ("on-primary", "primary"), ("on-primary", "primary-hover"), ("on-deep", "deep"), ("err", "err-bg")]


def test_white_on_black_is_twenty_one() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), text_pairs())
def test_every_text_can_be_read(scheme: str, text: str, ground: str) -> None:
    tokens = tokens_by_scheme()[scheme]
    assert contrast(tokens[text], tokens[ground]) >= TEXT


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ground", [*GROUNDS, *(f"{state}-bg" for state in STATES)])
@pytest.mark.parametrize("part", ["control", "primary", "ring", "err"])
def test_every_edge_that_matters_can_be_seen(scheme: str, part: str, ground: str) -> None:
    tokens = tokens_by_scheme()[scheme]
    assert contrast(tokens[part], tokens[ground]) >= PART


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_focus_ring_stands_out_on_the_dark_band(scheme: str) -> None:
    assert contrast("#ffd34d", tokens_by_scheme()[scheme]["deep"]) >= PART


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["bg", "surface", "peach"])
def test_the_edge_of_a_button_can_be_seen_where_buttons_stand(scheme: str, ground: str) -> None:
    tokens = tokens_by_scheme()[scheme]
    assert contrast(tokens["primary"], tokens[ground]) >= PART


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_parts_of_a_drawing_differ_from_each_other(scheme: str) -> None:
    tokens = tokens_by_scheme()[scheme]
    for stroke in ("ink", "link", "err"):
        assert contrast(tokens[stroke], tokens["peach"]) >= PART, stroke


def test_both_schemes_name_the_same_colours() -> None:
    text = CSS.read_text()
    light_part, dark_part = text.split("@media screen and (prefers-color-scheme: dark)")
    dark = set(re.findall(r"--([\w-]+): (?:#|transparent)", dark_part.split("@layer text")[0]))
    light = set(re.findall(r"--([\w-]+): #", light_part))
    assert light == dark


def test_colours_live_in_tokens_only() -> None:
    text = CSS.read_text()
    rules = text[text.index("@layer text {") : text.index("@layer print {")]
    # The focus ring of the dark band is the one colour that both schemes share.
    assert set(re.findall(r"#[0-9a-f]{3,8}\b", rules)) == {"#ffd34d"}


def test_the_stylesheet_is_at_most_6_kb_compressed() -> None:
    assert len(brotli.compress(CSS.read_bytes())) <= 6000


def test_the_font_comes_in_one_round_trip() -> None:
    assert FONT.stat().st_size <= 10 * 1460 - 1_000  # with its headers in the first ten packets: no second round trip


@pytest.mark.parametrize(
    "forbidden", ["sticky", "position: fixed", "@import", "!important", "http:", "https:", "outline: none"]
)
def test_the_stylesheet_does_without(forbidden: str) -> None:
    assert forbidden not in CSS.read_text()


@pytest.mark.parametrize(
    "side", ["left", "right", "margin-top", "margin-bottom", "padding-top", "padding-bottom", "float"]
)
def test_directions_are_logical(side: str) -> None:
    assert not re.search(rf"[{{;\s]{side}\b\s*:|-{side}\s*:", CSS.read_text())


def test_motion_is_only_for_those_who_did_not_ask_for_less() -> None:
    text = CSS.read_text()
    calm = re.search(r"@media \(prefers-reduced-motion: no-preference\) \{.*\}", text)
    assert calm
    rest = text.replace(calm[0], "")
    assert "transition" not in rest
    assert "animation" not in rest
    assert "smooth" not in rest
