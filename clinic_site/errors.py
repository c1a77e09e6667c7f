"""Answers when something went wrong, each with what to do next and the phone number. Must not need the session nor, if
need be, the database; must not show what happened inside."""

from collections.abc import Callable

from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.views import defaults

from booking import links
from booking.models import AppointmentRequest
from booking.views import rescue
from clinic_site import staff_errors
from pages import error_files
from pages.paths import language_of


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400; 413 for more than any form of ours holds."""
    name = "413" if isinstance(exception, RequestDataTooBig) else "400"
    return _page(request, name, status=int(name))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return _page(request, "403", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """404: Django's, which shows 404.html with its frame; staff get a page of their own."""
    if staff_errors.is_for_staff(request):
        return staff_errors.answer(request, "404", status=404)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500. Whatever failed may fail again, so the page comes from a file."""
    if staff_errors.is_for_staff(request):
        return staff_errors.failed()
    language = language_of(request.path_info)
    with translation.override(language):
        html = error_files.read("500", language) or render_to_string("500.html")
    return HttpResponse(html, status=500)


def page_was_open_too_long(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a matching token: mostly a page left open, or cookies switched off. What was typed on a page of
    the request is kept. `reason` is Django's own text and is not shown."""
    if staff_errors.is_for_staff(request):
        return staff_errors.page_was_open_too_long(request)
    try:
        context = {"onward_url": rescue.keep(request)}
    except DatabaseError:
        context = {}
    return _page(request, "403_csrf", status=403, **context)


class WordsForRefusalsMiddleware:
    """An address that does not take what was sent (405) answers with a page, to people: Django sends nothing at all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Programs (Twilio, probes) get the bare status."""
        response = self.get_response(request)
        is_bare = response.status_code == 405 and not response.content
        if not is_bare or "text/html" not in request.headers.get("Accept", ""):
            return response
        page = _page(request, "405", status=405)
        page.headers["Allow"] = response.headers["Allow"]
        return page


def _page(request: HttpRequest, name: str, *, status: int, **context: str) -> HttpResponse:
    """The template with the clinic's phone; without a database the page that was written to a file. Staff get a page of
    their own."""
    if staff_errors.is_for_staff(request):
        return staff_errors.answer(request, name, status=status)
    language = language_of(request.path_info)
    try:
        hers = _opened_by(request)
        language = hers.page_language if hers else language
        her_url = links.path(hers) if hers else ""
        with translation.override(language):
            html: str = render_to_string(f"{name}.html", {**context, "her_url": her_url}, request)
    except DatabaseError:
        with translation.override(language):
            html = error_files.read(name, language) or render_to_string(f"{name}.html")
    return HttpResponse(html, status=status)


def _opened_by(request: HttpRequest) -> AppointmentRequest | None:
    """The request whose private link this address is: its pages speak the language it was sent in."""
    match = request.resolver_match
    token = match.kwargs.get("token", "") if match and match.app_name == "booking" else ""
    return links.find(token, now=timezone.now()) if token else None
