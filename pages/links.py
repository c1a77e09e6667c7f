"""Points links inside texts at the page's language: "/pricing/" becomes "/es/precios/". Must not know what booking is:
addresses of other parts of the site are translated by the URL configuration."""

import re
from html import unescape

from django.conf import settings
from django.urls import translate_url
from django.utils.html import escape
from django.utils.translation import override

from pages.paths import FIXED_PATHS, OFFICE_ROOTS
from pages.published import Index

_LINK = re.compile(r'<a href="(/[^"]*)">(.*?)</a>', re.DOTALL)


def rewritten(markup: str, *, language: str, index: Index) -> str:
    """The markup with its internal links in `language`. A link to a page that is not published there keeps its words
    and loses its link."""

    def link(match: re.Match[str]) -> str:
        url = local_url(unescape(match[1]), language=language, index=index)
        return f'<a href="{escape(url)}">{match[2]}</a>' if url else match[2]

    return _LINK.sub(link, markup)


def local_url(written: str, *, language: str, index: Index) -> str:
    """Where a path that an editor wrote (in its English form) leads in `language`; empty when it leads nowhere."""
    path, hash_sign, fragment = written.partition("#")
    if not path:
        return written
    page = index.at(path)
    if page is not None:
        url = index.url(page.key, language)
    elif key := _FIXED_KEYS.get(path):
        url = index.url(key, language)
    elif path.startswith(OFFICE_ROOTS["en"]) and path != OFFICE_ROOTS["en"]:
        url = index.in_other_language(path, language) if language != "en" else path
    else:
        url = _elsewhere(path, language)
    return f"{url}{hash_sign}{fragment}" if url else ""


_FIXED_KEYS = {path: key for key, pair in FIXED_PATHS.items() for path in pair}


def _elsewhere(path: str, language: str) -> str:
    """An address of another part of the site; translate_url gives it back unchanged when it has no other form."""
    with override(settings.LANGUAGE_CODE):
        return translate_url(path, language)
