"""Which addresses a feed may come from, and what an answer has to look like."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from booking import feed_fetching
from booking.feed_fetching import FeedProblem
from booking.models import DoctorCalendar
from tests.booking import calendar_service
from tests.booking.calendar_service import Service

Problem = DoctorCalendar.Problem


@pytest.fixture
def service(settings: Any) -> Iterator[Service]:
    """A calendar service on this machine, allowed for this test."""
    settings.CALENDAR_FEED_HOSTS, settings.CALENDAR_FEEDS_MAY_BE_LOCAL = ["127.0.0.1"], True
    with calendar_service.running() as running:
        yield running


def problem_of(url: str) -> str:
    with pytest.raises(FeedProblem) as raised:
        feed_fetching.fetch(url)
    assert "s3cret" not in str(raised.value)
    return raised.value.problem


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: entries)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://calendar.google.com/a.ics", Problem.ADDRESS),
        ("ftp://calendar.google.com/a.ics", Problem.ADDRESS),
        ("file:///etc/passwd", Problem.ADDRESS),
        ("https://user:word@calendar.google.com/a.ics", Problem.ADDRESS),
        ("https://calendar.google.com:8443/a.ics", Problem.ADDRESS),
        ("https://calendar.google.com/a b.ics", Problem.ADDRESS),
        ("https://calendar.google.com/a\r\nHost: x", Problem.ADDRESS),
        ("https://[::1", Problem.ADDRESS),
        ("https:///a.ics", Problem.ADDRESS),
        ("", Problem.ADDRESS),
        ("https://calendar.google.com.evil.example/a.ics", Problem.HOST),
        ("https://evil.example/calendar.google.com", Problem.HOST),
        ("https://icloud.com.evil.example/a.ics", Problem.HOST),
        ("https://127.0.0.1/a.ics", Problem.HOST),
        ("https://localhost/a.ics", Problem.HOST),
    ],
)
def test_only_secure_addresses_of_allowed_services_are_asked(url: str, problem: str) -> None:
    assert problem_of(url) == problem


@pytest.mark.parametrize("host", ["calendar.google.com", "CALENDAR.google.com", "p23-caldav.icloud.com"])
def test_allowed_hosts_and_hosts_below_a_dot_are_let_through(host: str) -> None:
    assert feed_fetching.checked(f"https://{host}/a.ics?b=c") == host.lower()


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.8", "192.168.1.1", "169.254.169.254", "0.0.0.0", "::1", "fd00::1", "::ffff:10.0.0.8"),
        *("64:ff9b::a00:8", "2002:a00:8::1"),  # 10.0.0.8, wrapped
    ],
)
def test_a_name_that_leads_into_a_private_network_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolve_to(monkeypatch, "142.250.1.1", address)
    assert problem_of("https://calendar.google.com/a.ics") == Problem.ADDRESS


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "142.250.1.1")
    asked = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        asked.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    assert problem_of("https://calendar.google.com/a.ics") == Problem.NO_ANSWER
    assert asked == [("142.250.1.1", 443)]


def test_a_name_that_nobody_knows_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: Any, **_more: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert problem_of("https://calendar.google.com/a.ics") == Problem.NO_ANSWER


def test_the_whole_answer_is_read_from_the_whole_address(service: Service) -> None:
    assert feed_fetching.fetch(service.url) == service.body
    assert service.asked == ["/private-abc/basic.ics?key=s3cret"]


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (301, Problem.MOVED),
        (302, Problem.MOVED),
        (304, Problem.MOVED),
        (401, Problem.REFUSED),
        (404, Problem.REFUSED),
        (410, Problem.REFUSED),
        (204, Problem.NO_ANSWER),
        (429, Problem.NO_ANSWER),
        (500, Problem.NO_ANSWER),
    ],
)
def test_no_redirect_is_followed_and_no_refusal_is_read(service: Service, status: int, problem: str) -> None:
    service.status, service.headers = status, {"Location": service.url}
    assert problem_of(service.url) == problem
    assert len(service.asked) == 1


def test_a_feed_that_is_too_large_is_dropped(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_fetching, "MOST_BYTES", 1000)
    service.body = b"x" * 1001
    assert problem_of(service.url) == Problem.TOO_LARGE
    service.body = b"x" * 1000
    assert len(feed_fetching.fetch(service.url)) == 1000


def test_half_an_answer_is_none(service: Service) -> None:
    service.promised_length = len(service.body) + 10
    assert problem_of(service.url) == Problem.NO_ANSWER


def test_a_service_that_sends_a_byte_at_a_time_is_left(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_fetching, "SECONDS", 0.3)
    service.drip_seconds = 0.1
    before = time.monotonic()
    assert problem_of(service.url) == Problem.TOO_SLOW
    assert time.monotonic() - before < 2  # and not after the last byte, also where the service closes by itself


def test_a_name_server_that_stays_silent_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_fetching, "SECONDS", 0.2)
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: released.wait(30) and [])
    before = time.monotonic()
    try:
        assert problem_of("https://calendar.google.com/a.ics") == Problem.TOO_SLOW
        assert time.monotonic() - before < 2
    finally:
        released.set()


def test_a_handshake_of_a_byte_at_a_time_is_left(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CALENDAR_FEED_HOSTS, settings.CALENDAR_FEEDS_MAY_BE_LOCAL = ["127.0.0.1"], True
    monkeypatch.setattr(feed_fetching, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            wire, _address = server.accept()
            with wire, suppress(OSError):
                wire.sendall(b"\x16\x03\x03\x40\x00")  # the head of a record that has 16 kB to come
                for _ in range(40):
                    wire.sendall(b"\x02")
                    time.sleep(0.1)

        threading.Thread(target=drip, daemon=True).start()
        before = time.monotonic()
        assert problem_of(f"https://127.0.0.1:{server.getsockname()[1]}/s3cret") == Problem.TOO_SLOW
        assert time.monotonic() - before < 2


def test_nobody_listening_is_no_answer(service: Service) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert problem_of(f"http://127.0.0.1:{port}/s3cret") == Problem.NO_ANSWER


def test_a_server_without_tls_is_no_answer(service: Service) -> None:
    assert problem_of(service.url.replace("http://", "https://")) == Problem.NO_ANSWER
