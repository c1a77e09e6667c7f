"""Loads what can be requested and made-up hours of the doctor, for trying things out on one machine. Must not
overwrite a row that exists, nor run where strangers are patients."""

from datetime import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from booking import doctor_calendar
from booking.models import Service, WeeklyHours
from pages.models import Office, Physician

SERVICES: tuple[dict[str, Any], ...] = (
    {
        "key": "hsg",
        "name_en": "HSG test",
        "name_es": "Examen HSG",
        "setting": Service.Setting.OFFICE,
        "minutes": 45,
        "buffer_after": 15,
        "notice_hours": 24,
        "needs_preparation": True,
        "price_fact": "hsg_price",
        "position": 1,
    },
    {
        "key": "video",
        "name_en": "Video visit to ask questions",
        "name_es": "Visita por video para hacer preguntas",
        "setting": Service.Setting.VIDEO,
        "minutes": 30,
        "notice_hours": 24,
        "price_fact": "result_talk_value",
        "position": 2,
    },
    {
        "key": "unsure",
        "name_en": "I am not sure yet",
        "name_es": "Todavía no sé",
        "setting": Service.Setting.UNDECIDED,
        "minutes": 30,
        "position": 3,
    },
)
# Office (None: by video), weekdays (Monday is 0), from, to. Made up: the clinic has not told its hours yet.
HOURS: tuple[tuple[str | None, tuple[int, ...], time, time], ...] = (
    ("los-angeles", (0, 2), time(9), time(12)),
    ("los-angeles", (0, 2), time(13), time(17)),
    ("orange-county", (1,), time(9), time(16)),
    ("san-diego", (3,), time(10), time(16)),
    (None, (4,), time(9), time(13)),
)


class Command(BaseCommand):
    """`manage.py load_demo_clinic`."""

    help = (
        "Load visit types and made-up weekly hours of the doctor, and say that the doctors' calendars are right. "
        "Safe to run again: existing rows are kept."
    )

    def handle(self, **options: Any) -> None:
        """Visit types that are missing; hours only while there are none at all."""
        if settings.IS_PRODUCTION:
            raise CommandError("Made-up hours do not belong on a public site. Enter the real ones in the admin.")
        with transaction.atomic():
            services = sum(_add_service(values) for values in SERVICES)
            hours = _add_hours()
            _look_at_calendars()
        if options["verbosity"]:
            self.stdout.write(f"Added {services} visit types and {hours} weekly hours (made up, for trying out).")


def _add_service(values: dict[str, Any]) -> int:
    rest = {name: value for name, value in values.items() if name != "key"}
    return int(Service.objects.get_or_create(key=values["key"], defaults=rest)[1])


def _add_hours() -> int:
    physician = Physician.objects.first()
    if physician is None or WeeklyHours.objects.exists():
        return 0
    offices = {office.slug: office for office in Office.objects.all()}
    rows = [
        WeeklyHours(
            physician=physician, office=offices[slug] if slug else None, weekday=weekday, starts=starts, ends=ends
        )
        for slug, weekdays, starts, ends in HOURS
        for weekday in weekdays
        if slug is None or slug in offices
    ]
    return len(WeeklyHours.objects.bulk_create(rows))


def _look_at_calendars() -> None:
    """So that patients see days; in a real clinic staff press “The calendar is right”."""
    for physician in Physician.objects.all():
        doctor_calendar.confirm(physician=physician, by=None, now=timezone.now())
