"""Loads the checks over the settings. Must not hold rules."""

from django.apps import AppConfig


class ClinicSiteConfig(AppConfig):
    """Wires the apps together."""

    name = "clinic_site"

    def ready(self) -> None:
        """Register the system checks."""
        from clinic_site import checks  # noqa: F401, PLC0415 (the one place where Django wants a late import)
