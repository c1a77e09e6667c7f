"""Makes people findable by each part of a name with a hyphen or an apostrophe, also those who asked before names were
taken apart. Must not print a name."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from booking import name_words


class Command(BaseCommand):
    """`manage.py complete_name_words`, once after the update; again does nothing."""

    help = (
        "Stores the words by which staff find a patient for names with a hyphen or an apostrophe (Ramírez-Castellanos, "
        "O'Brien) that came before names were taken apart. The site may run meanwhile; ended at any moment, it goes on "
        "when it is started again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many, and whose name could not be read."""
        rows = found = 0
        unreadable: list[int] = []
        for looked_at, given, closed in name_words.complete():
            rows, found = rows + looked_at, found + len(given)
            unreadable += closed
        self.stdout.write(f"{rows:,} names looked at, {found:,} can now be found by more words.")
        if unreadable:
            keys = ", ".join(map(str, unreadable[:20]))
            raise CommandError(f"No key opens the names of {len(unreadable):,} requests, among them {keys}.")
