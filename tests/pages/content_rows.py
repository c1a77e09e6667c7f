"""Content rows for tests. Each takes what a test cares about and fills the rest with plain values."""

from typing import Any

from pages import publishing
from pages.models import Fact, Office, Page, Physician, Question, TextSection, Topic


def a_page(key: str = "hsg", *, path: str = "/hsg/", **fields: Any) -> Page:
    """A draft with an English title."""
    values = {"title_en": "The test", "nav_title_en": "Test", "description_en": "What it is.", **fields}
    page = Page(key=key, path_en=path, **values)
    page.full_clean()
    page.save()
    return page


def a_text(page: Page, *, ordering: Any = 10, **fields: Any) -> TextSection:
    """A text section, saved the way a form saves it."""
    section = TextSection(parent=page, ordering=ordering, **{"heading_en": "Why", "body_en": "<p>Words.</p>", **fields})
    section.full_clean()
    section.save()
    return section


def a_fact(key: str, value: str, value_es: str = "", **fields: Any) -> Fact:
    """A fact with a value."""
    fact = Fact(key=key, value=value, value_es=value_es, **fields)
    fact.full_clean()
    fact.save()
    return fact


def a_question(key: str, question: str, answer: str = "<p>Yes.</p>", *, topic: str = "cost", **fields: Any) -> Question:
    """A question under a topic."""
    heading, _created = Topic.objects.get_or_create(key=topic, defaults={"name_en": topic.title()})
    row = Question(key=key, topic=heading, question_en=question, answer_en=answer, **fields)
    row.full_clean()
    row.save()
    return row


def an_office(**fields: Any) -> Office:
    """The office in Los Angeles."""
    names = {"slug": "los-angeles", "name": "Los Angeles", "nickname": "Los Angeles"}
    address = {"street": "100 Example Street", "city": "Los Angeles", "state": "CA", "postal_code": "90001"}
    office = Office(**{**names, **address, **fields})
    office.full_clean()
    office.save()
    return office


def a_physician() -> Physician:
    """The doctor."""
    return Physician.objects.create(slug="allaei", name="Atabak Allaei, MD", short_name="Dr. Allaei")


def published(page: Page, language: str = "en") -> Page:
    """The page, live in a language."""
    publishing.publish(page, language=language, by=None)
    return page
