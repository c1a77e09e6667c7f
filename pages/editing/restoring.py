"""Brings an old version back as the draft, in its language. Must not publish it, nor touch the other
language's words."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from pages import content, publishing
from pages.content import PageContent, SectionContent
from pages.models import SECTION_MODELS, Page, PageVersion, Reference, Section, Topic
from pages.models.sections import WordedSection

_MODELS = {model.kind: model for model in SECTION_MODELS}
_PAGE_WORDS = ("title", "nav_title", "description", "lead")
_PLAIN = ("link_path", "urgency", "service", "figure")
STEP = 10


class RestoreRefusedError(Exception):
    """The version cannot become the draft; the message says why, in words for the editor."""


@transaction.atomic
def restore(version: PageVersion) -> None:
    """Write the words of the version into the draft. Medical mark, checks and the key stay as they are; words that the
    doctor had approved and that change with this wait for the doctor again."""
    try:
        old = content.from_json(version.content, format=version.format)
    except content.UnreadableSnapshotError as error:
        raise RestoreRefusedError(str(error)) from error
    page = Page.objects.select_for_update().get(pk=version.page_id)
    try:
        _restore_page(page, old)
        _restore_sections(page, old)
    except ValidationError as error:
        raise RestoreRefusedError(" ".join(error.messages)) from error
    publishing.bump()


def _restore_page(page: Page, old: PageContent) -> None:
    for name in _PAGE_WORDS:
        setattr(page, f"{name}_{old.language}", getattr(old, name))
    if old.path:
        setattr(page, f"path_{old.language}", old.path)
    page.noindex, page.place, page.position = old.noindex, old.place, old.position
    page.full_clean()
    page.save()
    page.references.set(Reference.objects.filter(key__in=old.references))


def _restore_sections(page: Page, old: PageContent) -> None:
    rows = [row for model in SECTION_MODELS for row in model._default_manager.filter(parent=page, region="main")]
    left = sorted(rows, key=lambda row: (row.ordering, row.kind, row.pk))
    kept: list[Section] = []
    for said in old.sections:
        row = _twin(said, left, old.language)
        if row is not None:
            left.remove(row)
        kept.append(_filled(row or _MODELS[said.kind](parent=page), said, old.language))
    kept += _left_over(left, old.language)
    for number, row in enumerate(kept, start=1):
        row.ordering = number * STEP
        row.full_clean()
        row.save()


def _twin(said: SectionContent, left: Sequence[Section], language: str) -> Section | None:
    """The row of the draft that the old section became: same name, same heading, or the next of its kind."""
    same_kind = [row for row in left if row.kind == said.kind]
    named = [row for row in same_kind if said.anchor and row.anchor == said.anchor]
    headed = [row for row in same_kind if said.heading and _said(row, "heading", language) == said.heading]
    return next(iter([*named, *headed, *same_kind]), None)


def _left_over(left: Sequence[Section], language: str) -> list[Section]:
    """Rows that the old version does not have: those with words in the other language stay for it, at the end and
    without words in this one; the others go."""
    kept: list[Section] = []
    other = "en" if language == "es" else "es"
    for row in left:
        if isinstance(row, WordedSection) and any(_said(row, name, other) for name in type(row).fields_en_es):
            for name in type(row).fields_en_es:
                setattr(row, f"{name}_{language}", "")
            kept.append(row)
        else:
            row.delete()
    return kept


def _filled(row: Section, said: SectionContent, language: str) -> Section:
    before = [_said(row, name, language) for name in type(row).fields_en_es]
    for name in type(row).fields_en_es:
        setattr(row, f"{name}_{language}", getattr(said, name))
    for name in _PLAIN:
        if getattr(said, name) and hasattr(row, name):
            setattr(row, name, getattr(said, name))
    if said.topic:
        topic = Topic.objects.filter(key=said.topic).first()
        if topic is None:
            raise ValidationError(f"There is no topic “{said.topic}” any more. Add it, then restore again.")
        row.topic = topic  # type: ignore[attr-defined]
    if said.anchor != slugify(said.heading)[:50]:  # one that follows from the heading differs between languages
        row.anchor = row.anchor or said.anchor
    if isinstance(row, WordedSection) and before != [_said(row, name, language) for name in type(row).fields_en_es]:
        row.approved_by, row.approved_on = "", None
    return row


def _said(row: Section, name: str, language: str) -> str:
    return content.in_language(row, name, language)
