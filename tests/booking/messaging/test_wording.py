"""Every message, rendered with its longest and shortest values."""

from datetime import datetime, timedelta

import pytest

from booking.messaging import addressing, wording
from booking.messaging.gsm import segments

LINK = "https://www.calvascular.example/r/AbCdEfGhIjKlMnOpQrStUv/"
EXTREMES = [
    {"brand": "CVI", "day": "Wed Dec 30", "time": "12:30 pm", "office": "Orange County 16", "link": LINK, "phone": ""},
    {
        "brand": "CVI",
        "day": "Wed Dec 30",
        "time": "12:30 pm",
        "office": "Orange County 16",
        "link": LINK,
        "phone": "(213) 555-0134",
    },
]
EXTREMES_ES = [
    {**slots, "day": day, "time": "12:30 p. m."} for slots in EXTREMES for day in ("sab 26 dic", "mié 30 dic")
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * 160, ("GSM-7", 1)),
        ("a" * 161, ("GSM-7", 2)),
        ("a" * 306, ("GSM-7", 2)),
        ("a" * 307, ("GSM-7", 3)),
        ("€" * 80, ("GSM-7", 1)),
        ("€" * 81, ("GSM-7", 2)),
        ("é" * 160, ("GSM-7", 1)),
        ("á" * 71, ("UCS-2", 2)),
        ("👍" * 35, ("UCS-2", 1)),
        ("👍" * 36, ("UCS-2", 2)),
    ],
)
def test_segments_are_counted_as_the_provider_counts_them(text, expected):
    assert segments(text) == expected


@pytest.mark.parametrize("kind", sorted(wording.KINDS))
@pytest.mark.parametrize("slots", EXTREMES)
def test_every_english_text_is_one_plain_segment(kind, slots):
    assert segments(wording.render(kind, "en", slots=slots)) == ("GSM-7", 1)


@pytest.mark.parametrize("kind", sorted(wording.KINDS))
@pytest.mark.parametrize("slots", EXTREMES_ES)
def test_every_spanish_text_is_at_most_two_segments(kind, slots):
    text = wording.render(kind, "es", slots=slots)
    assert segments(text)[1] <= 2, text


@pytest.mark.parametrize("kind", sorted(wording.KINDS))
@pytest.mark.parametrize("days", range(0, 366, 11))
def test_no_spanish_text_of_any_day_has_a_sign_that_makes_it_twice_as_long(kind, days):
    local = datetime(2027, 1, 1, 12, 30) + timedelta(days=days)
    when = {"day": addressing.short_day(local, "es"), "time": addressing.short_time(local, "es")}
    assert segments(wording.render(kind, "es", slots={**EXTREMES[1], **when}))[0] == "GSM-7"


@pytest.mark.parametrize("kind", sorted(wording.KINDS))
@pytest.mark.parametrize("slots", EXTREMES_ES)
def test_a_time_that_ends_in_a_full_stop_ends_its_sentence(kind, slots):
    assert ".." not in wording.render(kind, "es", slots=slots)


def test_three_dots_of_a_wording_stay():
    assert wording.render("nudge", "en", slots=EXTREMES[0], sentences=["{brand}... {link}"]).startswith("CVI... ")


@pytest.mark.parametrize("kind", sorted(wording.KINDS))
@pytest.mark.parametrize("language", ["en", "es"])
def test_no_message_says_anything_about_health_or_baits_a_keyword(kind, language):
    slots = EXTREMES[1]
    assert wording.problems(wording.render(kind, language, slots=slots)) == []
    subject, body = wording.render_email(kind, language, slots={**slots, "reference": "7K4P-29XM"})
    assert wording.problems(subject + body) == []
    assert "7K4P-29XM" in subject
    assert LINK in body


@pytest.mark.parametrize("kind", ["received", "days_link"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_first_text_repeats_brand_frequency_rates_help_and_stop(kind, language):
    text = wording.render(kind, language, slots=EXTREMES[1])
    assert text.startswith("CVI: ")
    for needed in ("HELP", "STOP", "rates" if language == "en" else "tarifas"):
        assert needed in text


def test_a_sentence_without_its_value_is_left_out():
    text = wording.render("confirmed", "en", slots={**EXTREMES[0], "link": ""})
    assert text == "CVI: Your visit is set: Wed Dec 30, 12:30 pm, Orange County 16."


def test_a_visit_without_an_office_name_reads_well():
    text = wording.render("confirmed", "en", slots={**EXTREMES[0], "office": ""})
    assert text.startswith("CVI: Your visit is set: Wed Dec 30, 12:30 pm. https")


@pytest.mark.parametrize("value", ["Fertility Center", "HSG room", "Clínica de trompas", "X-Ray wing"])
def test_a_slot_that_names_health_never_reaches_the_text(value):
    assert value not in wording.render("confirmed", "en", slots={**EXTREMES[0], "office": value})


@pytest.mark.parametrize(
    "text",
    [
        "Your HSG is set",
        "Su prueba es el lunes",
        "See https://bit.ly/abc",
        "Reply CANCEL to cancel",
        "Reply YES to keep",
    ],
)
def test_the_last_gate_refuses(text):
    assert wording.problems(text)


def test_there_is_no_free_text():
    with pytest.raises(KeyError):
        wording.render("confirmed", "en", slots={"note": "anything"})
    with pytest.raises(KeyError):
        wording.render("anything", "en", slots={})
