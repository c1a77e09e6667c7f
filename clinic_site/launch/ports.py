"""Loopback ports: whether one is free, and when a server answers on it. Must not start or stop anything."""

import http.client
import socket
import time
from collections.abc import Callable

from clinic_site.launch.environment import CannotStart

LOOPBACK = "127.0.0.1"


def must_be_free(port: int, *, name: str) -> None:
    """Raise CannotStart, with a way out, when another program listens on `port`."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except PermissionError:
            raise CannotStart(
                f"Port {port} needs more rights than yours. Choose another: {name}={port + 8000}."
            ) from None
        except OSError:
            raise CannotStart(
                f"Port {port} is taken by another program. End that one, or choose another port: "
                f"make run {name}={port + 100 if port < 65000 else 8100}."
            ) from None


def answers(port: int, *, host: str, within: float, goes_on: Callable[[], bool]) -> bool:
    """Wait until the web server answers anything at all on /healthz; False when it never did."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline and goes_on():
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
        try:
            connection.request("GET", "/healthz", headers={"Host": host})
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        else:
            return True
        finally:
            connection.close()
    return False
