"""Keeps what staff typed when they were signed out for being idle, until they have signed in again and sent it; also
what they sent from a page that was too old. Must not send anything by itself, nor show it to anybody else; the session
that holds it is encrypted."""

import re
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

_KEPT = "kept_form"
PAGE_WAS_OLD = "page_was_old"
TEMPLATE = "admin/kept_form.html"
MOST_CHARACTERS = 100_000
THROW_AWAY = "throw-kept-form-away"
# Good once or for half a minute, or a secret address that no page shows: typed anew, never kept.
_SECRET = ("code", "feed_address")
_SIGNED_OUT, _TOO_OLD = "You were signed out while you typed", "The page was too old to be sent"
# What the browser adds by itself, and which button was pressed.
_NOT_TYPED = ("csrfmiddlewaretoken", "seen", "mistake", "shown", "against", "number", "form_id", "calls")
_OF_THE_MACHINE = re.compile(r"_|initial-|.*-(?:TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS$|.*-id$|.*__prefix__")
_LANGUAGE = {"en": "English", "es": "Spanish"}


def of(request: HttpRequest) -> dict[str, Any] | None:
    """What a form that was just sent holds; None for what is no form, holds a password, or is too much."""
    if request.method != "POST":
        return None
    data = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    size = sum(len(text) for values in data.values() for text in values)
    is_secret = any("password" in name for name in data) or any(any(data.get(name, ())) for name in _SECRET)
    if not data or size > MOST_CHARACTERS or is_secret:
        return None
    return {"path": request.get_full_path(), "user": request.user.pk, "data": data}


def keep(request: HttpRequest, form: dict[str, Any] | None) -> None:
    """Put it into the session that remains after signing out."""
    if form is not None:
        request.session[_KEPT] = form


def answer(request: HttpRequest) -> HttpResponse | None:
    """After signing in again: the page that shows what was typed and sends it on a press; None when nothing is kept
    for this person and address. Sending the form, from there or anew, ends the keeping."""
    form = request.session.get(_KEPT)
    if form is None:
        return None
    if form["user"] != request.user.pk:  # somebody else sat down
        del request.session[_KEPT]
        return None
    if form["path"] != request.get_full_path():
        return None
    if request.method == "POST":
        del request.session[_KEPT]
        return redirect(form["path"]) if THROW_AWAY in request.POST else None
    return render(request, TEMPLATE, _context(request, form)) if request.method == "GET" else None


def _context(request: HttpRequest, form: dict[str, Any]) -> dict[str, Any]:
    pairs = [(name, text) for name, values in form["data"].items() for text in values]
    typed = [(_label(name), text) for name, text in pairs if text.strip() and not _was_not_typed(name)]
    return {
        **admin.site.each_context(request),
        "title": _TOO_OLD if form.get(PAGE_WAS_OLD) else _SIGNED_OUT,
        "pairs": pairs,
        "typed": typed,
        "action": form["path"],
        "throw_away": THROW_AWAY,
    }


def _was_not_typed(name: str) -> bool:
    return name in _NOT_TYPED or _OF_THE_MACHINE.match(name) is not None


def _label(name: str) -> str:
    """The name of a field as people read it: of “points-0-text_es” “Text (Spanish), 1”."""
    *rows, field = name.split("-")
    stem, _underscore, last = field.rpartition("_")
    words = f"{stem} ({_LANGUAGE[last]})" if stem and last in _LANGUAGE else field
    number = next((f", {int(row) + 1}" for row in reversed(rows) if row.isdecimal()), "")
    return f"{words[:1].upper()}{words[1:].replace('_', ' ')}{number}"
