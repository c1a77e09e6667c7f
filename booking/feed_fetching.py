"""Fetches a calendar feed from an address that staff typed in. Must not reach anything but the allowed calendar
services, and must not say the address to anybody: it is a secret link.

The host has to stand in CALENDAR_FEED_HOSTS, every address it resolves to has to be public, and the connection goes to
exactly the address that was checked: a name that changes in between opens nothing. No redirect is followed.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from contextlib import suppress
from urllib.parse import urlsplit

from django.conf import settings

from booking.models import DoctorCalendar

MOST_BYTES = 2_000_000
SECONDS = 10
Problem = DoctorCalendar.Problem
_ASKED_AWAY = range(300, 400)
_REFUSED = (401, 403, 404, 410)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class FeedProblem(Exception):
    """Why a feed cannot be read, as one of the known reasons. Never holds the address."""

    def __init__(self, problem: DoctorCalendar.Problem) -> None:
        self.problem = problem
        super().__init__(problem.value)


def checked(url: str) -> str:
    """The host of an address that may be fetched. Raises FeedProblem."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise FeedProblem(Problem.ADDRESS) from None
    is_plain_text = any(not 33 <= ord(letter) < 127 for letter in url)
    may_be_local = bool(settings.CALENDAR_FEEDS_MAY_BE_LOCAL)
    schemes = ("https", "http") if may_be_local else ("https",)
    if parts.scheme not in schemes or not host or parts.username or parts.password or is_plain_text:
        raise FeedProblem(Problem.ADDRESS)
    if port not in (None, 443) and not may_be_local:
        raise FeedProblem(Problem.ADDRESS)
    if not any(_fits(host, allowed.lower()) for allowed in settings.CALENDAR_FEED_HOSTS):
        raise FeedProblem(Problem.HOST)
    return host


def fetch(url: str) -> bytes:
    """The bytes of the feed. Raises FeedProblem, after SECONDS at the latest: for the name, the connection and the
    answer together."""
    until = time.monotonic() + SECONDS
    host = checked(url)
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    address, port = _public_address(host, parts.port or (443 if secure else 80))
    left = until - time.monotonic()
    if left <= 0:
        raise FeedProblem(Problem.TOO_SLOW)
    ended = threading.Event()
    connection = _Connection(host, address=address, port=port, secure=secure, seconds=left, ended=ended)
    timer = threading.Timer(left, _end, args=(connection, ended))
    timer.daemon = True
    timer.start()
    try:
        connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), headers=_HEADERS)
        with connection.getresponse() as answer:
            return _body(answer, ended)
    except (OSError, http.client.HTTPException):
        raise FeedProblem(Problem.TOO_SLOW if ended.is_set() else Problem.NO_ANSWER) from None
    finally:
        timer.cancel()
        connection.close()


_HEADERS = {"Accept": "text/calendar", "Accept-Encoding": "identity", "User-Agent": "clinic-site"}


class _Connection(http.client.HTTPConnection):
    """A connection to one address, whatever its name resolves to a moment later; TLS is checked for the name."""

    def __init__(
        self, host: str, *, address: str, port: int, secure: bool, seconds: float, ended: threading.Event
    ) -> None:
        self.default_port = 443 if secure else 80  # which the Host header leaves out
        super().__init__(host, port, timeout=seconds)
        self.address, self.secure, self.ended = address, secure, ended
        # http.client lets go of `sock` while a body that ends with the connection is still read.
        self.wire: socket.socket | None = None

    def connect(self) -> None:
        """To the checked address."""
        plain = socket.create_connection((self.address, self.port), self.timeout)
        self.sock = self.wire = plain
        if self.secure:
            context = ssl.create_default_context()
            # The handshake comes after: it can be as slow as an answer, and `wire` is what ends it.
            found = context.wrap_socket(plain, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock = self.wire = found
        if self.ended.is_set():  # while it connected: nothing would end it any more
            raise TimeoutError
        if isinstance(self.sock, ssl.SSLSocket):
            self.sock.do_handshake()


def _body(answer: http.client.HTTPResponse, ended: threading.Event) -> bytes:
    if answer.status in _ASKED_AWAY:
        raise FeedProblem(Problem.MOVED)
    if answer.status in _REFUSED:
        raise FeedProblem(Problem.REFUSED)
    if answer.status != 200:
        raise FeedProblem(Problem.NO_ANSWER)
    body = answer.read(MOST_BYTES + 1)
    if ended.is_set():
        raise FeedProblem(Problem.TOO_SLOW)
    if len(body) > MOST_BYTES:
        raise FeedProblem(Problem.TOO_LARGE)
    if answer.length:  # it said there would be more: half a calendar is none
        raise FeedProblem(Problem.NO_ANSWER)
    return body


def _end(connection: _Connection, ended: threading.Event) -> None:
    """A service that sends a byte every second would hold the clock for ever."""
    ended.set()
    if connection.wire is not None:
        try:
            # Not the one of SSLSocket, which takes the session away under the thread that is using it.
            socket.socket.shutdown(connection.wire, socket.SHUT_RDWR)
        except OSError:
            return  # it has ended by itself in this moment


def _fits(host: str, allowed: str) -> bool:
    """“calendar.google.com” is that host, “.icloud.com” every host below it."""
    return host.endswith(allowed) if allowed.startswith(".") else host == allowed


def _public_address(host: str, port: int) -> tuple[str, int]:
    addresses = _addresses_of(host, port)
    if not addresses:
        raise FeedProblem(Problem.NO_ANSWER)
    if not settings.CALENDAR_FEEDS_MAY_BE_LOCAL and not all(_is_public(address) for address in addresses):
        raise FeedProblem(Problem.ADDRESS)
    return addresses[0], port


def _addresses_of(host: str, port: int) -> list[str]:
    """None for a name that leads nowhere. Asked in a thread of its own: a look-up has no end that one could set, and a
    silent name server holds it for half a minute."""
    found: list[str] = []

    def ask() -> None:
        with suppress(OSError, UnicodeError):
            found.extend(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(SECONDS)
    if asking.is_alive():
        raise FeedProblem(Problem.TOO_SLOW)
    return found


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64 or ip.sixtofour is not None or ip.teredo is not None:
            return False  # another address is wrapped in it, and no calendar service needs that
        ip = ip.ipv4_mapped or ip
    return ip.is_global and not ip.is_multicast
