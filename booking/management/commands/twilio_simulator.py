"""Runs the local Twilio beside the site and shows the patient's phone. Must not run in production."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from booking.simulator import Simulator


class Command(BaseCommand):
    """`manage.py twilio_simulator`."""

    help = (
        "Runs a local stand-in for Twilio: point TWILIO_API_URL at it, send texts with the real SDK, read "
        "them on a page that shows the patient's phone, and reply. All of it is in memory. Ctrl-C ends it."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The port."""
        parser.add_argument(
            "--port",
            type=int,
            default=settings.SIMULATOR_PORT,
            help="port on 127.0.0.1 (default: SIMULATOR_PORT)",
        )

    def handle(self, *, port: int, **_: Any) -> None:
        """Run until told to end."""
        if settings.IS_PRODUCTION:
            raise CommandError("The Twilio simulator does not run in production (SITE_URL is not on this machine).")
        if not settings.TWILIO_ACCOUNT_SID or not settings.TWILIO_AUTH_TOKENS:
            raise CommandError("Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN first; made-up values will do.")
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        try:
            simulator = Simulator(port, **_account())
        except (OSError, OverflowError):
            raise CommandError(f"Port {port} is taken or not allowed: choose another one with --port.") from None
        with simulator:
            self.stdout.write(f"The patient's phone is at {simulator.url}/")
            if urlsplit(settings.TWILIO_API_URL).port != urlsplit(simulator.url).port:
                self.stdout.write(f"The site does not use it yet: set TWILIO_API_URL={simulator.url}")
            self.stdout.flush()
            ended.wait()


def _account() -> dict[str, Any]:
    has_key = settings.TWILIO_API_KEY_SID and settings.TWILIO_API_KEY_SECRET
    return {
        "account_sid": settings.TWILIO_ACCOUNT_SID,
        "auth_token": settings.TWILIO_AUTH_TOKENS[0],
        "api_keys": {settings.TWILIO_API_KEY_SID: settings.TWILIO_API_KEY_SECRET} if has_key else {},
        "service_sid": settings.TWILIO_MESSAGING_SERVICE_SID,
        "from_number": settings.TWILIO_FROM_NUMBER,
        "inbound_url": settings.SITE_URL + reverse("booking:twilio_inbound"),
        "delay": 0.7,
        "zone": ZoneInfo(settings.TIME_ZONE),
    }
