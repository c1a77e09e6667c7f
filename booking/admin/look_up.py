"""Finds people without reading a ciphertext: what staff type becomes keyed hashes. Must not list them."""

import re
from typing import Any

import phonenumbers
from django.db.models import QuerySet

from booking.admin.parts import COUNTED_AT_MOST
from booking.encryption import folded, lookup_hash
from booking.models import AppointmentRequest, NameWord

REFERENCE_LENGTH = 8


def found(typed: str) -> list[int]:
    """The keys of requests that the typed text may mean, newest first, as many as anybody counts: a reference, a
    phone or its last four digits, an email, or words of a name.

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
        return [*meant, asked.filter(email_hash=lookup_hash("email", text.lower()))]
    return [*meant, *_by_phone(text), *_by_name(text)]


def _by_phone(text: str) -> list[QuerySet[AppointmentRequest]]:
    if re.search(r"[A-Za-z]", text):
        return []
    asked = AppointmentRequest.objects
    digits = re.sub(r"\D", "", text)
    if len(digits) == 4:
        return [asked.filter(contact_number__last_four_hash=lookup_hash("last4", digits))]
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return []
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return [asked.filter(contact_number__number_hash=lookup_hash("phone", e164))]


def _by_name(text: str) -> list[QuerySet[AppointmentRequest]]:
    rows: QuerySet[AppointmentRequest] = AppointmentRequest.objects.all()
    words = folded(text).split()
    for word in words:
        of_word = NameWord.objects.filter(word_hash=lookup_hash("name_word", word))
        rows = rows.filter(pk__in=of_word.values("request_id"))
    return [rows] if words else []


def _none() -> QuerySet[AppointmentRequest, Any]:
    return AppointmentRequest.objects.none().values_list("pk")
