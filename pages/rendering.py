"""Turns a page's content into what the templates show: facts filled in, links in the page's language, live rows looked
up, neighbours grouped. Public page, preview and old versions go the same way. Must not query the database."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from itertools import chain, count, groupby
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from pages import cycle_script, jsonld, links, live_words, table_text
from pages import facts as fact_words
from pages.content import GROUPED, PageContent, SectionContent
from pages.reading import Reading
from pages.shown import Group, Page, Section

_IN_CONTENTS = {"text", "topic", "comparison"}
# Ids that the templates use themselves.
OURS = frozenset({"main", "errors", "toc-heading", "q"})


def page(content: PageContent, reading: Reading, *, is_draft: bool = False) -> Page:
    """The page as people see it."""

    def said(text: str) -> str:
        return fact_words.fill(text, language=content.language, facts=reading.facts)

    sections = _sections(content, reading)
    other = "en" if content.language == "es" else "es"
    alternate = reading.index.in_other_language(content.path, other)
    shown = Page(
        key=content.key,
        title=said(content.title),
        nav_title=content.nav_title,
        description=said(content.description),
        lead=said(content.lead),
        language=content.language,
        path=content.path,
        medical=content.medical,
        noindex=content.noindex or is_draft,
        review=content.review,
        crumbs=crumbs(content, reading),
        groups=grouped(sections),
        alternate_url=settings.SITE_URL + alternate if alternate else "",
        canonical_url="" if is_draft else settings.SITE_URL + content.path,
        is_draft=is_draft,
        english_is_newer=content.language == "es" and reading.index.english_is_newer(content.key),
    )
    data = jsonld.for_page(shown, reading)
    return replace(shown, json_ld=data, json_ld_html=jsonld.scripts(data), **_cycle_helper(content, reading))


def _cycle_helper(content: PageContent, reading: Reading) -> dict[str, Any]:
    """Counting the days in the browser, on the page that says how to get ready; nothing without the doctor's window."""
    first, last = reading.facts.number("cycle_first_day"), reading.facts.number("cycle_last_day")
    if content.key != "prepare" or first is None or last is None:
        return {}
    return {"cycle_days": (first, last), "scripts": cycle_script.ELEMENT}


def crumbs(content: PageContent, reading: Reading) -> list[tuple[str, str]]:
    """The way from the home page: every live page whose path begins this one's."""
    above = [p for p in reading.index if p.language == content.language and content.path.startswith(p.path)]
    above = sorted((p for p in above if p.path != content.path), key=lambda p: len(p.path))
    return [*((p.nav_title, p.path) for p in above), (content.nav_title or content.title, content.path)]


def grouped(sections: Iterable[Section]) -> list[Group]:
    """Neighbours of a kind that groups stand together; other sections stand alone."""
    groups = []
    for (_place, kind), run in groupby(enumerate(sections), key=lambda item: _group_key(*item)):
        members = [section for _index, section in run]
        groups.append(Group(kind, members[0].anchor, members))
    return groups


def _group_key(place: int, section: Section) -> tuple[int, str]:
    return (-1 if section.kind in GROUPED else place, section.kind)


def _sections(content: PageContent, reading: Reading) -> list[Section]:
    shown = [_section(section, content, reading) for section in content.sections]
    kept = [s for place, s in enumerate(shown) if s is not None and not _is_orphan(place, content.sections, shown)]
    kept = told_apart(kept)
    entries = [(s.anchor, s.heading) for s in kept if s.kind in _IN_CONTENTS and s.anchor and s.heading]
    kept = [replace(s, entries=entries) if s.kind == "contents" else s for s in kept]
    return [s for s in kept if s.kind != "contents" or len(entries) > 1]


def told_apart(sections: Sequence[Section]) -> list[Section]:
    """The sections with anchors that are used once. They are written by hand, and a question brings its own: two of a
    name would make one of them unreachable. Sections keep theirs before questions do."""
    used = set(OURS)

    def own(anchor: str) -> str:
        free = next((name for name in chain([anchor], (f"{anchor}-{n}" for n in count(2))) if name not in used), "")
        used.add(free)
        return free

    named = [replace(section, anchor=own(section.anchor) if section.anchor else "") for section in sections]
    return [replace(s, questions=[replace(q, anchor=own(q.anchor)) for q in s.questions]) for s in named]


def _is_orphan(place: int, written: Sequence[SectionContent], shown: Sequence[Section | None]) -> bool:
    """Whether it is a heading whose whole group is hidden because its facts are not known."""
    section = shown[place]
    if section is None or section.kind != "text" or section.body:
        return False
    run = []
    for following in range(place + 1, len(written)):
        if written[following].kind != written[place + 1].kind:
            break
        run.append(shown[following])
    return bool(run) and not any(run)


def _section(written: SectionContent, content: PageContent, reading: Reading) -> Section | None:
    """The section as shown; None when a fact or a list that it stands on is not known."""
    language, facts = content.language, reading.facts
    heading = fact_words.fill(written.heading, language=language, facts=facts)
    markup = links.rewritten(written.body, language=language, index=reading.index)
    body = fact_words.fill_html(markup, language=language, facts=facts)
    if (written.heading and not heading) or (written.body and not body):
        return None
    section = Section(
        kind=written.kind,
        anchor=written.anchor,
        heading=heading,
        body=body,
        urgency=written.urgency,
        figure=written.figure,
        service=written.service,
        caption=fact_words.fill(written.caption, language=language, facts=facts),
    )
    if written.kind == "comparison":
        return _comparison(section, written, content, reading)
    if written.kind == "card":
        url = links.local_url(written.link_path, language=language, index=reading.index)
        return replace(section, link_url=url, link_text=(written.link_text or _name_of(url, reading)) if url else "")
    rows = _rows(written, content, reading)
    if rows is None:
        return section
    return replace(section, **rows) if any(rows.values()) else None


def _comparison(section: Section, written: SectionContent, content: PageContent, reading: Reading) -> Section | None:
    """A row with a fact that is not known is left out; a table needs its columns and a row."""
    table = table_text.cells(written.table)
    filled = [
        [fact_words.fill(cell, language=content.language, facts=reading.facts) for cell in cells] for cells in table
    ]
    whole = [
        row
        for row, said in zip(filled, table, strict=True)
        if all(bool(cell) == bool(words) for cell, words in zip(row, said, strict=True))
    ]
    if len(whole) < 2 or whole[0] is not filled[0]:
        return None
    return replace(section, columns=whole[0][1:], rows=[(row[0], row[1:]) for row in whole[1:]])


def _name_of(url: str, reading: Reading) -> str:
    """What a link without words of its own is called: “Read more” would not say where it leads."""
    target = reading.index.at(url.partition("#")[0])
    return target.title if target else _("Read more")


def _rows(written: SectionContent, content: PageContent, reading: Reading) -> dict[str, Any] | None:
    """What the kind looks up; None for a kind that looks nothing up."""
    match written.kind:
        case "prices":
            return asdict(live_words.prices(written.service, reading))
        case "topic":
            return {"questions": live_words.questions(written.topic, reading)}
        case "people":
            return {"people": live_words.people(reading)}
        case "offices":
            return {"offices": live_words.offices(reading)}
        case "references":
            return {"references": live_words.sources(content.references, reading)}
        case _:
            return None
