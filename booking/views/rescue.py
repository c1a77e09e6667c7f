"""Keeps what was typed on a page of the request that came back without its token, so that nothing is typed twice.
Must not accept it: the page is shown again, filled in, and sent again by the person herself."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import resolve
from django.urls.exceptions import Resolver404
from django.utils import timezone

from booking.forms import ContactForm, TimesForm, VisitForm
from booking.views.draft import Draft

# Page: the step whose answers it takes, and their names.
_STEPS: dict[str, tuple[str, Mapping[str, object]]] = {
    "booking:request": ("visit", VisitForm.base_fields),
    "booking:times": ("times", TimesForm.base_fields),
    "booking:contact": ("contact", ContactForm.base_fields),
}


def keep(request: HttpRequest) -> str:
    """Keep the answers of a post that our own page sent. The address to go on with; empty where there is none."""
    try:
        page = resolve(request.path_info).view_name
    except Resolver404:
        return ""
    if page == "booking:check" and Draft(request.session).exists:
        return request.get_full_path()
    if page not in _STEPS or not comes_from_here(request):
        return ""
    step, fields = _STEPS[page]
    draft = Draft(request.session)
    draft.begin(now=timezone.now())
    draft.refuse(step, request.POST, list(fields))
    return request.get_full_path()


def comes_from_here(request: HttpRequest) -> bool:
    """Without a token only the browser's word tells our page from a stranger's; a browser that gives none keeps
    nothing."""
    claimed = request.headers.get("Sec-Fetch-Site")
    if claimed is not None:
        return claimed == "same-origin"
    origin = request.headers.get("Origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.get_host()
