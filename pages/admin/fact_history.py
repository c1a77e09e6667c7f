"""What staff press below a fact: undo the last change, sign a medical one off, refuse it. Must not write facts itself
(pages/editing/fact_changes.py does)."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import admin, messages
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pages.editing import fact_changes
from pages.fact_list import shown
from pages.models import Fact, FactChange

MOST_LINES = 50


@dataclass(frozen=True)
class Line:
    """One change in words; only the last one that was made can be undone."""

    change: FactChange
    old: str
    new: str
    can_undo: bool


def lines(fact: Fact) -> list[Line]:
    """The changes of a fact, newest first."""
    rows = list(fact.changes.select_related("made_by", "decided_by")[:MOST_LINES])
    last = fact_changes.last_made(fact)
    return [
        Line(row, in_words(fact, row.old_value, row.old_value_es), in_words(fact, row.value, row.value_es), row == last)
        for row in rows
    ]


def say(request: HttpRequest, made: FactChange) -> None:
    """What the press did."""
    words = {"fact": made.fact, "value": in_words(made.fact, made.value, made.value_es)}
    if made.state == FactChange.State.LIVE:
        messages.success(request, _("%(fact)s is now %(value)s, everywhere on the site.") % words)
    else:
        text = _("%(fact)s: %(value)s waits for sign-off. Until then everything stays as it is.")
        messages.warning(request, text % words)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the value before this change back."""
    return _pressed(request, pk, lambda made, user: say(request, fact_changes.undo(made, by=user)))


@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign a medical fact off."""

    def press(made: FactChange, user: AbstractUser) -> None:
        fact_changes.approve(made, by=user)
        made.refresh_from_db()
        say(request, made)

    return _pressed(request, pk, press)


@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave the fact as it is."""

    def press(made: FactChange, user: AbstractUser) -> None:
        fact_changes.refuse(made, by=user)
        messages.success(request, _("Refused. Nothing changed."))

    return _pressed(request, pk, press)


def _pressed(request: HttpRequest, pk: int, press: Callable[[FactChange, AbstractUser], None]) -> HttpResponse:
    user = request.user
    if not isinstance(user, AbstractUser) or not user.has_perm("pages.change_fact"):
        raise PermissionDenied
    made = get_object_or_404(FactChange.objects.select_related("fact"), pk=pk)
    try:
        press(made, user)
    except fact_changes.ChangeRefusedError as error:
        messages.error(request, str(error))
    else:
        admin.site._registry[Fact].log_change(request, made.fact, str(made))
    return HttpResponseRedirect(reverse("admin:pages_fact_change", args=[made.fact_id]))


def in_words(fact: Fact, value: str, value_es: str) -> str:
    """A value as people read it, with its Spanish."""
    if not value:
        return _("not known")
    return f"{shown(fact.key, value)} / {value_es}" if value_es else shown(fact.key, value)
