"""Every fact of the clinic's old page has its place in the starter content, and each doubtful claim its careful words.

A comment like `# A1 A2 C2` in a starter file says which facts and claims stand in the section below it.
"""

import re

import pytest

from tests.pages import starter_texts as starter
from tests.pages.starter_texts import PAGES

COUNTS = {"A": 7, "B": 8, "D": 4, "E": 10, "F": 6, "G": 5, "H": 3, "I": 3, "J": 5, "K": 3, "L": 5, "M": 3}
FACTS = [f"{letter}{number}" for letter, count in COUNTS.items() for number in range(1, count + 1)]
CLAIMS = [f"C{number}" for number in range(1, 18)]
DROPPED = {
    "A7": "an HSG shows shape and flow, not function",
    "B7": "wrong: with one open tube, or with IVF, pregnancy is possible (rewritten, C1)",
    "G5": "advice that praises the adviser; the doctor's own facts are stated instead",
    "J5": "promises about fees; two lists say what the price covers and what not",
    "K2": "a comparison with others without a source",
    "L5": "a boast that nobody can prove",
}
HOMES = {
    "hsg": "A1 A2 A3 A4 A5 B1 B2 B3 B4 B5 B6 B8 D1 D2 D3 E1 E2 E3 E4 E5 E6 E7 E8 E9 E10 F1 F2 F3 F4 F5 G1 G2 G3 G4 H1"
    " H3 K1",
    "home": "E1 L4 M1",
    "prepare": "D1 D2 D4 E8 E9 H2 I1 I2 I3",
    "pricing": "D4 H3 J1 J2 J3 J4",
    "prices": "J1 J2 J4",
    "questions": "A1 A2 A3 A5 D1 D2 D3 E5 E6 F1 F2 F3 F4 F5 F6 H1 H2 I1 I2 I3 J1 J2 J4",
    "doctor": "G4 K1 K3 L1 L2 L3 L4",
    "physician": "L1 L2",
    "locations": "M1 M2 M3",
    "procedures": "A6 B8 F3 F6",
    "ftr": "B8 F5 F6",
    "flushing": "F3",
    "lipiodol": "A6",
    "contact": "M1",
    "text-messages": "M1",
}
ALL_FILES = [*PAGES, *starter.LISTS]
MARK = re.compile(r"^# ((?:[A-M]\d{1,2} ?)+)$", re.MULTILINE)
# Careful wording (file, words that stand there); what must not stand anywhere is refused by test_starter_words.
CAREFUL = [
    ("C1", "hsg", "If one tube is open, you may still get pregnant."),
    ("C1", "hsg", "If both are blocked, getting pregnant without treatment is unlikely."),
    ("C1", "hsg", "does not need open tubes"),
    ("C1", "questions", "If one tube is open, you may still get pregnant."),
    ("C2", "hsg", "This suggests that the tubes are open"),
    ("C2", "hsg", "A tube may be blocked."),
    ("C2", "hsg", "you may need another test"),
    ("C3", "hsg", "Many people feel cramps"),
    ("C3", "hsg", "You can take ibuprofen or acetaminophen (Tylenol) before the test, if it is safe for you."),
    ("C3", "questions", "You can ask us to pause or stop."),
    ("C4", "hsg", "can last a day or two, sometimes a few days"),
    ("C4", "prepare", "can last a day or two, sometimes a few days"),
    ("C5", "pricing", "Your pharmacy may charge you for the antibiotic."),
    ("C5", "pricing", "The usual fee for that talk alone is {{result_talk_value}}."),
    ("C6", "hsg", "{{report_when}}"),
    ("C7", "hsg", "You can go back to your day, unless you had sedation."),
    ("C8", "hsg", "There are two main paths if tubes are blocked"),
    ("C9", "prepare", "We prescribe an antibiotic to help prevent an infection."),
    ("C9", "hsg", "Tell us first about any allergy to medicine."),
    ("C10", "locations", "A video visit is for questions. The test itself is done in an office."),
    ("C11", "hsg", "Serious problems are not common."),
    ("C12", "doctor", "he can tell you if it might be opened"),
    ("C13", "doctor", "This number counts procedures of all kinds, not only HSG tests."),
    ("C14", "home", "in the same visit"),
    ("C15", "references", "Human Reproduction, 11(6):1204-1208"),
    ("C16", "hsg", "Why people have it"),
    ("C17", "text-messages", "You do not need to agree to texts to request an appointment"),
]
CAREFUL += [
    ("C1", "hsg", "Si una trompa está abierta, todavía puede haber un embarazo."),
    ("C1", "hsg", "Si las dos están tapadas, es poco probable un embarazo sin tratamiento."),
    ("C2", "hsg", "Esto indica que las trompas parecen abiertas"),
    ("C3", "hsg", "A la mayoría se les pasa en unos minutos."),
    ("C4", "prepare", "uno o dos días, a veces unos pocos días"),
    ("C7", "hsg", "Puede seguir con su día, a menos que haya tenido sedación."),
    ("C9", "hsg", "le recetamos un antibiótico para ayudar a prevenir una infección"),
    ("C10", "locations", "La visita por video es para preguntas. El examen se hace en un consultorio."),
    ("C12", "doctor", "le puede decir si se podría abrir"),
    ("C17", "text-messages", "No tiene que aceptar mensajes para pedir una cita"),
]
MEDICAL_BEYOND_THE_SOURCE = {"risks", "tell-us", "warning-signs"}


def marked(name: str) -> set[str]:
    return {mark for line in MARK.findall(starter.raw(name)) for mark in line.split()}


def test_every_fact_is_placed_or_dropped_for_a_reason() -> None:
    placed = set().union(*(marked(name) for name in ALL_FILES))
    assert sorted(set(FACTS) - placed) == sorted(DROPPED)
    assert sorted(set(CLAIMS) - placed) == []
    assert sorted(placed - set(FACTS) - set(CLAIMS)) == []


@pytest.mark.parametrize("name", HOMES)
def test_each_fact_stands_on_the_page_that_is_its_home(name: str) -> None:
    assert sorted(set(HOMES[name].split()) - marked(name)) == []


def test_each_fact_has_a_home() -> None:
    homes = {mark for marks in HOMES.values() for mark in marks.split()}
    assert sorted(set(FACTS) - homes) == sorted(DROPPED)


def test_each_doubtful_claim_is_checked() -> None:
    assert sorted({claim for claim, _, _ in CAREFUL}) == sorted(CLAIMS)


@pytest.mark.parametrize(("claim", "name", "words"), CAREFUL)
def test_a_doubtful_claim_is_worded_with_care(claim: str, name: str, words: str) -> None:
    assert words in starter.raw(name)


def test_a_pain_reliever_is_offered_without_a_promise_that_it_works() -> None:
    texts = [piece.html for piece in starter.everything() if "ibuprofen" in piece.html]
    assert texts
    assert not any(re.search(r"ibuprofen[^.]*\b(helps|eases|reduces|relieves)\b", text) for text in texts)


@pytest.mark.parametrize("name", ["hsg", "prepare"])
def test_medical_words_beyond_the_source_wait_for_the_doctor(name: str) -> None:
    sections = {section.get("anchor"): section for section in starter.load(name)["sections"]}
    beyond = MEDICAL_BEYOND_THE_SOURCE & set(sections)
    assert {"tell-us", "warning-signs"} <= beyond
    assert [anchor for anchor in beyond if not sections[anchor].get("doctor_must_approve")] == []
    care = [section for section in sections.values() if section["kind"] == "care"]
    assert all(section["doctor_must_approve"] for section in care)


def test_both_pages_give_the_same_warnings() -> None:
    def warnings(name: str) -> list[dict[str, object]]:
        return [section for section in starter.load(name)["sections"] if section["kind"] == "care"]

    assert warnings("hsg") == warnings("prepare")


def test_procedures_without_content_from_the_clinic_are_hidden_from_search_engines() -> None:
    hidden = [name for name in PAGES if starter.load(name)["noindex"]]
    assert hidden == ["procedures", "ftr", "flushing", "lipiodol"]
    assert [name for name in hidden if not starter.load(name)["medical"]] == []


def test_the_page_of_the_test_keeps_its_order() -> None:
    anchors = [section["anchor"] for section in starter.load("hsg")["sections"] if "anchor" in section]
    assert anchors == [
        "why", "when", "during", "pain", "results", "pregnant", "sure", "risks", "tell-us", "prepare", "cost", "after",
        "warning-signs", "who", "related", "talk", "sources",
    ]  # fmt: skip
    kinds = [section["kind"] for section in starter.load("hsg")["sections"]]
    assert kinds[:5] == ["fact"] * 4 + ["contents"]
    assert kinds.count("step") == 4
    assert [number for number, kind in enumerate(kinds) if kind == "action"] == [
        kinds.index("prices") + 1,
        len(kinds) - 1,
    ]


def test_the_eight_questions_of_the_source_are_answered() -> None:
    answered = {entry["key"] for entry in starter.load("questions")["questions"] if entry["en"]["answer"].strip()}
    assert answered >= {
        "what-is-an-hsg", "what-does-it-cost", "does-it-hurt", "when-in-my-cycle", "how-to-prepare", "normal-result",
        "blocked-tubes", "how-soon-result",
    }  # fmt: skip


def test_every_question_stands_under_a_topic_that_the_questions_page_shows() -> None:
    lists = starter.load("questions")
    shown = [section["topic"] for section in starter.load("faq")["sections"] if section["kind"] == "topic"]
    assert shown == [topic["key"] for topic in lists["topics"]]
    assert {entry["topic"] for entry in lists["questions"]} == set(shown)
    keys = [entry["key"] for entry in lists["questions"]]
    assert len(keys) == len(set(keys))


def test_the_price_says_what_it_covers_and_what_not() -> None:
    lines = starter.load("prices")["lines"]
    assert [line["included"] for line in lines if line["service"] == "hsg"] == [True] * 4 + [False] * 2


def test_sources_are_the_checked_ones_and_wait_for_the_doctor() -> None:
    references = starter.load("references")["references"]
    keys = [reference["key"] for reference in references]
    assert keys == starter.load("hsg")["references"]
    assert all(reference["url"].startswith("https://") for reference in references)
    assert not any("approved_by" in reference for reference in references)
    wrong = ("66(6)", "1266", "103(3)", "HyCoSy", "amenorrhoea")
    assert [sign for sign in wrong if sign in starter.raw("references")] == []


def test_offices_have_names_short_enough_for_texts_and_no_made_up_address() -> None:
    offices = starter.load("offices")["offices"]
    assert [office["slug"] for office in offices] == ["los-angeles", "orange-county", "san-diego"]
    for office in offices:
        assert office["nickname"].isascii()
        assert len(office["nickname"]) <= 16
        assert not {"street", "postal_code", "phone", "hours", "parking"} & set(office)


@pytest.mark.parametrize(
    "words",
    [
        "The name of the program is {{clinic_short_name}} appointment texts.",
        "Message frequency varies.",
        "Message and data rates may apply.",
        "Reply <strong>STOP</strong>",
        "Reply <strong>HELP</strong>",
        "Carriers are not liable for any delayed or undelivered messages.",
        "We do not share or sell mobile numbers, or your consent to texts, to third parties for their marketing.",
        'href="/privacy/"',
        'href="/contact/"',
        "Call {{clinic_phone}}.",
        "Texts are not encrypted.",
        "La frecuencia de los mensajes varía.",
        "Pueden aplicarse tarifas de mensajes y datos.",
        "Responda <strong>STOP</strong>",
        "Responda <strong>HELP</strong>",
        "Las compañías de teléfono no son responsables de mensajes que llegan tarde o que no llegan.",
    ],
)
def test_the_text_message_terms_hold_what_carriers_ask_for(words: str) -> None:
    assert words in starter.raw("text-messages")


@pytest.mark.parametrize(
    "words",
    [
        "This site does not ask about your health.",
        "the dates of your period",
        "We delete a request {{deletion_days}} days after it closes.",
        "stored in encrypted form",
        "no ads and no trackers",
        "The pages you read here set no cookies.",
        "Texts and emails are not encrypted.",
        "We do not share or sell mobile numbers, or your consent to texts, to third parties for their marketing.",
        'href="/text-messages/"',
    ],
)
def test_the_privacy_page_says_what_people_need_to_know(words: str) -> None:
    assert words in starter.raw("privacy")


def test_the_privacy_page_starts_with_a_short_summary() -> None:
    first = starter.load("privacy")["sections"][0]
    assert first["anchor"] == "short"
    assert len(first["en"]["body"].split()) <= 60


def test_the_accessibility_page_names_its_standard_and_its_gaps() -> None:
    text = starter.raw("accessibility")
    assert "(WCAG) 2.2, level AA" in text
    assert "have not tested this site yet" in text


def test_no_starter_page_says_when_a_doctor_checked_it() -> None:
    """Review dates are written by the doctor's sign-off, not by us."""
    for name in PAGES:
        assert not {"checked_by", "checked_on", "due_on"} & set(starter.load(name))
        assert not re.search(r"\b(?:checked|revisado) (?:by|on|por|el)\b", starter.raw(name), re.IGNORECASE)
