"""What every template file of the public site keeps to, read as text."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

from pages.models import SECTION_MODELS
from pages.models.sections import FigureSection, StepSection

FOLDER = Path(settings.BASE_DIR, "templates")
TEMPLATES = sorted(path for path in FOLDER.rglob("*") if path.suffix in {".html", ".svg"} and "admin" not in path.parts)
EXPLAINING = ["tubes-open", "tubes-blocked", "cycle", "plan", "blockage", "room"]
DECORATION = sorted({path.stem for path in FOLDER.glob("figures/*.svg")} - set(EXPLAINING))


def name(path: Path) -> str:
    return str(path.relative_to(FOLDER))


each_template = pytest.mark.parametrize("path", TEMPLATES, ids=name)


@each_template
def test_it_parses(path: Path) -> None:
    assert get_template(name(path))


@each_template
def test_it_has_no_inline_style_script_or_handler(path: Path) -> None:
    text = path.read_text()
    if path.name != "email.html":  # no page: mail programs know no stylesheet beside it
        assert "style=" not in text
        assert "<style" not in text
    assert "<script" not in text
    assert not re.search(r"\son[a-z]+=", text)


@each_template
def test_it_names_no_other_host(path: Path) -> None:
    text = path.read_text().replace("xmlns='http://www.w3.org/2000/svg'", "")  # a name, which nobody fetches
    assert not re.search(r"(?:https?:)?//[a-z]", text)


@each_template
def test_it_has_no_tooltip_and_no_asterisk_for_required_fields(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<[a-z][^>]*\stitle=", text)
    assert "asterisk" not in text
    assert not re.search(r"<(?:input|select|textarea)[^>]*\srequired", text)


@each_template
def test_it_is_at_most_120_lines_and_says_its_job(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert len(lines) <= 120
    assert lines[0].startswith("{#")


@each_template
def test_its_comments_end_on_their_line(path: Path) -> None:
    for line in path.read_text().splitlines():
        assert line.count("{#") == line.count("#}"), line


@pytest.mark.parametrize("kind", [model.kind for model in SECTION_MODELS])
def test_every_kind_of_section_has_a_template(kind: str) -> None:
    assert get_template(f"pages/sections/{kind}.html")


def test_every_drawing_an_editor_can_choose_exists() -> None:
    assert set(FigureSection.Figure.values) == set(EXPLAINING)


@pytest.mark.parametrize("figure", EXPLAINING)
def test_an_explaining_drawing_has_a_name_and_a_description(figure: str) -> None:
    drawn = get_template(f"figures/{figure}.svg").render({"uid": "x1"})
    assert 'role="img" aria-labelledby="x1-t x1-d"' in drawn
    assert re.search(r'<title id="x1-t">[^<]+</title>', drawn)
    assert re.search(r'<desc id="x1-d">[^<]+</desc>', drawn)


@pytest.mark.parametrize("figure", EXPLAINING)
def test_an_explaining_drawing_keeps_its_labels_readable_on_a_small_phone(figure: str) -> None:
    drawn = get_template(f"figures/{figure}.svg").render({"uid": "x1"})
    width = re.search(r'viewBox="0 0 (\d+) ', drawn)
    assert width
    assert int(width[1]) <= 340
    assert "font-size" not in drawn
    css = Path(settings.BASE_DIR, "static/css/site.css").read_text()
    assert re.search(r"svg text \{[^}]*600 17px", css)


def test_every_small_drawing_an_editor_can_choose_exists() -> None:
    assert set(StepSection.Figure.values) <= set(DECORATION)


@pytest.mark.parametrize("figure", DECORATION)
def test_a_decoration_is_hidden_from_screen_readers(figure: str) -> None:
    assert 'aria-hidden="true"' in get_template(f"figures/{figure}.svg").render({})
