"""What words of a message may not lose and may not hold: every kind, both languages, both channels."""

import itertools

import pytest

from booking.messaging import wording, wording_rules, wording_versions
from booking.messaging.wording_versions import Words
from pages.models import Fact
from tests import factories

pytestmark = pytest.mark.usefixtures("long_names")
EVERY = [
    (kind, channel, language)
    for kind, channel, language in itertools.product(sorted(wording.KINDS), ("sms", "email"), ("en", "es"))
]
TEXTS = [(kind, language) for kind, channel, language in EVERY if channel == "sms"]
FIRST = wording.KINDS["received"].text
CONFIRMED = wording.KINDS["confirmed"].text


@pytest.fixture
def long_names(db, settings):
    """The longest address that the built-in words were made for, and an office with an accent."""
    settings.SITE_URL = "https://www.calvascular.example"
    Fact.objects.create(key="clinic_phone", value="+12135550134")
    factories.an_office("orange-county-16", nickname="Orange County 16")
    factories.an_office("la-canada", nickname="La Cañada")


def refused(kind, *lines, language="en", channel="sms", subject=""):
    return wording_rules.problems(kind, Words(-1, lines, subject), channel=channel, language=language)


def changed(kind, language, old, new):
    """The built-in words with one thing changed; refusals."""
    text = "\n".join(wording.KINDS[kind].text[language])
    assert old in text
    return " ".join(refused(kind, *text.replace(old, new).splitlines(), language=language))


@pytest.mark.parametrize(("kind", "channel", "language"), EVERY)
def test_the_built_in_words_keep_every_rule(kind, channel, language):
    words = wording_versions.built_in(kind, channel=channel, language=language)
    assert wording_rules.problems(kind, words, channel=channel, language=language) == []


@pytest.mark.parametrize(("kind", "language"), TEXTS)
def test_every_text_with_every_value_is_short_neutral_and_whole(kind, language):
    words = wording_versions.built_in(kind, channel="sms", language=language)
    worst = wording_rules.longest(kind, words, language=language)
    assert worst.parts <= wording_rules.MOST_PARTS[language]
    assert language == "es" or worst.encoding == "GSM-7"
    for sample in wording_rules.samples(kind, words, channel="sms", language=language):
        assert wording.problems(sample.body) == []
        assert sample.body.startswith("CVI: ")
        assert "{" not in sample.body
        assert "/r/" in sample.body


@pytest.mark.parametrize(
    "word",
    [
        *(
            "HSG",
            "h.s.g.",
            "H S G",
            "x-ray",
            "prueba",
            "útero",
            "UTERO",
            "su ciclo",
            "fertilidad",
            "period",
            "embarazo",
        ),
        *("antibiótico", "cáncer", "biopsia", "sonogram", "IVF", "pills", "resultado", "medicina", "radiología"),
    ],
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_health_word_is_refused_in_any_spelling_and_language(word, language):
    assert "locked phone" in changed("confirmed", language, "{link}", f"{word}\n{{link}}")


@pytest.mark.parametrize("letter", ["Н", "\u200b", "👍", "\u00ad", "ｈ", "\t"])
def test_letters_that_only_look_like_ours_are_refused(letter):
    assert "Only letters" in changed("confirmed", "en", "Your visit", f"Your {letter} visit")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("See https://example.com/x", "web or email address"),
        ("It is all at example.com.", "web or email address"),
        ("See bit.ly/abc", "web or email address"),
        ("See clinic.com", "web or email address"),
        ("Write to a@clinic.com", "sign @"),
        ("Call 213-555-0134", "phone number is written by hand"),
        ("Call (213) 555 0134", "phone number is written by hand"),
    ],
)
def test_addresses_and_numbers_typed_by_hand_are_refused(typed, said):
    assert said in changed("confirmed", "en", "{link}", f"{typed}\n{{link}}")


@pytest.mark.parametrize(
    "bait",
    [
        *("Reply CANCEL to cancel.", "Reply YES to confirm", "Text yes back", "Responda SÍ", "Conteste CANCELAR"),
        *(
            "Envíe la palabra FIN",
            "Answer with “yes”",
            "CANCEL to cancel",
            "YES to keep it",
            "Escriba si para confirmar",
        ),
    ],
)
def test_asking_for_a_keyword_is_refused(bait):
    assert "keyword" in changed("confirmed", "en", "{link}", f"{bait}\n{{link}}")


@pytest.mark.parametrize(
    ("kind", "language", "old", "new", "said"),
    [
        ("received", "en", "STOP to end.", "", "STOP is missing"),
        ("received", "es", "HELP para ayuda, ", "", "HELP is missing"),
        ("days_link", "en", "Msg&data rates may apply.", "", "rates is missing"),
        ("received", "es", "La frecuencia cambia.", "", "How often texts come"),
        ("help", "en", "STOP to end.", "Bye.", "STOP is missing"),
    ],
)
def test_the_first_text_cannot_lose_what_carriers_demand(kind, language, old, new, said):
    assert said in changed(kind, language, old, new)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{link}", "", "{link} is missing"),
        ("{day}", "", "{day} is missing"),
        ("{link}", "{name}\n{link}", "{name} has no value"),
        ("{link}", "{reference}\n{link}", "{reference} has no value"),
        ("{link}", "{link}\n{link}", "more than once"),
        ("{link}", "{link}.", "Leave a space"),
        ("{link}", "{link\n{link}", "brace"),
        ("{link}", "{brand.__class__} {link}", "brace"),
        ("{link}", "{0} {link}", "{0} has no value"),
        ("{brand}: Your", "Your", "Begin with {brand}:"),
        ("\nTo change, call {phone}.", " To change, call {phone}.", "a line of its own"),
    ],
)
def test_slots_are_a_closed_set_and_none_is_lost(old, new, said):
    assert said in changed("confirmed", "en", old, new)


def test_english_must_fit_in_one_part_and_the_sentence_says_how_long_it_is():
    found = changed("confirmed", "en", "To change", "If you would like to change it or if you have a question")
    assert "2 parts (GSM-7)" in found
    assert "160 characters" in found


def test_one_accent_in_english_is_refused_with_the_sign_named():
    assert "much shorter: á" in changed("confirmed", "en", "Your visit", "Your visita rápida")


def test_spanish_must_fit_in_two_parts():
    assert "3 parts (UCS-2)" in changed(
        "confirmed", "es", "Su cita queda fijada", "Ya tenemos una hora para su próxima visita aquí"
    )


def test_an_email_tells_the_reference_and_the_link_but_never_the_time():
    lines = ("Your visit is on {day}.", "Your reference is {reference}.", "See your page: {link}", "Call {phone}.")
    found = " ".join(refused("confirmed", *lines, channel="email", subject="Your request {reference}"))
    assert "{day} has no value" in found


@pytest.mark.parametrize("subject", ["Your HSG {reference}", "Your request", "Your request {reference} {link}", ""])
def test_the_subject_of_an_email_is_neutral_and_names_the_reference(subject):
    built_in = wording_versions.built_in("confirmed", channel="email", language="en")
    assert refused("confirmed", *built_in.sentences, channel="email", subject=subject)


@pytest.mark.parametrize("lines", [(), ("",)])
def test_nothing_is_no_message(lines):
    assert refused("confirmed", *lines)


def test_the_names_of_the_clinics_own_offices_count(long_names):
    factories.an_office("far", nickname="Isla Ánimas")  # its first letter is none of the short alphabet
    built_in = wording_versions.built_in("confirmed", channel="sms", language="en")
    assert "Isla Ánimas" in " ".join(refused("confirmed", *built_in.sentences))
