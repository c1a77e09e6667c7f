"""Calls the site as Twilio does: signed, in the background, within seconds. Must not know the API.

Only loopback addresses are called, redirects are not followed (Twilio would turn them into a GET and lose the
form), and no proxy is used.
"""

import base64
import hmac
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener
from xml.etree import ElementTree

from booking.simulator.account import Account
from booking.simulator.faults import FaultBoard, Faults
from booking.simulator.keywords import obey
from booking.simulator.messages_api import API_VERSION, segments
from booking.simulator.store import Message, Store

LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "::1"}
LONGEST_CALL = 5.0  # seconds; Twilio itself waits 15


@dataclass(frozen=True)
class Call:
    """One call to the site: what was posted and what came back (0 for no answer)."""

    url: str
    form: dict[str, str]
    status: int
    answer: str = ""


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_opener = build_opener(ProxyHandler({}), _NoRedirect())


def signature(url: str, form: dict[str, str], token: str) -> str:
    """Twilio's signature: the address and every name and value in order, under the auth token."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.digest(token.encode(), signed.encode(), "sha1")).decode()


class Webhooks:
    """Runs the life of each message in the background and tells the site about it."""

    def __init__(self, account: Account, store: Store, faults: FaultBoard) -> None:
        self.account = account
        self.calls: list[Call] = []
        self._store = store
        self._faults = faults
        self._ended = threading.Event()
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="simulator")
        self._work: list[Future[None]] = []
        self._lock = threading.Lock()

    def deliver(self, message: Message) -> None:
        """Take an accepted message through its statuses, with a signed callback for each."""
        self._start(self._deliver, message, self._faults.now)

    def receive(self, number: str, body: str) -> Message:
        """The patient sends a text: Twilio obeys its keywords, the site gets a signed call."""
        account = self.account
        message = self._store.add(
            to=account.sender,
            sender=number,
            body=body,
            direction="inbound",
            status="received",
            service_sid=account.service_sid or None,
        )
        name, answer = obey(self._store, number, body)
        if answer:
            self._answer(number, answer, "automatic")
        if account.inbound_url:
            self._start(self._tell_inbound, message, name)
        return message

    def settle(self, timeout: float = 5.0) -> None:
        """Wait until nothing is under way; for tests."""
        with self._lock:
            work = list(self._work)
        wait(work, timeout=timeout)

    def close(self) -> None:
        """Stop what waits and finish what runs."""
        self._ended.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _start(self, job: Callable[..., None], *values: object) -> None:
        with self._lock:
            self._work = [future for future in self._work if not future.done()]
            if not self._ended.is_set():
                self._work.append(self._pool.submit(job, *values))

    def _deliver(self, message: Message, faults: Faults) -> None:
        steps = self._steps(message, faults)
        if faults.callbacks == "reversed":
            self._move(message.sid, *steps[-1])
            steps.reverse()
        for status, error in steps:
            if self._ended.wait(self.account.delay + (faults.seconds if faults.callbacks == "late" else 0)):
                return
            if faults.callbacks != "reversed":
                self._move(message.sid, status, error)
            for _ in range({"lost": 0, "duplicate": 2}.get(faults.callbacks, 1)):
                self._tell_status(message, status, error)

    def _steps(self, message: Message, faults: Faults) -> list[tuple[str, int | None]]:
        first: list[tuple[str, int | None]] = [("queued", None)] if message.service_sid else []
        if self._store.is_blocked(message.to):  # advanced opt-out refuses late
            return [*first, ("failed", 21610)]
        if faults.outcome == "failed":
            return [*first, ("failed", faults.error_code)]
        last: list[tuple[str, int | None]] = [("delivered", None)]
        if faults.outcome == "undelivered":
            last = [("undelivered", faults.error_code)]
        return [*first, ("sent", None), *(last if faults.outcome != "sent" else [])]

    def _move(self, sid: str, status: str, error: int | None) -> None:
        fields: dict[str, Any] = {"status": status, "error_code": error, "sender": self.account.sender}
        if status not in {"queued", "failed"}:
            fields["sent"] = datetime.now(UTC)
        if self._store.get(sid) is not None:
            self._store.change(sid, **fields)

    def _tell_status(self, message: Message, status: str, error: int | None) -> None:
        if not message.status_callback:
            return
        form = {
            "AccountSid": self.account.account_sid,
            "ApiVersion": API_VERSION,
            "From": self.account.sender,
            "To": message.to,
            "MessageSid": message.sid,
            "MessageStatus": status,
            "SmsSid": message.sid,
            "SmsStatus": status,
        }
        if message.service_sid:
            form["MessagingServiceSid"] = message.service_sid
        if error:
            form["ErrorCode"] = str(error)
        if status in {"delivered", "undelivered"}:
            form["RawDlrDoneDate"] = datetime.now(UTC).strftime("%y%m%d%H%M")
        self._call(message.status_callback, form)

    def _tell_inbound(self, message: Message, keyword: str) -> None:
        form = {
            "AccountSid": self.account.account_sid,
            "ApiVersion": API_VERSION,
            "Body": message.body,
            "From": message.patient,
            "FromCity": "",
            "FromCountry": "US",
            "FromState": "CA",
            "FromZip": "",
            "MessageSid": message.sid,
            "NumMedia": "0",
            "NumSegments": str(segments(message.body)),
            "SmsMessageSid": message.sid,
            "SmsSid": message.sid,
            "SmsStatus": "received",
            "To": message.to,
            "ToCity": "",
            "ToCountry": "US",
            "ToState": "CA",
            "ToZip": "",
        }
        if message.service_sid:
            form["MessagingServiceSid"] = message.service_sid
        if keyword and self.account.advanced_opt_out:
            form["OptOutType"] = keyword
        for text in _texts_in(self._call(self.account.inbound_url, form).answer):
            if not self._store.is_blocked(message.patient):
                self._answer(message.patient, text, "outbound-reply")

    def _answer(self, number: str, body: str, direction: str) -> None:
        self._store.add(
            to=number, sender=self.account.sender, body=body, direction=direction, status="delivered",
            sent=datetime.now(UTC),
        )  # fmt: skip

    def _call(self, url: str, form: dict[str, str]) -> Call:
        call = Call(url, form, *self._post(url, form))
        self.calls.append(call)
        return call

    def _post(self, url: str, form: dict[str, str]) -> tuple[int, str]:
        if (urlsplit(url).hostname or "") not in LOOPBACK_HOSTS:
            return 0, ""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "X-Twilio-Signature": signature(url, form, self.account.auth_token),
            "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
            "User-Agent": "TwilioProxy/1.1",
        }
        request = Request(url, data=urlencode(form).encode(), headers=headers, method="POST")  # noqa: S310 - loopback only
        try:
            with _opener.open(request, timeout=LONGEST_CALL) as answer:
                return answer.status, answer.read(100_000).decode(errors="replace")
        except HTTPError as error:
            error.close()
            return error.code, ""
        except (OSError, ValueError):
            return 0, ""


def _texts_in(twiml: str) -> list[str]:
    """The texts a TwiML answer asks Twilio to send."""
    try:
        root = ElementTree.fromstring(twiml) if twiml.strip() else None  # noqa: S314 - of our site
    except ElementTree.ParseError:
        return []
    messages = root.iter("Message") if root is not None else iter(())
    return [text for message in messages if (text := "".join(message.itertext()).strip())]
