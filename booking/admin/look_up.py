"""Finds people by keyed hashes of what staff type; a ciphertext is opened only where a hash has found it. Must not list
them."""

import re
from typing import Any

import phonenumbers
from django.db.models import QuerySet

from booking import name_words
from booking.admin.parts import COUNTED_AT_MOST
from booking.encryption import lookup_hash
from booking.models import AppointmentRequest, ContactNumber
from booking.submission import email_hash

REFERENCE_LENGTH, WITHOUT_AREA_CODE = 8, 7


def found(typed: str) -> list[int]:
    """The keys of requests that the typed text may mean, newest first, as many as anybody counts: a reference, a
    phone, without its area code or its last four digits alone, an email, or words of a name.

    One text can mean several of these; all of them are tried, each by its own index (an OR over several tables would
    read them whole). Nothing typed finds nothing.
    """
    first, *rest = [rows.order_by().values_list("pk") for rows in _meanings(typed.strip())] or [_none()]
    keys = first.union(*rest).order_by("-pk") if rest else first.order_by("-pk")
    return [key for (key,) in keys[:COUNTED_AT_MOST]]


def _meanings(text: str) -> list[QuerySet[AppointmentRequest]]:
    asked = AppointmentRequest.objects
    plain = re.sub(r"[^0-9A-Za-z]", "", text)
    meant = [asked.filter(reference=plain.upper())] if len(plain) == REFERENCE_LENGTH else []
    if "@" in text:
        return [*meant, asked.filter(email_hash=email_hash(text))]
    return [*meant, *_by_phone(text), *_by_name(text)]


def _by_phone(text: str) -> list[QuerySet[AppointmentRequest]]:
    if re.search(r"[A-Za-z]", text):
        return []
    asked = AppointmentRequest.objects
    digits = re.sub(r"\D", "", text)
    if len(digits) == 4:
        return [asked.filter(contact_number__last_four_hash=lookup_hash("last4", digits))]
    if len(digits) == WITHOUT_AREA_CODE:
        return [asked.filter(contact_number__in=_numbers_that_end_with(digits))]
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return []
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return [asked.filter(contact_number__number_hash=lookup_hash("phone", e164))]


def _numbers_that_end_with(digits: str) -> list[int]:
    """Of the numbers with these last four digits, one in ten thousand, each is opened and compared."""
    numbers = ContactNumber.objects.filter(last_four_hash=lookup_hash("last4", digits[-4:])).order_by("-pk")
    return [one.pk for one in numbers.only("number")[:COUNTED_AT_MOST] if one.number.endswith(digits)]


def _by_name(text: str) -> list[QuerySet[AppointmentRequest]]:
    """As it was typed, and taken apart: “Ramírez-Castellanos” may be written with a space in her request."""
    spellings = dict.fromkeys((tuple(name_words.whole(text)), tuple(name_words.parts(text))))
    return [name_words.holders(list(words)) for words in spellings if words]


def _none() -> QuerySet[AppointmentRequest, Any]:
    return AppointmentRequest.objects.none().values_list("pk")
