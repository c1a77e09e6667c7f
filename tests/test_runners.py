"""How `make test` runs the suite, and what it and `make check` conclude from what ran."""

import threading
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import write_po

from tests import run_checks, run_suite

REPORT = """<testsuites><testsuite>
<testcase name="a"/><testcase name="b"><failure message="x"/></testcase>
<testcase name="c"><skipped type="pytest.skip" message="no Chromium"/></testcase>
<testcase name="d"><error message="y"/></testcase></testsuite></testsuites>"""


def result(tmp_path: Path, code: int) -> run_suite.Result:
    """Made before two runs begin at the same time: it writes and reads one file."""
    (tmp_path / "report.xml").write_text(REPORT)
    counts, not_run = run_suite.read(tmp_path / "report.xml")
    return run_suite.Result("SQLite", code, 61.2, counts, not_run)


def test_the_summary_counts_what_ran_and_names_what_did_not(tmp_path: Path) -> None:
    found = result(tmp_path, 1)
    assert run_suite.line(found) == "SQLite      FAILED (exit code 1): 1 passed, 1 failed, 1 errors, 1 not run, 61 s"
    assert found.not_run == {"no Chromium": 1}


def test_a_run_without_a_report_ran_nothing(tmp_path: Path) -> None:
    assert run_suite.read(tmp_path / "missing.xml") == ({}, {})


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_in_ci_a_test_that_did_not_run_fails_the_suite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ci: str, code: int
) -> None:
    ended = result(tmp_path, 0)
    monkeypatch.setattr(run_suite, "run", lambda *_: ended)
    monkeypatch.setenv("CI", ci)
    assert run_suite.main() == code


def test_a_failed_run_fails_the_suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = result(tmp_path, 1)
    monkeypatch.setattr(run_suite, "run", lambda *_: ended)
    monkeypatch.delenv("CI", raising=False)
    assert run_suite.main() == 1


def test_both_databases_are_tested_at_the_same_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both, ended = threading.Barrier(2, timeout=20), result(tmp_path, 0)

    def run(name: str, _settings: str, output: Any = None) -> run_suite.Result:
        both.wait()
        print(f"said by {name}", file=output)
        return ended

    monkeypatch.setattr(run_suite, "run", run)
    monkeypatch.delenv("ARGS", raising=False)
    monkeypatch.delenv("CI", raising=False)
    assert run_suite.main() == 0


def test_what_the_second_says_comes_after_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spoke, ended = threading.Event(), result(tmp_path, 0)

    def run(name: str, _settings: str, output: Any = None) -> run_suite.Result:
        assert name == "PostgreSQL" or spoke.wait(20)
        print(f"said by {name}", file=output)
        spoke.set()
        return ended

    monkeypatch.setattr(run_suite, "run", run)
    run_suite.at_once()
    assert capsys.readouterr().out.splitlines() == ["said by SQLite", "said by PostgreSQL"]


def test_with_options_one_run_follows_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, ...]] = []

    def run(*one: str) -> run_suite.Result:
        ran.append((*one, threading.current_thread().name))
        return result(tmp_path, 0)

    monkeypatch.setattr(run_suite, "run", run)
    monkeypatch.setenv("ARGS", "-k consent")
    run_suite.main()
    assert ran == [(*one, "MainThread") for one in run_suite.RUNS]


def test_a_catalogue_that_was_not_compiled_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "clinic_site" / "locale" / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    catalog = Catalog(locale="es")
    catalog.add("Continue", "Continuar")
    with (folder / "django.po").open("wb") as po, (folder / "django.mo").open("wb") as mo:
        write_po(po, catalog)
        write_mo(mo, catalog)
    assert run_checks.stale_messages(tmp_path) == []
    with (folder / "django.po").open("ab") as po:
        po.write(b'\nmsgid "Back"\nmsgstr "Volver"\n')
    assert run_checks.stale_messages(tmp_path) == ["clinic_site/locale/es/LC_MESSAGES/django.po"]
