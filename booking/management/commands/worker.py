"""Runs the worker: it sends queued messages, and a thread of it keeps the clock. Must not be reloaded or forked."""

import logging
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, close_old_connections, connection
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from booking import clockwork

logger = logging.getLogger("booking.worker")


class Command(BaseCommand):
    """The worker and the clock in one process; a second one on another machine is safe."""

    help = "Sends queued texts and emails, and does what has to be done by the clock. Ends on SIGTERM or Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        """How often to look for work."""
        parser.add_argument("--interval", type=float, default=0.5, help="Seconds between looks at an empty queue.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until told to end."""
        logging.getLogger("django_tasks").setLevel(logging.WARNING)
        logging.getLogger("django_tasks_db").setLevel(logging.ERROR)
        ended = threading.Event()
        clock = threading.Thread(target=_keep_the_clock, args=(ended,), name="clock", daemon=True)
        worker = Worker(
            queue_names=["*"],
            interval=options["interval"],
            batch=False,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )
        worker.configure_signals()
        clock.start()
        try:
            worker.run()
        except Error as error:
            # Starting again is the cure for a connection that broke: whoever runs it does so (see deploy/).
            raise CommandError(f"The database cannot be used ({type(error).__name__}). The worker ends.") from None
        finally:
            ended.set()
            clock.join(timeout=5)


def _keep_the_clock(ended: threading.Event) -> None:
    next_beat = 0.0
    while not ended.is_set():
        try:
            close_old_connections()
            if time.monotonic() >= next_beat:
                next_beat = time.monotonic() + clockwork.TICK.total_seconds()
                clockwork.tick(now=timezone.now())
            clockwork.glance(now=timezone.now())
        except Error as error:  # also InterfaceError: a server that went away must not end the clock for good
            logger.error("The clock has no database: %s", type(error).__name__)  # noqa: TRY400 (no personal data)
        ended.wait(clockwork.GLANCE.total_seconds())
    connection.close()
