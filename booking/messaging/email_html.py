"""Makes the HTML part of an email from its plain words, which stay the truth. Must not add a word about the visit, load
anything from anywhere, or let anybody see that it was opened: no image, no font, no counter, no rewritten link."""

import re
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import translation

_LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Part:
    """One paragraph: its words, or a button with its address."""

    text: str
    url: str = ""


def page(*, subject: str, body: str, language: str) -> str:
    """The HTML of one email. The paragraph that holds the link becomes a button, the last one is who writes."""
    *parts, sender = [_part(paragraph) for paragraph in body.strip().split("\n\n")]
    with translation.override(language):
        context = {"subject": subject, "parts": parts, "sender": sender.text, "language": language}
        return render_to_string("booking/email.html", context)


def _part(paragraph: str) -> Part:
    found = _LINK.search(paragraph)
    if found is None:
        return Part(paragraph)
    words = paragraph[: found.start()].strip().rstrip(":").strip()
    return Part(words or found[0], found[0])
