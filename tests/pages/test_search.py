"""Which questions a search finds: the words people type, over the questions that the site starts with."""

import tomllib
from pathlib import Path

import pytest
from django.conf import settings

from pages import search
from pages.live import QuestionRow

FILE = Path(settings.BASE_DIR, "pages/starter/questions.toml")
ROWS = tomllib.loads(FILE.read_text())["questions"]


def found(query: str, language: str = "en") -> list[str]:
    questions = [
        QuestionRow(
            key=row["key"],
            topic=row["topic"],
            question=row[language]["question"],
            answer=row[language]["answer"],
            synonyms=" ".join(row["synonyms"]),
        )
        for row in ROWS
    ]
    return [question.key for question in search.matches(query, questions)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("Medi-Cal", "insurance"),
        ("do you take PPO", "insurance"),
        ("how much", "what-does-it-cost"),
        ("how much does it hurt", "does-it-hurt"),
        ("how long", "how-long"),
        ("can I eat before", "how-to-prepare"),
        ("fasting", "how-to-prepare"),
        ("metformin", "how-to-prepare"),
        ("fax", "referral"),
    ],
)
def test_what_people_type_finds_its_question(query: str, first: str) -> None:
    assert found(query)[0] == first


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("¿Puedo comer?", "how-to-prepare"),
        ("ayuno", "how-to-prepare"),
        ("referido", "referral"),
        ("orden médica", "referral"),
        ("sangre", "after-the-test"),
        ("cuánto cuesta", "what-does-it-cost"),
        ("cuánto dura", "how-long"),
        ("aseguranza", "insurance"),
    ],
)
def test_in_spanish_too(query: str, first: str) -> None:
    assert found(query, "es")[0] == first


def test_a_short_word_is_no_start_of_another() -> None:
    assert found("cal") == ["insurance"]  # and not "call"
    assert found("iv") == found("IV?") != []


def test_words_that_say_nothing_find_nothing() -> None:
    assert found("what is the") == found("zzz") == found("much zzz") == []
