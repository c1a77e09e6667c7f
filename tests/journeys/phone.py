"""What is on the patient's phone, asked of the running simulator over HTTP. Must not send anything by itself."""

import json
import time
import urllib.request
from typing import Any
from urllib.parse import quote


def texts(phone_url: str, number: str) -> list[dict[str, Any]]:
    """What the clinic sent to this number, oldest first; Twilio's own answers are not counted."""
    with urllib.request.urlopen(f"{phone_url}/simulator/messages.json?number={quote(number)}", timeout=10) as answer:
        found: list[dict[str, Any]] = json.load(answer)["messages"]
    return [text for text in found if text["direction"] == "outbound-api"]


def wait_for_texts(phone_url: str, number: str, count: int, *, within: float = 30) -> list[dict[str, Any]]:
    """Wait until the clinic's `count` texts are delivered."""
    deadline = time.monotonic() + within
    while True:
        found = texts(phone_url, number)
        if len(found) >= count and all(text["status"] == "delivered" for text in found):
            return found
        assert time.monotonic() < deadline, f"{count} delivered texts were expected: {found}"
        time.sleep(0.2)
