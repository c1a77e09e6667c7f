"""The real settings in a zone in which it is day, for journeys that wait for texts.
Must not differ in anything else."""

import os

from clinic_site.settings import *  # noqa: F403

TIME_ZONE = os.environ["JOURNEY_ZONE"]
