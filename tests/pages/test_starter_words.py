"""The starter content is plain to read, promises nothing, and leaves every figure to a token."""

import re

import pytest

from pages.fact_list import FACTS, checked
from pages.paths import FIXED_PATHS
from pages.reading_level import Reading, read, syllables, syllables_es
from tests.pages import starter_texts as starter
from tests.pages.starter_texts import PAGES, Markup, Piece, filled, plain

PAGE_LIMIT, SECTION_LIMIT, LONG_SHARE, SPANISH_EASE = 6.0, 8.0, 0.10, 70.0
ALLOWED_TAGS = {"p", "ul", "ol", "li", "strong", "em", "a", "h3", "br"}
OTHER_PATHS = {"/request/", "/find-request/"}
OTHER_SITES = {"https://www.cms.gov/nosurprises", "https://www.mbc.ca.gov/"}
KINDS = {
    "text", "step", "card", "care", "fact", "topic", "prices", "figure", "people", "offices", "references", "action",
    "contents", "comparison",
}  # fmt: skip
PARAGRAPHS = {"lead", "body", "caption", "answer", "summary"}

# Promises, boasts and comparisons that nobody can prove, and claims that one test cannot carry (C1-C16).
REFUSED = {
    "claims": r"\bleading\b|\bbest\b|guarantee|painless|\balways\b|never hurts?|no surprises|no hidden|add-ons?"
    r"|\bno downtime\b|all-inclusive|risk-free|world-class|state-of-the-art|top-rated"
    r"|\bunlike\b|other (?:clinics|offices)"
    r"|most facilities|proven|confirms?\b|exactly|pinpoint|one visit|every day|specialist",
    "people": r"\bwom[ae]n\b|\bladies\b|\bcouples?\b|\bhusband",
    "tone": r"\bjust\b|\bsimply\b|\beas(?:y|ily)\b|don[’']t worry|unfortunately|\bplease\b|\bsorry\b|\bvalid\b|\boops\b"
    r"|quick and|patients love|[!¡]",
    "before a time is set": r"\bbook(?:ed|ing|s)?\b",
    "other words": r"assisted reproduc|\bclick\b|\bhere</a>|read more|learn more",
}
REFUSED_ES = {
    "claims": r"\bmejor(?:es)?\b|\blíder|garantiza|sin dolor|no duele|indolor|\bsiempre\b|sin sorpresas|todo incluido"
    r"|confirma\b|exactamente|de primer nivel|comprobad|especialista",
    "people": r"\bmujer(?:es)?\b|\bparejas?\b|\besposo",
    "tone": r"por favor|lo sentimos|simplemente|fácil|no se preocupe|desafortunadamente|válid|[!¡]",
    "familiar": r"\b(?:tú|tu|tus|ti|contigo|puedes|tienes|quieres|eres|estás)\b",
    "before a time is set": r"\breserv(?:a|ar|ado|e)\b",
    "other words": r"reproducción asistida|haga clic|\baquí</a>",
}
# Figures that live in facts. The $400 is federal law, the 40 and 24 people a study, the 2 minutes the form.
TYPED_FIGURE = re.compile(
    r"\$\s?(?!400\b)\d|\b(?:950|350|5,?000)\b|\b15 min|\b90 (?:days|días)"
    r"|\b[1-9] (?:days?|días?|hours?|horas?) (?:before|in total|antes|en total)"
    r"|\(\d{3}\) ?\d{3}|\b\d{3}[-. ]\d{3}[-. ]\d{4}\b"
)
KNOWN_COUNTS = {
    "the": 1, "dye": 1, "tubes": 1, "blocked": 1, "hour": 1, "asked": 1, "does": 1, "uterus": 3,
    "cervix": 2, "table": 2, "sedation": 3, "period": 3, "usual": 3, "video": 3, "idea": 3, "radiation": 4,
    "changes": 2, "needed": 2, "pictures": 2, "pregnancy": 3, "fertility": 4, "experience": 4,
    "previous": 3, "variety": 4, "quiet": 2, "guided": 2, "request": 2, "unique": 2, "trying": 2,
    "companies": 3, "sometimes": 2, "actually": 4, "certificate": 4, "everyone": 3, "insurance": 3,
    "evaluated": 5, "iodine": 3, "people": 2, "friend": 1, "carries": 2, "area": 3, "safely": 2,
}  # fmt: skip


def measured(pieces: list[Piece], language: str = "en") -> Reading:
    kept = [piece for piece in pieces if piece.field in PARAGRAPHS]
    return read("\n".join(plain(filled(piece.html)) for piece in kept), language)


def sections(name: str) -> dict[str, list[Piece]]:
    by_place: dict[str, list[Piece]] = {}
    for piece in starter.pieces(name):
        by_place.setdefault(f"{piece.page}: {piece.place}", []).append(piece)
    return by_place


def hits(pattern: str | re.Pattern[str], language: str) -> list[str]:
    found = re.compile(pattern, re.IGNORECASE) if isinstance(pattern, str) else pattern
    return sorted(
        {
            f"{piece.page} {piece.place} {piece.field}: …{piece.html[max(0, hit.start() - 30) : hit.end() + 30]}…"
            for piece in starter.everything(language)
            for hit in found.finditer(piece.html)
        }
    )


@pytest.mark.parametrize(("word", "count"), KNOWN_COUNTS.items())
def test_the_syllable_count_is_right_for_words_whose_count_is_known(word: str, count: int) -> None:
    assert syllables(word) == count


def test_the_grade_tells_a_hard_text_from_a_plain_one() -> None:
    hard = read(
        "Hysterosalpingographic evaluation facilitates the identification of intrauterine abnormalities and"
        " provides considerable information regarding subsequent therapeutic alternatives for individuals."
    )
    assert hard.grade > 14
    assert read("The dye flows through the tubes. You see it on a screen.").grade < 4


@pytest.mark.parametrize("name", PAGES)
def test_each_page_reads_at_grade_6_or_lower(name: str) -> None:
    assert measured(starter.pieces(name)).grade <= PAGE_LIMIT


@pytest.mark.parametrize(
    ("word", "count"), {"trompas": 2, "útero": 3, "día": 2, "cuando": 2, "guía": 2, "que": 1}.items()
)
def test_the_spanish_syllable_count_is_right_too(word: str, count: int) -> None:
    assert syllables_es(word) == count


@pytest.mark.parametrize("name", PAGES)
def test_each_spanish_page_is_plain_to_read(name: str) -> None:
    reading = measured(starter.pieces(name, "es"), "es") if "es" in starter.languages(name) else None
    if reading:
        assert reading.ease_es >= SPANISH_EASE
        assert reading.long_share <= LONG_SHARE


@pytest.mark.parametrize("name", PAGES)
def test_each_section_and_answer_reads_at_grade_8_or_lower(name: str) -> None:
    grades = {place: round(measured(pieces).grade, 1) for place, pieces in sections(name).items()}
    assert {place: grade for place, grade in grades.items() if grade > SECTION_LIMIT} == {}


@pytest.mark.parametrize("name", PAGES)
def test_at_most_one_sentence_in_ten_has_more_than_20_words(name: str) -> None:
    assert measured(starter.pieces(name)).long_share <= LONG_SHARE


@pytest.mark.parametrize("reason", REFUSED)
def test_no_english_text_uses_a_refused_word(reason: str) -> None:
    assert hits(REFUSED[reason], "en") == []


@pytest.mark.parametrize("reason", REFUSED_ES)
def test_no_spanish_text_uses_a_refused_word(reason: str) -> None:
    assert hits(REFUSED_ES[reason], "es") == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_figure_of_the_clinic_is_typed_by_hand(language: str) -> None:
    assert hits(TYPED_FIGURE, language) == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_token_is_a_fact_of_the_starter_list(language: str) -> None:
    keys = {fact["key"] for fact in starter.load("facts")["facts"]}
    used = {key for piece in starter.everything(language) for key in starter.TOKEN.findall(piece.html)}
    assert used <= keys
    braces = [piece for piece in starter.everything(language) if "{" in starter.TOKEN.sub("", piece.html)]
    assert braces == []


def test_the_starter_facts_are_the_facts_of_the_site_and_nothing_is_made_up() -> None:
    given = {fact["key"]: fact["value"] for fact in starter.load("facts")["facts"]}
    assert set(given) == set(FACTS)
    assert {key: checked(key, value) for key, value in given.items()} == given
    assert [key for key, spec in FACTS.items() if spec.needs_client and given[key]] == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_sentence_with_an_unknown_fact_stands_alone_so_that_leaving_it_out_leaves_sense(language: str) -> None:
    """Sentences with such a token hold no other token, and no list is introduced by one."""
    unknown = {fact["key"] for fact in starter.load("facts")["facts"] if not fact["value"]}
    shared = []
    for piece in starter.everything(language):
        for sentence in re.split(r"(?<=[.?:])\s+|\n+", plain(piece.html)):
            keys = set(starter.TOKEN.findall(sentence))
            mixed = keys & unknown and keys - unknown
            if mixed or (keys & unknown and sentence.endswith(":")):
                shared.append(f"{piece.page} {piece.place}: {sentence}")
    assert shared == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_bodies_use_only_the_closed_set_of_tags(language: str) -> None:
    for piece in starter.everything(language):
        markup = Markup(piece.html)
        where = f"{piece.page} {piece.place}"
        assert not markup.unbalanced, where
        assert {tag for tag, _ in markup.tags} <= ALLOWED_TAGS, where
        assert all(set(attrs) <= ({"href"} if tag == "a" else set()) for tag, attrs in markup.tags), where
        if piece.field in {"body", "answer"}:
            assert piece.html.strip() == "" or piece.html.strip().startswith(("<p>", "<ul>", "<ol>")), where
        else:
            assert not markup.tags, where


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_link_leads_to_a_page_that_exists(language: str) -> None:
    known = {english for english, _ in FIXED_PATHS.values()} | OTHER_PATHS | OTHER_SITES
    targets = {href for piece in starter.everything(language) for _, href in Markup(piece.html).links}
    cards = {
        section["link_path"] for name in PAGES for section in starter.load(name)["sections"] if "link_path" in section
    }
    assert (targets | cards) - known == set()


@pytest.mark.parametrize("name", PAGES)
def test_on_one_page_the_same_link_words_lead_to_one_place(name: str) -> None:
    for language in starter.languages(name):
        targets: dict[str, set[str]] = {}
        for piece in starter.pieces(name, language):
            for words, href in Markup(piece.html).links:
                targets.setdefault(words, set()).add(href)
        assert {words: hrefs for words, hrefs in targets.items() if len(hrefs) > 1} == {}


@pytest.mark.parametrize("name", PAGES)
def test_each_page_has_its_fixed_path_and_short_texts_for_menus_and_search(name: str) -> None:
    page = starter.load(name)
    assert (page["key"], page["path"]) == (name, FIXED_PATHS[name][0])
    for language in starter.languages(name):
        top = page[language]
        assert set(top) == {"title", "nav_title", "description", "lead"}
        assert len(top["title"].split()) <= 10
        assert len(top["nav_title"]) <= 40
        assert 40 <= len(top["description"]) <= 155
        assert len(filled(top["lead"]).split()) <= 45


@pytest.mark.parametrize("name", PAGES)
def test_sections_are_of_the_closed_set_and_their_anchors_are_unique(name: str) -> None:
    page = starter.load(name)
    anchors = [section["anchor"] for section in page["sections"] if "anchor" in section]
    assert {section["kind"] for section in page["sections"]} <= KINDS
    assert len(anchors) == len(set(anchors))
    assert all(re.fullmatch(r"[a-z0-9-]{1,60}", anchor) for anchor in anchors)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_wholly_in_spanish_or_not_at_all(name: str) -> None:
    page = starter.load(name)
    if "es" not in page:
        assert [section for section in page["sections"] if "es" in section] == []
        return
    for section in page["sections"]:
        assert set(section.get("es", {})) == set(section.get("en", {}))
        for field, english in section.get("en", {}).items():
            tokens = starter.TOKEN.findall(english)
            assert sorted(starter.TOKEN.findall(section["es"][field])) == sorted(tokens)
            assert bool(section["es"][field].strip()) == bool(english.strip())


@pytest.mark.parametrize(
    ("page", "name", "rows"),
    [
        ("faq", "questions", "topics"),
        ("faq", "questions", "questions"),
        ("hsg", "prices", "lines"),
        ("locations", "offices", "offices"),
    ],
)
def test_a_spanish_page_finds_its_lists_in_spanish(page: str, name: str, rows: str) -> None:
    if "es" in starter.languages(page):
        assert [row for row in starter.load(name)[rows] if "es" not in row] == []


def test_the_spanish_lists_use_the_tokens_of_the_english_ones() -> None:
    for entry in starter.load("questions")["questions"]:
        for field in ("question", "answer"):
            english, spanish = (sorted(starter.TOKEN.findall(entry[language][field])) for language in ("en", "es"))
            assert english == spanish, entry["key"]
            links = [[href for _, href in Markup(entry[language][field]).links] for language in ("en", "es")]
            assert links[0] == links[1], entry["key"]


@pytest.mark.parametrize("name", PAGES)
def test_small_headings_stand_under_a_large_one(name: str) -> None:
    """Cards, steps and price lists have third-level headings; without a text before them a level is skipped."""
    above = False
    for section in starter.load(name)["sections"]:
        assert above or section["kind"] not in {"card", "step", "prices"}, section["kind"]
        above = above or (section["kind"] in {"text", "topic"} and bool(section["en"]["heading"]))
