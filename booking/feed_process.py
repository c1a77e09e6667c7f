"""Reads a calendar feed in a process of its own, which is ended when it takes too long. Must not understand a calendar
(booking/feed_reading.py does).

Anybody can invite a doctor to an event with a rule that keeps a computer busy for days without naming one date, such as
“every day that is a February 30”. In the worker it would hold up the clock, and with it every message.
"""

import json
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from booking import feed_reading
from booking.feed_reading import NotACalendar, Span

SECONDS = 10.0  # to start Python and to read
_ROOT = Path(__file__).resolve().parent.parent


def busy(body: bytes, *, start: datetime, end: datetime, zone: ZoneInfo, own_host: str) -> list[Span]:
    """As feed_reading.busy, and NotACalendar also after SECONDS."""
    asked = {"start": start.isoformat(), "end": end.isoformat(), "zone": zone.key, "own_host": own_host}
    try:
        done = subprocess.run(  # noqa: S603 (this very module)
            [sys.executable, "-m", "booking.feed_process", str(SECONDS)],
            input=json.dumps(asked).encode() + b"\n" + body,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback could hold what stands in the calendar
            cwd=_ROOT,
            timeout=SECONDS,
            check=True,
        )
    except subprocess.SubprocessError:
        raise NotACalendar from None
    return [(datetime.fromisoformat(begin), datetime.fromisoformat(until)) for begin, until in json.loads(done.stdout)]


def _read() -> int:
    """The other process: what was asked comes in on a line before the feed."""
    if hasattr(signal, "setitimer"):
        # Whoever waits for us may be killed: then nobody else ends us.
        signal.setitimer(signal.ITIMER_REAL, float(sys.argv[1]))
    asked = json.loads(sys.stdin.buffer.readline())
    try:
        spans = feed_reading.busy(
            sys.stdin.buffer.read(),
            start=datetime.fromisoformat(asked["start"]),
            end=datetime.fromisoformat(asked["end"]),
            zone=ZoneInfo(asked["zone"]),
            own_host=asked["own_host"],
        )
    except NotACalendar:
        return 1
    json.dump([(begin.isoformat(), until.isoformat()) for begin, until in spans], sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(_read())
