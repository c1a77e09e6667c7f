"""Names the booking app to Django and loads its system checks. Must not hold rules."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class BookingConfig(AppConfig):
    """Appointment requests, the doctor's time, and texts."""

    name = "booking"
    verbose_name = _("Appointment requests")

    def ready(self) -> None:
        """Register the system checks."""
        from booking.messaging.twilio_checks import CHECKS  # noqa: PLC0415 (apps are not loaded before)

        for check in CHECKS:
            register(check, Tags.security)
