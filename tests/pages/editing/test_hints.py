"""Hints point at what an editor may want to change, and at nothing that is fine."""

from dataclasses import replace
from typing import Any

import pytest

from pages import facts, published
from pages.content import PageContent, SectionContent
from pages.editing import hints
from tests.pages.content_rows import a_fact, a_page
from tests.pages.content_rows import published as live

pytestmark = pytest.mark.django_db
HARD = (
    "Hysteroscopic evaluation facilitates identification of intrauterine abnormalities and considerable complications."
)
HARD_ES = (
    "La histerosalpingografía constituye procedimiento radiológico especializado proporcionando información "
    "diagnóstica fundamental sobre permeabilidad tubárica."
)


def page(*sections: SectionContent, **fields: Any) -> PageContent:
    return replace(PageContent("x", "/x/", "en", "X", "X", "X", sections=sections), **fields)


def text(body: str, **fields: Any) -> SectionContent:
    return SectionContent(kind="text", anchor="why", heading="Why", body=body, **fields)


def found(*sections: SectionContent, **fields: Any) -> list[str]:
    said = hints.for_page(page(*sections, **fields), index=published.index(), facts=facts.current())
    return [hint.words for hint in said]


def test_plain_words_give_no_hint() -> None:
    live(a_page("pricing", path="/pricing/"))
    a_fact("hsg_price", "950")
    body = '<p>The test takes 15 minutes. It costs {{hsg_price}}. <a href="/pricing/#pay">See what it covers</a>.</p>'
    assert found(text(body)) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (f"<p>{HARD}</p>", "Reads at grade"),
        (f"<p>{'one two ' * 11}end.</p>", "A sentence of 23 words"),
        ("<p>It is painless.</p>", "“painless” promises"),
        ("<p>We ask for $ 950 on the day.</p>", "“$ 950” is typed by hand"),
        ('<p><a href="/request/">here</a></p>', "“here” does not say"),
        ('<p><a href="/request/">Click here</a></p>', "does not say"),
        ('<p><a href="/request/"></a></p>', "has no words"),
        ("<p><a>Words</a></p>", "leads nowhere"),
        ('<p><a href="/no/such/">The list</a></p>', "/no/such/ leads nowhere"),
        ('<p><a href="/doctor/">The doctor</a></p>', "/doctor/ leads nowhere"),
        ('<p><a href="#no">Below</a></p>', "#no leads nowhere"),
        ("<p>a</p><h3> </h3>", "heading is empty"),
    ],
)
def test_what_may_need_another_look_is_pointed_out(body: str, words: str) -> None:
    assert any(words in hint for hint in found(text(body))), found(text(body))


@pytest.mark.parametrize(
    "target", ["/request/", "/find-request/", "#why", "https://www.cms.gov/", "/locations/irvine/"]
)
def test_a_link_that_leads_somewhere_gives_no_hint(target: str) -> None:
    assert found(text(f'<p><a href="{target}">Ask for a time</a></p>')) == []


@pytest.mark.parametrize("target", ["/request/", "/find-request/"])
def test_a_link_of_a_spanish_page_is_looked_for_in_spanish(target: str) -> None:
    body = f'<p>El tinte pasa por las trompas. <a href="{target}">Vea su cita</a>.</p>'
    assert found(text(body), language="es") == []


def test_spanish_is_measured_on_its_own_scale() -> None:
    assert any("scale for Spanish" in words for words in found(text(f"<p>{HARD_ES}</p>"), language="es"))
    assert found(text("<p>El tinte pasa por las trompas. Usted lo ve en la pantalla.</p>"), language="es") == []
    assert any("mejor" in words for words in found(text("<p>Somos la mejor.</p>"), language="es"))


def test_a_number_on_a_medical_page_wants_a_source() -> None:
    section = text("<p>It helps 30% of people.</p>")
    assert found(section) == []
    assert any("“30%” has no source" in words for words in found(section, medical=True))
    assert found(section, medical=True, references=("smith",)) == []


def test_a_small_heading_needs_a_large_one_above() -> None:
    card = SectionContent(kind="card", heading="Card")
    assert any("small heading" in words for words in found(card, text("<p>Words.</p>")))
    assert found(text("<p>Words.</p>"), card) == []


def test_a_drawing_wants_words() -> None:
    assert any("no caption" in words for words in found(SectionContent(kind="figure", figure="cycle")))


def test_what_exists_in_english_alone_is_named() -> None:
    english = page(text("<p>Words.</p>"), SectionContent(kind="action", heading="Ask"), lead="Lead.")
    spanish = page(text(""), language="es", title="X")
    words = [hint.words for hint in hints.spanish_is_missing(english, spanish)]
    assert words == ["The Spanish is missing.", "Sections without Spanish words: 1.", "The Spanish is missing."]
    assert hints.spanish_is_missing(english, replace(spanish, title="")) == []


def test_an_answer_gets_the_same_hints() -> None:
    said = hints.for_text("A", "<p>It is the best.</p>", language="en", index=published.index(), facts=facts.current())
    assert [hint.place for hint in said] == ["A"]
