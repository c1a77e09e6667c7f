"""All messages of the local Twilio and who said STOP, in memory. Must not know HTTP or Twilio's rules."""

import threading
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Message:
    """One text. Never changed in place: a reader keeps a consistent copy while threads go on."""

    sid: str
    to: str
    sender: str | None
    body: str
    direction: str  # outbound-api, outbound-reply (TwiML), automatic (Twilio's own answer), inbound
    status: str
    created: datetime
    updated: datetime
    sent: datetime | None = None
    service_sid: str | None = None
    status_callback: str = ""
    error_code: int | None = None

    @property
    def patient(self) -> str:
        """The number of the patient's side."""
        return (self.sender or "") if self.direction == "inbound" else self.to


class Store:
    """Messages in the order they came, and the numbers that are blocked. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: dict[str, Message] = {}
        self._blocked: set[str] = set()

    def add(self, *, to: str, sender: str | None, body: str, direction: str, status: str, **more: Any) -> Message:
        """Keep a new message and return it."""
        now = datetime.now(UTC)
        message = Message(
            sid="SM" + uuid.uuid4().hex,
            to=to,
            sender=sender,
            body=body,
            direction=direction,
            status=status,
            created=now,
            updated=now,
            **more,
        )
        with self._lock:
            self._messages[message.sid] = message
        return message

    def change(self, sid: str, **fields: Any) -> Message:
        """Replace fields of a message and return the new one."""
        with self._lock:
            self._messages[sid] = replace(self._messages[sid], updated=datetime.now(UTC), **fields)
            return self._messages[sid]

    def get(self, sid: str) -> Message | None:
        """One message."""
        with self._lock:
            return self._messages.get(sid)

    def all(self) -> list[Message]:
        """Every message, oldest first."""
        with self._lock:
            return list(self._messages.values())

    def conversations(self) -> dict[str, list[Message]]:
        """Messages per patient's number, the number with the newest message first, each list oldest first."""
        found: dict[str, list[Message]] = {}
        for message in self.all():
            found.setdefault(message.patient, []).append(message)
        # The order of arrival, not the clock: a test may have frozen it.
        places = {message.sid: place for place, message in enumerate(self.all())}
        return dict(sorted(found.items(), key=lambda item: -places.get(item[1][-1].sid, 0)))

    def block(self, number: str) -> bool:
        """The number said STOP; False if it was blocked before. With one sender the number is enough."""
        with self._lock:
            is_new = number not in self._blocked
            self._blocked.add(number)
            return is_new

    def unblock(self, number: str) -> bool:
        """The number said START; False if it was not blocked."""
        with self._lock:
            was_blocked = number in self._blocked
            self._blocked.discard(number)
            return was_blocked

    def is_blocked(self, number: str) -> bool:
        """Whether the number said STOP last."""
        with self._lock:
            return number in self._blocked

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._messages.clear()
            self._blocked.clear()
