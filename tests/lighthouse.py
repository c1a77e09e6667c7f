"""`python -m tests.lighthouse [path …]`: Lighthouse with its mobile defaults over every public page, as a table. Needs
node (it fetches Lighthouse with npx) and Chromium; optional, so nothing of `make test` depends on it.

Fails when a score is below 100, the largest paint later than a second under its slow 4G model, or anything moves. Each
page is asked for once before: what is measured is what all but its first reader get, from memory. On a machine
that is busy with something else the performance scores mean nothing.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from pages.paths import FIXED_PATHS, OFFICE_ROOTS
from tests import running

VERSION = "12"
SCORES = ("performance", "accessibility", "best-practices", "seo")
SLOWEST_PAINT_MS, MOST_SHIFT = 1000, 0.0
# Hidden from search engines until the clinic sends their texts; Lighthouse then takes a third of the last score.
HIDDEN = ("/procedures/", "/es/procedimientos/")
OFFICES = ("los-angeles", "orange-county", "san-diego")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")


def main(paths: list[str]) -> int:
    """Start the site, look at each page, print one line for each."""
    if not CHROMIUM or shutil.which("npx") is None:
        print("Chromium and node (npx) are needed.", file=sys.stderr)
        return 2
    failed = 0
    with tempfile.TemporaryDirectory() as folder, running.launched(Path(folder)) as site:
        print(f"{'page':<52}{'perf':>5}{'a11y':>5}{'best':>5}{'seo':>5}{'LCP ms':>8}{'CLS':>7}{'bytes':>8}")
        for path in paths or public_paths():
            with urlopen(site.url + path, timeout=30) as answer:
                answer.read()
            report = look(site.url + path, Path(folder) / "report.json")
            line, is_good = judged(report, is_hidden=path.startswith(HIDDEN))
            failed += not is_good
            print(f"{path:<52}{line}", flush=True)
    return 1 if failed else 0


def public_paths() -> list[str]:
    """Every page with an address of its own, in both languages."""
    fixed = [path for pair in FIXED_PATHS.values() for path in pair]
    return fixed + [f"{root}{slug}/" for root in OFFICE_ROOTS.values() for slug in OFFICES]


def look(address: str, file: Path) -> dict[str, Any]:
    """One run, or a second one where Chromium lost the trace of the first, as it does on a busy machine."""
    command = ["npx", "--yes", f"lighthouse@{VERSION}", address, "--quiet", "--output=json", f"--output-path={file}"]
    command += [f"--only-categories={','.join(SCORES)}", "--chrome-flags=--headless=new --no-sandbox"]
    values = {**os.environ, "CHROME_PATH": CHROMIUM}
    if subprocess.run(command, check=False, env=values, stdout=subprocess.DEVNULL).returncode:
        subprocess.run(command, check=True, env=values, stdout=subprocess.DEVNULL)
    report: dict[str, Any] = json.loads(file.read_text())
    return report


def judged(report: dict[str, Any], *, is_hidden: bool) -> tuple[str, bool]:
    """The line of a page, and whether it keeps the promise. What costs points is named at its end."""
    audits = report["audits"]
    scores = {name: round(100 * (report["categories"][name]["score"] or 0)) for name in SCORES}
    paint, shift, weight = (
        float(audits[name]["numericValue"])
        for name in ("largest-contentful-paint", "cumulative-layout-shift", "total-byte-weight")
    )
    costs = [
        ref["id"]
        for name in SCORES
        for ref in report["categories"][name]["auditRefs"]
        if ref["weight"] and audits[ref["id"]]["score"] not in {None, 1}
    ]
    line = "".join(f"{scores[name]:>5}" for name in SCORES) + f"{paint:>8.0f}{shift:>7.3f}{weight:>8.0f}"
    if is_hidden and costs == ["is-crawlable"]:
        scores.pop("seo")
    is_good = min(scores.values()) == 100 and paint <= SLOWEST_PAINT_MS and shift <= MOST_SHIFT
    return line + (f"  {', '.join(costs)}" if costs else ""), is_good


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
