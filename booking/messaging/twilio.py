"""The one module that talks to Twilio. Must not know what a message says or why.

Above it there are our words only. Every call uses a client of its own and closes it: a site that sends tens
of texts a day gains nothing from a kept connection, which would have to survive forks, threads and a peer
that hangs up. Nothing is retried here. What it answers becomes Accepted, SendRefused or OutcomeUnknown; their
texts hold a code, never a number and never the SDK's own words, which may hold one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from json import loads
from logging import WARNING, getLogger
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import requests
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.views.decorators.debug import sensitive_variables
from twilio.base import values
from twilio.base.exceptions import (
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance
from urllib3.exceptions import NewConnectionError

from booking.messaging.twilio_codes import (
    NOT_REACHED,
    NOT_SET_UP,
    OTHER,
    OUTCOME_UNKNOWN,
    Refusal,
    Scope,
    class_of_code,
    is_known,
    our_status,
    rank,
)

__all__ = [
    "Accepted",
    "OutcomeUnknown",
    "Refusal",
    "Scope",
    "SendRefused",
    "class_of_code",
    "configured",
    "fetch",
    "find",
    "our_status",
    "rank",
    "send",
    "signature_is_valid",
]

# At INFO it writes addresses with `To=` in them.
getLogger("twilio.http_client").setLevel(WARNING)

LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "::1"}
LONGEST_VALIDITY = timedelta(hours=10)
CLOCK_SLACK = timedelta(seconds=5)  # between our clock and Twilio's, which counts whole seconds
LISTED_AT_MOST = 200

_T = TypeVar("_T")


@dataclass(frozen=True)
class Accepted:
    """Twilio has the message. `status` is one of ours: "queued" here means waiting at Twilio, not with us."""

    provider_id: str
    status: str
    provider_status: str
    error: int | None = None
    created_at: datetime | None = None


class SendRefused(Exception):
    """Twilio answered that the message was not taken. Its text is the code and the scope alone."""

    def __init__(self, refusal: Refusal, *, code: int, retry_after: int | None = None) -> None:
        self.refusal = refusal
        self.scope: Scope = refusal.scope
        self.code = code
        self.reason: Promise = refusal.reason
        self.retry_after: int | None = (
            (retry_after or refusal.retry_after) if refusal.scope is Scope.TRANSIENT else None
        )
        super().__init__(f"refused by the text service: {code} ({refusal.scope})")


class OutcomeUnknown(Exception):
    """The message may have been taken or not. Never send it again before find() was asked."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"outcome of the text unknown: {reason}")


def configured() -> bool:
    """Whether texts can be sent at all: an account, something to sign in with, and a sender."""
    has_key = settings.TWILIO_API_KEY_SID and settings.TWILIO_API_KEY_SECRET
    has_sender = settings.TWILIO_MESSAGING_SERVICE_SID or settings.TWILIO_FROM_NUMBER
    return bool(settings.TWILIO_ACCOUNT_SID and (has_key or settings.TWILIO_AUTH_TOKENS) and has_sender)


@sensitive_variables()
def send(*, to: str, body: str, callback_key: str, validity: timedelta = timedelta(hours=4)) -> Accepted:
    """Hand over one text, once. `callback_key` comes back with every signed callback, reply lost or not.

    After `validity` Twilio drops what it could not deliver. Raises SendRefused or OutcomeUnknown.
    """
    seconds = int(max(timedelta(seconds=60), min(validity, LONGEST_VALIDITY)).total_seconds())
    service = settings.TWILIO_MESSAGING_SERVICE_SID
    callback = _status_callback(callback_key)

    def create(client: Client) -> Accepted:
        return _accepted(
            client.messages.create(
                to=to,
                body=body,
                messaging_service_sid=service or values.unset,
                from_=values.unset if service else settings.TWILIO_FROM_NUMBER,
                status_callback=callback or values.unset,
                validity_period=seconds,
            )
        )

    return _ask(create)


@sensitive_variables()
def find(*, to: str, body: str, since: datetime) -> list[Accepted]:
    """The texts Twilio has with this number and these words, made at `since` or later.

    Lists by number alone: date_sent is empty for a text that waits, so a filter on it would miss the one.
    """
    if since.tzinfo is None:
        raise ValueError("find() needs an instant with a time zone.")
    oldest = since.astimezone(UTC).replace(microsecond=0) - CLOCK_SLACK

    def search(client: Client) -> list[Accepted]:
        listed = client.messages.stream(to=to, page_size=100, limit=LISTED_AT_MOST)
        return [
            _accepted(message)
            for message in listed
            if str(message.direction).startswith("outbound")
            and (message.body or "").strip() == body.strip()
            and message.date_created is not None
            and message.date_created >= oldest
        ]

    return _ask(search)


def fetch(*, provider_id: str) -> Accepted:
    """One text as Twilio has it now; settles two last reports that disagree."""
    try:
        return _ask(lambda client: _accepted(client.messages(provider_id).fetch()))
    except SendRefused as refused:
        if refused.code != 20404:
            raise
    raise OutcomeUnknown("no such text at the provider")  # says nothing about our account


def signature_is_valid(request: HttpRequest) -> bool:
    """Whether Twilio signed this request with one of our tokens (several while one is rotated). Never raises.

    Checked against SITE_URL, not against the Host header, which anybody can write.
    """
    signature = request.META.get("HTTP_X_TWILIO_SIGNATURE", "")
    if not signature:
        return False
    try:
        url = settings.SITE_URL + request.get_full_path()
        posted = request.POST  # itself, not a dict: a name may come twice
        return any(RequestValidator(token).validate(url, posted, signature) for token in settings.TWILIO_AUTH_TOKENS)
    except Exception:  # whatever a forged body breaks on, it is not from Twilio
        return False


def _status_callback(callback_key: str) -> str:
    # The real Twilio refuses a callback address that only this machine knows; then reconciling has to do.
    if _is_loopback(settings.SITE_URL) and not _is_loopback(settings.TWILIO_API_URL):
        return ""
    return f"{settings.SITE_URL}{reverse('booking:twilio_status')}?{urlencode({'m': callback_key})}"


def _is_loopback(url: str) -> bool:
    return (urlsplit(url).hostname or "") in LOOPBACK_HOSTS


@contextmanager
def _client(reply_headers: dict[str, str]) -> Iterator[Client]:
    """A client for one question; `reply_headers` gets the answer's headers, which the SDK's errors lack."""

    def note_headers(response: requests.Response, *_: object, **__: object) -> None:
        reply_headers.update({name.lower(): value for name, value in response.headers.items()})

    transport = TwilioHttpClient(
        timeout=settings.TWILIO_TIMEOUT_SECONDS,
        request_hooks={"response": [note_headers]},
    )
    session: requests.Session = transport.session
    session.trust_env = not _is_loopback(settings.TWILIO_API_URL)  # no proxy on the way to this machine
    try:
        has_key = settings.TWILIO_API_KEY_SID and settings.TWILIO_API_KEY_SECRET
        client = Client(
            settings.TWILIO_API_KEY_SID if has_key else settings.TWILIO_ACCOUNT_SID,
            settings.TWILIO_API_KEY_SECRET if has_key else settings.TWILIO_AUTH_TOKENS[0],
            settings.TWILIO_ACCOUNT_SID,
            http_client=transport,
            # Not empty, else the SDK reads os.environ, where TWILIO_EDGE and TWILIO_REGION rewrite the host.
            environment={"TWILIO_ACCOUNT_SID": ""},
        )
        client.api.base_url = settings.TWILIO_API_URL
        yield client
    finally:
        session.close()


@sensitive_variables()
def _ask(question: Callable[[Client], _T]) -> _T:
    if not configured():
        raise SendRefused(NOT_SET_UP, code=0)
    reply_headers: dict[str, str] = {}
    try:
        with _client(reply_headers) as client:
            return question(client)
    except Exception as error:  # all of them: the text of any may hold the number
        failure = _failure(error, retry_after=_seconds(reply_headers.get("retry-after", "")))
    # Outside the except block, so that the failure does not carry the original in its context.
    raise failure


def _accepted(message: MessageInstance) -> Accepted:
    status = str(message.status or "")
    if not isinstance(message.sid, str) or not message.sid:
        raise ValueError("reply without an id")
    error = message.error_code if isinstance(message.error_code, int) else None
    return Accepted(message.sid, our_status(status) or "queued", status, error, message.date_created)


def _failure(error: Exception, *, retry_after: int | None) -> SendRefused | OutcomeUnknown:
    """Our words for whatever a call raised."""
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return _answered(_whole(error.status), _whole(error.code), retry_after)
    if isinstance(error, TwilioException) and len(error.args) == 2:  # a page of a list: (words, response)
        response = error.args[1]
        return _answered(_whole(response.status_code), _code_in(response.text), retry_after)
    if isinstance(error, requests.exceptions.RequestException):
        return _unanswered(error)
    return OutcomeUnknown("answer not readable")


def _unanswered(error: requests.exceptions.RequestException) -> SendRefused | OutcomeUnknown:
    """No whole answer came. Only where not a byte left us is it safe to say that nothing was sent."""
    cause = error.args[0] if error.args else None
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        return SendRefused(NOT_SET_UP, code=0)
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return SendRefused(NOT_REACHED, code=0)
    if isinstance(getattr(cause, "reason", None), NewConnectionError):
        return SendRefused(NOT_REACHED, code=0)
    if isinstance(error, requests.exceptions.Timeout):
        return OutcomeUnknown("no answer in time")
    if isinstance(error, requests.exceptions.JSONDecodeError):
        return OutcomeUnknown("answer not readable")
    return OutcomeUnknown("connection lost")


def _answered(status: int, code: int, retry_after: int | None) -> SendRefused | OutcomeUnknown:
    """A reply that is not a success, by its HTTP status and the code in it (the status again if none)."""
    if status == 429:
        return SendRefused(class_of_code(20429), code=20429, retry_after=retry_after)
    if status >= 500 or status == 408 or code in OUTCOME_UNKNOWN:
        return OutcomeUnknown(f"http {status}")
    if not is_known(code) and (status < 400 or status in {401, 403, 404, 405, 407}):
        return SendRefused(NOT_SET_UP, code=code)  # a wrong address or account, not this message
    return SendRefused(
        class_of_code(code) if is_known(code) else OTHER,
        code=code,
        retry_after=retry_after,
    )


def _code_in(text: str) -> int:
    try:
        return _whole(loads(text)["code"])
    except (ValueError, TypeError, KeyError):
        return 0


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _seconds(value: str) -> int | None:
    return max(1, min(int(value), 3600)) if value.isdecimal() and len(value) < 10 else None
