"""What the local Twilio should do wrong next, for tests of bad days. Must not do it itself."""

import threading
from dataclasses import dataclass, fields, replace
from typing import Any

REPLIES = {
    "",
    "late",  # accepted, but the answer comes after `seconds`
    "drop",  # accepted, then the connection ends without an answer
    "truncated",  # accepted, then half of the JSON
    "cut",  # accepted, then the connection ends in the middle of the answer
    "html",  # a page instead of the API, nothing accepted
    "500",  # a fault, nothing accepted
    "500_accepted",  # a fault after accepting
    "429",  # too many requests, nothing accepted
    "401",  # the credentials are refused, nothing accepted
    "refuse",  # HTTP 400 with `code`, nothing accepted
}
CALLBACKS = {"", "duplicate", "reversed", "lost", "late"}  # late: each after `seconds`
OUTCOMES = {"delivered", "undelivered", "failed", "sent"}


@dataclass(frozen=True)
class Faults:
    """The switches. `times` limits wrong replies (0 = until switched off); `reads`: questions fail too."""

    reply: str = ""
    times: int = 0
    seconds: float = 1.0
    code: int = 21211
    reads: bool = False
    callbacks: str = ""
    outcome: str = "delivered"
    error_code: int = 30003

    def __post_init__(self) -> None:
        if self.reply not in REPLIES or self.callbacks not in CALLBACKS or self.outcome not in OUTCOMES:
            raise ValueError("unknown fault")
        if not 0 <= self.seconds <= 60:
            raise ValueError("seconds must be from 0 to 60")


class FaultBoard:
    """The switches as they stand, for all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults = Faults()

    @property
    def now(self) -> Faults:
        """As they stand."""
        with self._lock:
            return self._faults

    def set(self, **switches: object) -> None:
        """Set these switches and reset all others. Raises ValueError for one that does not exist."""
        kinds = {field.name: field.type for field in fields(Faults)}
        unknown = set(switches) - set(kinds)
        if unknown:
            raise ValueError("unknown switch")
        typed: dict[str, Any] = {name: _typed(kinds[name], value) for name, value in switches.items()}
        with self._lock:
            self._faults = Faults(**typed)

    def clear(self) -> None:
        """Everything works again."""
        self.set()

    def take_reply(self, *, is_read: bool) -> Faults:
        """The switches for one reply; counts `times` down. With no wrong reply due, `reply` is empty."""
        with self._lock:
            faults = self._faults
            if not faults.reply or (is_read and not faults.reads):
                return replace(faults, reply="")
            if faults.times == 1:
                self._faults = replace(faults, reply="", times=0)
            elif faults.times > 1:
                self._faults = replace(faults, times=faults.times - 1)
            return faults


def _typed(kind: object, value: object) -> object:
    """A form posts text; JSON posts the right type already."""
    if not isinstance(value, str) or kind is str:
        return value
    if kind is bool:
        return value.lower() in {"1", "true", "yes", "on"}
    return int(value) if kind is int else float(value)
