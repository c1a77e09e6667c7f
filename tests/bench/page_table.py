"""python -m tests.bench.page_table: every live page in both languages with its grade or ease of reading, words, bytes,
queries when cold and structured data. Ends with 1 when a page misses its target."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import brotli
import django
from django.db import connection
from django.test import Client

if TYPE_CHECKING:
    from pages.reading import Reading

GRADE, EASE, QUERIES = 6.0, 70.0, 4


@dataclass(frozen=True)
class Row:
    """One page. `level` is the grade (Flesch-Kincaid) in English and the ease (Fernández-Huerta) in Spanish."""

    path: str
    language: str
    level: float
    words: int
    html: int
    sent: int
    queries: int
    kinds: str

    @property
    def is_good(self) -> bool:
        """Whether it keeps what the project promises."""
        is_plain = self.level <= GRADE if self.language == "en" else self.level >= EASE
        return is_plain and self.queries <= QUERIES


class Counted:
    """Counts queries; Django also asks SQLite, once in a process, whether it knows JSON."""

    number = 0

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        """One more, then what was asked."""
        self.number += " FROM " in sql
        return execute(sql, *rest)


def rows() -> Iterator[Row]:
    """Measured in this process, which forgets what it kept before each page."""
    from clinic_site import reading_cache
    from pages import frame, published, reading
    from pages.paths import language_of

    reading_cache.REREAD_SECONDS = 0
    read = reading.at("/")
    offices = [office_path(read, row.slug, code) for row in read.live.offices for code in ("en", "es")]
    paths = sorted([*(page.path for page in published.index()), *filter(None, offices)])
    for path in paths:
        frame.forget()
        counted = Counted()
        with connection.execute_wrapper(counted):
            answer = Client(HTTP_HOST="localhost").get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        level, words, kinds = said(path)
        raw = answer.content
        yield Row(path, language_of(path), level, words, len(raw), len(brotli.compress(raw)), counted.number, kinds)


def office_path(read: "Reading", slug: str, language: str) -> str:
    """The address of an office's page."""
    from pages.paths import OFFICE_ROOTS

    return f"{OFFICE_ROOTS[language]}{slug}/" if read.index.url("locations", language) else ""


def said(path: str) -> tuple[float, int, str]:
    """How hard the words of a page are, how many, and the kinds of its structured data."""
    from django.utils.translation import override

    from pages import office_page, reading, reading_level, rendering
    from pages.editing.difference import plain

    read = reading.at(path)
    with override(read.language):
        asked = read.index.asked
        if asked is None:
            row = next(row for row in read.live.offices if path.endswith(f"/{row.slug}/"))
            asked = office_page.content(row, read)
        shown = rendering.page(asked, read)
    sections = [section for group in shown.groups for section in group.sections]
    texts = [shown.lead, *(plain(section.body) for section in sections), *(section.caption for section in sections)]
    texts += [plain(question.answer) for section in sections for question in section.questions]
    texts += [cell for section in sections for _name, cells in section.rows for cell in cells]
    whole = "\n".join(text for text in texts if text)
    found = reading_level.read(whole, read.language)
    level = found.grade if read.language == "en" else found.ease_es
    kinds = ", ".join(dict.fromkeys(thing["@type"] for thing in shown.json_ld))
    return level, len(reading_level.WORD.findall(whole)), kinds


def main() -> int:
    """Print the table."""
    django.setup()
    found = list(rows())
    print(f"{'Page':<50}{'Level':>7}{'Words':>7}{'HTML':>8}{'Sent':>7}{'Queries':>9}  Structured data")
    for row in found:
        level = f"{row.level:.1f}" if row.language == "en" else f"{row.level:.0f}"
        mark = "" if row.is_good else "  MISSED"
        print(f"{row.path:<50}{level:>7}{row.words:>7}{row.html:>8,}{row.sent:>7,}{row.queries:>9}  {row.kinds}{mark}")
    print("Level: school grade in English (at most 6), ease in Spanish (at least 70). Sent: bytes, Brotli.")
    return 0 if all(row.is_good for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
