"""Puts the local Twilio on a loopback port: routes, sign-in, faults. Must not hold Twilio's rules."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import parse_qsl, quote, urlsplit

from booking.simulator.account import Account
from booking.simulator.faults import FaultBoard, Faults
from booking.simulator.messages_api import API_VERSION, create, listing, one, payload
from booking.simulator.phone import as_number, page
from booking.simulator.refusals import Refused
from booking.simulator.store import Message, Store
from booking.simulator.webhooks import LOOPBACK_HOSTS, Webhooks

LONGEST_REQUEST = 64 * 1024
CSS = Path(__file__).with_name("phone.css").read_bytes()
HTML, JSON = "text/html; charset=utf-8", "application/json"
SAFE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Simulator:
    """A running local Twilio. `with Simulator(...) as twilio:` gives one on a free port at `twilio.url`."""

    def __init__(self, port: int = 0, faults: FaultBoard | None = None, **account: Any) -> None:
        self.account = Account(**account)
        self.store = Store()
        self.faults = faults or FaultBoard()
        self.webhooks = Webhooks(self.account, self.store, self.faults)
        self.ended = threading.Event()
        try:
            self._server = _Server(port, self)
        except BaseException:
            self.webhooks.close()
            raise
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self.webhooks.close()

    @property
    def messages(self) -> list[Message]:
        """Every message, oldest first."""
        return self.store.all()

    def text_from_patient(self, number: str, body: str) -> Message:
        """The patient sends a text to the clinic."""
        return self.webhooks.receive(number, body)

    def settle(self, timeout: float = 5.0) -> None:
        """Wait for the callbacks that are under way."""
        self.webhooks.settle(timeout)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, simulator: Simulator) -> None:
        self.simulator = simulator
        super().__init__(("127.0.0.1", port), _Handler)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer would ask the name service for our name

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hung up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10

    @property
    def simulator(self) -> Simulator:
        return cast(_Server, self.server).simulator

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the addresses hold numbers."""

    def _answer(self, route: Any) -> None:
        self.close_connection = True
        self.address = urlsplit(self.path)
        self.query = dict(parse_qsl(self.address.query, keep_blank_values=True))
        if not self._is_from_here():
            self._send(403, "text/plain", b"This page is for this machine only.")
            return
        try:
            if self.address.path.startswith(f"/{API_VERSION}/"):
                self._api()
            else:
                route(self.address.path)
        except Refused as refused:
            self._send_json(refused.status, refused.payload())
        except ValueError as error:
            self._send_json(400, {"message": str(error)})

    def _is_from_here(self) -> bool:
        """Another site open in the same browser must not read or write here, under any host name."""
        if (urlsplit(f"//{self.headers.get('Host', '')}").hostname or "") not in LOOPBACK_HOSTS:
            return False
        origin = self.headers.get("Origin")
        return origin is None or urlsplit(origin).netloc == self.headers.get("Host")

    def _get(self, path: str) -> None:
        simulator = self.simulator
        if path == "/":
            html = page(simulator.store, simulator.account, self.query.get("number", ""))
            self._send(200, HTML, html.encode())
        elif path == "/phone.css":
            self._send(200, "text/css; charset=utf-8", CSS)
        elif path == "/simulator/messages.json":
            number = self.query.get("number", "")
            found = [message for message in simulator.messages if number in {"", message.patient}]
            self._send_json(200, {"messages": [payload(message, simulator.account) for message in found]})
        elif path == "/simulator/faults":
            self._send_json(200, vars(simulator.faults.now))
        else:
            self._send(404, "text/plain", b"Nothing here.")

    def _post(self, path: str) -> None:
        form = self._form()
        if path == "/":
            number, body = as_number(str(form.get("number", ""))), str(form.get("body", "")).strip()
            if number and body:
                self.simulator.text_from_patient(number, body)
            where = {"Location": f"/?number={quote(number)}#latest"}
            self._send(303, "text/plain", b"", where)
        elif path == "/simulator/faults":
            self.simulator.faults.set(**form)
            self._send_json(200, vars(self.simulator.faults.now))
        else:
            self._send(404, "text/plain", b"Nothing here.")

    def _api(self) -> None:
        """The part the SDK talks to."""
        account, store = self.simulator.account, self.simulator.store
        form = self._form() if self.command == "POST" else {}
        if not account.opens(*self._credentials()):
            raise Refused(20003, status=401)
        parts = self.address.path.strip("/").split("/")
        if parts[1:3] != ["Accounts", account.account_sid]:
            raise Refused(20404, status=404)
        faults = self.simulator.faults.take_reply(is_read=self.command == "GET")
        if faults.reply in _BEFORE:
            self._send_instead(faults)
            return
        match self.command, parts[3:]:
            case "POST", ["Messages.json"]:
                message = create({name: str(value) for name, value in form.items()}, account, store)
                self.simulator.webhooks.deliver(message)
                self._finish(201, payload(message, account), faults)
            case "GET", ["Messages.json"]:
                self._finish(200, listing(self.query, account, store), faults)
            case "GET", ["Messages", sid]:
                self._finish(200, payload(one(sid.removesuffix(".json"), store), account), faults)
            case _:
                raise Refused(20404, status=404)

    def _send_instead(self, faults: Faults) -> None:
        """A wrong answer before anything was accepted."""
        if faults.reply == "html":
            self._send(200, HTML, b"<!doctype html><title>Hotel network</title><p>Sign in")
        elif faults.reply == "429":
            retry = {"Retry-After": str(max(1, int(faults.seconds)))}
            self._send_json(429, Refused(20429, status=429).payload(), retry)
        else:
            raise Refused(*{"500": (20500, 500), "401": (20003, 401)}.get(faults.reply, (faults.code, 400)))

    def _finish(self, status: int, answer: dict[str, Any], faults: Faults) -> None:
        """The answer to an accepted request, or what the switches make of it."""
        if faults.reply == "drop":
            return
        if faults.reply == "500_accepted":
            raise Refused(20500, status=500)
        if faults.reply == "late" and self.simulator.ended.wait(faults.seconds):
            return
        content = json.dumps(answer).encode()
        half = content[: len(content) // 2]
        if faults.reply == "cut":
            self._send(status, JSON, half, {"Content-Length": str(len(content))})
        else:
            self._send(status, JSON, half if faults.reply == "truncated" else content)

    def _form(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LONGEST_REQUEST:
            raise ValueError("the request is too long")
        content = self.rfile.read(int(length)).decode(errors="replace")
        if self.headers.get_content_type() == JSON:
            form = json.loads(content)
            if not isinstance(form, dict):
                raise ValueError("an object was expected")
            return form
        return dict(parse_qsl(content, keep_blank_values=True))

    def _credentials(self) -> tuple[str, str]:
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "basic":
            return "", ""
        try:
            user, _, password = base64.b64decode(value).decode(errors="replace").partition(":")
        except ValueError:
            return "", ""
        return user, password

    def _send_json(self, status: int, answer: dict[str, Any], more: dict[str, str] | None = None) -> None:
        self._send(status, JSON, json.dumps(answer).encode(), more)

    def _send(self, status: int, kind: str, content: bytes, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(len(content)), "Connection": "close"}
        for name, value in {**headers, **SAFE_HEADERS, **(more or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


_BEFORE = {"html", "401", "429", "500", "refuse"}
