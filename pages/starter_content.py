"""Writes the starter content into the database: creates what is missing and never touches what is there, so that it can
run at every start. Must not read files (starter_files.py does)."""

from collections.abc import Iterator, Sequence
from datetime import time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import override

from pages import publishing
from pages.content import in_language
from pages.fact_list import FACTS
from pages.models import (
    SECTION_MODELS,
    Fact,
    Office,
    OpeningHours,
    Page,
    Physician,
    PriceLine,
    Question,
    Reference,
    Section,
    Topic,
)
from pages.paths import FIXED_PATHS
from pages.starter_files import PageFile, Part, Starter, StarterFileError

_MODELS: dict[str, type[Section]] = {model.kind: model for model in SECTION_MODELS}
# Where the fixed pages are linked from, in order.
_MENUS = {
    "nav": ("hsg", "pricing", "prepare", "faq", "doctor", "locations"),
    "footer": ("contact", "privacy", "text-messages", "accessibility"),
}
NOTE = "Starter content"


@transaction.atomic
def load(starter: Starter) -> list[str]:
    """Create what is missing, all or nothing; returns one line for each thing that was created."""
    with override("en"):
        lines = list(_rows(starter))
        if lines:
            publishing.bump()
    return lines


def _rows(starter: Starter) -> Iterator[str]:
    yield from _facts(starter.facts)
    for make, parts in (
        (_physician, starter.physicians),
        (_office, starter.offices),
        (_topic, starter.topics),
        (_question, starter.questions),
        (_reference, starter.references),
    ):
        for place, part in enumerate(parts, start=1):
            yield from make(part, place)
    yield from _prices(starter.prices)
    yield from _hours()
    for page in starter.pages:
        yield from _page(page)


def _facts(parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        if part.get("key") not in FACTS:
            raise StarterFileError(f"{part.where}: there is no fact {part.get('key')!r}.")
        if not Fact.objects.filter(key=part.get("key")).exists():
            values = {name: part.get(name) for name in ("key", "value", "value_es")}
            yield _created(Fact(**values), part)
    given = {part.get("key") for part in parts}
    for key, spec in FACTS.items():
        if key not in given and not Fact.objects.filter(key=key).exists():
            part = Part("pages/fact_list.py", {}, {})
            yield _created(Fact(key=key, value=spec.default, value_es=spec.default_es), part)


def _physician(part: Part, place: int) -> Iterator[str]:
    if not Physician.objects.filter(slug=part.get("slug")).exists():
        words = _words(part, "role", "summary")
        for code, texts in part.words.items():
            words[f"certificates_{code}"] = "\n".join(texts.get("certificates", []))
        plain = {name: part.get(name) for name in ("slug", "name", "short_name")}
        yield _created(Physician(position=part.get("position", place), **plain, **words), part)


def _office(part: Part, place: int) -> Iterator[str]:
    if not Office.objects.filter(slug=part.get("slug")).exists():
        words = _words(part, "description", "parking", "access")
        plain = {name: value for name, value in part.values.items() if name != "position"}
        yield _created(Office(position=part.get("position", place), **plain, **words), part)


def _topic(part: Part, place: int) -> Iterator[str]:
    if not Topic.objects.filter(key=part.get("key")).exists():
        words = {"name_en": part.get("en"), "name_es": part.get("es")}
        yield _created(Topic(key=part.get("key"), position=place, **words), part)


def _question(part: Part, place: int) -> Iterator[str]:
    if not Question.objects.filter(key=part.get("key")).exists():
        row = Question(
            key=part.get("key"),
            topic=_found(Topic, part, key=part.get("topic")),
            synonyms=" ".join(part.get("synonyms", [])),
            doctor_must_approve=part.get("doctor_must_approve", False),
            position=place,
            **_words(part, "question", "answer"),
        )
        yield _created(row, part)


def _reference(part: Part, place: int) -> Iterator[str]:
    if part.get("approved", False):
        raise StarterFileError(f"{part.where}: only the doctor approves a source, in the admin.")
    if not Reference.objects.filter(key=part.get("key")).exists():
        plain = {name: part.get(name) for name in ("key", "citation", "url", "supports")}
        yield _created(Reference(position=place, **plain), part)


def _prices(parts: Sequence[Part]) -> Iterator[str]:
    """Price lines have no key: the lines of a service are created together, or not at all."""
    there = set(PriceLine.objects.values_list("service", flat=True))
    for place, part in enumerate(parts, start=1):
        if part.get("service") not in there:
            plain = {name: part.get(name) for name in ("service", "included")}
            yield _created(PriceLine(position=place, **plain, **_words(part, "label")), part)


def _hours() -> Iterator[str]:
    """The promise of an answer needs hours to count in; these are made up until the clinic confirms its own."""
    if not OpeningHours.objects.filter(office=None).exists():
        for weekday in range(5):
            row = OpeningHours(weekday=weekday, opens=time(9), closes=time(17), is_placeholder=True)
            yield _created(row, Part("clinic hours", {}, {}))


def _page(file: PageFile) -> Iterator[str]:
    part, key = file.page, file.page.get("key")
    if Page.objects.filter(key=key).exists():
        return
    fixed = FIXED_PATHS.get(key)
    if fixed and part.get("path") != fixed[0]:
        raise StarterFileError(f"{part.where}: the path of {key} is {fixed[0]}.")
    place = next((menu for menu, keys in _MENUS.items() if key in keys), "")
    page = Page(
        key=key,
        path_en=part.get("path"),
        path_es=fixed[1] if fixed else None,
        medical=part.get("medical", False),
        noindex=part.get("noindex", False),
        place=part.get("place", place),
        position=part.get("position", _MENUS[place].index(key) + 1 if place else 0),
        **_words(part, "title", "nav_title", "description", "lead"),
    )
    yield _created(page, part)
    page.references.set([_found(Reference, part, key=reference) for reference in part.get("references", [])])
    for number, section in enumerate(file.sections, start=1):
        _created(_section(section, page, ordering=number * 10), section)
    for language in ("en", "es"):
        if in_language(page, "title", language):
            publishing.publish(page, language=language, by=None, note=NOTE)


def _section(part: Part, page: Page, *, ordering: int) -> Section:
    model = _MODELS[part.get("kind")]
    plain = {name: value for name, value in part.values.items() if name not in {"kind", "topic"}}
    if part.get("topic"):
        plain["topic"] = _found(Topic, part, key=part.get("topic"))
    return model(parent=page, ordering=ordering, **plain, **_words(part, *model.fields_en_es))


def _words(part: Part, *names: str) -> dict[str, str]:
    return {
        f"{name}_{code}": texts[name].strip() for code, texts in part.words.items() for name in names if name in texts
    }


def _found(model: type[Any], part: Part, *, key: str) -> Any:
    row = model.objects.filter(key=key).first()
    if row is None:
        raise StarterFileError(f"{part.where}: there is no {model._meta.verbose_name} with the key {key!r}.")
    return row


def _created(row: models.Model, part: Part) -> str:
    """Save a row the way a form would: full_clean() is what cleans rich text and refuses unknown tokens."""
    try:
        row.full_clean()
    except ValidationError as error:
        problems = "; ".join(f"{field}: {' '.join(words)}" for field, words in error.message_dict.items())
        raise StarterFileError(f"{part.where}: {problems}") from error
    row.save()
    return f"{row._meta.verbose_name}: {row}"
