"""Brings this machine's database, static files, starter content and staff groups in step with the code. Must be safe to
run at every start: it never overwrites what staff changed."""

from io import StringIO
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from clinic_site import static_stamp
from pages import error_files


class Command(BaseCommand):
    """`manage.py prepare`: what `make run` does before it starts anything."""

    help = (
        "Check the settings, migrate, collect static files when they changed, load starter content, write the error "
        "pages, set up staff."
    )
    requires_system_checks: list[str] = []  # done here, as sentences

    def handle(self, **_: Any) -> None:
        """One step after the other; the first that cannot be done ends the command with a sentence."""
        self._check()
        self._step("Database", self._migrate)
        self._step("Static files", self._collect)
        self._step("Starter content", self._load)
        self._step("Error pages", self._write_error_pages)
        call_command("setup_staff_groups", verbosity=0, stdout=self.stdout)
        if not settings.IS_PRODUCTION:
            call_command("demo_staff", stdout=self.stdout)

    def _check(self) -> None:
        """Problems of the settings; warnings are said, errors end it."""
        found = [problem for problem in checks.run_checks() if not problem.is_silenced()]
        for problem in found:
            self.stderr.write(f"{problem.msg} {problem.hint or ''}".rstrip())
        if any(problem.is_serious() for problem in found):
            raise CommandError("Nothing was started. Put the settings right first.")

    def _step(self, name: str, work: Any) -> None:
        said = work()
        self.stdout.write(f"{name}: {said}")
        self.stdout.flush()

    def _migrate(self) -> str:
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except OperationalError:
            raise CommandError(
                "The database cannot be reached or written to. Check DATABASE_URL, and that its server runs."
            ) from None
        return "ready"

    def _collect(self) -> str:
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        if settings.DEBUG:
            return "served from the source"
        stamp = static_stamp.current()
        if static_stamp.stored() == stamp:
            return "unchanged"
        call_command("collectstatic", interactive=False, verbosity=0)
        static_stamp.store(stamp)
        return "collected and compressed"

    def _write_error_pages(self) -> str:
        try:
            return f"{error_files.write()} written"
        except OSError as error:
            return f"not written to {settings.ERROR_PAGES} ({error.strerror}); the site works without"

    def _load(self) -> str:
        said = StringIO()
        demo = {} if settings.IS_PRODUCTION else {"demo": True}
        call_command("load_starter_content", stdout=said, **demo)
        if not settings.IS_PRODUCTION:
            call_command("load_demo_clinic", verbosity=0)
        return said.getvalue().strip().removeprefix("Starter content: ")
