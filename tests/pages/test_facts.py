"""One fact, one place: checked by its kind, written for each language, hidden with its sentence while not known."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from pages import facts
from pages.fact_list import FACTS
from pages.facts import Facts
from pages.models import Fact
from tests.pages.content_rows import a_fact, a_page, a_question, a_text


def known(**values: str | tuple[str, str]) -> Facts:
    pairs = {key: value if isinstance(value, tuple) else (value, "") for key, value in values.items()}
    return Facts({key: pairs.get(key, ("", "")) for key in FACTS})


@pytest.mark.parametrize(
    ("key", "written", "stored", "shown"),
    [
        ("hsg_price", "$1,250", "1250", "$1,250"),
        ("hsg_price", " 950 ", "950", "$950"),
        ("procedures_count", "5000", "5000", "5,000"),
        ("clinic_phone", "213 555 0100", "+12135550100", "(213) 555-0100"),
        ("clinic_email", "a@example.com", "a@example.com", "a@example.com"),
        ("payment_when", "You pay then.", "You pay then.", "You pay then."),
    ],
)
@pytest.mark.django_db
def test_a_value_is_stored_in_one_spelling_and_shown_in_another(
    key: str, written: str, stored: str, shown: str
) -> None:
    fact = a_fact(key, written)
    assert fact.value == stored
    assert facts.current().text(key) == shown


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("hsg_price", "about 950"),
        ("hsg_price", "-5"),
        ("hsg_price", "950.50"),
        ("hsg_minutes", "²"),
        ("clinic_phone", "12"),
        ("clinic_phone", "+44 20 7946 0000"),
        ("clinic_email", "nobody"),
        ("payment_when", "<b>now</b>"),
        ("payment_when", "see {{payment_when}}"),
        ("payment_when", "a" * 401),
        ("no_such_fact", "1"),
    ],
)
@pytest.mark.django_db
def test_a_value_that_its_kind_does_not_allow_is_refused(key: str, value: str) -> None:
    with pytest.raises(ValidationError):
        a_fact(key, value)


@pytest.mark.django_db
def test_a_number_has_no_spanish_value_of_its_own() -> None:
    with pytest.raises(ValidationError, match="same in both languages"):
        a_fact("hsg_price", "950", "950")


@pytest.mark.django_db
def test_a_made_up_fact_without_a_value_is_refused_by_the_database() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Fact.objects.create(key="hsg_price", value="", is_placeholder=True)


@pytest.mark.django_db
def test_all_facts_are_read_in_one_query(django_assert_num_queries: object) -> None:
    a_fact("hsg_price", "950")
    with django_assert_num_queries(1):  # type: ignore[operator]
        snapshot = facts.current()
    assert snapshot.number("hsg_price") == 950
    assert snapshot.number("cycle_first_day") is None


def test_words_come_from_their_own_language_only() -> None:
    snapshot = known(payment_when=("You pay then.", ""), hsg_price="950")
    assert snapshot.text("payment_when", "es") == ""
    assert snapshot.text("hsg_price", "es") == "$950"


@pytest.mark.parametrize(
    ("markup", "filled"),
    [
        ("<p>It costs {{hsg_price}}.</p>", "<p>It costs $950.</p>"),
        ("<p>One. Day {{cycle_first_day}} is first. Three.</p>", "<p>One. Three.</p>"),
        ("<p>Pay. {{payment_when}}</p>", "<p>Pay.</p>"),
        ("<p>{{payment_when}}</p><p>Stay.</p>", "<p>Stay.</p>"),
        ("<ul><li>{{payment_when}}</li><li>b</li></ul>", "<ul><li>b</li></ul>"),
        ("<ul><li>{{payment_when}}</li></ul>", ""),
        ("<ul><li><p>{{payment_when}}</p></li></ul><p>c</p>", "<p>c</p>"),
        ("<p>Dr. Allaei asks for {{cycle_first_day}} days. Stay.</p>", "<p>Stay.</p>"),
        ("<p><strong>A. {{payment_when}}</strong> B.</p>", ""),
        ("<ul><li>Top {{payment_when}}<ul><li>b</li></ul></li></ul>", "<ul><li><ul><li>b</li></ul></li></ul>"),
    ],
)
def test_a_sentence_with_a_fact_that_is_not_known_is_hidden(markup: str, filled: str) -> None:
    assert facts.fill_html(markup, language="en", facts=known(hsg_price="950")) == filled


def test_plain_text_loses_the_sentence_too() -> None:
    assert facts.fill("One. Day {{cycle_first_day}}. Two.", language="en", facts=known()) == "One. Two."


def test_a_value_cannot_bring_markup_into_a_text() -> None:
    filled = facts.fill_html("<p>{{clinic_name}}</p>", language="en", facts=known(clinic_name="A & <B>"))
    assert filled == "<p>A &amp; &lt;B&gt;</p>"


def test_a_phone_can_be_pressed_unless_it_stands_in_a_link() -> None:
    snapshot = known(clinic_phone="+12135550100")
    assert facts.fill_html("<p>{{clinic_phone}}</p>", language="en", facts=snapshot) == (
        '<p><a href="tel:+12135550100">(213) 555-0100</a></p>'
    )
    assert "tel:" not in facts.fill_html('<a href="/contact/">{{clinic_phone}}</a>', language="en", facts=snapshot)


def test_a_value_that_looks_like_a_token_is_not_read_again() -> None:
    filled = facts.fill_html("<p>{{clinic_name}}</p>", language="en", facts=known(clinic_name="{{clinic_name}}"))
    assert filled == "<p>{{clinic_name}}</p>"


@pytest.mark.parametrize("text", ["{{no_such}}", "{{hsg_price", "hsg_price}}", "{{}}", "{{ Hsg_Price }}", "{{a.b}}"])
@pytest.mark.django_db
def test_an_unknown_token_is_refused_when_a_section_or_question_is_saved(text: str) -> None:
    page = a_page()
    for field in ("heading_en", "body_en", "body_es"):
        with pytest.raises(ValidationError, match="no fact called"):
            a_text(page, ordering=10, **{field: f"<p>{text}</p>"})
    with pytest.raises(ValidationError, match="no fact called"):
        a_question("q", "What?", f"<p>{text}</p>")
