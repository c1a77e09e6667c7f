"""`make test`: the whole suite on SQLite and on PostgreSQL, and one summary of both. Must not decide what is tested.

`make test ARGS="-k consent"` passes options on to pytest, first for SQLite, then for PostgreSQL.
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
RUNS = (("SQLite", "tests.settings"), ("PostgreSQL", "tests.settings_pg"))
NOTHING_MATCHED = 5


@dataclass(frozen=True)
class Result:
    """What one run came to."""

    name: str
    code: int
    seconds: float
    counts: Counter[str]
    not_run: Counter[str]


def main() -> int:
    """Both runs, then the summary; fails when either fails or, in CI, when anything was not run."""
    results = [run(*one) for one in RUNS] if os.environ.get("ARGS") else at_once()
    print("\n" + "=" * 78)
    for result in results:
        print(line(result))
        for reason, times in sorted(result.not_run.items()):
            print(f"    not run ({times}): {reason}")
    print("=" * 78)
    failed = any(result.code for result in results)
    incomplete = any(result.not_run for result in results)
    if incomplete and os.environ.get("CI") == "true":
        print("CI=true: every test has to run.", file=sys.stderr)
        return 1
    return 1 if failed else 0


def at_once() -> list[Result]:
    """Both runs beside each other, because each lets cores idle: people in browsers take their time, servers start,
    killed processes come back. What the second says is kept until the first has said everything."""
    with tempfile.TemporaryFile("w+") as kept, ThreadPoolExecutor() as beside:
        second = beside.submit(run, *RUNS[1], kept)
        first = run(*RUNS[0])
        results = [first, second.result()]
        kept.seek(0)
        shutil.copyfileobj(kept, sys.stdout)
    return results


def run(name: str, settings: str, output: IO[str] | None = None) -> Result:
    """One run of pytest with its own report file."""
    print(f"\n===== Tests on {name} " + "=" * (58 - len(name)), file=output, flush=True)
    report = ROOT / "var" / f"tests-{name.lower()}.xml"
    report.parent.mkdir(mode=0o700, exist_ok=True)
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", f"--ds={settings}"]
    command += [f"--junitxml={report}", *shlex.split(os.environ.get("ARGS", ""))]
    began = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, stdout=output, check=False).returncode
    counts, not_run = read(report)
    if code == NOTHING_MATCHED and os.environ.get("ARGS"):
        code = 0
    return Result(name, code, time.monotonic() - began, counts, not_run)


def read(report: Path) -> tuple[Counter[str], Counter[str]]:
    """How many tests passed, failed, were skipped; and the reasons of those that did not run."""
    counts: Counter[str] = Counter()
    not_run: Counter[str] = Counter()
    if not report.exists():
        return counts, not_run
    for case in ElementTree.parse(report).iter("testcase"):
        kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
        counts[min(kinds) if kinds else "passed"] += 1
        for skipped in case.iter("skipped"):
            if skipped.get("type") != "pytest.xfail":
                not_run[skipped.get("message") or "no reason given"] += 1
    return counts, not_run


def line(result: Result) -> str:
    """One line of the summary."""
    names = (("passed", "passed"), ("failure", "failed"), ("error", "errors"), ("skipped", "not run"))
    said = ", ".join(f"{result.counts[key]} {word}" for key, word in names if result.counts[key]) or "nothing ran"
    verdict = "ok" if result.code == 0 else f"FAILED (exit code {result.code})"
    return f"{result.name:<11} {verdict}: {said}, {result.seconds:.0f} s"


if __name__ == "__main__":
    sys.exit(main())
