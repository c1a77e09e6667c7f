"""Which pages are live, in one query, with the snapshot of the one that is asked for. Must not write (publishing.py
does) nor render."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from django.db.models import Case, F, JSONField, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone

from pages import content
from pages.content import PageContent
from pages.models import Publication
from pages.paths import OFFICE_ROOTS


@dataclass(frozen=True)
class LivePage:
    """One live page as menus, links and the sitemap need it."""

    key: str
    language: str
    path: str
    title: str
    nav_title: str
    place: str
    position: int
    noindex: bool
    published_at: datetime
    words_since: datetime  # since when it says what it says; publishing it again unchanged does not count


@dataclass(frozen=True)
class Index:
    """Every live page of both languages, and the content of the one at the path that was asked for."""

    pages: tuple[LivePage, ...]
    asked: PageContent | None = None
    changes_at: datetime | None = None  # the next moment at which a page comes or goes by itself

    def __iter__(self) -> Iterator[LivePage]:
        return iter(self.pages)

    def get(self, key: str, language: str) -> LivePage | None:
        """The live page of that key and language."""
        return next((page for page in self.pages if (page.key, page.language) == (key, language)), None)

    def url(self, key: str, language: str) -> str:
        """Its path; empty when patients cannot see it."""
        page = self.get(key, language)
        return page.path if page else ""

    def english_is_newer(self, key: str) -> bool:
        """Whether the English words of a page changed after its Spanish ones were published."""
        english, spanish = self.get(key, "en"), self.get(key, "es")
        return bool(english and spanish and english.words_since > spanish.published_at)

    def at(self, path: str) -> LivePage | None:
        """The live page at a path."""
        return next((page for page in self.pages if page.path == path), None)

    def menu(self, place: str, language: str) -> list[LivePage]:
        """The pages that a menu links to, in order."""
        found = [page for page in self.pages if (page.place, page.language) == (place, language)]
        return sorted(found, key=lambda page: (page.position, page.key))

    def in_other_language(self, path: str, language: str) -> str:
        """The same page or office in `language`; empty when it is not published there."""
        page = self.at(path)
        if page is not None:
            return self.url(page.key, language)
        for root in OFFICE_ROOTS.values():
            if path.startswith(root) and self.url("locations", language):
                return OFFICE_ROOTS[language] + path.removeprefix(root)
        return ""


class _Planned(Protocol):
    """A Publication, or what a query says of one."""

    page_id: int
    language: str
    starts_at: datetime | None
    ends_at: datetime | None


_AnyPlanned = TypeVar("_AnyPlanned", bound=_Planned)


def live_now(rows: Iterable[_AnyPlanned], *, now: datetime) -> list[_AnyPlanned]:
    """Of each page and language the row that has started last, unless it has ended."""
    latest: dict[tuple[int, str], _AnyPlanned] = {}
    for row in sorted(rows, key=lambda row: (row.starts_at is not None, row.starts_at or now)):
        if row.starts_at is None or row.starts_at <= now:
            latest[(row.page_id, row.language)] = row
    return [row for row in latest.values() if row.ends_at is None or row.ends_at > now]


def index(path: str = "") -> Index:
    """All live pages, without their content except for the page at `path`: one query."""
    rows: Iterable[Any] = Publication.objects.annotate(
        key=F("page__key"),
        title=KeyTextTransform("title", "version__content"),
        nav_title=KeyTextTransform("nav_title", "version__content"),
        place=KeyTextTransform("place", "version__content"),
        position=KeyTextTransform("position", "version__content"),
        noindex=KeyTextTransform("noindex", "version__content"),
        words_since=KeyTextTransform("words_since", "version__content"),
        snapshot=Case(
            When(path=path, then=F("version__content")), default=Value(None, JSONField()), output_field=JSONField()
        ),
        format=F("version__format"),
        published_at=F("version__published_at"),
    )
    rows, now = list(rows), timezone.now()
    live = live_now(rows, now=now)
    moments = [moment for row in rows for moment in (row.starts_at, row.ends_at) if moment is not None and moment > now]
    asked = next((content.from_json(row.snapshot, format=row.format) for row in live if row.path == path), None)
    return Index(tuple(_live_page(row) for row in live), asked, min(moments, default=None))


def _live_page(row: Any) -> LivePage:
    return LivePage(
        key=row.key,
        language=row.language,
        path=row.path,
        title=row.title or "",
        nav_title=row.nav_title or row.title or "",
        place=row.place or "",
        position=int(row.position or 0),
        noindex=str(row.noindex).lower() in {"true", "1"},
        published_at=max(row.published_at, row.starts_at or row.published_at),
        words_since=datetime.fromisoformat(row.words_since) if row.words_since else row.published_at,
    )
