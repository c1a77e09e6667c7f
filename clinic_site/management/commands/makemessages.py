"""Collects the words that patients read into the Spanish catalogue. Must not collect the staff's: their screens are
English, and a catalogue in which everything has to be translated shows at once what is missing."""

from typing import Any

from django.core.management.commands import makemessages

STAFF_ONLY = (
    "templates/admin/*",
    "pages/templates/*",
    "pages/admin/*",
    "pages/editing/*",
    "pages/management/*",
    "pages/models/*",
    "pages/apps.py",
    "pages/fact_list.py",
    "pages/publishing.py",
    "pages/table_text.py",
    "pages/transfer/*",
    "booking/admin/*",
    "clinic_site/admin.py",
    "clinic_site/staff_errors.py",
    "booking/management/*",
    "booking/messaging/*",
    "booking/simulator/*",
    "booking/apps.py",
    "booking/contact_details.py",
    "booking/reports.py",
    "booking/sign_in.py",
    "booking/staff_alert.py",
    "booking/offers.py",
    "booking/staff_forms.py",
    "booking/timetable_forms.py",
    "booking/models/closings.py",
    "booking/models/desk.py",
    "booking/models/doctor_calendar.py",
    "booking/models/flow_counts.py",
    "booking/models/messages.py",
    "booking/models/offers.py",
    "booking/models/sign_in.py",
    "booking/models/timetable.py",
    "booking/models/wordings.py",
    "clinic_site/launch/*",
    "clinic_site/management/*",
)
NOT_OURS = (".venv", "var", "tests", "*/migrations/*")


class Command(makemessages.Command):
    """`manage.py makemessages`; translate; `manage.py compilemessages --ignore .venv`. Needs GNU gettext."""

    def handle(self, *args: Any, **options: Any) -> None:
        """The same options each time, so that a run changes only what changed."""
        fixed = {"add_location": "file", "no_wrap": True, "no_obsolete": True, "extensions": ["py", "html", "svg"]}
        ignored = [*options["ignore_patterns"], *STAFF_ONLY, *NOT_OURS]
        super().handle(*args, **{**options, **fixed, "locale": ["es"], "ignore_patterns": ignored})
