"""The sitemap: every live page and office with its other language. Must not list what is hidden from search engines."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap

from pages import reading
from pages.paths import OFFICE_ROOTS


@dataclass(frozen=True)
class Entry:
    """One address; `others` maps each language to the page's path in it."""

    path: str
    changed: datetime | None
    others: dict[str, str]


class PagesSitemap(Sitemap[Entry]):
    """All pages of both languages; addresses start with SITE_URL, whatever host was asked."""

    limit = 5000

    def items(self) -> list[Entry]:
        """In the order of their paths. Django asks several times; the database is asked once."""
        return self._entries

    @cached_property
    def _entries(self) -> list[Entry]:
        read = reading.at("/")
        entries = []
        for page in read.index:
            if not page.noindex:
                languages = {code: read.index.url(page.key, code) for code in OFFICE_ROOTS}
                entries.append(Entry(page.path, page.published_at, {c: p for c, p in languages.items() if p}))
        for row in read.live.offices:
            paths = {c: f"{root}{row.slug}/" for c, root in OFFICE_ROOTS.items() if read.index.url("locations", c)}
            entries += [Entry(path, None, paths) for path in paths.values()]
        return sorted(entries, key=lambda entry: entry.path)

    def location(self, item: Entry) -> str:
        """The path."""
        return item.path

    def lastmod(self, item: Entry) -> datetime | None:
        """When it was published; not known for offices."""
        return item.changed

    def get_protocol(self, protocol: str | None = None) -> str:
        """That of SITE_URL."""
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        """That of SITE_URL."""
        return urlsplit(settings.SITE_URL).netloc

    def get_urls(self, page: int | str = 1, site: Any = None, protocol: str | None = None) -> list[dict[str, Any]]:
        """Django's entries with the alternates of our own paths."""
        urls = super().get_urls(page=page, site=site, protocol=protocol)
        for url in urls:
            others = url["item"].others
            url["alternates"] = [
                {"lang_code": code, "location": settings.SITE_URL + path} for code, path in others.items()
            ]
            if "en" in others:
                url["alternates"].append({"lang_code": "x-default", "location": settings.SITE_URL + others["en"]})
        return urls
