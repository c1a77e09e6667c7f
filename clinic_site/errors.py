"""Error pages that Django asks for by name. Must not need the session nor, if need be, the database."""

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def page_was_open_too_long(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a matching token: mostly a page left open, or cookies switched off. Answers stay in the
    session. `reason` is Django's own text and is not shown."""
    try:
        return render(request, "403_csrf.html", status=403)
    except DatabaseError:  # the clinic's phone is not known then; the page still is
        return HttpResponse(render_to_string("403_csrf.html"), status=403)
