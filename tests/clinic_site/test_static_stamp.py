"""Static files are collected again only when a source changed, or when what was collected is gone."""

from pathlib import Path
from typing import Any

import pytest

from clinic_site import static_stamp


@pytest.fixture(autouse=True)
def two_folders(tmp_path: Path, settings: Any) -> Path:
    source = tmp_path / "source"
    (source / "css").mkdir(parents=True)
    (source / "css" / "site.css").write_text("body {}")
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [source], tmp_path / "static"
    (tmp_path / "static").mkdir()
    return source


def collect() -> None:
    (static_stamp._file().parent / "static" / "staticfiles.json").write_text("{}")
    static_stamp.store(static_stamp.current())


def test_nothing_was_collected_at_first() -> None:
    assert static_stamp.stored() == ""


def test_what_was_collected_is_known() -> None:
    collect()
    assert static_stamp.stored() == static_stamp.current()


def test_a_changed_source_is_noticed(two_folders: Path) -> None:
    collect()
    (two_folders / "css" / "site.css").write_text("body { margin: 0 }")
    assert static_stamp.stored() != static_stamp.current()


def test_a_new_source_is_noticed(two_folders: Path) -> None:
    collect()
    (two_folders / "new.js").write_text("")
    assert static_stamp.stored() != static_stamp.current()


def test_a_deleted_result_is_noticed(tmp_path: Path) -> None:
    collect()
    (tmp_path / "static" / "staticfiles.json").unlink()
    assert static_stamp.stored() == ""
