"""Reads the starter content as flat pieces of text; it judges nothing."""

import re
import tomllib
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

STARTER = Path(__file__).resolve().parents[2] / "pages" / "starter"
LISTS = ("facts", "offices", "physician", "prices", "questions", "references")
PAGES = (
    "home", "hsg", "prepare", "pricing", "faq", "doctor", "locations", "procedures", "ftr", "flushing", "lipiodol",
    "contact", "privacy", "text-messages", "accessibility",
)  # fmt: skip
BLOCK = re.compile(r"</?(?:p|li|ul|ol|h3|br)\b[^>]*>")
TOKEN = re.compile(r"\{\{(\w+)\}\}")

# What the clinic may one day say, so that a page is measured with its sentences and not without them.
SAMPLES = {
    "clinic_phone": "213 555 0134",
    "clinic_email": "hello@example.com",
    "cycle_first_day": "6",
    "cycle_last_day": "11",
    "arrive_minutes_before": "20",
    "payment_when": "You pay on the day of the test.",
    "deposit_rule": "You do not pay a deposit.",
    "sedation_price": "It costs more.",
    "insurance_rule": "We do not bill insurance.",
    "cancellation_rule": "Tell us 2 days before if you cannot come.",
    "report_when": "You get the report on the same day.",
    "parking": "You can park at the office.",
}


@dataclass(frozen=True)
class Piece:
    """One text of one section in one language: `place` says where it stands, for the message of a failed test."""

    page: str
    place: str
    field: str
    html: str


def load(name: str) -> dict[str, Any]:
    return tomllib.loads((STARTER / f"{name}.toml").read_text(encoding="utf-8"))


def raw(name: str) -> str:
    return (STARTER / f"{name}.toml").read_text(encoding="utf-8")


def languages(name: str) -> list[str]:
    return [language for language in ("en", "es") if language in load(name)]


def questions(topic: str, language: str) -> list[Piece]:
    return [
        Piece("questions", entry["key"], field, entry[language][field])
        for entry in load("questions")["questions"]
        if entry["topic"] == topic and language in entry
        for field in ("question", "answer")
    ]


def pieces(name: str, language: str = "en") -> list[Piece]:
    """Every text a visitor reads on that page, questions of its topics included, in the order of the page."""
    page = load(name)
    found = [Piece(name, "top", field, text) for field, text in page[language].items()]
    for number, section in enumerate(page.get("sections", []), start=1):
        place = f"section {number} ({section['kind']} {section.get('anchor', '')})"
        found += [Piece(name, place, field, text) for field, text in section.get(language, {}).items()]
        if section["kind"] == "topic":
            found += questions(section["topic"], language)
    return found


def list_pieces(language: str = "en") -> list[Piece]:
    """Every text of the shared lists: offices, the doctor, prices, questions and their topics."""
    found = [
        Piece("offices", office["slug"], field, text)
        for office in load("offices")["offices"]
        for field, text in office.get(language, {}).items()
    ]
    for field, value in load("physician").get(language, {}).items():
        for text in value if isinstance(value, list) else [value]:
            found.append(Piece("physician", "doctor", field, text))
    lines = load("prices")["lines"]
    found += [Piece("prices", line["service"], "label", line[language]["label"]) for line in lines if language in line]
    topics = load("questions")["topics"]
    found += [Piece("questions", topic["key"], "topic", topic[language]) for topic in topics if language in topic]
    for topic in topics:
        found += questions(topic["key"], language)
    return found


def everything(language: str = "en") -> list[Piece]:
    pages = [piece for name in PAGES if language in load(name) for piece in pieces(name, language)]
    return pages + list_pieces(language)


def filled(text: str) -> str:
    """The text with each token replaced by the clinic's value, or by a sample where the clinic has to give it."""
    values = {fact["key"]: fact["value"] or SAMPLES[fact["key"]] for fact in load("facts")["facts"]}
    return TOKEN.sub(lambda token: values[token[1]], text)


def plain(html: str) -> str:
    """What a visitor reads: blocks become lines, other tags disappear."""
    return re.sub(r"<[^>]+>", "", BLOCK.sub("\n", html))


class Markup(HTMLParser):
    """Tags and links of one text, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.links: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.unbalanced = False
        self._href: str | None = None
        self.feed(html)
        self.unbalanced = self.unbalanced or bool(self.open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "a":
            self._href = dict(attrs).get("href")
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.unbalanced = self.unbalanced or not self.open or self.open.pop() != tag
        if tag == "a":
            self._href = None

    def handle_data(self, data: str) -> None:
        if self._href is not None:
            self.links.append((data, self._href))
