"""The site's settings with two more addresses, the bare views. Must not change anything that is measured."""

from clinic_site.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.urls"
