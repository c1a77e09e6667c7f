"""The words that are sent now: the newest version that a manager saved, else the built-in ones. Must not judge new
words (booking/messaging/wording_rules.py does; whoever saves has asked it).

Words that were right when they were saved may be refused by a later, stricter gate. A patient's request must not fail
because of that: the built-in words go out instead, and the log says so.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from booking.messaging import wording
from booking.models import OutgoingMessage, WordingVersion

logger = logging.getLogger("booking.wording")

BUILT_IN = 0
Channel = OutgoingMessage.Channel


class SavedMeanwhile(Exception):
    """Somebody else saved a newer version while this one was written."""


@dataclass(frozen=True)
class Words:
    """One version: its number (0 is the built-in), its sentences, and the subject of an email."""

    number: int
    sentences: tuple[str, ...]
    subject: str = ""

    @property
    def text(self) -> str:
        """One sentence a line, as it is edited."""
        return "\n".join(self.sentences)


@dataclass(frozen=True)
class Rendered:
    """A message with its slots filled, and the version of its words."""

    body: str
    subject: str
    version: int


def built_in(kind: str, *, channel: str, language: str) -> Words:
    """The words in the code."""
    known = wording.KINDS[kind]
    if channel == Channel.EMAIL:
        return Words(BUILT_IN, known.email[language], wording.SUBJECT[language])
    return Words(BUILT_IN, known.text[language])


def current(kind: str, *, channel: str, language: str) -> Words:
    """The words that are sent now."""
    row = _rows(kind, channel=channel, language=language).order_by("-number").first()
    return words_of(row) if row is not None else built_in(kind, channel=channel, language=language)


def version(kind: str, *, channel: str, language: str, number: int) -> Words | None:
    """An older version, to bring back."""
    if number == BUILT_IN:
        return built_in(kind, channel=channel, language=language)
    row = _rows(kind, channel=channel, language=language).filter(number=number).first()
    return words_of(row) if row is not None else None


def history(kind: str, *, channel: str, language: str) -> list[WordingVersion]:
    """Everything that was ever saved, newest first."""
    return list(_rows(kind, channel=channel, language=language).select_related("saved_by").order_by("-number"))


def newest_of_all() -> dict[tuple[str, str, str], WordingVersion]:
    """The version in force of each kind, channel and language that somebody changed, in one query."""
    rows = WordingVersion.objects.select_related("saved_by").order_by("number")
    return {(row.kind, row.channel, row.language): row for row in rows}


def words_of(row: WordingVersion) -> Words:
    """A stored version."""
    return Words(row.number, tuple(row.text.splitlines()), row.subject)


def rendered(kind: str, *, channel: str, language: str, slots: dict[str, str]) -> Rendered:
    """The message in the words of now."""
    words = current(kind, channel=channel, language=language)
    if words.number != BUILT_IN:
        try:
            return fill(kind, words, channel=channel, language=language, slots=slots)
        except (KeyError, wording.UnsafeWording) as error:
            reason = type(error).__name__
            logger.error("Version %s of %s (%s) cannot be sent: %s", words.number, kind, language, reason)  # noqa: TRY400
        words = built_in(kind, channel=channel, language=language)
    return fill(kind, words, channel=channel, language=language, slots=slots)


def fill(kind: str, words: Words, *, channel: str, language: str, slots: dict[str, str]) -> Rendered:
    """These words with these values. Raises like wording.render()."""
    if channel == Channel.EMAIL:
        subject, body = wording.render_email(
            kind, language, slots=slots, subject=words.subject, sentences=words.sentences
        )
        return Rendered(body, subject, words.number)
    body = wording.render(kind, language, slots=slots, sentences=words.sentences)
    return Rendered(body, "", words.number)


def add(
    kind: str,
    *,
    channel: str,
    language: str,
    sentences: Sequence[str],
    subject: str,
    based_on: int,
    by: Any,
    now: datetime,
    restores: int | None = None,
) -> WordingVersion:
    """Add a version, which is in force from now on. Raises SavedMeanwhile when `based_on` is no longer the newest."""
    newest = _rows(kind, channel=channel, language=language).order_by("-number").values_list("number", flat=True)
    if (newest.first() or BUILT_IN) != based_on:
        raise SavedMeanwhile
    try:
        with transaction.atomic():
            return WordingVersion.objects.create(
                kind=kind,
                channel=channel,
                language=language,
                number=based_on + 1,
                subject=subject,
                text="\n".join(sentences),
                restores=restores,
                saved_at=now,
                saved_by=by,
            )
    except IntegrityError as error:
        raise SavedMeanwhile from error


def _rows(kind: str, *, channel: str, language: str) -> Any:
    return WordingVersion.objects.filter(kind=kind, channel=channel, language=language)
