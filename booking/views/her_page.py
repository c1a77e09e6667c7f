"""What all of the patient's own pages share: finding her request by its token, the headers, the words around. Must not
show or change anything by itself."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse, translate_url
from django.utils import timezone, translation
from django.utils.translation import get_language

from booking import links, moves
from booking.models import ActorKind, AppointmentRequest
from pages import facts

HerView = Callable[[HttpRequest, AppointmentRequest, datetime], HttpResponse]


def her_page(view: HerView) -> Callable[..., HttpResponse]:
    """Opens the request of a token, in the language it was sent in; unknown and expired tokens alike get a page
    that helps. Never stored, never indexed."""

    @wraps(view)
    def page(request: HttpRequest, token: str) -> HttpResponse:
        now = timezone.now()
        found = links.find(token, now=now)
        # The address of an unknown link names no language: what the browser asks for is the best hint.
        with translation.override(found.page_language if found else translation.get_language_from_request(request)):
            if found is None:
                other = "en" if get_language() == "es" else "es"
                context = {"other_find_url": translate_url(reverse("booking:find"), other)}
                response = render(request, "booking/patient/unknown_link.html", context, status=404)
            else:
                response = view(request, found, now)
            response.headers["Content-Language"] = get_language() or "en"
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    return page


def common(hers: AppointmentRequest) -> dict[str, Any]:
    """What every page of hers needs."""
    language = hers.page_language
    return {
        "hers": hers,
        "token": links.token(hers),
        "short_name": facts.current().text("clinic_short_name", language=language),
        "status_url": links.path(hers),
    }


def allows(verb: str, hers: AppointmentRequest) -> bool:
    """Whether the patient may make this move now."""
    return moves.is_allowed(verb, source=hers.status, actor=ActorKind.PATIENT)
