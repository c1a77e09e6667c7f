"""Puts every stored value under the newest of FIELD_ENCRYPTION_KEYS and says which older keys nothing needs any more.
Must not print a value, nor the key of a session."""

import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from booking import newest_key
from booking.newest_key import Batch, Place

SAY_EVERY = 5  # seconds
NOT_NEEDED = (
    "nothing needs it. It may be removed from the list; keep it with the copies of the database that were made before."
)


class Command(BaseCommand):
    """`manage.py move_to_newest_key`, after a key was put in front and everything was started again."""

    help = (
        "Encrypts every stored value anew under the first of FIELD_ENCRYPTION_KEYS, so that older keys can be removed. "
        "The site may run meanwhile; ended at any moment, it goes on when it is started again. Says which keys are "
        "still needed. Ends with 1 when a value could not be read, or is still under an older key afterwards."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Only count, if asked."""
        parser.add_argument("--check", action="store_true", help="Count, change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Move, then look at everything: also at what came meanwhile."""
        places = [*newest_key.places(), _sessions()]
        if not options["check"]:
            for place in places:
                self._move(place)
        under: Counter[int | None] = Counter()
        for place in places:
            under += self._look(place)
        self._say_which_keys_are_needed(under)
        self._end(under, moved=not options["check"])

    def _move(self, place: Place) -> None:
        stayed = sum(len(batch.seen) for batch in self._told("moving", place, newest_key.move(place)))
        if stayed:
            self.stdout.write(
                f"{place.table}: values that could not be changed: {stayed:,}. Does the database refuse it?"
            )

    def _look(self, place: Place) -> "Counter[int | None]":
        """How many values are under each key; None: could not be read. Those are named one by one."""
        under: Counter[int | None] = Counter()
        for batch in self._told("counting", place, newest_key.look(place)):
            for seen in batch.seen:
                under[seen.key] += 1
                if seen.key is None and not place.pass_away:
                    self.stderr.write(f"{place.table} {seen.pk}: no key opens “{seen.field}”.")
        if place.pass_away and under[None]:
            # The site takes them for empty, so nothing is lost that is not lost already.
            self.stdout.write(f"{place.table}: no key opens {under.pop(None):,}; they end by themselves within a day.")
        return under

    def _told(self, what: str, place: Place, batches: Iterator[Batch]) -> Iterator[Batch]:
        """Says now and then how far it is."""
        whole, done, said = place.rows.count(), 0, time.monotonic()
        for batch in batches:
            yield batch
            done += batch.rows
            if time.monotonic() - said >= SAY_EVERY:
                said = time.monotonic()
                self._say(f"{place.table}, {what}: {done:,} of {whole:,} rows")
        self._say(f"{place.table}, {what}: {done:,} rows, done")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _say_which_keys_are_needed(self, under: "Counter[int | None]") -> None:
        self.stdout.write(f"{under[0]:,} of {under.total():,} values are under the newest key.")
        for number in range(1, len(settings.FIELD_ENCRYPTION_KEYS)):
            verdict = f"keep it. Values that need it: {under[number]:,}." if under[number] else NOT_NEEDED
            self.stdout.write(f"Key {number + 1} of FIELD_ENCRYPTION_KEYS: {verdict}")

    def _end(self, under: "Counter[int | None]", *, moved: bool) -> None:
        wrong = []
        older = under.total() - under[0] - under[None]
        if moved and older:
            wrong.append(
                f"Values still under an older key: {older:,}. Start every part of the site again with this list of "
                "keys, then run this again."
            )
        if under[None]:
            wrong.append(
                f"Values that could not be read and were left as they are: {under[None]:,}. Their key is missing in "
                "FIELD_ENCRYPTION_KEYS, or they were damaged; a copy of the database may have them."
            )
        if wrong:
            raise CommandError(" ".join(wrong))


def _sessions() -> Place:
    """Their whole data is one encrypted text (clinic_site/session_store.py). Those that are over are nobody's."""
    return Place(Session.objects.filter(expire_date__gt=timezone.now()), ("session_data",), pass_away=True)
