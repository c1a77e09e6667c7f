"""What staff read when something under /admin/ went wrong: what happened and where to go on. Must not show what
happened inside, nor say whether what was asked for exists; needs no database and no session where they are gone."""

from dataclasses import dataclass

from django.contrib import admin
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from booking.admin import rights
from booking.views import rescue
from clinic_site import kept_form

STAFF_PATH = "/admin/"
TEMPLATE = "admin/error.html"


@dataclass(frozen=True)
class Words:
    """The heading and what to do, a sentence or two each."""

    title: str | Promise
    text: tuple[str | Promise, ...]


@dataclass(frozen=True)
class _Onward:
    """The press that leads on."""

    url: str
    label: str | Promise


_GO_BACK = _("Nothing was saved. Go back and try again. If it happens again, tell the person who runs the site.")
WORDS: dict[str, Words] = {
    "400": Words(_("We could not read that"), (_("Something in the address or the form was damaged."), _GO_BACK)),
    "403": Words(
        _("You may not open this"),
        (_("Your account has no right to it. Nothing was changed."), _("Ask who manages the accounts if you need it.")),
    ),
    "404": Words(
        _("This page is not there"),
        (
            _("The address is wrong, or what it led to is gone."),
            _("If you followed a link of ours, load that page again."),
        ),
    ),
    "405": Words(
        _("This page does not take what was sent"), (_("Nothing was changed. Go back and load the page again."),)
    ),
    "413": Words(_("That is too much to send at once"), (_("Nothing was saved. Send less, or a smaller file."),)),
    "500": Words(
        _("Something failed on our side"),
        (
            _("This is not your mistake. Look whether it was saved before you send it again."),
            _("If it happens again, tell the person who runs the site."),
        ),
    ),
}
_TOO_OLD = _("The page was open too long")
_COOKIES = _("If this happens again, allow cookies for this site.")


def is_for_staff(request: HttpRequest) -> bool:
    """Whether this address is one of the staff's."""
    return request.path_info.startswith(STAFF_PATH)


def answer(request: HttpRequest, name: str, *, status: int) -> HttpResponse:
    """The page for one of WORDS."""
    return _page(WORDS[name], status=status, user=_staff_of(request))


def failed() -> HttpResponse:
    """500. Asks nobody anything: whatever failed may fail again."""
    return _page(WORDS["500"], status=500, user=None)


def page_was_open_too_long(request: HttpRequest) -> HttpResponse:
    """A form without a matching token: signing in changes it, so mostly a tab that is older than that.

    Who is signed in already is led on. What was typed on a page of ours waits to be sent with one press; of what
    another site sent nothing is kept.
    """
    user = _staff_of(request)
    if request.path_info == reverse("admin:login"):
        return _sign_in_page_was_old(request, user)
    text = [_("For safety a page stops working after some time, and when you sign in again in another tab.")]
    onward = None
    if user is not None and _keeps(request):
        text.append(_("We kept what you typed. Nothing was saved yet: look at it and send it."))
        onward = _Onward(request.get_full_path(), _("See what I typed"))
    else:
        text += [_("Nothing was saved. Go back, load the page again and send it again."), _COOKIES]
    return _page(Words(_TOO_OLD, tuple(text)), status=403, user=user, onward=onward)


def _sign_in_page_was_old(request: HttpRequest, user: User | None) -> HttpResponse:
    if user is None:
        words = Words(_TOO_OLD, (_("You are not signed in. Open the sign-in page anew."), _COOKIES))
        return _page(words, status=403, user=None)
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    who = _now("You are signed in as %(name)s. Nothing more is to do here.") % {"name": user.get_username()}
    words = Words(_("You are signed in already, in another tab"), (who,))
    onward = _Onward(wanted if is_ours else reverse("admin:index"), _("Go on"))
    return _page(words, status=403, user=user, onward=onward)


def _keeps(request: HttpRequest) -> bool:
    typed = kept_form.of(request) if rescue.comes_from_here(request) else None
    kept_form.keep(request, typed and {**typed, kept_form.PAGE_WAS_OLD: True})
    return typed is not None


def _staff_of(request: HttpRequest) -> User | None:
    """Who asks, where that is known already and can be read."""
    user = getattr(request, "user", None)
    try:
        return user if user is not None and user.is_authenticated and user.is_staff else None
    except DatabaseError:
        return None


def _page(words: Words, *, status: int, user: User | None, onward: _Onward | None = None) -> HttpResponse:
    """Rendered without the request, so that nothing on it can ask the session or the database."""
    context = {
        "site_header": admin.site.site_header,
        "site_title": admin.site.site_title,
        "title": words.title,
        "text": words.text,
        "onward": onward,
        "is_signed_in": user is not None,
        "sees_queue": user is not None and rights.may(user, "look"),
    }
    return HttpResponse(render_to_string(TEMPLATE, context), status=status)
