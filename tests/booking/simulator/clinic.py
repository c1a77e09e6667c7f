"""What the simulator's tests share: addresses of a small site, and a real listener for its webhooks."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from twilio.request_validator import RequestValidator

ACCOUNT = "AC" + "0" * 32
SERVICE = "MG" + "0" * 32
TOKEN = "auth-token-0123456789"
PATIENT = "+12135550142"


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)


_booking = [
    path("twilio/status/", nothing, name="twilio_status"),
    path("twilio/inbound/", nothing, name="twilio_inbound"),
]
urlpatterns = [path("", include((_booking, "booking")))]


@dataclass
class Seen:
    path: str
    form: dict[str, list[str]]
    headers: dict[str, str]
    signed: bool


@dataclass
class Listener:
    """A site that only writes down what Twilio posts, and whether the real validator accepts it."""

    token: str = TOKEN
    answer: bytes = b""
    status: int = 200
    seen: list[Seen] = field(default_factory=list)

    def __enter__(self) -> Self:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = parse_qs(body, keep_blank_values=True)
                plain = {name: values[0] for name, values in form.items()}
                given = self.headers.get("X-Twilio-Signature", "")
                ok = RequestValidator(listener.token).validate(listener.url + self.path, plain, given)
                listener.seen.append(Seen(self.path, form, dict(self.headers), ok))
                self.send_response(listener.status)
                if listener.status in {301, 302}:
                    self.send_header("Location", listener.url + "/elsewhere/")
                self.send_header("Content-Type", "text/xml")
                self.end_headers()
                self.wfile.write(listener.answer)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def values(self, name: str) -> list[str]:
        return [seen.form.get(name, [""])[0] for seen in self.seen]
