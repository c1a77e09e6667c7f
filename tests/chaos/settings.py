"""The site's settings with shorter waits and a clinic where it is noon. Must not switch anything off."""

import os

from clinic_site.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.chaos.waits.Waits"]  # noqa: F405
# Quiet hours and reminders go by the clinic's wall clock: a run at night would test nothing else.
TIME_ZONE = os.environ["CHAOS_ZONE"]
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"handlers": [], "level": "ERROR"}}
