"""The site and, in the same process, Django without any middleware for the bare views: nothing is barer than that."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.test.utils import override_settings

from clinic_site.wsgi import application as site

with override_settings(MIDDLEWARE=[]):
    bare = WSGIHandler()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The bare views under /bench/, the site elsewhere."""
    handler = bare if environ["PATH_INFO"].startswith("/bench/") else site
    return handler(environ, start_response)
