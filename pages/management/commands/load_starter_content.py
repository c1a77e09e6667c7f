"""manage.py load_starter_content: fills an empty site with its first pages. Must not change anything that exists."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pages import starter_content, starter_demo, starter_files

FOLDER = Path(starter_files.__file__).parent / "starter"


class Command(BaseCommand):
    """Idempotent: run it at every start."""

    help = (
        "Creates the starter pages, facts, offices, questions and sources that do not exist yet, and publishes the "
        "pages that it created. Whatever staff created or changed stays as it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Where from, and whether made-up values are wanted."""
        parser.add_argument("--folder", type=Path, default=FOLDER, help="the folder with the *.toml files")
        parser.add_argument(
            "--demo",
            action="store_true",
            help="also give what only the clinic knows (phone, addresses) made-up values; a live site refuses them",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, then say what was created."""
        try:
            lines = starter_content.load(starter_files.read(options["folder"]))
        except starter_files.StarterFileError as error:
            raise CommandError(str(error)) from error
        if options["demo"]:
            lines += starter_demo.fill()
        if options["verbosity"] > 1:
            for line in lines:
                self.stdout.write(line)
        self.stdout.write(f"Starter content: {len(lines)} things created or filled in.")
