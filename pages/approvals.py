"""Lists the words, sources and medical facts that the doctor still has to approve. Must not approve them."""

from dataclasses import dataclass

from django.urls import reverse

from pages.models import SECTION_MODELS, FactChange, Page, Question, Reference
from pages.models.sections import WordedSection


@dataclass(frozen=True)
class Waiting:
    """One thing to approve: where it stands, what it says, where staff edit it."""

    place: str
    words: str
    admin_url: str


def waiting(page: Page | None = None) -> list[Waiting]:
    """The sections of a page, or of all pages with the questions, sources and proposed facts."""
    found = _sections(page)
    if page is None:
        questions = Question.objects.filter(doctor_must_approve=True, approved_on=None)
        found += [
            Waiting(str(row._meta.verbose_name), str(row), reverse("admin:pages_question_change", args=[row.pk]))
            for row in questions
        ]
        found += [
            Waiting(str(row._meta.verbose_name), row.citation, reverse("admin:pages_reference_change", args=[row.pk]))
            for row in Reference.objects.filter(approved_on=None)
        ]
        proposed = FactChange.objects.filter(state=FactChange.State.PROPOSED).select_related("fact")
        found += [
            Waiting(str(row.fact._meta.verbose_name), str(row), reverse("admin:pages_fact_change", args=[row.fact_id]))
            for row in proposed
        ]
    return found


def _sections(page: Page | None) -> list[Waiting]:
    found = []
    for model in SECTION_MODELS:
        if issubclass(model, WordedSection):
            rows = model._default_manager.filter(doctor_must_approve=True, approved_on=None)
            rows = rows if page is None else rows.filter(parent=page)
            found += [
                Waiting(str(row.parent), row.heading, reverse("admin:pages_page_change", args=[row.parent_id]))
                for row in rows.select_related("parent").order_by("parent__path_en", "ordering")
            ]
    return found
