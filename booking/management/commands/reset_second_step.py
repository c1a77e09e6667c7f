"""Takes the second step of a sign-in away from somebody who lost the phone and the recovery codes. Must not touch the
password."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from booking.models import SecondFactor


class Command(BaseCommand):
    """`manage.py reset_second_step NAME`."""

    help = "Lets a member of staff set up the second step again. For whoever lost the phone and the recovery codes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The name that is typed to sign in."""
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete it and its codes."""
        if not SecondFactor.objects.filter(user__username=options["username"]).delete()[0]:
            raise CommandError("Nobody of this name has set up a second step.")
        self.stdout.write("Done. At the next sign-in it can be set up again.")
