"""`python -m tests.bench.texts`: texts a second of one worker while the provider takes 100 ms for each, and its memory
after 10,000. DATABASE_URL chooses the database (default: SQLite of its own). Must not be part of the suite."""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from booking.simulator import Simulator
from booking.simulator.faults import FaultBoard, Faults
from tests import running
from tests.bench import Row, print_table
from tests.bench.__main__ import environment
from tests.bench.webhooks import TEXTS, manage

PROVIDER_TAKES = 0.1
MOST_MEMORY_MB = 130


class Punctual(FaultBoard):
    """Answers after a fixed time and calls nobody back."""

    def __init__(self) -> None:
        super().__init__()
        self.takes = PROVIDER_TAKES

    @property
    def now(self) -> Faults:
        """No report: the web is not running."""
        return Faults(callbacks="lost")

    def take_reply(self, *, is_read: bool) -> Faults:
        """The right answer, in its time."""
        time.sleep(self.takes)
        return Faults()


def main() -> int:
    """Both measurements in one life of one worker."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.texts", description=__doc__)
    parser.add_argument("--timed", type=int, default=300, help="texts at 100 ms each (default 300)")
    parser.add_argument("--messages", type=int, default=10_000, help="texts of the worker's life (default 10,000)")
    asked = parser.parse_args()
    board = Punctual()
    with tempfile.TemporaryDirectory(prefix="clinic-bench-") as name:
        account = {"account_sid": TEXTS["TWILIO_ACCOUNT_SID"], "auth_token": TEXTS["TWILIO_AUTH_TOKEN"]}
        with Simulator(0, board, **account) as provider:
            values = {**environment(Path(name)), **TEXTS, "TWILIO_API_URL": provider.url}
            values |= {key: os.environ[key] for key in ("DATABASE_URL",) if key in os.environ}
            manage(values, "prepare")
            os.environ.update(values)
            rows = measure(provider, board, values, timed=asked.timed, all_in_all=asked.messages)
    return print_table(rows)


def measure(provider: Simulator, board: Punctual, values: dict[str, str], *, timed: int, all_in_all: int) -> list[Row]:
    """Send the timed ones, then the rest as fast as the worker can."""
    request = prepared()
    queue(request, 0, timed)
    worker = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=running.ROOT, env=values)
    try:
        until_sent(provider, timed)
        times = [message.created for message in provider.messages]
        rate = (len(times) - 1) / (times[-1] - times[0]).total_seconds()
        share = rate * PROVIDER_TAKES
        before = memory(worker.pid)
        board.takes = 0.0
        began = time.perf_counter()
        queue(request, timed, all_in_all)
        until_sent(provider, all_in_all)
        free = (all_in_all - timed) / (time.perf_counter() - began)
        after = memory(worker.pid)
    finally:
        worker.terminate()
        worker.wait(30)
    doubled = len(provider.messages) - all_in_all
    return [
        ("Texts a second, one worker, the provider takes 100 ms", f"{rate:.1f}", "", True),
        ("  as a share of the 10 a second it allows one after the other", f"{share:.0%}", ">= 60%", share >= 0.6),
        ("Texts a second, one worker, the provider takes no time", f"{free:.1f}", "", True),
        (f"Memory of the worker after {timed:,} texts (RSS)", f"{before:.0f} MB", "", True),
        (
            f"Memory of the worker after {all_in_all:,} texts",
            f"{after:.0f} MB",
            f"<= {MOST_MEMORY_MB} MB",
            after <= MOST_MEMORY_MB,
        ),
        ("Sent twice", str(doubled), "0", doubled == 0),
    ]


def prepared() -> Any:
    """A clinic and one request, in whose name all texts go."""
    import django

    django.setup()
    from django.utils import timezone

    from booking.models import OutgoingMessage
    from tests import factories

    factories.clinic()
    request = factories.a_request(now=timezone.now())
    OutgoingMessage.objects.update(state="cancelled")
    return request


def queue(request: Any, first: int, end: int) -> None:
    """Rows and their wake-ups."""
    from django.db import transaction
    from django.utils import timezone

    from booking.messaging import outbox
    from booking.models import OutgoingMessage

    now = timezone.now()
    rows = [
        OutgoingMessage(
            request=request, channel="sms", contact_number=request.contact_number, kind="help", occasion=f"bench-{n}",
            body=f"CVI: a text of about the usual length, with a link to read more. Number {n}.",
            next_attempt_at=now, created_at=now,
        )
        for n in range(first, end)
    ]  # fmt: skip
    for start in range(0, len(rows), 500):
        with transaction.atomic():
            for row in OutgoingMessage.objects.bulk_create(rows[start : start + 500]):
                outbox.deliver.enqueue(row.pk)


def until_sent(provider: Simulator, number: int) -> None:
    """Wait for the provider to have them all."""
    while len(provider.messages) < number:
        time.sleep(0.2)


def memory(pid: int) -> float:
    """Resident memory in MB."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


if __name__ == "__main__":
    sys.exit(main())
