"""Lets managers take all content out as one file and bring such a file in. Must not read or write content itself
(pages/transfer does)."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractUser
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from pages.models import Page
from pages.transfer import file, incoming, outgoing

# A file changes everything that these rights protect one by one.
NEEDED = ("pages.change_page", "pages.delete_page", "pages.publish_page", "pages.publish_medical_page")
MOST_LINES = 500


class FileForm(forms.Form):
    """The file, and whether only to look."""

    file = forms.FileField(
        label=_("File of content"),
        widget=forms.FileInput({"accept": ".json,application/json"}),
        # Larger ones do not reach this form: the settings keep no upload on the disk.
        error_messages={"required": _("Choose a file of at most 2.5 MB. For a larger one use import_content.")},
    )
    how = forms.ChoiceField(
        label=_("What to do"),
        choices=[("look", _("Show what would change")), ("do", _("Make the content of this site what the file says"))],
        initial="look",
        widget=forms.RadioSelect,
    )


def screen(request: HttpRequest) -> HttpResponse:
    """One file out, one file in."""
    user = _manager(request)
    form = FileForm(request.POST or None, request.FILES or None)
    lines: list[str] | None = None
    if request.method == "POST" and form.is_valid():
        lines = _take_over(request, form.cleaned_data, user)
    context: dict[str, Any] = {"title": _("All content as one file"), "opts": Page._meta, "form": form}
    frame = {**admin.site.each_context(request), **context, "lines": lines}
    return render(request, "admin/pages/transfer.html", frame)


@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """The file."""
    user = _manager(request)
    now = timezone.now()
    try:
        text = file.written(outgoing.content(), made_at=now)
    except outgoing.NeverStillError as error:
        return HttpResponse(str(error), status=503, content_type="text/plain; charset=utf-8")
    _write_down(user, "Took all content out as a file.")
    name = f"content-{timezone.localdate(now).isoformat()}.json"
    return HttpResponse(
        text,
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def _take_over(request: HttpRequest, data: dict[str, Any], user: AbstractUser) -> list[str] | None:
    dry_run = data["how"] == "look"
    try:
        report = incoming.take_over(file.read(data["file"].read()), by=user, now=timezone.now(), dry_run=dry_run)
    except file.UnusableFileError as error:
        messages.error(request, f"{error} " + _now("Nothing was changed."))
        return None
    count = len(report.lines)
    if not dry_run:
        _write_down(user, f"Brought in a file of content; lines of change: {count}.")
    words = ngettext("%(count)d thing changed.", "%(count)d things changed.", count)
    if dry_run:
        words = ngettext("%(count)d thing would change.", "%(count)d things would change.", count)
    messages.success(request, words % {"count": count})
    return report.lines[:MOST_LINES]


def _write_down(user: AbstractUser, words: str) -> None:
    LogEntry.objects.create(
        user_id=user.pk,
        content_type=ContentType.objects.get_for_model(Page),
        object_repr="All content",
        action_flag=CHANGE,
        change_message=words,
    )


def _manager(request: HttpRequest) -> AbstractUser:
    if not isinstance(request.user, AbstractUser) or not request.user.has_perms(NEEDED):
        raise PermissionDenied
    return request.user
