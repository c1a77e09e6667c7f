"""`manage.py twilio_simulator`: where it runs, where it refuses, how it ends."""

import os
import signal
import socket
import threading
from collections.abc import Iterator
from io import StringIO
from urllib.request import urlopen

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from booking.management.commands.twilio_simulator import Command
from tests.booking.simulator.clinic import ACCOUNT, TOKEN

pytestmark = pytest.mark.urls("tests.booking.simulator.clinic")


@pytest.fixture(autouse=True)
def one_machine(settings: Settings) -> Settings:
    settings.IS_PRODUCTION = False
    settings.SITE_URL = "http://localhost:8000"
    settings.TWILIO_ACCOUNT_SID = ACCOUNT
    settings.TWILIO_AUTH_TOKENS = [TOKEN]
    return settings


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def kept_handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def run(port: int) -> str:
    out = StringIO()
    call_command(Command(), port=port, stdout=out)
    return out.getvalue()


def test_it_refuses_in_production(one_machine: Settings, free_port: int) -> None:
    one_machine.IS_PRODUCTION = True
    with pytest.raises(CommandError, match=r"^The Twilio simulator does not run in production"):
        run(free_port)


def test_it_needs_an_account_to_sign_with(one_machine: Settings, free_port: int) -> None:
    one_machine.TWILIO_AUTH_TOKENS = []
    with pytest.raises(CommandError, match="made-up values will do"):
        run(free_port)


@pytest.mark.parametrize("port", [0, 99999])
def test_a_taken_or_impossible_port_gives_one_sentence(kept_handlers: None, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = port or other.getsockname()[1]
        with pytest.raises(CommandError, match=f"^Port {port} is taken or not allowed"):
            run(port)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_shows_the_phone_until_it_is_told_to_end(
    kept_handlers: None, free_port: int, number: signal.Signals
) -> None:
    pages: list[bytes] = []

    def visit_and_end() -> None:
        # The answer comes only after the handlers are in place, so the signal cannot end the test run.
        for _ in range(100):
            try:
                with urlopen(f"http://127.0.0.1:{free_port}/", timeout=2) as answer:
                    pages.append(answer.read())
                break
            except OSError:
                threading.Event().wait(0.05)
        if pages:
            os.kill(os.getpid(), number)

    visitor = threading.Thread(target=visit_and_end)
    visitor.start()
    out = run(free_port)
    visitor.join()
    assert b"Patient's phone (simulator)" in pages[0]
    assert f"http://127.0.0.1:{free_port}/" in out
    assert "TWILIO_API_URL" in out
