"""Texts from patients. Each is stored before it is understood. Must not answer: Twilio itself replies to STOP, START
and HELP, and a second reply would be one too many.

Any clear wish to stop counts, in any spelling and in both languages (47 CFR 64.1200(a)(10)): the provider's eight
keywords, the words of the rule, and plain sentences.
"""

import re
from datetime import datetime

from django.db import transaction

from booking.encryption import folded
from booking.messaging import consent, outbox
from booking.models import ContactNumber, DeskTask, IncomingText, Status

Meaning = IncomingText.Meaning

_STOP_WORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}  # the provider's and the FCC's
    | {"stopp", "stopit", "stoptexts"}
    | {"alto", "parar", "pare", "paren", "para", "cancelar", "basta", "detener", "detenga", "baja", "fin", "terminar"}
)
# CANCEL and its kin with a visit ahead may mean the visit: an opt-out for the law, a question for a person.
_MAY_MEAN_THE_VISIT = frozenset({"cancel", "end", "quit", "cancelar", "terminar", "fin"})
_START_WORDS = frozenset({"start", "unstop", "yes"})
_HELP_WORDS = frozenset({"help", "info", "ayuda"})
# Read after accents, case and punctuation are gone ("don't" is "dont").
_STOP_SENTENCES = re.compile(
    "|".join(
        (
            r"\bopt(?:ing)? ?out\b|\bopt me out\b|\bunsubscribe\b|\brevoke\b|\bwithdraw (?:my )?consent\b",
            r"\b(?:remove|delete) (?:me|my number)\b|\btake me off\b|\bleave me alone\b|\bplease stop\b",
            r"(?<!bus )\b(?:stop|quit) (?:texting|messaging|sending|these|the texts|all|contacting|it|now|please)\b",
            r"^stop\b(?! by)|(?<!bus )\bstop$",
            r"\b(?:do not|dont|never) (?:text|message|contact|send)\b|\bno (?:more )?(?:texts|messages|texting)\b",
            r"\bno mas\b(?! tarde)|\bno (?:me )?(?:envi|mand|escrib|text)\w*\b",
            r"\bdej\w+ de (?:envi|mand|escrib|mensaj|text)\w*|\bpare(?:n)? de\b|^(?:alto|basta|paren?)\b",
            r"\b(?:ya )?no quiero (?:\w+ )*(?:mensajes|textos)\b",
            r"\bdar(?:me)? de baja\b|\b(?:quit|remuev)(?:e|en|a|an)me\b",
            r"\bborr(?:e|en)(?:me| mi numero)\b|\bpor favor (?:paren?|alto|basta)\b",
        )
    )
)


def meaning_of(body: str) -> IncomingText.Meaning:
    """What a text means. Only a single word is START or HELP, as at the provider; STOP is understood in sentences."""
    text = folded(body)
    # "S.T.O.P", "stop!!!", "opt-out"
    words = re.sub(r"[^\w\s]", " ", re.sub(r"['’]", "", text)).split()
    joined = "".join(words)
    if len(words) == 1 or (words and all(len(word) == 1 for word in words)) or joined in _STOP_WORDS:
        if joined in _STOP_WORDS:
            return Meaning.STOP
        if joined in _START_WORDS:
            return Meaning.START
        if joined in _HELP_WORDS:
            return Meaning.HELP
    return Meaning.STOP if _STOP_SENTENCES.search(" ".join(words)) else Meaning.OTHER


def receive(*, provider_id: str, from_number: str, body: str, keyword: str, now: datetime) -> IncomingText:
    """Store a text, then act on it. A repeated delivery of the same text changes nothing."""
    number = consent.number_for(from_number, now=now)
    row, created = IncomingText.objects.get_or_create(
        provider_id=provider_id,
        defaults={
            "contact_number": number,
            "body": body,
            "received_at": now,
            "provider_keyword": keyword[:12],
        },
    )
    if created or row.handled_at is None:
        _act(row, number, body=body, keyword=keyword, now=now)
    return row


def _act(row: IncomingText, number: ContactNumber, *, body: str, keyword: str, now: datetime) -> None:
    meaning = meaning_of(body)
    # The provider acted on its own keyword: the ledger must not say otherwise.
    if keyword.lower() in Meaning.values:
        meaning = Meaning(keyword.lower())
    with transaction.atomic():
        if meaning == Meaning.STOP:
            consent.stop(number=number, source=consent.Source.TEXT, now=now, said=body)
            outbox.suppress_waiting(number=number, now=now)
            _ask_about_the_visit(number, body=body, now=now)
        elif meaning == Meaning.START:
            consent.restart(number=number, source=consent.Source.TEXT, now=now, said=body)
        elif meaning == Meaning.OTHER:
            _for_staff(number, DeskTask.Kind.READ_TEXT, now=now)
        IncomingText.objects.filter(pk=row.pk).update(meaning=meaning, handled_at=now)


def _ask_about_the_visit(number: ContactNumber, *, body: str, now: datetime) -> None:
    words = set(re.sub(r"[^\w\s]", " ", folded(body)).split())
    visits = number.requests.filter(
        status=Status.CONFIRMED, visits__ended_at__isnull=True, visits__starts_at__gt=now
    ).distinct()
    if words & _MAY_MEAN_THE_VISIT:
        for request in visits:
            outbox.open_task(request, DeskTask.Kind.WANTS_TO_CANCEL, now=now)


def _for_staff(number: ContactNumber, kind: DeskTask.Kind, *, now: datetime) -> None:
    request = number.requests.exclude(status=Status.QUARANTINED).order_by("-created_at").first()
    if request is not None:
        outbox.open_task(request, kind, now=now)
