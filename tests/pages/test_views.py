"""Reading pages: by path, per language, few queries, no cookie."""

import re
import struct
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client

from pages import frame, publishing
from pages.models import (
    OfficesSection,
    OpeningHours,
    PeopleSection,
    PriceLine,
    PricesSection,
    Reference,
    ReferencesSection,
    Topic,
    TopicSection,
)
from tests.pages.content_rows import a_fact, a_page, a_physician, a_question, a_text, an_office, published

pytestmark = pytest.mark.django_db
SPANISH = {"title_es": "La prueba", "nav_title_es": "Prueba", "description_es": "Qué es."}


def test_an_address_that_is_no_page_is_not_found(client: Client) -> None:
    assert client.get("/nothing/here/").status_code == 404


def test_a_page_is_not_found_until_it_is_published(client: Client) -> None:
    page = a_page()
    assert client.get("/hsg/").status_code == 404
    published(page)
    assert client.get("/hsg/").status_code == 200


def test_a_missing_slash_is_added(client: Client) -> None:
    published(a_page())
    assert client.get("/hsg").headers["Location"] == "/hsg/"


def test_a_page_without_spanish_is_not_found_there_and_not_linked(client: Client) -> None:
    published(a_page())
    assert client.get("/es/hsg/").status_code == 404
    body = client.get("/hsg/").content.decode()
    assert "hreflang" not in body
    assert "/es/hsg/" not in body


def test_both_languages_link_to_each_other_once_they_are_live(client: Client) -> None:
    published(published(a_page(**SPANISH)), "es")
    assert 'href="/es/hsg/" lang="es"' in client.get("/hsg/").content.decode()
    spanish = client.get("/es/hsg/").content.decode()
    assert '<html lang="es">' in spanish
    assert "La prueba" in spanish
    assert 'href="/hsg/" lang="en"' in spanish


def test_a_missing_spanish_text_is_empty_and_never_english(client: Client) -> None:
    page = a_page(**SPANISH)
    a_text(page, heading_en="English heading", heading_es="", body_es="<p>Hola.</p>")
    published(page, "es")
    body = client.get("/es/hsg/").content.decode()
    assert "English heading" not in body
    assert "Hola." in body


def test_a_spanish_page_says_that_the_english_one_is_newer_until_it_is_published_again(client: Client) -> None:
    page = published(published(a_page(**SPANISH)), "es")
    note = "La página en inglés cambió después de escribir esta."
    assert note not in client.get("/es/hsg/").content.decode()
    published(page)  # unchanged words are no newer words
    assert note not in client.get("/es/hsg/").content.decode()
    a_text(page, heading_es="", body_es="")
    published(page)
    spanish = client.get("/es/hsg/").content.decode()
    assert note in spanish
    assert '<a href="http://testserver.localhost/hsg/" lang="en" hreflang="en">English</a>' in spanish
    assert "newer" not in client.get("/hsg/").content.decode()
    published(page, "es")
    assert note not in client.get("/es/hsg/").content.decode()


def test_a_shared_page_has_a_picture_of_ours_with_its_size_and_words(client: Client) -> None:
    published(published(a_page(**SPANISH)), "es")
    for path, language, alt in (
        ("/hsg/", "en", "A drawing of a river that parts into two streams between green hills"),
        ("/es/hsg/", "es", "Un dibujo de un río que se abre en dos entre colinas verdes"),
    ):
        html = client.get(path).content.decode()
        found = dict(re.findall(r'<meta (?:property|name)="((?:og|twitter):[^"]+)" content="([^"]*)"', html))
        picture = found["og:image"].removeprefix("http://testserver.localhost/static/")
        assert re.fullmatch(rf"social/card-{language}(\.[0-9a-f]+)?\.png", picture)
        assert found["og:image:alt"] == alt
        assert (found["og:title"], found["twitter:card"]) == (
            {"en": "The test", "es": "La prueba"}[language],
            "summary_large_image",
        )
        raw = Path(settings.BASE_DIR, "static", f"social/card-{language}.png").read_bytes()
        assert raw.startswith(b"\x89PNG")
        assert struct.unpack(">II", raw[16:24]) == (1200, 630)
        assert (found["og:image:width"], found["og:image:height"]) == ("1200", "630")
        assert len(raw) <= 60_000


def test_links_inside_texts_follow_the_language(client: Client) -> None:
    published(published(a_page("pricing", path="/pricing/", **SPANISH)), "es")
    published(a_page("doctor", path="/doctor/"))
    page = a_page(**SPANISH)
    link = '<p><a href="/pricing/#pay">Precio</a> <a href="/doctor/">Doctor</a> <a href="/request/">Pedir</a></p>'
    a_text(page, body_en=link, body_es=link)
    published(published(page), "es")
    english = client.get("/hsg/").content.decode()
    assert '<a href="/pricing/#pay">Precio</a> <a href="/doctor/">Doctor</a> <a href="/request/">Pedir</a>' in english
    spanish = client.get("/es/hsg/").content.decode()
    assert '<a href="/es/precios/#pay">Precio</a> Doctor <a href="/es/solicitud/">Pedir</a>' in spanish


def test_a_cold_page_with_every_live_list_costs_at_most_four_queries(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    an_office()
    a_physician()
    a_fact("hsg_price", "950")
    PriceLine.objects.create(service="hsg", included=True, label_en="The test")
    source = Reference.objects.create(key="s", citation="Smith 2000", approved_by="Dr.", approved_on="2026-01-01")
    a_question("q", "Is it safe?")
    page = a_page(medical=True)
    page.references.add(source)
    a_text(page)
    TopicSection.objects.create(parent=page, ordering=20, topic=Topic.objects.get(), heading_en="Questions")
    for place, model in enumerate([PricesSection, OfficesSection, PeopleSection, ReferencesSection]):
        model._default_manager.create(parent=page, ordering=30 + place)
    published(page)
    frame.forget()
    cache.clear()
    with django_assert_max_num_queries(4):
        body = client.get("/hsg/").content.decode()
    for words in ("$950", "The test", "Los Angeles", "Atabak Allaei", "Smith 2000", "Is it safe?"):
        assert words in body


def test_reading_pages_set_no_cookie_and_vary_by_encoding_alone(client: Client) -> None:
    published(a_page())
    response = client.get("/hsg/")
    assert not response.cookies
    assert response.headers["Vary"] == "Accept-Encoding"


def test_a_source_is_hidden_until_the_doctor_approved_it(client: Client) -> None:
    source = Reference.objects.create(key="s", citation="Smith 2000")
    page = a_page()
    page.references.add(source)
    ReferencesSection.objects.create(parent=page)
    published(page)
    assert "Smith 2000" not in client.get("/hsg/").content.decode()


def test_an_office_has_a_page_while_the_offices_are_live(client: Client) -> None:
    an_office()
    assert client.get("/locations/los-angeles/").status_code == 404
    published(a_page("locations", path="/locations/"))
    body = client.get("/locations/los-angeles/").content.decode()
    assert "100 Example Street" in body
    assert '"@type":"PostalAddress"' in body
    assert client.get("/es/consultorios/los-angeles/").status_code == 404
    assert client.get("/locations/nowhere/").status_code == 404


def test_an_office_page_says_the_way_the_hours_and_the_other_offices(client: Client) -> None:
    an_office(parking="Behind the house.\nIt is free.", phone="+12135550101")
    an_office(slug="irvine", name="Irvine", nickname="Irvine")
    OpeningHours.objects.create(weekday=0, opens=time(9), closes=time(17))
    a_fact("arrive_minutes_before", "20")
    published(a_page("locations", path="/locations/"))
    published(a_page("prepare", path="/hsg/prepare/"))
    body = client.get("/locations/los-angeles/").content.decode()
    assert 'destination=100+Example+Street%2C+Los+Angeles%2C+CA+90001">See the way there on Google Maps' in body
    assert "<p>Monday, 9\N{NO-BREAK SPACE}am to 5\N{NO-BREAK SPACE}pm</p>" in body
    assert '<a href="tel:+12135550101">Call (213) 555-0101</a>' in body
    assert "<p>Come 20 minutes before your time.</p>" in body
    assert '<a href="/hsg/prepare/">' in body
    assert "<p>Behind the house.</p><p>It is free.</p>" in body
    assert '<li><a href="/locations/irvine/">Irvine</a></li>' in body
    assert '<li><a href="/locations/los-angeles/">' not in body


def test_an_office_page_leaves_out_what_is_not_known(client: Client) -> None:
    an_office(street="", city="", postal_code="", name="<b>LA</b>")
    published(a_page("locations", path="/locations/"))
    body = client.get("/locations/los-angeles/").content.decode()
    for absent in ("Where it is", "When to call", "On the day", "get ready", "Parking", "Our other offices", "<b>LA"):
        assert absent not in body


def test_an_office_with_hours_of_its_own_says_that_it_is_open_then(client: Client) -> None:
    OpeningHours.objects.create(office=an_office(), weekday=1, opens=time(10), closes=time(12))
    published(a_page("locations", path="/locations/"))
    body = client.get("/locations/los-angeles/").content.decode()
    assert "Opening hours" in body
    assert "Tuesday, 10" in body
    assert "When to call" not in body


@pytest.mark.parametrize("field", ["name", "street", "city"])
def test_a_fact_cannot_stand_in_an_address(field: str) -> None:
    with pytest.raises(ValidationError, match="No fact can stand here"):
        an_office(**{field: "{{foo}}"})


def test_robots_name_the_sitemap(client: Client) -> None:
    assert "Sitemap: http://testserver.localhost/sitemap.xml" in client.get("/robots.txt").content.decode()


def test_the_sitemap_lists_what_is_live_with_its_other_language(client: Client) -> None:
    published(published(a_page(**SPANISH)), "es")
    published(a_page("privacy", path="/privacy/", noindex=True))
    a_page("doctor", path="/doctor/")
    body = client.get("/sitemap.xml").content.decode()
    assert "<loc>http://testserver.localhost/hsg/</loc>" in body
    assert 'hreflang="es" href="http://testserver.localhost/es/hsg/"' in body
    assert "/privacy/" not in body
    assert "/doctor/" not in body


def test_structured_data_cannot_end_its_script(client: Client) -> None:
    published(a_page(title_en="</script><b>"))
    body = client.get("/hsg/").content.decode()
    assert "</script><b>" not in body
    assert "\\u003C/script\\u003E" in body


@pytest.fixture
def faq() -> None:
    """The questions page, live in English."""
    a_question("price", "What does it cost?", "<p>It is $950.</p>", synonyms="precio money", position=1)
    a_question("pain", "Does it hurt?", "<p>You may feel cramps. Ask about the cost of sedation.</p>", position=2)
    a_question("cafe", "Can I have a café con leche?", position=3)
    page = a_page("faq", path="/faq/")
    TopicSection.objects.create(parent=page, topic=Topic.objects.get(), heading_en="Cost", anchor="cost")
    published(page)


@pytest.mark.parametrize(
    ("query", "anchors"),
    [
        ("cost", ["price", "pain"]),
        ("COSTS", ["price", "pain"]),
        ("precio", ["price"]),
        ("cafe", ["cafe"]),
        ("CAFÉ", ["cafe"]),
        ("does it hurt", ["pain"]),
        ("the", []),
        ("elephant", []),
    ],
)
def test_a_search_folds_accents_and_knows_synonyms(faq: None, client: Client, query: str, anchors: list[str]) -> None:
    page = client.get("/faq/", {"q": query}).context["page"]
    assert [question.anchor for question in page.search.questions] == anchors


def test_a_search_says_how_many_it_found_and_shows_each_question_once(faq: None, client: Client) -> None:
    body = client.get("/faq/", {"q": "cost"}).content.decode()
    assert "<title>2 answers for “cost”" in body
    assert '<meta name="robots" content="noindex">' in body
    for anchor in ("price", "pain", "cafe"):
        assert body.count(f'id="{anchor}"') == 1


def test_a_search_echoes_hostile_words_harmlessly(faq: None, client: Client) -> None:
    body = client.get("/faq/", {"q": "<script>alert(1)</script>" + "x" * 500}).content.decode()
    assert "<script>alert" not in body


def test_the_questions_page_tells_search_engines_its_answers(faq: None, client: Client) -> None:
    things = client.get("/faq/").context["page"].json_ld
    page = next(thing for thing in things if thing["@type"] == "FAQPage")
    assert page["mainEntity"][0]["acceptedAnswer"]["text"] == "It is $950."


def test_the_generation_costs_one_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert publishing.generation() == 0
