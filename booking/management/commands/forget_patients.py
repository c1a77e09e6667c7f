"""Blanks the personal fields of requests that closed long enough ago. The worker does it every day by itself.
Must not hold the rule (booking/retention.py does)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from booking import retention


class Command(BaseCommand):
    """By hand, or to see what would be done."""

    help = (
        "Blanks names, numbers, emails, notes and message texts of requests closed longer than the fact deletion_days."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Only count, if asked."""
        parser.add_argument("--dry-run", action="store_true", help="Count, change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many."""
        found = retention.forget(now=timezone.now(), dry_run=options["dry_run"])
        verb = "Would forget" if options["dry_run"] else "Forgot"
        self.stdout.write(f"{verb} {found.requests} requests and {found.numbers} phone numbers.")
