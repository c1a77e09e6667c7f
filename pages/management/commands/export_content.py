"""manage.py export_content: writes all content as one JSON file. Must not change anything."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from pages import whole_file
from pages.transfer import file, outgoing


class Command(BaseCommand):
    """For moving to another machine, and for keeping."""

    help = (
        "Writes all content (pages with drafts and published versions, facts with their history, questions, prices, "
        "offices, hours, doctors, sources, redirects) as one JSON file. It holds no patient and no message."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument("--output", type=Path, help="the file to write; without it the text goes to the screen")

    def handle(self, *args: Any, **options: Any) -> None:
        """A file that is there is replaced only once the new one is whole."""
        try:
            text = file.written(outgoing.content(), made_at=timezone.now())
        except outgoing.NeverStillError as error:
            raise CommandError(str(error)) from error
        target: Path | None = options["output"]
        if target is None:
            self.stdout.write(text, ending="")
            return
        try:
            whole_file.write(target, text.encode())
        except OSError as error:
            raise CommandError(f"{target} could not be written: {error.strerror or error}") from error
        if options["verbosity"]:
            self.stdout.write(f"Wrote {len(text.encode()):,} bytes to {target}.")
