"""Measures the desk's queue while requests grow from a thousand to a million, in one run on each database.

`python -m tests.bench.queue` (add `--all-waiting` for a clinic in which every request waits, `--sizes 1000 100000`,
`--databases sqlite`). Prints queries and milliseconds of each list, as a signed-in member of the front desk gets them
through the whole stack of middleware; fails when the queue at the last size takes more than 1.5 times the first.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests import running

SIZES = (1_000, 100_000, 1_000_000)
IN_DJANGO = "import django, sys; django.setup(); from tests.bench import queue_looks; sys.exit(queue_looks.main())"


def main() -> int:
    """One process for each database; the parent only starts them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="how many requests, growing")
    parser.add_argument("--databases", nargs="+", choices=("sqlite", "postgresql"), default=("sqlite", "postgresql"))
    parser.add_argument("--all-waiting", action="store_true", help="every request is new and waits for staff")
    options = parser.parse_args()
    failed = 0
    for database in options.databases:
        with tempfile.TemporaryDirectory(prefix="clinic-queue-") as folder:
            failed |= _on(database, Path(folder), sizes=options.sizes, all_waiting=options.all_waiting)
    return failed


def _on(database: str, folder: Path, *, sizes: Sequence[int], all_waiting: bool) -> int:
    settings = "tests.settings_pg" if database == "postgresql" else "tests.settings"
    values = {**os.environ, "DJANGO_SETTINGS_MODULE": settings, "CLINIC_TEST_VAR": str(folder)}
    values |= {"BENCH_SIZES": " ".join(map(str, sizes)), "BENCH_ALL_WAITING": "1" if all_waiting else ""}
    command = [sys.executable, "-c", IN_DJANGO]
    return subprocess.run(command, cwd=running.ROOT, env=values, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
