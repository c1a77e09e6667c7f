"""An old version becomes the draft again, in its own language."""

from datetime import date
from typing import Any

import pytest

from pages import content, publishing
from pages.editing import restoring
from pages.models import CardSection, Page, PageVersion, Publication, Reference, TextSection, Topic, TopicSection
from tests.pages.content_rows import a_page, a_question, a_text, published

pytestmark = pytest.mark.django_db
SPANISH = {"title_es": "La prueba", "nav_title_es": "Prueba", "description_es": "Qué es."}


def a_version(page: Page, language: str = "en") -> PageVersion:
    return publishing.publish(page, language=language, by=None)


def draft(page: Page, language: str = "en") -> content.PageContent:
    return content.from_draft(Page.objects.get(pk=page.pk), language=language)


def test_the_draft_says_again_what_the_version_said() -> None:
    page = a_page(lead_en="Before")
    page.references.add(Reference.objects.create(key="s", citation="Smith 2000"))
    a_question("q", "Is it safe?")
    a_text(page, ordering=10)
    CardSection.objects.create(parent=page, ordering=20, heading_en="Card", link_path="/request/", link_text_en="Go")
    TopicSection.objects.create(parent=page, ordering=30, topic=Topic.objects.get(), heading_en="Questions")
    version = a_version(page)
    before = draft(page)
    CardSection.objects.all().delete()
    a_text(page, ordering=5, heading_en="In front")
    page.references.clear()
    Page.objects.update(title_en="After", lead_en="")
    restoring.restore(version)
    assert draft(page) == before


def test_nothing_goes_live_by_restoring() -> None:
    page = a_page()
    version = a_version(page)
    Page.objects.update(title_en="After")
    latest = a_version(Page.objects.get())
    restoring.restore(version)
    assert Publication.objects.get().version == latest


def test_the_words_of_the_other_language_stay() -> None:
    page = a_page(**SPANISH)
    a_text(page, heading_es="Por qué", body_es="<p>Palabras.</p>")
    version = a_version(page)
    spanish = draft(page, "es")
    TextSection.objects.update(heading_en="Changed", body_en="<p>Changed.</p>")
    a_text(page, ordering=20, heading_en="New", heading_es="Nuevo", body_es="<p>Más.</p>")
    restoring.restore(version)
    assert draft(page).sections == content.from_json(version.content, format=1).sections
    assert [section.heading for section in draft(page, "es").sections] == ["Por qué", "Nuevo"]
    assert draft(page, "es").sections[0] == spanish.sections[0]


def test_words_that_change_wait_for_the_doctor_again_and_others_stay_approved() -> None:
    page = a_page()
    approved: dict[str, Any] = {
        "doctor_must_approve": True,
        "approved_by": "Dr. Allaei",
        "approved_on": date(2026, 1, 1),
    }
    a_text(page, ordering=10, heading_en="Same", **approved)
    changed = a_text(page, ordering=20, heading_en="Risks", **approved)
    version = a_version(page)
    TextSection.objects.filter(pk=changed.pk).update(body_en="<p>Newer.</p>")
    restoring.restore(version)
    assert [row.is_waiting for row in TextSection.objects.all()] == [False, True]


def test_the_medical_mark_and_the_check_stay_as_they_are() -> None:
    page = a_page()
    version = a_version(page)
    checked = {"checked_by": "Dr. Allaei", "checked_on": date(2026, 1, 1), "due_on": date(2027, 1, 1)}
    Page.objects.update(medical=True, **checked)
    restoring.restore(version)
    page.refresh_from_db()
    assert (page.medical, page.checked_by) == (True, "Dr. Allaei")


def test_an_address_that_was_given_to_another_page_refuses_with_words_and_changes_nothing() -> None:
    page = a_page("news", path="/news/")
    version = a_version(page)
    Page.objects.update(path_en="/older/", title_en="Now")
    publishing.withdraw(page, language="en", by=None)
    a_page("other", path="/news/")
    with pytest.raises(restoring.RestoreRefusedError, match="Path in English already exists"):
        restoring.restore(version)
    page.refresh_from_db()
    assert page.title_en == "Now"  # type: ignore[attr-defined]


def test_a_topic_that_is_gone_refuses_with_words() -> None:
    page = a_page()
    topic = Topic.objects.create(key="cost", name_en="Cost")
    TopicSection.objects.create(parent=page, topic=topic)
    version = a_version(page)
    TopicSection.objects.all().delete()
    topic.delete()
    with pytest.raises(restoring.RestoreRefusedError, match="no topic “cost”"):
        restoring.restore(version)


def test_an_older_format_is_brought_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    page = a_page()
    version = a_version(page)
    Page.objects.update(title_en="After")
    monkeypatch.setattr(content, "FORMAT", 2)
    monkeypatch.setitem(content.UPGRADES, 1, lambda stored: {**stored, "title": stored["title"] + " (upgraded)"})
    restoring.restore(version)
    assert draft(page).title == "The test (upgraded)"


@pytest.mark.parametrize("newest", [0, 2])
def test_a_format_that_nobody_can_read_refuses_with_words(monkeypatch: pytest.MonkeyPatch, newest: int) -> None:
    version = a_version(a_page())
    monkeypatch.setattr(content, "FORMAT", newest)
    with pytest.raises(restoring.RestoreRefusedError, match="Format 1"):
        restoring.restore(version)


def test_restoring_raises_the_generation() -> None:
    version = a_version(published(a_page()))
    before = publishing.generation()
    restoring.restore(version)
    assert publishing.generation() == before + 1
