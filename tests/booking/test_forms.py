"""The words of every error, and what the forms make of what people type."""

from datetime import date, datetime
from typing import Any

import pytest
from django.utils import timezone, translation
from django.utils.datastructures import MultiValueDict

from booking.availability import OpenDay
from booking.forms import CheckForm, ContactForm, FindForm, TimesForm, VisitForm, traps
from booking.forms.contact import likely_email
from booking.forms.fields import plain
from booking.forms.phone import e164
from booking.forms.times import day_words, unbroken
from booking.models import Service
from pages.models import Office

NBSP = "\N{NO-BREAK SPACE}"
NOW = datetime(2026, 12, 7, 18, 0, tzinfo=timezone.get_fixed_timezone(0))
DAYS = [OpenDay(date(2026, 12, day), morning=True, afternoon=day % 2 == 0) for day in range(10, 31)]
HSG = Service(key="hsg", name_en="HSG test", setting=Service.Setting.OFFICE)
VIDEO = Service(key="video", name_en="Video visit", setting=Service.Setting.VIDEO)
OFFICES = [Office(slug="los-angeles", name="Los Angeles"), Office(slug="san-diego", name="San Diego")]

VISIT = {"visit": "hsg", "office": "los-angeles"}
TIMES: dict[str, Any] = {"timing": "days", "days": ["2026-12-10"]}
CONTACT: dict[str, Any] = {"name": "Ana López", "phone": "213 555 0134", "contact": "phone", "voicemail": "yes"}


def posted(values: dict[str, Any]) -> MultiValueDict[str, str]:
    return MultiValueDict({k: v if isinstance(v, list) else [v] for k, v in values.items()})


def visit_form(**changes: Any) -> VisitForm:
    return VisitForm(posted({**VISIT, **changes}), services=[HSG, VIDEO], offices=OFFICES)


def times_form(
    *, service: Service = HSG, open_days: list[OpenDay] = DAYS, shown: int = 12, **changes: Any
) -> TimesForm:
    data = posted({**TIMES, **changes})
    return TimesForm(data, service=service, open_days=open_days, now=NOW, shown=shown)


def contact_form(**changes: Any) -> ContactForm:
    return ContactForm(posted({**CONTACT, **changes}))


def on_one_line(text: str) -> str:
    return text.replace(NBSP, " ")


def errors(form: Any) -> dict[str, list[str]]:
    return {name: [on_one_line(str(message)) for message in messages] for name, messages in form.errors.items()}


def choices(form: Any, name: str) -> list[Any]:
    return list(form.fields[name].choices)


BLOCKED = "Select one of the options on this page"


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"visit": ""}, "visit", "Select what you want to request"),
        ({"visit": "surgery"}, "visit", BLOCKED),
        ({"visit": "hsg\x00"}, "visit", BLOCKED),
        ({"office": ""}, "office", "Select an office, or select any office"),
        ({"office": "../etc"}, "office", BLOCKED),
        ({"office": "x" * 10_000}, "office", BLOCKED),
    ],
)
def test_step_1_says_what_to_fix(changes: dict[str, Any], field: str, message: str) -> None:
    assert errors(visit_form(**changes)) == {field: [message]}


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"timing": "", "days": []}, "timing", "Select when you can come"),
        ({"timing": "tomorrow", "days": []}, "timing", BLOCKED),
        ({"timing": "any", "days": []}, "timing", BLOCKED),  # only a video visit offers it
        ({"days": []}, "days", "Select 1, 2 or 3 days"),
        (
            {"days": [f"2026-12-1{n}" for n in range(4)]},
            "days",
            "You chose 4 days, and 3 is the most. Select 1, 2 or 3 days",
        ),
        ({"days": ["2026-12-08"]}, "days", "Tuesday, December 8 is no longer free. Choose another day"),
        ({"days": ["1999-01-01"]}, "days", BLOCKED),
        ({"days": ["2099-01-01"]}, "days", BLOCKED),
        ({"days": ["'; drop table"]}, "days", BLOCKED),
        ({"days": ["2026-12-10\x00"]}, "days", BLOCKED),
        ({"daypart": "midnight"}, "daypart", BLOCKED),
        ({"avoid": "a" * 121}, "avoid", "Dates you cannot come must be 120 characters or fewer"),
        ({"avoid": "a" * 10_000}, "avoid", "Dates you cannot come must be 120 characters or fewer"),
    ],
)
def test_step_2_says_what_to_fix(changes: dict[str, Any], field: str, message: str) -> None:
    assert errors(times_form(**changes)) == {field: [message]}


WRONG_PHONE = "Enter a phone number with 10 digits, like 213 555 0134"
WRONG_EMAIL = "Enter an email address with an @ sign and a domain, like name@example.com"


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"name": ""}, "name", "Enter your full name"),
        ({"name": "   "}, "name", "Enter your full name"),
        ({"name": "\x00\x00"}, "name", "Enter your full name"),
        ({"name": "🙂"}, "name", "Enter your full name"),
        ({"name": "a" * 101}, "name", "Full name must be 100 characters or fewer"),
        ({"name": "a" * 10_000}, "name", "Full name must be 100 characters or fewer"),
        ({"phone": ""}, "phone", "Enter a phone number we can call"),
        ({"phone": "", "contact": "text", "sms_consent": "yes"}, "phone", "Enter a phone number we can call"),
        ({"phone": "555 0134"}, "phone", WRONG_PHONE),
        ({"phone": "000 000 0000"}, "phone", WRONG_PHONE),
        ({"phone": "2" * 10_000}, "phone", WRONG_PHONE),
        ({"phone": "🙂"}, "phone", WRONG_PHONE),
        ({"phone": "call me"}, "phone", "Phone number must be made of numbers"),
        ({"phone": "213 555 ohno"}, "phone", "Phone number must be made of numbers"),
        ({"email": "", "contact": "email"}, "email", "Enter your email address so we can write to you"),
        ({"email": "ana"}, "email", WRONG_EMAIL),
        ({"email": "ana@example"}, "email", WRONG_EMAIL),
        ({"email": f"{'a' * 250}@example.com"}, "email", WRONG_EMAIL),
        ({"contact": ""}, "contact", "Select how we contact you"),
        ({"contact": "pigeon"}, "contact", BLOCKED),
        (
            {"phone": "", "email": "a@b.org", "contact": "email", "sms_consent": "yes"},
            "sms_consent",
            "Enter a phone number to get texts, or remove the tick",
        ),
        ({"contact": "text"}, "sms_consent", "Tick this box to get texts, or choose phone call or email"),
        ({"voicemail": ""}, "voicemail", "Select yes or no for a voice message"),
        ({"voicemail": "maybe"}, "voicemail", BLOCKED),
        ({"language": "other"}, "other_language", "Enter the language you want to speak"),
        ({"language": "xx"}, "language", BLOCKED),
        ({"best_time": "3 am"}, "best_time", BLOCKED),
        ({"help": ["pony"]}, "help", BLOCKED),
    ],
)
def test_step_3_says_what_to_fix(changes: dict[str, Any], field: str, message: str) -> None:
    assert errors(contact_form(**changes)) == {field: [message]}


def test_an_empty_page_is_told_all_that_a_call_needs_at_once() -> None:
    assert set(errors(contact_form(name="", phone="", contact="", voicemail=""))) == {
        "name",
        "phone",
        "contact",
        "voicemail",
    }


@pytest.mark.parametrize("contact", ["text", "email"])
def test_who_wants_no_call_is_not_asked_about_voice_messages(contact: str) -> None:
    assert contact_form(contact=contact, voicemail="", email="ana@example.com", sms_consent="yes").is_valid()


def test_a_stale_check_page_says_so() -> None:
    form = CheckForm({"form_id": "old"}, expected="new")
    assert errors(form) == {"__all__": ["Your answers were changed in another window. Check them and send again"]}


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("2135550134", "+12135550134"),
        ("213 555 0134", "+12135550134"),
        ("(213) 555-0134", "+12135550134"),
        ("213.555.0134", "+12135550134"),
        ("213–555–0134", "+12135550134"),
        ("1 213 555 0134", "+12135550134"),
        ("+1 (213) 555-0134", "+12135550134"),
        ("213 555 0134 ext 12", "+12135550134"),
        ("213-555-0134 x12", "+12135550134"),
        ("213 555 0134, extension 7", "+12135550134"),
        ("[213] 555_0134", "+12135550134"),
        ("213·555·0134", "+12135550134"),
        ("213, 555, 0134", "+12135550134"),
        ("tel:+1-213-555-0134", "+12135550134"),
        ("Cell: 213 555 0134 ext. 7", "+12135550134"),
        ("Teléfono (213) 555-0134", "+12135550134"),
        ("２１３ ５５５ ０１３４", "+12135550134"),
        ("+52 55 1234 5678", "+525512345678"),
        ("+34 612 345 678", "+34612345678"),
    ],
)
def test_a_phone_number_is_understood_in_any_spelling(typed: str, number: str) -> None:
    assert e164(typed) == number


def test_the_phone_is_kept_as_typed_and_in_one_spelling() -> None:
    form = contact_form(phone="(213) 555-0134")
    assert form.is_valid()
    assert (form.answers()["phone_typed"], form.answers()["phone_e164"]) == ("(213) 555-0134", "+12135550134")


@pytest.mark.parametrize("name", ["José Ñandú-O'Neil Jr.", "李小龍", "محمد", "Nguyễn Thị", "de la Cruz", "O’Brien"])
def test_any_letters_make_a_name(name: str) -> None:
    form = contact_form(name=name)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["name"] == name


def test_signs_that_turn_text_around_or_cannot_be_seen_are_dropped() -> None:
    assert plain("Ana\u202e\x00 \n López\u200b ") == "Ana López"


@pytest.mark.parametrize("value", ["on", "true", "1", "YES", " yes", ""])
def test_only_the_exact_value_of_the_box_is_consent(value: str) -> None:
    form = contact_form(sms_consent=value)
    assert form.is_valid()
    assert form.answers()["sms_consent"] is False


def test_the_exact_value_is_consent() -> None:
    form = contact_form(sms_consent="yes")
    assert form.is_valid()
    assert form.answers()["sms_consent"] is True


def test_with_email_no_phone_is_needed() -> None:
    assert contact_form(phone="", voicemail="", email="ana@example.com", contact="email").is_valid()


def test_a_blank_language_is_that_of_the_page() -> None:
    form = ContactForm(posted(CONTACT), page_language="es")
    assert form.is_valid()
    assert form.answers()["speaks"] == "es"


def test_a_language_in_the_box_counts_without_the_radio() -> None:
    form = contact_form(other_language="Tagalog")
    assert form.is_valid()
    assert (form.answers()["speaks"], form.answers()["other_language"]) == ("other", "Tagalog")


def test_days_are_dates_in_order_and_counted_once() -> None:
    form = times_form(days=["2026-12-12", "2026-12-10", "2026-12-12"])
    assert form.is_valid()
    assert form.answers()["days"] == (date(2026, 12, 10), date(2026, 12, 12))


def test_days_that_were_ticked_do_not_count_with_another_answer() -> None:
    form = times_form(timing="help", days=["2026-12-10", "nonsense"])
    assert form.is_valid()
    assert form.answers()["days"] == ()


def test_two_days_that_filled_up_are_both_named_and_the_third_stays_ticked() -> None:
    form = times_form(days=["2026-12-08", "2026-12-09", "2026-12-10"])
    assert [message.split(" is ")[0] for message in errors(form)["days"]] == [
        "Tuesday, December 8",
        "Wednesday, December 9",
    ]
    assert [row.data["value"] for row in form["days"] if row.data["selected"]] == ["2026-12-10"]


def test_a_day_says_which_part_of_it_is_free_when_it_is_not_the_whole() -> None:
    labels = [str(label) for _month, days in choices(times_form(), "days") for _iso, label in days]
    assert labels[:2] == ["Thu, Dec 10", "Fri, Dec 11: morning only"]


def test_a_day_is_never_apart_from_its_month() -> None:
    assert day_words(date(2026, 12, 10)) == f"Thursday, December{NBSP}10"
    with translation.override("es"):
        assert day_words(date(2026, 12, 10)) == f"jueves{NBSP}10{NBSP}de diciembre"
    assert unbroken("Tuesday, December 8, 2026, 5 pm") == f"Tuesday, December{NBSP}8, 2026, 5 pm"
    assert unbroken("10 de diciembre de 2026") == f"10{NBSP}de diciembre de 2026"


def test_twelve_days_are_shown_and_a_ticked_later_one_too() -> None:
    def shown(form: TimesForm) -> list[str]:
        return [iso for _month, days in choices(form, "days") for iso, _label in days]

    assert len(shown(times_form())) == 12
    assert shown(times_form(days=["2026-12-30"]))[-1] == "2026-12-30"
    assert len(shown(times_form(shown=24))) == len(DAYS)


def test_without_open_days_only_answers_that_can_be_kept_are_offered() -> None:
    form = times_form(open_days=[])
    assert "days" not in form.fields
    assert [value for value, _label in choices(form, "timing")] == ["later", "help"]


def test_a_video_visit_asks_for_days_or_any_time() -> None:
    form = times_form(service=VIDEO, timing="any", days=[])
    assert form.is_valid()
    assert [value for value, _label in choices(form, "timing")] == ["days", "any"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ana@gmial.com", "ana@gmail.com"),
        ("ana@hotmial", "ana@hotmail.com"),
        ("ana@Yaho.com", "ana@yahoo.com"),
        ("ana@gmail.com", ""),
        ("", ""),
    ],
)
def test_a_slip_in_an_email_host_is_noticed(typed: str, meant: str) -> None:
    assert likely_email(typed) == meant


@pytest.mark.parametrize("typed", ["7k4p-29xm", " 7K4P 29XM", "7K4P29XM"])
def test_a_reference_is_understood_in_any_spelling(typed: str) -> None:
    form = FindForm({"reference": typed, "phone": "213 555 0134"})
    assert form.is_valid()
    assert form.cleaned_data == {"reference": "7K4P29XM", "phone": "+12135550134"}


@pytest.mark.parametrize("typed", ["", "7K4P", "x" * 10_000, "\x00"])
def test_a_reference_that_is_none_says_what_it_looks_like(typed: str) -> None:
    form = FindForm({"reference": typed, "phone": "213 555 0134"})
    assert errors(form) == {"reference": ["Enter your reference. It has 8 letters and numbers, like 7K4P-29XM"]}


def test_no_field_asks_the_browser_to_judge_it() -> None:
    for form in (visit_form(), times_form(), contact_form(), FindForm()):
        html = form.as_div()
        assert " required" not in html
        assert "maxlength" not in html
        assert "placeholder" not in html


def test_a_stamp_tells_the_age_of_a_page_and_cannot_be_forged() -> None:
    mark = traps.stamp(now=NOW)
    assert traps.age({"ts": mark}, now=NOW) == 0
    assert traps.age({"ts": "0" + mark}, now=NOW) is None
    assert traps.hit({"ts": "0" + mark}, now=NOW) == "forged_stamp"
    assert traps.hit({"ts": mark, "website": "http://spam"}, now=NOW) == "honeypot"
    assert traps.hit({"ts": mark}, now=NOW) == ""
