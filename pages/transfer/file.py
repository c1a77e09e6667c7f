"""The file that holds all content of a site: its frame, its format number, what makes it unusable. Must not know tables
(tables.py does) nor the database."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

WHAT = "content of a clinic site"
FORMAT = 1
# From a format to the next one; a file that is older than FORMAT goes through them in order.
UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
LARGEST = 50 * 1024 * 1024

Content = dict[str, Any]


class UnusableFileError(Exception):
    """The file cannot be taken over; the message says why, in words for people. Nothing was changed."""


def written(content: Content, *, made_at: datetime) -> str:
    """The text of the file: one row in each line would be shorter, but people compare such files line by line."""
    whole = {"what": WHAT, "format": FORMAT, "made_at": made_at.isoformat(timespec="seconds"), "content": content}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def read(raw: bytes) -> Content:
    """The content of a file, brought up to date. Raises UnusableFileError."""
    if len(raw) > LARGEST:
        raise UnusableFileError(f"The file is larger than {LARGEST // 1024 // 1024} MB. It is no content file.")
    try:
        whole = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UnusableFileError("The file is no JSON: it is cut off, or something else wrote it.") from error
    if not isinstance(whole, dict) or whole.get("what") != WHAT or not isinstance(whole.get("content"), dict):
        raise UnusableFileError("This is no content file. Make one with the command export_content.")
    number = whole.get("format")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise UnusableFileError("The file does not say its format.")
    if number > FORMAT:
        words = f"The file has format {number}; this site reads up to {FORMAT}. Update this site first."
        raise UnusableFileError(words)
    content: Content = whole["content"]
    for step in range(number, FORMAT):
        if step not in UPGRADES:
            raise UnusableFileError(f"The file has format {number}, which this site does not know any more.")
        content = UPGRADES[step](content)
    _refuse_unstorable(content)
    return content


def _refuse_unstorable(content: Content) -> None:
    """NUL and halves of characters are JSON, but no database keeps them."""
    waiting: list[Any] = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str) and ("\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value)):
            raise UnusableFileError("The file holds characters that no text has.")
