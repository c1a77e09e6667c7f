"""Error pages that Django asks for by name. Must not need the database, the session or a context processor."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def page_was_open_too_long(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a matching token: mostly a page left open, or cookies switched off. Answers stay in the
    session. `reason` is Django's own text and is not shown."""
    return render(request, "403_csrf.html", status=403)
