"""`make chaos`: 2,000 messages and 200 kills on each database, and one table. `python -m tests.chaos --help` for less.
Must not touch a database that exists."""

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clinic_site.launch.environment import local_keys
from tests import running

TEXTS = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "chaos-auth-token",
    "TWILIO_MESSAGING_SERVICE_SID": "MG" + "0" * 32,
    "TWILIO_TIMEOUT_SECONDS": "1",
    "EMAIL_URL": "dummymail://",
    "REQUEST_LIMIT_PER_HOUR": "0",
}
LINES = (
    *("messages", "accepted", "reminders", "kills", "ended_by_itself", "injected", "stops", "states", "reports"),
    *("calls_to_make", "unknown_to_staff", "lost", "doubled", "after_stop", "wrong_reminders", "not_finished"),
    "seconds",
)


def main() -> int:
    """Each database in a process of its own; fails when one text was lost, doubled or sent after a STOP."""
    asked = arguments()
    seed = asked.seed if asked.seed is not None else secrets.randbelow(1_000_000)
    print(f"Seed {seed} (repeat with --seed {seed})", flush=True)
    results = [one(name, asked, seed) for name in (asked.database or ["sqlite", "postgresql"])]
    if asked.json:
        print(json.dumps(results))
    else:
        table(results)
    return 1 if any(result["wrong"] for result in results) else 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--messages", type=int, default=2000, help="texts to queue (about; default 2000)")
    parser.add_argument("--kills", type=int, default=200, help="SIGKILLs (default 200)")
    parser.add_argument("--between", type=float, default=1.5, help="seconds from one kill to the next (default 1.5)")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--seed", type=int, help="default: a new one, printed")
    parser.add_argument("--database", action="append", choices=["sqlite", "postgresql"], help="default: both")
    parser.add_argument("--json", action="store_true", help="for a program")
    return parser.parse_args()


def one(name: str, asked: argparse.Namespace, seed: int) -> dict[str, Any]:
    """One run on one database."""
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        place = Path(folder)
        place.chmod(0o711)  # PostgreSQL does not run as root
        values = environment(place)
        plan = {key: getattr(asked, key) for key in ("messages", "kills", "between", "workers")}
        plan |= {"database": name, "seed": seed}
        command = [sys.executable, "-m", "tests.chaos.run", json.dumps(plan)]
        began = time.monotonic()
        done = subprocess.run(command, cwd=running.ROOT, env=values, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"The run on {name} broke off (exit code {done.returncode}).\n{done.stdout}")
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return {"database": name, **found, "seconds": round(time.monotonic() - began)}


def environment(folder: Path) -> dict[str, str]:
    """A machine of its own, in whose clinic it is noon."""
    offset = 12 - datetime.now(UTC).hour
    zone = f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"
    values = {
        **running.environment(folder),
        **TEXTS,
        "CHAOS_ZONE": zone,
        "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
    }
    return {**local_keys(folder / "local.env"), **values, "PYTHONUNBUFFERED": "1", "PYTHONPATH": os.getcwd()}


def table(results: list[dict[str, Any]]) -> None:
    """One column for each database."""
    print(f"\n{'':<22}" + "".join(f"{result['database']:<42}" for result in results))
    for line in LINES:
        cells = [result[line] for result in results]
        if not isinstance(cells[0], dict):
            print(f"{line.replace('_', ' '):<22}" + "".join(f"{cell!s:<42}" for cell in cells))
            continue
        for key in sorted({key for cell in cells for key in cell}):
            print(f"{line.replace('_', ' ') + ': ' + key:<42}" + "".join(f"{cell.get(key, 0)!s:<42}" for cell in cells))
    for result in results:
        for detail in result["details"][:40]:
            print(f"  {result['database']}: {detail}")


if __name__ == "__main__":
    sys.exit(main())
