"""The WSGI application. Refuses to start with a wrong environment: better no site than one that loses data."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic_site.settings")

application = get_wsgi_application()

from clinic_site import env  # noqa: E402 (settings must have been read)

if env.PROBLEMS:
    for found in env.PROBLEMS:
        print(f"{found.message} {found.hint}", file=sys.stderr)
    sys.exit(2)
