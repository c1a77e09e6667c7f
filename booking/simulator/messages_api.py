"""Twilio's Messages API as the SDK uses it: make one, read one, list. Must not know sockets or callbacks."""

import math
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from booking.simulator.account import Account
from booking.simulator.refusals import Refused, check
from booking.simulator.store import Message, Store

API_VERSION = "2010-04-01"
_NOT_GSM = 70, 67
_GSM = 160, 153


def create(form: dict[str, str], account: Account, store: Store) -> Message:
    """Take a message, or raise Refused."""
    check(form, account, store)
    service = form.get("MessagingServiceSid", "")
    picks_sender = bool(service) and not form.get("From")
    return store.add(
        to=form["To"],
        sender=None if picks_sender else form["From"],
        body=form["Body"],
        direction="outbound-api",
        status="accepted" if service else "queued",
        service_sid=service or None,
        status_callback=form.get("StatusCallback", ""),
    )


def one(sid: str, store: Store) -> Message:
    """One message, or raise Refused."""
    message = store.get(sid)
    if message is None:
        raise Refused(20404, status=404)
    return message


def listing(query: dict[str, str], account: Account, store: Store) -> dict[str, Any]:
    """A page of messages, newest first, in Twilio's shape with the address of the next page."""
    found = [
        message
        for message in reversed(store.all())
        if query.get("To") in {None, "", message.to} and query.get("From") in {None, "", message.sender}
    ]
    size = max(1, min(_whole(query.get("PageSize", ""), 50), 1000))
    page = _whole(query.get("Page", ""), 0)
    sids = [message.sid for message in found]
    token = query.get("PageToken", "").removeprefix("PA")
    start = sids.index(token) + 1 if token in sids else page * size
    shown = found[start : start + size]
    more = start + size < len(found)
    return {
        "first_page_uri": _page_uri(query, account, size, 0, ""),
        "end": start + len(shown) - 1,
        "previous_page_uri": None,
        "messages": [payload(message, account) for message in shown],
        "uri": _page_uri(query, account, size, page, query.get("PageToken", "")),
        "page_size": size,
        "start": start,
        "next_page_uri": _page_uri(query, account, size, page + 1, "PA" + shown[-1].sid) if more else None,
        "page": page,
    }


def payload(message: Message, account: Account) -> dict[str, Any]:
    """A message in the API's words."""
    uri = f"/{API_VERSION}/Accounts/{account.account_sid}/Messages/{message.sid}"
    is_reply = message.direction in {"outbound-reply", "automatic"}
    return {
        "account_sid": account.account_sid,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": format_datetime(message.created),
        "date_sent": format_datetime(message.sent) if message.sent else None,
        "date_updated": format_datetime(message.updated),
        "direction": "outbound-reply" if is_reply else message.direction,
        "error_code": message.error_code,
        "error_message": None,
        "from": message.sender,
        "messaging_service_sid": message.service_sid,
        "num_media": "0",
        "num_segments": "0" if message.sender is None else str(segments(message.body)),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.to,
        "uri": f"{uri}.json",
    }


def segments(body: str) -> int:
    """How many texts a body is charged as: GSM-7 letters pack tighter than all others."""
    if all(letter in _GSM_LETTERS or letter in _GSM_DOUBLE for letter in body):
        length, (alone, part) = sum(2 if letter in _GSM_DOUBLE else 1 for letter in body), _GSM
    else:
        length, (alone, part) = len(body.encode("utf-16-le")) // 2, _NOT_GSM
    return 1 if length <= alone else math.ceil(length / part)


_GSM_LETTERS = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_DOUBLE = frozenset("^{}\\[~]|€\f")


def _page_uri(query: dict[str, str], account: Account, size: int, page: int, token: str) -> str:
    kept = {name: query[name] for name in ("To", "From") if query.get(name)}
    asked = {**kept, "PageSize": str(size), "Page": str(page), **({"PageToken": token} if token else {})}
    return f"/{API_VERSION}/Accounts/{account.account_sid}/Messages.json?{urlencode(asked)}"


def _whole(value: str, default: int) -> int:
    return int(value) if value.isdecimal() and len(value) < 8 else default
