"""Each kind of section says what it has to say, in English and in Spanish, through the public page."""

import re
from html.parser import HTMLParser

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from pages import publishing, table_text
from pages.models import SECTION_MODELS, ComparisonSection, Fact, Page, PriceLine, Question, Reference, Topic
from tests.pages import every_kind
from tests.pages.content_rows import a_page, published

pytestmark = pytest.mark.django_db
LANGUAGES = ("en", "es")


@pytest.fixture
def page() -> Page:
    made = every_kind.make()
    for language in LANGUAGES:
        publishing.publish(made, language=language, by=None)
    return made


def group(kind: str, language: str) -> str:
    """The HTML of the groups of one kind."""
    html = Client().get(every_kind.PATHS[LANGUAGES.index(language)]).content.decode()
    main = html.split('<main id="main"')[1].split("</main>")[0]
    found = re.findall(r'<div class="g [^"]*".*?(?=<div class="g [^"]*"|\Z)', main, re.DOTALL)
    shown = {"text": "g-text", "step": "g-step", "comparison": "<table"}
    return "".join(part for part in found if shown.get(kind, f"g-{kind}") in part)


def test_the_samples_hold_every_kind(page: Page) -> None:
    assert {model.kind for model in SECTION_MODELS if model._default_manager.filter(parent=page).exists()} == (
        every_kind.kinds()
    )


def test_a_text_is_a_heading_with_its_words(page: Page) -> None:
    assert '<h2>A text</h2>\n<div class="prose"><p>Words.</p></div>' in group("text", "en")
    assert '<h2>Un texto</h2>\n<div class="prose"><p>Palabras.</p></div>' in group("text", "es")


def test_steps_are_one_ordered_list(page: Page) -> None:
    for language, words in (("en", ("First", "Then")), ("es", ("Primero", "Después"))):
        html = group("step", language)
        assert html.count("<ol") == 1
        assert [html.index(word) for word in words] == sorted(html.index(word) for word in words)


def test_a_card_has_a_heading_words_and_one_link(page: Page) -> None:
    assert '<a href="/every-kind/#text">To the text</a>' in group("card", "en")
    spanish = group("card", "es")
    assert "<h3>Si está abierta</h3><p>Bien.</p>" in spanish
    assert '<a href="/es/cada-clase/#text">Al texto</a>' in spanish


@pytest.mark.parametrize(
    ("urgency", "english", "spanish"),
    [("info", "Good to know", "Bueno saber"), ("urgent", "Call today", "Llame hoy"), ("emergency", "911", "al 911")],
)
def test_a_care_card_says_how_urgent_it_is(page: Page, urgency: str, english: str, spanish: str) -> None:
    for language, words in (("en", english), ("es", spanish)):
        html = group("care", language)
        card = html[html.index(f"care-{urgency}") :]
        assert words in card


def test_a_fact_is_a_big_figure_with_a_line_under_it(page: Page) -> None:
    assert "$950" in group("fact", "en")
    assert "En total" in group("fact", "es")


class Table(HTMLParser):
    """The cells of a table, each with the scope that it names."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in {"th", "td"}:
            self.rows[-1].append(f"{dict(attrs).get('scope') or ''}:")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1] and data.strip():
            self.rows[-1][-1] += data.strip()


def test_a_comparison_is_a_table_whose_cells_know_their_headings(page: Page) -> None:
    html = group("comparison", "en")
    assert 'aria-labelledby="ways-head"' in html
    assert '<h2 id="ways-head">Two ways</h2>' in html
    assert Table(html.split("<table")[1].split("</table>")[0]).rows == [
        [":", "col:By video", "col:At the office"],
        ["row:Where", ":At home", ":Here"],
        ["row:Price", ":Free", ":$950"],
    ]
    assert Table(group("comparison", "es").split("</table>")[0]).rows[1] == ["row:Dónde", ":En casa", ":Aquí"]


def test_a_row_with_a_fact_that_nobody_knows_is_left_out_and_so_is_a_table_without_rows(page: Page) -> None:
    Fact.objects.filter(key="hsg_price").update(value="")
    publishing.bump()
    assert [row[0] for row in Table(group("comparison", "en")).rows] == [":", "row:Where"]
    ComparisonSection.objects.update(table_en="| One | Two\nPrice | Free | {{hsg_price}}")
    publishing.publish(page, language="en", by=None)
    assert group("comparison", "en") == ""


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("| One | Two", "then at least one row"),
        ("| One\nA | B", "Compare two or three things"),
        ("| 1 | 2 | 3 | 4\nA | 1 | 2 | 3 | 4", "Compare two or three things"),
        ("| One | Two\nA | B", "Line 2 has 2 cells; the first line has 3."),
        ("| One | Two\nA | B |  ", "Line 2 has 2 cells"),
        ("| One | Two\n | B | C", "Line 2 has an empty cell."),
        ("| One |  | x\nA | B | C | D", "Line 1 has an empty cell."),
        ("| One | Two\nA | B | {{no_such}}", "There is no fact called {{no_such}}"),
    ],
)
def test_a_table_that_is_not_whole_is_refused_with_words(table: str, words: str) -> None:
    section = ComparisonSection(parent=a_page(), table_en=table)
    with pytest.raises(ValidationError) as error:
        section.full_clean()
    assert words in " ".join(error.value.messages)


def test_a_table_that_was_copied_with_closing_bars_is_understood() -> None:
    assert table_text.cells("| | One | Two |\n\n| A | B | C |")[0] == ["", "", "One", "Two"]
    assert table_text.cells("| One | Two |\nA | B | C |") == [["", "One", "Two"], ["A", "B", "C"]]


def test_markup_in_a_cell_is_shown_and_not_obeyed(page: Page) -> None:
    ComparisonSection.objects.update(table_en="| <b>x</b> | Two\nA | <script>alert(1)</script> | C")
    publishing.publish(page, language="en", by=None)
    html = group("comparison", "en")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert" not in html


def test_the_questions_of_a_topic_stand_with_their_answers(page: Page) -> None:
    for language, words in (("en", ("Is it a sample?", "It is.")), ("es", ("¿Es una muestra?", "Sí."))):
        html = group("topic", language)
        assert 'id="is-it-a-sample"' in html
        assert all(word in html for word in words)
    Question.objects.update(is_shown=False)
    publishing.bump()
    assert "Questions</h2>" not in group("topic", "en")
    assert Topic.objects.exists()


def test_prices_say_what_they_cover_and_what_not(page: Page) -> None:
    english = group("prices", "en")
    assert english.index("Included") < english.index("The test") < english.index("Not included")
    spanish = group("prices", "es")
    assert "El examen" in spanish
    assert "$950" in spanish
    PriceLine.objects.filter(included=False).delete()
    publishing.bump()
    assert "Not included" not in group("prices", "en")


def test_a_drawing_has_its_words(page: Page) -> None:
    for language, words in (("en", "A cycle of 28 days."), ("es", "Un ciclo de 28 días.")):
        html = group("figure", language)
        assert "<svg" in html
        assert words in html


def test_the_doctors_are_named(page: Page) -> None:
    for language in LANGUAGES:
        assert "Ana Sample, MD" in group("people", language)


def test_the_offices_are_listed(page: Page) -> None:
    for language in LANGUAGES:
        assert "Long Beach" in group("offices", language)


def test_sources_are_a_list_of_what_the_doctor_approved(page: Page) -> None:
    assert '<a href="https://example.org/">Sample 2000</a>' in group("references", "es")
    Reference.objects.update(approved_by="", approved_on=None)
    publishing.bump()
    assert group("references", "en") == ""


def test_the_call_to_action_leads_to_the_request(page: Page) -> None:
    english, spanish = group("action", "en"), group("action", "es")
    assert 'href="/request/"' in english
    assert 'href="/es/solicitud/"' in spanish
    assert "Pida una cita" in spanish


def test_the_contents_link_to_the_headings(page: Page) -> None:
    english = group("contents", "en")
    for anchor, words in (("text", "A text"), ("ways", "Two ways"), ("questions", "Questions")):
        assert f'<a href="#{anchor}">{words}</a>' in english
    assert '<a href="#ways">Dos maneras</a>' in group("contents", "es")


def test_a_kind_without_words_in_a_language_is_left_out_there(page: Page) -> None:
    for model in SECTION_MODELS:
        model._default_manager.update(**{f"{name}_es": "" for name in model.fields_en_es})
    published(page, "es")
    assert "prose" not in group("text", "es")
    for kind in ("step", "card", "care", "comparison", "action"):
        assert group(kind, "es") == "", kind
