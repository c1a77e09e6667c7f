"""What an editor may want to look at again in a draft. Hints never stop anybody. Must not judge
what only a person can."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.utils.translation import override

from pages import facts as fact_words
from pages import links, reading_level
from pages.content import PageContent, SectionContent
from pages.editing.difference import plain
from pages.facts import Facts
from pages.paths import OFFICE_ROOTS
from pages.published import Index

GRADE_LIMIT, GRADE_AIM, EASE_LIMIT = 8.0, 6.0, 70.0
_LINK = re.compile(r'<a(?: href="([^"]*)")?>(.*?)</a>', re.DOTALL)
_VAGUE = re.compile(
    r"(?:click |tap )?here|(?:read|learn|see|find out)? ?more|this(?: page| link)?|link|details|"
    r"(?:haga clic |pulse )?aquí|(?:leer|ver|saber)? ?más|más información|este enlace|enlace",
    re.IGNORECASE,
)
_CLAIMS = {
    "en": r"leading|best|guaranteed?|painless|always|never hurts?|no surprises|no hidden|add-ons?|no downtime|"
    r"all-inclusive"
    r"|risk-free|world-class|state-of-the-art|top-rated|unlike|other (?:clinics|offices)|most facilities|proven"
    r"|confirms?|exactly|pinpoint|one visit|specialist",
    "es": r"mejor(?:es)?|líder|garantiza(?:mos)?|sin dolor|no duele|indolor[oa]?|siempre|sin sorpresas|todo incluido"
    r"|confirma|exactamente|de primer nivel|comprobad[oa]|especialista",
}
_PRICE = re.compile(r"\$\s?\d[\d,]*")
_NUMBER_CLAIM = re.compile(
    r"\d+(?:\.\d+)?\s?(?:%|percent|por ciento)|\b\d+ (?:out of|in every|de cada) \d+|\bde cada \d+", re.IGNORECASE
)


@dataclass(frozen=True)
class Hint:
    """One thing to look at: where it stands, and what it is."""

    place: str
    words: str


def for_page(page: PageContent, *, index: Index, facts: Facts) -> list[Hint]:
    """Everything about one language of a draft, from top to bottom."""
    found = [*_text(_("Introduction"), page.lead, page, facts), *_heading_order(page.sections)]
    anchors = {section.anchor for section in page.sections}
    for section in page.sections:
        place = section.heading or section.anchor or section.kind
        cells = section.table.replace("|", "\n")
        text = "\n".join(part for part in (plain(section.body), section.caption, cells) if part)
        found += _text(place, text, page, facts)
        found += _claims(place, section.heading, page.language)
        found += _links(place, section, page, index, anchors)
        if section.kind == "figure" and not section.caption:
            found.append(Hint(place, _("This drawing has no caption. It says in words what the drawing shows.")))
    return found


def spanish_is_missing(english: PageContent, spanish: PageContent) -> list[Hint]:
    """Words that exist in English alone, on a page that has a Spanish version."""
    if not spanish.title:
        return []
    said = {(section.kind, section.anchor): section for section in spanish.sections if section.anchor}
    count = len(english.sections) - len(spanish.sections)
    missing = [Hint(_("Introduction"), _("The Spanish is missing."))] if english.lead and not spanish.lead else []
    if count > 0:
        missing.append(Hint(_("Spanish"), _("Sections without Spanish words: %(count)d.") % {"count": count}))
    for section in english.sections:
        twin = said.get((section.kind, section.anchor))
        if twin is not None and section.body and not twin.body:
            missing.append(Hint(section.heading or section.anchor, _("The Spanish is missing.")))
    return missing


def for_text(place: str, markup: str, *, language: str, index: Index, facts: Facts) -> list[Hint]:
    """The same for one rich text that stands alone, like an answer."""
    section = SectionContent(kind="text", heading=place, body=markup)
    page = PageContent("", "", language, "", "", "", sections=(section,))
    return for_page(page, index=index, facts=facts)


def _text(place: str, text: str, page: PageContent, facts: Facts) -> Iterator[Hint]:
    filled = fact_words.fill(text, language=page.language, facts=facts)
    read = reading_level.read(filled, page.language)
    if page.language == "en" and read.grade > GRADE_LIMIT:
        words = _("Reads at grade %(grade).1f. Aim for %(aim)d, at most %(most)d: shorter sentences, shorter words.")
        yield Hint(place, words % {"grade": read.grade, "aim": GRADE_AIM, "most": GRADE_LIMIT})
    if page.language == "es" and read.ease_es < EASE_LIMIT:
        words = _("Reads at %(ease)d on the scale for Spanish. Aim for %(least)d or more: shorter sentences.")
        yield Hint(place, words % {"ease": read.ease_es, "least": EASE_LIMIT})
    for sentence in reading_level.sentences(filled):
        count = len(reading_level.WORD.findall(sentence))
        if count > reading_level.LONG:
            words = _("A sentence of %(count)d words: “%(start)s …”")
            yield Hint(place, words % {"count": count, "start": " ".join(sentence.split()[:7])})
    yield from _claims(place, filled, page.language)
    for match in _PRICE.finditer(text):
        words = _("“%(price)s” is typed by hand. If it is one of our prices, write its fact instead.")
        yield Hint(place, words % {"price": match[0]})
    if page.medical and not page.references:
        for match in _NUMBER_CLAIM.finditer(text):
            yield Hint(place, _("“%(number)s” has no source. Choose one under Sources.") % {"number": match[0]})


def _claims(place: str, text: str, language: str) -> Iterator[Hint]:
    for match in re.finditer(rf"\b(?:{_CLAIMS[language]})\b", text, re.IGNORECASE):
        yield Hint(place, _("“%(claim)s” promises or compares. Say what is so instead.") % {"claim": match[0]})


def _heading_order(sections: Iterable[SectionContent]) -> Iterator[Hint]:
    """Cards, steps and prices have third-level headings, which need a second-level one above them."""
    above = False
    for section in sections:
        place = section.heading or section.anchor or section.kind
        if section.kind in {"text", "topic", "care", "comparison"} and section.heading:
            above = True
        elif not above and (section.kind in {"card", "step", "prices"} or "<h3>" in section.body):
            yield Hint(place, _("A small heading stands here without a large one above it."))
            above = True
        if re.search(r"<h3>(?:\s|&nbsp;)*</h3>", section.body):
            yield Hint(place, _("A heading is empty."))


def _links(place: str, section: SectionContent, page: PageContent, index: Index, anchors: set[str]) -> Iterator[Hint]:
    found = [(match[1] or "", plain(match[2])) for match in _LINK.finditer(section.body)]
    if section.link_path:
        found.append((section.link_path, section.link_text or section.heading))
    for target, words in found:
        if not words:
            yield Hint(place, _("A link to %(target)s has no words.") % {"target": target})
        elif _VAGUE.fullmatch(words.strip(" .…")):
            yield Hint(place, _("The link “%(words)s” does not say where it leads.") % {"words": words})
        if _is_dead(target, page.language, index, anchors):
            yield Hint(place, _("The link to %(target)s leads nowhere.") % {"target": target or "?"})


def _is_dead(target: str, language: str, index: Index, anchors: set[str]) -> bool:
    if target.startswith("#"):
        return target[1:] not in anchors
    if not target.startswith("/"):
        return not target
    url = links.local_url(target, language=language, index=index).partition("#")[0].partition("?")[0]
    if not url:
        return True
    if index.at(url) is not None or url.startswith(tuple(OFFICE_ROOTS.values())):
        return False
    try:
        with override(language):  # addresses are words of a language: English ones know no /es/buscar-solicitud/
            match = resolve(url)
    except Resolver404:
        return True
    return match.app_name == "pages" and match.url_name in {"page", "moved"}
