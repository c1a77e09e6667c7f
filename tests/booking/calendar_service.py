"""A calendar service on loopback that says what a test tells it to. Must not be used outside of tests."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n%s\r\nEND:VCALENDAR\r\n"
EVENT = b"BEGIN:VEVENT\r\nUID:%d@e\r\nDTSTART:%s\r\nDTEND:%s\r\nSUMMARY:Secret dinner\r\nEND:VEVENT"


@dataclass
class Service:
    """What it answers next, and the paths it was asked for."""

    url: str = ""
    status: int = 200
    body: bytes = CALENDAR % b""
    headers: dict[str, str] = field(default_factory=dict)
    promised_length: int | None = None
    drip_seconds: float = 0
    asked: list[str] = field(default_factory=list)

    def says_busy(self, *spans: tuple[str, str]) -> None:
        """Events from and to these instants, written like 20261216T180000Z."""
        events = [EVENT % (n, begin.encode(), end.encode()) for n, (begin, end) in enumerate(spans)]
        self.body = CALENDAR % b"\r\n".join(events)


@contextmanager
def running() -> Iterator[Service]:
    """The service, until the block ends."""
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            service.asked.append(self.path)
            self.send_response(service.status)
            length = len(service.body) if service.promised_length is None else service.promised_length
            self.send_header("Content-Length", str(length))
            for name, value in service.headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                for n in range(0, len(service.body), 1 if service.drip_seconds else len(service.body)):
                    self.wfile.write(service.body[n : n + 1] if service.drip_seconds else service.body)
                    time.sleep(service.drip_seconds)
            except OSError:
                self.close_connection = True

        def log_message(self, *_args: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}/private-abc/basic.ics?key=s3cret"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
