"""Everything that one request reads from the content tables, read once: three queries. Must not format anything."""

from dataclasses import dataclass

from django.http import HttpRequest

from pages import facts, live, published
from pages.content import PageContent
from pages.facts import Facts
from pages.live import Live
from pages.paths import language_of
from pages.published import Index


@dataclass(frozen=True)
class Reading:
    """What a page and its frame need, in one language."""

    language: str
    path: str
    index: Index
    facts: Facts
    live: Live


def for_request(request: HttpRequest) -> Reading:
    """The reading of this request; the view and the context processor share it."""
    return kept(request) or keep(request, at(request.path_info))


def kept(request: HttpRequest) -> Reading | None:
    """What the request has read already, if it has."""
    found = getattr(request, "_pages_reading", None)
    return found if isinstance(found, Reading) else None


def keep(request: HttpRequest, reading: Reading) -> Reading:
    """Make this the reading of the request; a preview sets its own, so that the frame has the draft's language."""
    request._pages_reading = reading  # type: ignore[attr-defined]
    return reading


def at(path: str) -> Reading:
    """What the address needs. Addresses of other parts of the site get the frame alone."""
    language = language_of(path)
    index = published.index(path)
    kinds = {section.kind for section in index.asked.sections} if index.asked else set()
    return Reading(language, path, index, facts.current(), live.load(language, kinds=kinds))


def of_draft(draft: PageContent) -> Reading:
    """What a draft needs, for the preview."""
    kinds = {section.kind for section in draft.sections}
    return Reading(
        draft.language,
        draft.path,
        published.index(),
        facts.current(),
        live.load(draft.language, kinds=kinds),
    )
