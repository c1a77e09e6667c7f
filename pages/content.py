"""A page as plain data: from the draft tables, to and from the JSON of a version. Must not look up facts or live rows
(pages/rendering.py does) nor publish."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any

from django.db import models
from django.utils.text import slugify

from pages.models import SECTION_MODELS, CardSection, CareSection, FigureSection, Page, PricesSection, Section
from pages.models.sections import StepSection, TopicSection

FORMAT = 1
# From a format to the next one; a snapshot that is older than FORMAT goes through them in order.
UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
GROUPED = {model.kind for model in SECTION_MODELS if model.groups}


class UnreadableSnapshotError(Exception):
    """A stored snapshot has a format that this program does not know."""


@dataclass(frozen=True)
class Review:
    """Who checked the page, when, and when the next check is due."""

    checked_by: str
    checked_on: date
    due_on: date


@dataclass(frozen=True)
class SectionContent:
    """One section. Fields that its kind does not use stay empty and are not stored."""

    kind: str
    anchor: str = ""
    heading: str = ""
    body: str = ""
    link_path: str = ""
    link_text: str = ""
    urgency: str = ""
    topic: str = ""
    service: str = ""
    figure: str = ""
    caption: str = ""
    table: str = ""


# All of them but the kind and the body, which is HTML.
SECTION_WORDS = tuple(f.name for f in fields(SectionContent) if f.name not in {"kind", "body"})


@dataclass(frozen=True)
class PageContent:
    """A page in one language, fact tokens unresolved, links in their English form."""

    key: str
    path: str
    language: str
    title: str
    nav_title: str
    description: str
    lead: str = ""
    medical: bool = False
    noindex: bool = False
    place: str = ""
    position: int = 0
    review: Review | None = None
    references: tuple[str, ...] = ()
    sections: tuple[SectionContent, ...] = field(default=())


def in_language(row: models.Model, name: str, language: str) -> str:
    """A translated column, never another language's; empty where the text is missing."""
    return str(getattr(row, f"{name}_{language}") or "")


def from_draft(page: Page, *, language: str) -> PageContent:
    """What the draft says in a language."""
    rows = [row for model in SECTION_MODELS for row in _drafts(model, page)]
    sections = (_section(row, language) for row in sorted(rows, key=lambda row: (row.ordering, row.kind, row.pk)))
    review = None
    if page.checked_on and page.due_on:
        review = Review(page.checked_by, page.checked_on, page.due_on)
    return PageContent(
        key=page.key,
        path=page.path(language),
        language=language,
        title=in_language(page, "title", language),
        nav_title=in_language(page, "nav_title", language),
        description=in_language(page, "description", language),
        lead=in_language(page, "lead", language),
        medical=page.medical,
        noindex=page.noindex,
        place=page.place,
        position=page.position,
        review=review,
        references=tuple(page.references.order_by("position", "key").values_list("key", flat=True)),
        sections=_with_anchors(section for section in sections if _says_something(section)),
    )


def to_json(content: PageContent) -> dict[str, Any]:
    """The snapshot that a version stores; fields that are empty are left out."""
    stored = _without_blanks(asdict(content))
    stored["sections"] = [_without_blanks(section) for section in asdict(content)["sections"]]
    if content.review:
        stored["review"] = {
            "checked_by": content.review.checked_by,
            "checked_on": content.review.checked_on.isoformat(),
            "due_on": content.review.due_on.isoformat(),
        }
    return stored


def from_json(stored: dict[str, Any], *, format: int) -> PageContent:
    """The page that a version stored; an older format is brought up to date, an unknown one is refused. A field that is
    missing has its empty value."""
    for step in range(format, FORMAT):
        if step not in UPGRADES:
            raise UnreadableSnapshotError(f"Format {format} of a page snapshot is not known here.")
        stored = UPGRADES[step](stored)
    if format > FORMAT or format < 1:
        raise UnreadableSnapshotError(f"Format {format} of a page snapshot is not known here.")
    known = {f.name for f in fields(PageContent)} - {"review", "references", "sections"}
    review = stored.get("review")
    return PageContent(
        **{name: value for name, value in stored.items() if name in known},
        references=tuple(stored.get("references", ())),
        review=Review(
            review["checked_by"], date.fromisoformat(review["checked_on"]), date.fromisoformat(review["due_on"])
        )
        if review
        else None,
        sections=tuple(_section_from_json(section) for section in stored.get("sections", ())),
    )


def words_alone(page: PageContent) -> PageContent:
    """Without what is no matter of translation."""
    return replace(page, path="", review=None, references=(), noindex=False, medical=False, place="", position=0)


def _drafts(model: type[Section], page: Page) -> Iterable[Section]:
    rows: models.QuerySet[Any] = model._default_manager.filter(parent=page, region="main")
    return rows.select_related("topic") if issubclass(model, TopicSection) else rows


def _section(row: Section, language: str) -> SectionContent:
    words = {name: in_language(row, name, language) for name in type(row).fields_en_es}
    extras: dict[str, str] = {}
    match row:
        case CardSection():
            extras = {"link_path": row.link_path}
        case CareSection():
            extras = {"urgency": row.urgency}
        case TopicSection():
            extras = {"topic": row.topic.key}
        case PricesSection():
            extras = {"service": row.service}
        case FigureSection() | StepSection():
            extras = {"figure": row.figure}
    return SectionContent(kind=row.kind, anchor=row.anchor, **words, **extras)


def _says_something(section: SectionContent) -> bool:
    if section.kind in {"text", "step", "card", "care", "fact", "action"}:
        return bool(section.heading or section.body)
    if section.kind == "comparison":
        return bool(section.table)
    return True


def _with_anchors(sections: Iterable[SectionContent]) -> tuple[SectionContent, ...]:
    """Each anchor once; the heading of a text or a table gives one where the editor gave none."""
    used: set[str] = set()
    result = []
    for section in sections:
        anchor = section.anchor or (slugify(section.heading)[:50] if section.kind in {"text", "comparison"} else "")
        if anchor in used:
            anchor = next(f"{anchor}-{n}" for n in range(2, 1000) if f"{anchor}-{n}" not in used)
        if anchor:
            used.add(anchor)
        words = {f.name: getattr(section, f.name) for f in fields(section) if f.name != "anchor"}
        result.append(SectionContent(anchor=anchor, **words))
    return tuple(result)


def _without_blanks(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", None, (), [])}


def _section_from_json(stored: dict[str, Any]) -> SectionContent:
    known = {f.name for f in fields(SectionContent)}
    return SectionContent(**{name: value for name, value in stored.items() if name in known})
