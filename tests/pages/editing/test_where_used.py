"""A fact names every place that shows it, each once."""

import pytest

from pages.editing import where_used
from pages.models import PricesSection, TextSection
from tests.pages.content_rows import a_page, a_question, a_text, an_office, published

pytestmark = pytest.mark.django_db


def places(key: str) -> list[str]:
    return [use.place for use in where_used.of(key)]


def test_pages_questions_and_offices_are_named_once() -> None:
    page = a_page(lead_en="It costs {{hsg_price}}.")
    a_text(page, body_en="<p>{{ hsg_price }}</p>", body_es="<p>{{hsg_price}}</p>")
    a_question("q", "What does it cost?", "<p>{{hsg_price}}</p>")
    an_office(parking_en="Parking is not in the {{hsg_price}}.")
    assert places("hsg_price") == ["Office: Los Angeles", "Page: The test", "Question: What does it cost?"]
    assert all(use.admin_url.startswith("/admin/pages/") for use in where_used.of("hsg_price"))


def test_another_fact_with_a_like_name_or_the_bare_word_does_not_count() -> None:
    a_text(a_page(), body_en="<p>{{sedation_price}} hsg_price</p>")
    assert places("hsg_price") == []


def test_a_list_of_prices_shows_the_price_of_its_service() -> None:
    PricesSection.objects.create(parent=a_page(), service="hsg")
    assert places("hsg_price") == ["Page: The test"]


def test_what_is_live_counts_although_the_draft_has_dropped_it() -> None:
    page = a_page()
    a_text(page, body_en="<p>{{hsg_price}}</p>")
    published(page)
    TextSection.objects.update(body_en="<p>Ask us.</p>")
    assert places("hsg_price") == ["Page: The test"]
