"""Shortens the waits of a process, so that minutes fit into seconds. Must not change their order (test_waits.py)."""

from datetime import timedelta
from importlib import import_module

from django.apps import AppConfig

SHORT: dict[str, dict[str, float]] = {
    "booking.messaging.outbox": {
        "LEASE": 3,
        "SEND_WITHIN": 1,
        "FIRST_PAUSE": 0.3,
        "LONGEST_PAUSE": 2,
        "TELL_STAFF_AFTER": 5,
    },
    "booking.messaging.settling": {"FIRST_LOOK": 0.5, "SECOND_LOOK_AFTER": 4, "BETWEEN_LOOKS": 0.7, "ASK_AT_MOST": 90},
    "booking.messaging.pause": {"PAUSE": 1},
    "booking.messaging.inbound": {"UNREAD_AFTER": 2},
    "booking.messaging.silence": {"SILENCE": 2, "LAST_WORD": 4},
    "booking.clockwork": {"TICK": 0.5, "GLANCE": 0.3, "EACH_MINUTE": 1},
}


class Waits(AppConfig):
    """Sets them when Django is ready."""

    name = "tests.chaos"

    def ready(self) -> None:
        """In every process that has this app: workers and web."""
        for module, waits in SHORT.items():
            for name, seconds in waits.items():
                assert isinstance(getattr(import_module(module), name), timedelta), (module, name)
                setattr(import_module(module), name, timedelta(seconds=seconds))
