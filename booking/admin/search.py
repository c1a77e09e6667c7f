"""Keeps what staff search for in their encrypted session: a phone or a name must stand in no address, no log and no
browser's history. Must not look anybody up (booking/admin/look_up.py does)."""

import secrets
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from booking.admin import rights

FIELD, PARAMETER = "q", "found"
LONGEST, KEPT = 100, 5  # a search for each of a few tabs
_SESSION = "desk_searches"


@require_http_methods(["GET", "HEAD", "POST"])
def search(http: HttpRequest) -> HttpResponse:
    """Remember what was typed and show the list of what it finds; the address holds a random word alone."""
    rights.must(http, "look")
    queue = reverse("admin:booking_appointmentrequest_changelist")
    text = http.POST.get(FIELD, "").strip()[:LONGEST]
    if not text:  # nothing typed, or back from signing in again
        return redirect(queue)
    name = secrets.token_urlsafe(6)
    kept = {**http.session.get(_SESSION, {}), name: text}
    http.session[_SESSION] = dict(list(kept.items())[-KEPT:])
    return redirect(f"{queue}?{urlencode({PARAMETER: name})}")


def typed(http: HttpRequest) -> str:
    """What the list in this tab was searched for, or nothing."""
    return str(http.session.get(_SESSION, {}).get(http.GET.get(PARAMETER, ""), ""))
