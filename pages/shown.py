"""What templates read: plain values, already in words and in one language. Must not look anything up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from pages.content import Review

_NONE = SafeString("")
# The drawing beside the heading of a page with a fixed key (templates/figures); pages of staff have none.
_DRAWINGS = {
    "home": "hero-home",
    "hsg": "hero-hsg",
    "prepare": "spot-calendar",
    "pricing": "spot-receipt",
    "faq": "spot-talk",
    "doctor": "spot-pictures",
    "contact": "spot-talk",
    "locations": "spot-office",
    "privacy": "spot-lock",
    "text-messages": "spot-phone",
    "accessibility": "spot-large",
    "procedures": "spot-screen",
    "ftr": "spot-tube",
    "flushing": "spot-dye",
    "lipiodol": "spot-dye",
}


@dataclass(frozen=True)
class Question:
    """A question with its answer."""

    anchor: str
    question: str
    answer: SafeString


@dataclass(frozen=True)
class Prices:
    """What a service costs, with what that covers and what it does not."""

    price: str
    included: Sequence[str]
    not_included: Sequence[str]


@dataclass(frozen=True)
class Person:
    """A doctor."""

    slug: str
    name: str
    short_name: str
    role: str
    certificates: Sequence[str]
    body: str
    url: str


@dataclass(frozen=True)
class Office:
    """An office. `hours` has one line for each run of days."""

    slug: str
    name: str
    url: str
    address_lines: Sequence[str]
    phone: str
    phone_href: str
    hours: str


@dataclass(frozen=True)
class Source:
    """A source that the doctor approved."""

    citation: str
    url: str


@dataclass(frozen=True)
class Search:
    """What was searched for among the questions, and what was found."""

    query: str
    questions: Sequence[Question]

    @property
    def count(self) -> int:
        """How many questions were found."""
        return len(self.questions)


@dataclass(frozen=True)
class Section:
    """One section as its template reads it; what its kind does not use is empty."""

    kind: str
    anchor: str = ""
    heading: str = ""
    body: SafeString = _NONE
    link_url: str = ""
    link_text: str = ""
    urgency: str = ""
    figure: str = ""
    caption: str = ""
    service: str = ""
    price: str = ""
    included: Sequence[str] = ()
    not_included: Sequence[str] = ()
    questions: Sequence[Question] = ()
    people: Sequence[Person] = ()
    offices: Sequence[Office] = ()
    references: Sequence[Source] = ()
    entries: Sequence[tuple[str, str]] = ()
    columns: Sequence[str] = ()
    rows: Sequence[tuple[str, Sequence[str]]] = ()


@dataclass(frozen=True)
class Group:
    """Neighbours of one kind."""

    kind: str
    anchor: str
    sections: Sequence[Section]


@dataclass(frozen=True)
class Page:
    """A page as templates/pages/page.html reads it."""

    key: str
    title: str
    nav_title: str
    description: str
    lead: str
    language: str
    path: str
    medical: bool = False
    noindex: bool = False
    review: Review | None = None
    crumbs: Sequence[tuple[str, str]] = ()
    groups: Sequence[Group] = ()
    alternate_url: str = ""
    canonical_url: str = ""
    json_ld: Sequence[dict[str, Any]] = ()
    json_ld_html: SafeString = _NONE
    is_draft: bool = False
    english_is_newer: bool = False
    search: Search | None = None
    # Where the page helps to count the days of the cycle: first and last day of the window, and the script for it.
    cycle_days: tuple[int, int] | None = None
    scripts: SafeString = _NONE

    @property
    def drawing(self) -> str:
        """The name of the drawing beside the heading, or nothing."""
        return _DRAWINGS.get(self.key, "spot-office" if self.key.startswith("office:") else "")
