"""The site's addresses and two bare views to compare with. Must not use anything of the site's."""

import os
from functools import lru_cache
from pathlib import Path

from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.crypto import get_random_string

from clinic_site.urls import urlpatterns as site_urlpatterns


@lru_cache(maxsize=1)
def _html() -> bytes:
    return Path(os.environ["BENCH_PAGE"]).read_bytes()


def page(request: HttpRequest) -> HttpResponse:
    """The same page as it is, uncompressed, with the length that Django's own middleware would add."""
    return HttpResponse(_html(), headers={"Content-Length": len(_html())})


def write(request: HttpRequest) -> HttpResponse:
    """One row through the ORM."""
    Session.objects.create(session_key=get_random_string(32), session_data="x", expire_date=timezone.now())
    return HttpResponse(b"ok")


urlpatterns = [path("bench/page/", page), path("bench/write/", write), *site_urlpatterns]
