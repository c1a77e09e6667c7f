"""The database itself refuses rows that make no sense."""

from datetime import date, time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from pages.models import (
    CareSection,
    ClinicClosure,
    FigureSection,
    Generation,
    Office,
    OpeningHours,
    Page,
    Question,
    Reference,
    TextSection,
    Topic,
)
from tests.pages.content_rows import a_page

pytestmark = pytest.mark.django_db
APPROVED = {"approved_by": "Dr. Allaei"}


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Page, {"key": "a", "path_en": "no-slash"}),
        (Page, {"key": "a", "path_en": "/a/", "path_es": "/a/"}),
        (Page, {"key": "a", "path_en": "/a/", "checked_by": "Dr. Allaei"}),
        (
            Page,
            {
                "key": "a",
                "path_en": "/a/",
                "checked_by": "Dr.",
                "checked_on": date(2026, 2, 1),
                "due_on": date(2026, 1, 1),
            },
        ),
        (OpeningHours, {"weekday": 0, "opens": time(9), "closes": time(9)}),
        (OpeningHours, {"weekday": 7, "opens": time(9), "closes": time(10)}),
        (ClinicClosure, {"first_day": date(2026, 1, 2), "last_day": date(2026, 1, 1), "name": "x"}),
        (Office, {"slug": "a", "name": "A", "nickname": "A", "street": "1 Street"}),
        (Reference, {"key": "a", "citation": "A", **APPROVED}),
        (Generation, {"pk": 2}),
    ],
)
def test_a_row_whose_fields_do_not_go_together_is_refused(model: type[models.Model], values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        model._default_manager.create(**values)


@pytest.mark.parametrize(
    ("model", "values"),
    [(TextSection, APPROVED), (CareSection, {"urgency": "soon"}), (FigureSection, {"figure": "cat"})],
)
def test_a_section_whose_fields_do_not_go_together_is_refused(model: type[Any], values: dict[str, Any]) -> None:
    page = a_page()
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(parent=page, **values)


def test_an_approval_needs_both_who_and_when() -> None:
    topic = Topic.objects.create(key="a")
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.create(key="a", topic=topic, approved_on=date(2026, 1, 1))


@pytest.mark.parametrize(
    "path", ["/request/", "/admin/x/", "/r/", "/hsg/", "/es/", "/locations/other/", "/", "/A/", "//"]
)
def test_staff_cannot_take_a_path_of_the_site_itself(path: str) -> None:
    with pytest.raises(ValidationError):
        a_page("news", path=path)


def test_staff_can_add_a_page_of_their_own() -> None:
    page = a_page("news", path="/news/", path_es="/es/noticias/")
    assert (page.path("en"), page.path("es")) == ("/news/", "/es/noticias/")


def test_a_fixed_page_keeps_its_paths() -> None:
    page = a_page("pricing", path="/prices/")
    assert (page.path_en, page.path_es) == ("/pricing/", "/es/precios/")
