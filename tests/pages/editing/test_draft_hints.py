"""The hints of a draft in both languages, and whether the Spanish is older than the English."""

from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from pages.editing import draft_hints
from pages.models import Page
from tests.pages.content_rows import a_page, a_question, a_text, published

pytestmark = pytest.mark.django_db
SPANISH = {"title_es": "La prueba", "nav_title_es": "Prueba", "description_es": "Qué es."}


def test_a_draft_has_hints_in_each_language_that_it_has() -> None:
    page = a_page()
    a_text(page, body_en="<p>We are the best.</p>")
    assert {language: len(found) for language, found in draft_hints.of_page(page).items()} == {"en": 1}
    Page.objects.update(**SPANISH)
    assert [hint.words for hint in draft_hints.of_page(Page.objects.get())["es"]]


def test_an_answer_without_spanish_says_so() -> None:
    question = a_question("q", "Is it safe?", "<p>It is painless.</p>")
    found = draft_hints.of_question(question)
    assert len(found["en"]) == 1
    assert found["es"][0].words == "The Spanish is missing."


def test_spanish_is_older_once_the_english_changes_alone() -> None:
    page = published(published(a_page(**SPANISH)), "es")
    assert not draft_hints.spanish_is_older(page)
    Page.objects.update(lead_en="New words.")
    page = Page.objects.get()
    assert draft_hints.spanish_is_older(page)
    published(page)
    assert draft_hints.spanish_is_older(page)
    Page.objects.update(lead_es="Palabras nuevas.")
    page = Page.objects.get()
    assert not draft_hints.spanish_is_older(page)
    published(page, "es")
    assert not draft_hints.spanish_is_older(page)


def test_a_page_whose_spanish_is_not_live_is_not_older() -> None:
    assert not draft_hints.spanish_is_older(published(a_page(**SPANISH)))


def test_the_hints_of_an_answer_stand_in_its_form(admin_client: Client) -> None:
    question = a_question("q", "Is it safe?", "<p>It is always painless.</p>")
    said = unescape(admin_client.get(reverse("admin:pages_question_change", args=[question.pk])).content.decode())
    assert "“painless” promises or compares." in said
    assert "The Spanish is missing." in said
