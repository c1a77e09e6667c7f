"""What new words of a message must keep and must not hold, each as a sentence for the person who wrote them, and how
long they become with the clinic's own shortest and longest values. Must not save anything.

The rules are the carriers' (brand, STOP, HELP, rates), the law's (no health information on a lock screen) and the
provider's (segments, keywords). What the built-in words hold is what new ones have to keep.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.encryption import folded
from booking.messaging import gsm, wording, wording_versions
from booking.messaging.addressing import by_video, short_day, short_time
from booking.messaging.wording_versions import Channel, Words
from pages import facts
from pages.models import Office

MOST_PARTS = {"en": 1, "es": 2}
LONGEST_SUBJECT = 70
LONGEST_EMAIL = 1200
MAY_BE_UNKNOWN = ("phone",)

# Other letters look like these and slip past the list of health words.
_SIGNS = re.compile(r"[ -~¡¿áéíóúüñÁÉÍÓÚÜÑ“”‘’«»…–—€·]")
# Also at the end of a sentence: phones make a link of it. “EE.UU.” is a country.
_ADDRESS = re.compile(r"https?:|www\.|\b(?!ee\.uu\b)[\w-]+\.[a-z]{2,}\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?:\d[\s().+-]*){7,}")
_KEYWORDS = r"(?:cancel\w*|yes|s[ií]|end|quit|start|unstop|unsubscribe|revoke|opt-?out|stopall|fin|terminar)"
_ASKS = re.compile(
    r"\b(?:reply|text|send|answer|respond|type|write|say|"
    r"respond[ae]n?|contest[ae]n?|env[ií][ae]n?|mand[ae]n?|escrib[ae]n?|text[eé]en?|diga)\s+"
    rf"(?:(?:us|back|with|the word|con|la palabra|a)\s+)*[\"'“«]?{_KEYWORDS}\b"
    rf"|\b{_KEYWORDS}[\"'”»]?\s+(?:to|para)\s+(?:confirm|cancel|change|move|keep|mantener|confirmar|cancelar|cambiar)",
    re.IGNORECASE,
)
_SPELLED = re.compile(r"\b(\w)[\W_]{1,2}(?=\w\b)")
# What an opt-in has to say, and how each language says it.
_KEPT = {
    "STOP": re.compile(r"\bSTOP\b"),
    "HELP": re.compile(r"\bHELP\b"),
    "rates": re.compile(r"\b(?:msg|message) ?(?:&|and) ?data rates may apply|tarifas de mensajes y datos", re.I),
    "frequency": re.compile(r"\b(?:msg|message) freq(?:uency)? varies|\bla frecuencia\b", re.I),
}


@dataclass(frozen=True)
class Sample:
    """The message with one set of values, and what it costs to send."""

    name: str
    body: str
    subject: str
    length: int
    encoding: str
    parts: int


def slots_of(kind: str, *, channel: str) -> frozenset[str]:
    """The slots that have a value in this kind of message: an email tells the reference, never the time."""
    known = wording.KINDS[kind]
    if channel == Channel.EMAIL:
        return frozenset({"brand", "reference", "link", "phone"})
    used = {name for sentences in known.text.values() for line in sentences for name in wording.SLOT.findall(line)}
    return frozenset({"brand", "link", "phone"} | used)


def needed(kind: str, *, channel: str, language: str) -> list[str]:
    """The slots that the built-in words use: new ones keep them, each once. In their order."""
    built_in = wording_versions.built_in(kind, channel=channel, language=language)
    return list(dict.fromkeys(name for line in built_in.sentences for name in wording.SLOT.findall(line)))


def problems(kind: str, words: Words, *, channel: str, language: str) -> list[str]:
    """Why these words must not be saved, in sentences; empty when they may."""
    lines = [line for line in (words.subject, *words.sentences) if line]
    if not words.sentences or (channel == Channel.EMAIL and not words.subject):
        return [_("Write the words: an empty message cannot be sent.")]
    found = [
        *_signs(lines),
        *_slots(kind, words, channel=channel, language=language),
        *_content(lines),
        *_opt_in(kind, words, channel=channel, language=language),
    ]
    return found or _sizes(kind, words, channel=channel, language=language)


def samples(kind: str, words: Words, *, channel: str, language: str) -> list[Sample]:
    """The message with the clinic's values at their extremes, for people to look at."""
    found: dict[str, Sample] = {}
    for name, slots in _extremes(language):
        own = {key: value for key, value in slots.items() if key in slots_of(kind, channel=channel)}
        made = wording_versions.fill(kind, words, channel=channel, language=language, slots=own)
        encoding, parts = wording.segments(made.body)
        found.setdefault(made.body, Sample(name, made.body, made.subject, len(made.body), encoding, parts))
    return list(found.values())


def longest(kind: str, words: Words, *, language: str) -> Sample:
    """The text that costs the most, over all values together."""
    made = []
    used = set(wording.SLOT.findall(words.text))
    for slots in _all_values(language, used=used):
        body = wording.render(kind, language, slots=slots, sentences=words.sentences)
        encoding, parts = wording.segments(body)
        made.append(Sample("", body, "", len(body), encoding, parts))
    return max(made, key=lambda sample: (sample.parts, sample.encoding == "UCS-2", sample.length))


def _signs(lines: Sequence[str]) -> list[str]:
    strange = sorted({sign for line in lines for sign in line if not _SIGNS.fullmatch(sign)})
    if not strange:
        return []
    names = ", ".join(f"“{sign}” ({unicodedata.name(sign, 'no name').lower()})" for sign in strange[:5])
    return [_("Only letters, digits and punctuation of English and Spanish can be used. Take out: %s.") % names]


def _slots(kind: str, words: Words, *, channel: str, language: str) -> Iterator[str]:
    text = "\n".join(words.sentences)
    used = wording.SLOT.findall(text)
    allowed = slots_of(kind, channel=channel)
    if re.search(r"[{}]", wording.SLOT.sub("", words.subject + text)):
        yield _("There is a brace that belongs to no slot. Write slots like {link}.")
    for name in dict.fromkeys([*wording.SLOT.findall(words.subject), *used]):
        if name not in allowed:
            yield _("{%(slot)s} has no value in this message. Use only: %(allowed)s.") % {
                "slot": name,
                "allowed": ", ".join(f"{{{one}}}" for one in sorted(allowed)),
            }
        elif used.count(name) > 1:
            yield _("{%s} stands in the words more than once.") % name
    for name in needed(kind, channel=channel, language=language):
        if name not in used:
            yield _("{%s} is missing: people need it.") % name
    if channel == Channel.EMAIL and set(wording.SLOT.findall(words.subject)) != {"reference"}:
        yield _("The subject must hold {reference} and no other slot.")
    if channel == Channel.SMS and not text.startswith("{brand}:"):
        yield _("Begin with {brand}: so that people see at once who writes.")
    if re.search(r"\{link\}[^\s]", text):
        yield _("Leave a space or a new line after {link}, or the link will not open.")
    yield from _lost_with_a_line(words, channel=channel)


def _lost_with_a_line(words: Words, *, channel: str) -> Iterator[str]:
    """A line with a value that is not known is left out, with everything in it."""
    for line in words.sentences:
        names = set(wording.SLOT.findall(line))
        for name in MAY_BE_UNKNOWN:
            keeps = names - {name} or any(rule.search(line) for rule in _KEPT.values())
            if name in names and keeps and channel == Channel.SMS:
                yield _("Put {%s} in a line of its own. While it is not known, its whole line is left out.") % name


def _content(lines: Sequence[str]) -> Iterator[str]:
    text = " ".join(lines)
    plain = wording.SLOT.sub(" ", text)
    for form in (plain, folded(plain), _SPELLED.sub(r"\1", folded(plain))):
        if word := wording.health_word(form):
            yield _("“%s” tells what the visit is about. Anybody may read a message on a locked phone.") % word
            break
    if _ADDRESS.search(plain) or "public shortener" in wording.problems(plain):
        yield _("A web or email address is written by hand. The only address in a message is {link}.")
    if "@" in plain:
        yield _("Take out the sign @: no email address belongs in a message.")
    if _NUMBER.search(plain):
        yield _("A phone number is written by hand. Write {phone}, and it is always the right one.")
    if _ASKS.search(plain) or "asks for a keyword" in wording.problems(plain):
        yield _(
            "It asks for an answer that the phone company takes for a keyword: CANCEL and END stop all texts, "
            "YES starts them. Ask people to call or to open the link."
        )


def _opt_in(kind: str, words: Words, *, channel: str, language: str) -> Iterator[str]:
    if channel != Channel.SMS:
        return
    built_in = " ".join(wording_versions.built_in(kind, channel=channel, language=language).sentences)
    text = " ".join(words.sentences)
    said = {
        "STOP": _("It must say how to end texts: the word STOP is missing."),
        "HELP": _("It must say how to get help: the word HELP is missing."),
        "rates": _("The sentence on rates is missing: “Msg&data rates may apply.”, “tarifas de mensajes y datos”."),
        "frequency": _("How often texts come is missing: “Msg freq varies.”, “La frecuencia …”."),
    }
    for name, rule in _KEPT.items():
        if rule.search(built_in) and not rule.search(text):
            yield said[name]


def _sizes(kind: str, words: Words, *, channel: str, language: str) -> list[str]:
    if channel == Channel.EMAIL:
        if len(words.subject) > LONGEST_SUBJECT:
            return [_("The subject is too long: at most %d characters.") % LONGEST_SUBJECT]
        if len(words.text) > LONGEST_EMAIL:
            return [_("The email is too long: at most %d characters.") % LONGEST_EMAIL]
        return []
    worst = longest(kind, words, language=language)
    if worst.parts > MOST_PARTS[language]:
        return [_too_long(worst, most=MOST_PARTS[language])]
    if language == "en" and worst.encoding != "GSM-7":
        return [_too_long(worst, most=1)]
    return []


def _too_long(worst: Sample, *, most: int) -> str:
    costly = sorted({sign for sign in worst.body if sign not in gsm.BASIC and sign not in gsm.EXTENDED})
    room = {1: 160, 2: 306} if not costly else {1: 70, 2: 134}
    said = _(
        "With its longest values it takes %(length)d characters and %(parts)d parts (%(encoding)s). "
        "It must fit in %(most)d of them: %(room)d characters."
    ) % {
        "length": worst.length,
        "parts": worst.parts,
        "encoding": worst.encoding,
        "most": most,
        "room": room[most],
    }
    if costly:
        said += " " + _("These signs make each part much shorter: %s.") % " ".join(costly)
    return f"{said} “{worst.body}”"


def _extremes(language: str) -> list[tuple[str, dict[str, str]]]:
    """A few sets of values, with names."""
    values = _values(language)
    short = {name: min(known, key=len) for name, known in values.items()}
    long = {name: max(known, key=len) for name, known in values.items()}
    costly = {name: max(known, key=lambda one: (not _is_cheap(one), len(one))) for name, known in values.items()}
    return [
        (_("Shortest values"), {**short, "phone": long["phone"]}),
        (_("Longest values"), long),
        (_("Longest values with accents"), costly),
        (_("By video"), {**long, "office": by_video(language)}),
        (_("No phone number known"), {**long, "phone": ""}),
    ]


def _all_values(language: str, *, used: set[str]) -> Iterator[dict[str, str]]:
    """Every combination of the values that differ in length or alphabet, of the slots that are used."""
    values = {name: known for name, known in _values(language).items() if name in used}
    for chosen in product(*values.values()):
        yield dict(zip(values, chosen, strict=True))


def _values(language: str) -> dict[str, list[str]]:
    known = facts.current()
    first = datetime(2026, 1, 1, tzinfo=ZoneInfo(settings.TIME_ZONE))
    days = {short_day(first + timedelta(days=n), language) for n in range(366)}
    times = {short_time(first + timedelta(minutes=15 * n), language) for n in range(96)}
    offices = set(Office.objects.values_list("nickname", flat=True)) | {by_video(language)}
    return {
        "brand": [known.text("clinic_short_name", language)],
        "link": [settings.SITE_URL + reverse("booking:status", args=["W" * 22])],
        "phone": [known.text("clinic_phone", language) or "(213) 555-0100", ""],
        "reference": ["WWWW-WWWW"],
        "day": _telling(days),
        "time": _telling(times),
        "office": _telling(offices - {""}),
    }


def _telling(values: set[str]) -> list[str]:
    """The shortest and the longest, of those that are cheap to send and of those that are not."""
    found = []
    for cheap in (True, False):
        same = sorted((one for one in values if _is_cheap(one) is cheap), key=lambda one: (len(one), one))
        found += [same[0], same[-1]] if same else []
    return list(dict.fromkeys(found))


def _is_cheap(value: str) -> bool:
    return wording.segments(value)[0] == "GSM-7"
