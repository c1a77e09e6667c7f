"""Finds people without reading a ciphertext: what staff type becomes keyed hashes. Must not list or sort."""

import re

import phonenumbers
from django.db.models import Q

from booking.encryption import folded, lookup_hash
from booking.models import NameWord

REFERENCE_LENGTH = 8


def question(typed: str) -> Q:
    """Rows that the typed text may mean: a reference, a phone or its last four digits, an email, or words of a name.

    One text can mean several of these; all of them are tried. Nothing typed finds nothing.
    """
    text = typed.strip()
    found = Q(pk__in=[])
    plain = re.sub(r"[^0-9A-Za-z]", "", text)
    if len(plain) == REFERENCE_LENGTH:
        found |= Q(reference=plain.upper())
    if "@" in text:
        return found | Q(email_hash=lookup_hash("email", text.lower()))
    return found | _phone(text) | _name(text)


def _phone(text: str) -> Q:
    if re.search(r"[A-Za-z]", text):
        return Q(pk__in=[])
    digits = re.sub(r"\D", "", text)
    if len(digits) == 4:
        return Q(contact_number__last_four_hash=lookup_hash("last4", digits))
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return Q(pk__in=[])
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Q(contact_number__number_hash=lookup_hash("phone", e164))


def _name(text: str) -> Q:
    words = folded(text).split()
    if not words:
        return Q(pk__in=[])
    every = Q()
    for word in words:
        of_word = NameWord.objects.filter(word_hash=lookup_hash("name_word", word))
        every &= Q(pk__in=of_word.values("request_id"))
    return every
