"""Finds questions by words: accents folded, staff's synonyms counted. Must not read the database nor know the page."""

import re
import unicodedata
from collections.abc import Iterable

from django.utils.html import strip_tags

from pages.live import QuestionRow

LONGEST_QUERY = 100
MOST_WORDS = 8
# Words that carry no meaning in a question; a search for nothing else finds nothing.
_STOP_WORDS = (
    "a about am an and are as at be can do does for from get have how i if in is it me my of on or the this "
    "to what when where which who why will with you your al como con cual cuando de del donde el ella en es "
    "esta hay la las lo los me mi o para por puedo que quien se si sin son su tengo un una y yo"
)
_STOP = set(_STOP_WORDS.split())
# They help to find ("how much"), but a question about something else need not hold them ("how much does it hurt").
_LIGHT = {"much", "many", "long", "soon", "mucho", "mucha", "cuanto", "cuanta", "cuantos"}
# A shorter word has to stand there whole: "cal" of Medi-Cal is not the start of "call".
_SHORTEST_START = 4


def folded(text: str) -> str:
    """Small letters without accents; everything that is neither letter nor digit becomes a space."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.sub(r"[^a-z0-9]+", " ", plain).strip()


def words(query: str) -> list[str]:
    """The words of a query that carry meaning, at most a few."""
    found = folded(query[:LONGEST_QUERY]).split()
    return list(dict.fromkeys(word for word in found if word not in _STOP))[:MOST_WORDS]


def matches(query: str, questions: Iterable[QuestionRow]) -> list[QuestionRow]:
    """The questions that hold every word of the query, best first: in the question, its synonyms, then its answer."""
    wanted = words(query)
    if not wanted:
        return []
    scored = [(_score(wanted, question), place, question) for place, question in enumerate(questions)]
    return [question for score, _place, question in sorted(scored, key=lambda s: (-s[0], s[1])) if score]


def _score(wanted: list[str], question: QuestionRow) -> int:
    places = (
        (3, folded(question.question)),
        (2, folded(question.synonyms)),
        (1, folded(strip_tags(question.answer.replace("<", " <")))),
    )
    total = 0
    for word in wanted:
        # The start of a word counts: "cost" finds "costs", "precio" finds "precios". So does a plural typed in.
        stem = word[:-1] if len(word) > 3 and word.endswith("s") else word
        sought = f" {stem}" if len(word) >= _SHORTEST_START else f" {stem} "
        best = max((weight for weight, text in places if sought in f" {text} "), default=0)
        if not best and word not in _LIGHT:
            return 0
        total += best
    return total
