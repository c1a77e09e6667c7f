"""The error pages as files: complete, in both languages, with the phone, readable by others, renewed."""

import re
from pathlib import Path
from typing import Any

import pytest

from pages import error_files, frame, publishing
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.ERROR_PAGES = tmp_path / "errors"
    factories.facts(clinic_phone="+12135550100")
    frame.forget()
    return tmp_path / "errors"


def test_every_page_is_there_in_both_languages_with_the_phone_number(folder: Path) -> None:
    assert error_files.write() == 16
    for language in ("en", "es"):
        for name in error_files.NAMES:
            html = (folder / language / f"{name}.html").read_text()
            assert f'<html lang="{language}">' in html
            assert 'href="tel:+12135550100"' in html


def test_what_a_page_loads_lies_beside_it(folder: Path) -> None:
    error_files.write()
    html = (folder / "en" / "500.html").read_text()
    loaded = re.findall(r'(?:href|src)="/(static/[^"]+)"', html)
    assert len(loaded) == 2
    for address in loaded:
        assert (folder / address).stat().st_size > 100
    assert (folder / "static/fonts/figtree-400-700.woff2").exists()


def test_nginx_may_read_them_and_no_half_page_is_left(folder: Path) -> None:
    error_files.write()
    error_files.write()
    for path in folder.rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644)
        assert path.is_dir() or path.suffix in {".html", ".css", ".svg", ".woff2"}


def test_a_new_number_is_written_by_the_clock_and_the_same_one_is_not_written_again(
    folder: Path, django_assert_num_queries: Any
) -> None:
    error_files.refresh()
    with django_assert_num_queries(1):
        error_files.refresh()
    factories.facts(clinic_phone="+12135550199")
    publishing.bump()
    error_files.refresh()
    assert "(213)\N{NO-BREAK SPACE}555-0199" in error_files.read("503", "es")


def test_a_page_that_was_never_written_is_empty() -> None:
    assert error_files.read("500", "en") == ""
