"""A phone number as people type it, turned into E.164. Must not decide whether a number is needed."""

import re

import phonenumbers
from django import forms
from django.utils.translation import gettext_lazy as _

WRONG = _("Enter a phone number with 10 digits, like 213 555 0134")
LETTERS = _("Phone number must be made of numbers")
_EXTENSION = re.compile(r"[\s,;]*(?:extension|ext|x|#)\.?\s*(\d{0,7})$", re.IGNORECASE)
_DRESSING = re.compile(r"[\s()\[\].,_*·•|/\-\u2010-\u2015\u2212\u00a0]")
# What comes along when a number is copied from a page or a card.
_NAMED = re.compile(r"^(?:tel|phone|cell|mobile|m[oó]vil|celular|tel[eé]fono|cel)\b\s*[.:]?\s*", re.IGNORECASE)
_NORTH_AMERICA = re.compile(r"1[2-9]\d{2}[2-9]\d{6}")


def e164(typed: str) -> str:
    """The number in its one spelling. An extension is left out: neither text nor call-back can use it.

    "Possible" rather than "valid": metadata lags behind new area codes, and refusing a real number loses a patient.
    """
    text = _EXTENSION.sub("", _NAMED.sub("", typed.strip()))
    if any(sign.isalpha() for sign in text):
        raise forms.ValidationError(LETTERS, code="letters")
    bare = _DRESSING.sub("", text)
    digits = bare.removeprefix("+")
    if not digits.isdecimal() or len(text) > 30:
        raise forms.ValidationError(WRONG, code="wrong")
    try:
        number = phonenumbers.parse(bare, "US")
    except phonenumbers.NumberParseException:
        raise forms.ValidationError(WRONG, code="wrong") from None
    spelled = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    at_home = number.country_code == 1 and _NORTH_AMERICA.fullmatch(spelled.removeprefix("+"))
    abroad = number.country_code != 1 and bare.startswith("+") and 8 <= len(digits) <= 15
    if not (at_home or (abroad and phonenumbers.is_possible_number(number))):
        raise forms.ValidationError(WRONG, code="wrong")
    return spelled


def extension(typed: str) -> str:
    """The digits that staff type after they are through, as she gave them; empty without any. A text has no use for
    it, a call does."""
    found = _EXTENSION.search(typed.strip())
    return found[1] if found else ""
