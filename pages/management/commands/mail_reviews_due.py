"""manage.py mail_reviews_due: mails staff what is due for a check. Must not decide what is due."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from pages.editing import review_mail


class Command(BaseCommand):
    """Run it every day: it sends at most once a week, and nothing while nothing is due."""

    help = "Mails STAFF_EMAIL the pages and questions that are due for a check, at most once a week."

    def handle(self, *args: Any, **options: Any) -> None:
        """Send, then say what was done."""
        count = review_mail.send(now=timezone.now())
        if options["verbosity"]:
            self.stdout.write("Nothing was sent." if count is None else f"Mailed a list of {count} things.")
