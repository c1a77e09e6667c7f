"""Walks the request as a patient does, with a plain client. Must not assert."""

import re
from typing import Any

from django.test import Client

VISIT = {"visit": "hsg", "office": "los-angeles"}
TIMES: dict[str, Any] = {"timing": "days", "days": ["2026-12-16", "2026-12-18"], "daypart": "morning"}
CONTACT: dict[str, Any] = {
    "name": "Ana Example López",
    "phone": "(213) 555-0134",
    "contact": "text",
    "sms_consent": "yes",
    "language": "es",
    "help": ["step_free"],
}


def hidden(response: Any) -> dict[str, str]:
    """The hidden inputs of a page, by name."""
    html = response.content.decode()
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))


def answer(client: Client, path: str, values: dict[str, Any], **extra: Any) -> Any:
    """Open a page and send it filled in. Answers that need fixing come back on the same page, by GET."""
    response = client.post(path, {**hidden(client.get(path)), **values, **extra})
    return client.get(path) if response.headers.get("Location") == path else response


def fill(client: Client, *, visit: Any = None, times: Any = None, contact: Any = None) -> None:
    """All three steps."""
    answer(client, "/request/", visit or VISIT)
    answer(client, "/request/times/", times or TIMES)
    answer(client, "/request/contact/", contact or CONTACT)


def send(client: Client, **extra: Any) -> Any:
    """The check page, sent."""
    return answer(client, "/request/check/", {}, **extra)
