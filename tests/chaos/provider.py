"""A Twilio that lies: answers late, loses replies after accepting, refuses, calls back late, twice, out of order or not
at all. Its list of accepted messages is the judge's only witness. Must not know the site."""

import random
import threading
import time
from collections import Counter
from datetime import UTC, datetime

from booking.simulator import Simulator
from booking.simulator.faults import FaultBoard, Faults
from booking.simulator.store import Message

# How often of 1,000 answers; all others are right, after 10 to 60 ms.
REPLIES = {
    "late": 30,
    "drop": 50,
    "truncated": 30,
    "cut": 20,
    "500_accepted": 20,  # accepted, and not said so
    "html": 20,
    "500": 30,
    "429": 30,
    "401": 4,
    "refuse": 10,  # not accepted
}
READS = {"late": 30, "drop": 30, "500": 60, "429": 30, "truncated": 20}
CALLBACKS = {"lost": 150, "late": 150, "duplicate": 100, "reversed": 100}
OUTCOMES = {"undelivered": 30, "failed": 20, "sent": 50}
LATE = 1.6  # seconds; the site waits one


class LyingBoard(FaultBoard):
    """Draws the fault of each answer and each message; counts them. `calm` ends all of it."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.injected: Counter[str] = Counter()
        self.calm = threading.Event()
        self._random = random.Random(seed)
        self._drawing = threading.Lock()

    @property
    def now(self) -> Faults:
        """How the life of one message will be told."""
        callbacks, outcome = self._draw(CALLBACKS), self._draw(OUTCOMES) or "delivered"
        for name in (
            f"callbacks {callbacks}" if callbacks else "",
            f"ended {outcome}" if outcome != "delivered" else "",
        ):
            if name:
                self.injected[name] += 1
        return Faults(callbacks=callbacks, seconds=LATE, outcome=outcome)

    def take_reply(self, *, is_read: bool) -> Faults:
        """The fault of one answer."""
        reply = self._draw(READS if is_read else REPLIES)
        time.sleep(self._random.uniform(0.01, 0.06))
        if reply:
            self.injected[f"{'asking' if is_read else 'sending'}: {reply}"] += 1
        return Faults(reply=reply, seconds=1.0 if reply == "429" else LATE)

    def _draw(self, table: dict[str, int]) -> str:
        with self._drawing:
            number = self._random.randrange(1000)
        if self.calm.is_set():
            return ""
        for name, share in table.items():
            number -= share
            if number < 0:
                return name
        return ""


class LyingTwilio(Simulator):
    """The provider; `accepted` is the truth about what patients got."""

    board: LyingBoard

    def __init__(self, seed: int, **account: str) -> None:
        self.board = LyingBoard(seed)
        super().__init__(0, self.board, **account)

    @property
    def accepted(self) -> list[Message]:
        """Every text that was taken, in order."""
        return [message for message in self.messages if message.direction == "outbound-api"]

    def says_stop(self, number: str, words: str) -> datetime | None:
        """A patient's text, handed to the site until it says that it has it; when it said so. The account leaves STOP
        to the site, so this provider blocks nobody: what goes out afterwards is the site's doing."""
        message = self.store.add(
            to=self.account.sender, sender=number, body=words, direction="inbound", status="received"
        )
        form = {"AccountSid": self.account.account_sid, "Body": words, "From": number, "MessageSid": message.sid,
                "NumMedia": "0", "SmsStatus": "received", "To": self.account.sender}  # fmt: skip
        for _ in range(200):
            if self.webhooks._call(self.account.inbound_url, form).status == 200:
                return datetime.now(UTC)
            time.sleep(0.2)
        return None
