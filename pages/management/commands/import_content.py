"""manage.py import_content: makes the content of this site what a file says. Must not decide what is allowed
(pages/transfer does)."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from pages.transfer import file, incoming


class Command(BaseCommand):
    """All or nothing."""

    help = (
        "Makes the content of this site what a file of export_content says, all or nothing. What the file does not "
        "have is removed; pages that were ever published stay as drafts, published versions and the history of facts "
        "are only added to. Look first with --dry-run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which file, and whether only to look."""
        parser.add_argument("file", help="the JSON file, or - for standard input")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take over, then say what was done."""
        dry_run: bool = options["dry_run"]
        try:
            raw = sys.stdin.buffer.read() if options["file"] == "-" else Path(options["file"]).read_bytes()
            report = incoming.take_over(file.read(raw), by=None, now=timezone.now(), dry_run=dry_run)
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror or error}") from error
        except file.UnusableFileError as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        if dry_run or options["verbosity"] > 1:
            for line in report.lines:
                self.stdout.write(line)
        if options["verbosity"]:
            done = "would change" if dry_run else "changed"
            self.stdout.write(f"{len(report.lines)} things {done}.")
