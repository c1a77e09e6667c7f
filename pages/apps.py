"""Names the pages app to Django and loads its system checks. Must not hold rules."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    """What the clinic says: pages, facts, offices."""

    name = "pages"
    verbose_name = _("Website content")

    def ready(self) -> None:
        """Register the system checks."""
        from pages import checks  # noqa: F401, PLC0415 (models must be loaded first)
