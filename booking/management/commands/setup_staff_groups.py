"""Creates the staff groups and their permissions; safe to run again. Must not create people."""

from typing import Any

from django.core.management.base import BaseCommand

from booking.admin import rights


class Command(BaseCommand):
    """Front desk, Editors and Managers."""

    help = "Create or update the staff groups (Front desk, Editors, Managers) and their permissions."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Set up and name the groups."""
        names = rights.set_up()
        self.stdout.write("Staff groups are ready: " + ", ".join(names) + ".")
