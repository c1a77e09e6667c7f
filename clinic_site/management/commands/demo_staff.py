"""Makes one member of staff for trying things out on one's own machine. Must not run where strangers are patients."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError

NAME = "demo"


class Command(BaseCommand):
    """`manage.py demo_staff`."""

    help = f"Make the staff user “{NAME}” with a new password that is printed once. Does nothing when there is one."
    requires_system_checks: list[str] = []

    def handle(self, **_: Any) -> None:
        """The password is stored as a hash only; whoever lost it sets another one."""
        if settings.IS_PRODUCTION:
            raise CommandError("A public site gets no demo user. Make a real one with: manage.py createsuperuser")
        users = get_user_model().objects
        if users.filter(username=NAME).exists():
            self.stdout.write(
                f"Staff: the user “{NAME}” exists. New password: "
                f".venv/bin/python -m clinic_site.launch manage changepassword {NAME}"
            )
            return
        password = secrets.token_urlsafe(12)
        user = users.create_user(username=NAME, password=password, is_staff=True)
        user.groups.set(Group.objects.all())
        self.stdout.write(f"Staff: user {NAME}, password {password} (shown this once, never stored in clear)")
