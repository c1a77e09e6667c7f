"""Kills the worker at each step of one text: the provider, or a lock in the database, holds it there until it is dead.
Prints what became of each text. Must not use a hook in the product."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from booking.simulator.faults import FaultBoard, Faults
from tests import running
from tests.chaos.machine import Database, PostgresDatabase, wait_until
from tests.chaos.provider import LyingTwilio
from tests.chaos.run import account

HELD = 20.0  # seconds; long after the worker is dead
ANSWER, QUESTION = False, True  # of what is sent, and what became of it: `is_read` of the board


@dataclass(frozen=True)
class Point:
    """Where the worker is killed."""

    words: str
    is_taken: bool  # whether the provider has the text by then
    faults: dict[bool, Faults]  # what holds the worker there
    is_reported: bool = False  # a report comes before the answer
    is_locked: bool = False  # nobody can write the outcome


LATE = Faults(reply="late", seconds=HELD)
POINTS = (
    Point("the provider has read the call", False, {ANSWER: Faults(reply="500", seconds=HELD)}),
    Point("the provider has taken the text", True, {ANSWER: LATE}),
    Point("a report came before the answer", True, {ANSWER: LATE}, is_reported=True),
    Point(
        "the answer came, the outcome is not committed",
        True,
        {ANSWER: Faults(reply="late", seconds=0.8)},
        is_locked=True,
    ),
    Point("it asks what became of the text", True, {ANSWER: Faults(reply="drop"), QUESTION: LATE}),
    Point("it asks about a text that was never taken", False, {ANSWER: Faults(reply="500"), QUESTION: LATE}),
)


class HoldingBoard(FaultBoard):
    """Everything works, but the next answer of a kind, which is held."""

    def __init__(self) -> None:
        super().__init__()
        self.next: dict[bool, Faults] = {}  # by is_read
        self.asked = 0

    def take_reply(self, *, is_read: bool) -> Faults:
        """The fault that was set for this one answer."""
        self.asked += is_read
        faults = self.next.pop(is_read, Faults())
        if faults.reply == "500" and faults.seconds == HELD:
            time.sleep(HELD)  # it has read the call and takes nothing
        return faults


@dataclass
class Scene:
    """Who takes part."""

    provider: LyingTwilio
    board: HoldingBoard
    patients: Any


def main(name: str) -> None:
    """One text for each point, one after the other; what was left open is settled meanwhile and at the end."""
    folder = Path(os.environ["CLINIC_VAR"])
    database = PostgresDatabase(folder) if name == "postgresql" else Database(folder)
    os.environ["DATABASE_URL"] = database.url
    try:
        with LyingTwilio(0, **account()) as provider:
            board = HoldingBoard()
            provider.faults = provider.webhooks._faults = board
            os.environ["TWILIO_API_URL"] = provider.url
            subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=running.ROOT, check=True)
            found = each_point(provider, board)
    finally:
        database.end()
    print(json.dumps(found))


def each_point(provider: LyingTwilio, board: HoldingBoard) -> list[dict[str, Any]]:
    """Kill at each, then let a last worker settle them all."""
    import django

    django.setup()
    from booking.models import OutgoingMessage
    from tests.chaos.patients import Patients

    patients = Patients(0, provider, how_many=0)
    patients.open_the_clinic()
    for number, point in enumerate(POINTS):
        with a_worker() as worker:
            kill_at(point, number, Scene(provider, board, patients), worker)
    with a_worker():
        wait_until(
            lambda: not OutgoingMessage.objects.filter(state__in=("queued", "sending", "unknown")).exists(), seconds=60
        )
    rows = list(OutgoingMessage.objects.order_by("pk"))
    return [
        {
            "point": point.words,
            "state": row.state,
            "sent": sum(message.body == row.body for message in provider.accepted),
            "was": point.is_taken,
        }
        for point, row in zip(POINTS, rows, strict=True)
    ]


def kill_at(point: Point, number: int, scene: Scene, worker: "subprocess.Popen[bytes]") -> None:
    """Queue one text and kill the worker when it is there."""
    provider, board = scene.provider, scene.board
    taken, asked = len(provider.accepted), board.asked
    board.next = dict(point.faults)
    scene.patients._one(10 * number + 4)  # one text: no visit
    if QUESTION in point.faults:
        assert wait_until(lambda: board.asked > asked, seconds=40, every=0.01), point.words
    elif point.is_taken:
        assert wait_until(lambda: len(provider.accepted) > taken, seconds=40, every=0.01), point.words
    else:
        assert wait_until(lambda: not board.next, seconds=40, every=0.01), point.words
        time.sleep(0.1)
    if point.is_reported:
        provider.webhooks.settle()
    if point.is_locked:
        with locked():
            time.sleep(1.5)
            kill(worker)
    else:
        kill(worker)


@contextmanager
def a_worker() -> Iterator["subprocess.Popen[bytes]"]:
    """A real worker process."""
    command = [sys.executable, "manage.py", "worker", "--interval", "0.05"]
    worker = subprocess.Popen(command, cwd=running.ROOT, start_new_session=True)
    try:
        yield worker
    finally:
        kill(worker)


def kill(worker: "subprocess.Popen[bytes]") -> None:
    """SIGKILL."""
    if worker.poll() is None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


@contextmanager
def locked() -> Iterator[None]:
    """Nobody else can write a message."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:  # SQLite: begins by taking the lock to write
        if connection.vendor == "postgresql":
            cursor.execute("LOCK TABLE booking_outgoingmessage IN EXCLUSIVE MODE")
        yield


if __name__ == "__main__":
    main(sys.argv[1])
