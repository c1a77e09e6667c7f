"""The closed list of facts: key, kind, what it means, and how a value is checked and written out for each language.
Must not read the database (pages/facts.py does)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LANGUAGES = ("en", "es")
LONGEST_VALUE = 400
TOKEN = re.compile(r"\{\{\s*([a-z0-9_]*)\s*\}\}")
_ANY_BRACES = re.compile(r"\{\{.*?\}\}|\{\{|\}\}", re.DOTALL)


class Kind(StrEnum):
    """What a fact's value is; it decides how the value is checked and shown."""

    MONEY = "money"
    WHOLE = "whole"
    PERCENT = "percent"
    PHONE = "phone"
    EMAIL = "email"
    TEXT = "text"


@dataclass(frozen=True)
class FactSpec:
    """One fact. `needs_client`: only the clinic knows it, so a live site must not run on a blank or a made-up value.
    `medical`: it changes what a patient does with her body, so it needs the doctor's sign-off."""

    key: str
    kind: Kind
    label: str | Promise
    unit: str | Promise = ""
    medical: bool = False
    needs_client: bool = False
    default: str = ""
    default_es: str = ""

    @property
    def is_bilingual(self) -> bool:
        """Whether the value has words, so that it needs a Spanish one."""
        return self.kind is Kind.TEXT and self.key not in NAMES


# Names read the same in both languages.
NAMES = {"clinic_name", "clinic_short_name", "doctor_name"}

_DAYS = _("days")
_SPECS = [
    FactSpec(
        "clinic_name",
        Kind.TEXT,
        _("Name of the clinic"),
        default="California Vascular & Interventional Center",
    ),
    FactSpec("clinic_short_name", Kind.TEXT, _("Short name of the clinic"), default="CVI"),
    FactSpec("doctor_name", Kind.TEXT, _("Name of the doctor"), default="Dr. Atabak Allaei"),
    FactSpec("clinic_phone", Kind.PHONE, _("Phone of the clinic"), needs_client=True),
    FactSpec("clinic_email", Kind.EMAIL, _("Email of the clinic"), needs_client=True),
    FactSpec("hsg_price", Kind.MONEY, _("Price of an HSG"), unit=_("dollars"), default="950"),
    FactSpec(
        "result_talk_value",
        Kind.MONEY,
        _("Usual fee of the result talk alone"),
        unit=_("dollars"),
        default="350",
    ),
    FactSpec("hsg_minutes", Kind.WHOLE, _("How long the test takes"), unit=_("minutes"), default="15"),
    FactSpec("procedures_count", Kind.WHOLE, _("Image-guided procedures done by the doctor"), default="5000"),
    FactSpec(
        "antibiotic_total_days",
        Kind.WHOLE,
        _("Days of antibiotic in total"),
        unit=_DAYS,
        medical=True,
        default="5",
    ),
    FactSpec(
        "antibiotic_start_days_before",
        Kind.WHOLE,
        _("Days before the test when the antibiotic starts"),
        unit=_DAYS,
        medical=True,
        default="2",
    ),
    FactSpec(
        "pain_relief_hours_before",
        Kind.WHOLE,
        _("Hours before the test when the pain reliever is taken"),
        unit=_("hours"),
        medical=True,
        default="1",
    ),
    FactSpec("prescription_fill_days", Kind.WHOLE, _("Days to fill a prescription"), unit=_DAYS, default="2"),
    FactSpec(
        "cycle_first_day",
        Kind.WHOLE,
        _("First cycle day for an HSG"),
        unit=_("day"),
        medical=True,
        needs_client=True,
    ),
    FactSpec(
        "cycle_last_day",
        Kind.WHOLE,
        _("Last cycle day for an HSG"),
        unit=_("day"),
        medical=True,
        needs_client=True,
    ),
    FactSpec(
        "response_business_days",
        Kind.WHOLE,
        _("Business days until we answer a request"),
        unit=_("business days"),
        default="1",
    ),
    FactSpec("deletion_days", Kind.WHOLE, _("Days until a closed request is deleted"), unit=_DAYS, default="90"),
    FactSpec(
        "arrive_minutes_before",
        Kind.WHOLE,
        _("Minutes to arrive before the visit"),
        unit=_("minutes"),
        needs_client=True,
    ),
    FactSpec("payment_when", Kind.TEXT, _("When and how patients pay (a full sentence)"), needs_client=True),
    FactSpec("deposit_rule", Kind.TEXT, _("Deposit (a full sentence)"), needs_client=True),
    FactSpec("sedation_price", Kind.TEXT, _("Price of sedation (a full sentence)"), needs_client=True),
    FactSpec("insurance_rule", Kind.TEXT, _("Insurance (a full sentence)"), needs_client=True),
    FactSpec(
        "cancellation_rule",
        Kind.TEXT,
        _("Cancelling and moving a visit (a full sentence)"),
        needs_client=True,
    ),
    FactSpec("report_when", Kind.TEXT, _("When the report is given (a full sentence)"), needs_client=True),
    FactSpec("parking", Kind.TEXT, _("Parking (a full sentence)"), needs_client=True),
]

FACTS: dict[str, FactSpec] = {spec.key: spec for spec in _SPECS}


def checked(key: str, value: str) -> str:
    """The value as it is stored, or ValidationError in words for the editor. A blank value means: not known yet."""
    value = value.strip()
    if not value:
        return ""
    spec = FACTS.get(key)
    if spec is None:
        raise ValidationError(_("There is no fact called “%(key)s”."), params={"key": key}, code="unknown_fact")
    if len(value) > LONGEST_VALUE:
        raise ValidationError(_("Use at most %(most)d characters."), params={"most": LONGEST_VALUE}, code="too_long")
    return _CHECKS[spec.kind](value)


def shown(key: str, value: str) -> str:
    """A stored value as people read it: "$950", "5,000", "(213) 555-0100". Blank stays blank."""
    if not value:
        return ""
    return _SHOWN[FACTS[key].kind](value)


def price_fact(service: str) -> str:
    """The key of the fact that holds the price of a service; there need not be one."""
    return f"{service.replace('-', '_')}_price"


def tokens(text: str) -> list[str]:
    """The fact keys that a text asks for, in order."""
    return TOKEN.findall(text)


def known_tokens(text: str | None) -> None:
    """A validator: every {{token}} of the text is a fact, and no braces are left over."""
    for written in _ANY_BRACES.findall(text or ""):
        match = TOKEN.fullmatch(written)
        if match is None or match[1] not in FACTS:
            raise ValidationError(
                _("There is no fact called %(token)s. Choose one from the list of facts."),
                params={"token": written[:60]},
                code="unknown_token",
            )


def _check_whole(value: str) -> str:
    digits = value.replace(",", "").replace(" ", "")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 7):
        raise ValidationError(_("Write a whole number, like 15."), code="not_whole")
    return str(int(digits))


def _check_money(value: str) -> str:
    try:
        return _check_whole(value.removeprefix("$").strip())
    except ValidationError as error:
        raise ValidationError(_("Write a price in whole dollars, like 950."), code="not_money") from error


def _check_percent(value: str) -> str:
    whole = _check_whole(value.removesuffix("%").strip())
    if int(whole) > 100:
        raise ValidationError(_("Write a percentage from 0 to 100."), code="not_percent")
    return whole


def _check_phone(value: str) -> str:
    try:
        number = phonenumbers.parse(value, "US")
    except phonenumbers.NumberParseException:
        number = None
    # "Possible", not "valid": the numbers set aside for examples (555-01xx) must pass in a demonstration.
    if number is None or number.country_code != 1 or not phonenumbers.is_possible_number(number):
        raise ValidationError(_("Write a US phone number with its area code."), code="not_phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _check_email(value: str) -> str:
    validate_email(value)
    return value


def _check_text(value: str) -> str:
    if any(sign in value for sign in "<>{}") or any(ord(sign) < 32 for sign in value):
        raise ValidationError(_("Write plain words in one line, without < > { }."), code="not_plain")
    return value


def _show_phone(value: str) -> str:
    return f"({value[-10:-7]}) {value[-7:-4]}-{value[-4:]}"


_CHECKS: dict[Kind, Callable[[str], str]] = {
    Kind.MONEY: _check_money,
    Kind.WHOLE: _check_whole,
    Kind.PERCENT: _check_percent,
    Kind.PHONE: _check_phone,
    Kind.EMAIL: _check_email,
    Kind.TEXT: _check_text,
}
_SHOWN: dict[Kind, Callable[[str], str]] = {
    Kind.MONEY: lambda value: f"${int(value):,}",
    Kind.WHOLE: lambda value: f"{int(value):,}",
    Kind.PERCENT: lambda value: f"{value}%",
    Kind.PHONE: _show_phone,
    Kind.EMAIL: str,
    Kind.TEXT: str,
}
