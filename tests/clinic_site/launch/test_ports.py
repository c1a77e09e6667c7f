"""A taken port is one sentence with a way out; waiting for a server ends."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from clinic_site.launch import ports
from clinic_site.launch.environment import CannotStart


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_taken_port_is_named_with_a_way_out(taken: int) -> None:
    with pytest.raises(CannotStart, match=rf"Port {taken} is taken by another program.*make run PORT=\d+"):
        ports.must_be_free(taken, name="PORT")


def test_a_free_port_is_fine(taken: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    ports.must_be_free(free, name="PORT")


class Refuses(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(400)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def test_any_answer_means_that_the_server_is_there() -> None:
    with HTTPServer(("127.0.0.1", 0), Refuses) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        assert ports.answers(server.server_address[1], host="localhost", within=5, goes_on=lambda: True)
        server.shutdown()


def test_waiting_ends_when_nobody_comes_or_the_program_is_gone() -> None:
    began = time.monotonic()
    assert not ports.answers(1, host="localhost", within=0.3, goes_on=lambda: True)
    assert not ports.answers(1, host="localhost", within=60, goes_on=lambda: False)
    assert time.monotonic() - began < 5
