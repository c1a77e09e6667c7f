"""Finds where a fact stands: drafts, live pages, questions and lists. Must not know who else reads
facts (booking does)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from pages.models import SECTION_MODELS, Office, Page, Physician, PriceLine, PricesSection, Publication, Question

_WORDS: dict[type[Model], tuple[str, ...]] = {
    Page: ("title", "description", "lead"),
    Question: ("question", "answer"),
    PriceLine: ("label",),
    Office: ("description", "parking", "access"),
    Physician: ("summary",),
}


@dataclass(frozen=True, order=True)
class Use:
    """One place: what it is called, and where staff edit it."""

    place: str
    admin_url: str


def of(key: str) -> list[Use]:
    """Every place that shows the fact, each once, in order."""
    return sorted({*_rows(key), *_sections(key), *_live(key)})


def _rows(key: str) -> Iterator[Use]:
    for model, names in _WORDS.items():
        for row in _with_token(model, names, key):
            yield Use(f"{str(model._meta.verbose_name).capitalize()}: {row}", _change_url(row))


def _sections(key: str) -> Iterator[Use]:
    for model in SECTION_MODELS:
        rows = list(_with_token(model, model.fields_en_es, key))
        if model is PricesSection and key.endswith("_price"):
            service = key.removesuffix("_price").replace("_", "-")
            rows += model._default_manager.filter(service=service).select_related("parent")
        for row in rows:
            yield Use(_page_words(row.parent), _change_url(row.parent))


def _live(key: str) -> Iterator[Use]:
    """A published version may still show what the draft does not any more."""
    for publication in Publication.objects.select_related("page", "version"):
        if _token(key).search(str(publication.version.content)):
            yield Use(_page_words(publication.page), _change_url(publication.page))


def _with_token(model: type[Model], names: tuple[str, ...], key: str) -> Iterator[Any]:
    columns = [f"{name}_{language}" for name in names for language in ("en", "es")]
    wanted = Q()
    for column in columns:
        wanted |= Q(**{f"{column}__contains": key})
    for row in model._default_manager.filter(wanted):
        if any(_token(key).search(getattr(row, column) or "") for column in columns):
            yield row


def _token(key: str) -> re.Pattern[str]:
    return re.compile(rf"\{{\{{\s*{re.escape(key)}\s*\}}\}}")


def _page_words(page: Page) -> str:
    return _("Page: %(page)s") % {"page": page}


def _change_url(row: Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
