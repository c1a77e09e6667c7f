"""Names the booking app to Django and loads its system checks. Must not hold rules."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BookingConfig(AppConfig):
    """Appointment requests, the doctor's time, and texts."""

    name = "booking"
    verbose_name = _("Appointment requests")
