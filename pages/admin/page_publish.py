"""The last look before a page goes live: check, note, from when, until when. Must not write versions itself
(pages/publishing.py does)."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from pages import approvals, previews, publishing
from pages.models import Page, Publication
from pages.models.version import LANGUAGE_CHOICES
from pages.publishing import Check

# Medical pages are checked again after a year.
CHECK_EVERY = timedelta(days=365)


class PublishForm(forms.Form):
    """How to publish."""

    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    check = forms.ChoiceField(
        label=_("Medical check"),
        choices=[
            ("checked", _("The words were checked: the date becomes today")),
            ("same", _("No clinical change: the date stays")),
        ],
        widget=forms.RadioSelect,
        required=False,
    )
    checked_by = forms.CharField(label=_("Checked by"), max_length=120, required=False)
    starts_at = forms.DateTimeField(
        label=_("Goes live"), required=False, widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")
    )
    ends_at = forms.DateTimeField(
        label=_("Is taken away"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, page: Page, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not page.medical:
            del self.fields["check"], self.fields["checked_by"]

    def clean(self) -> dict[str, Any]:
        """A medical page says one or the other."""
        data = super().clean() or {}
        if "check" in self.fields and "check" not in self.errors:
            if not data.get("check"):
                self.add_error("check", ValidationError(_("Say whether the medical words were checked.")))
            elif data["check"] == "checked" and not data.get("checked_by"):
                self.add_error("checked_by", ValidationError(_("Enter the name that patients will read.")))
        return data

    def how(self) -> dict[str, Any]:
        """What publishing.publish() takes."""
        data, today = self.cleaned_data, timezone.localdate()
        is_checked = data.get("check") == "checked"
        check = Check(data["checked_by"], today, today + CHECK_EVERY) if is_checked else None
        return {"check": check, **{name: data[name] for name in ("note", "starts_at", "ends_at")}}


def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """What can be published and what stands in the way; a press publishes the chosen languages."""
    page = get_object_or_404(Page, pk=pk)
    if not isinstance(request.user, AbstractUser) or not request.user.has_perm("pages.change_page"):
        raise PermissionDenied
    initial = {"checked_by": page.checked_by or request.user.get_full_name()}
    form = PublishForm(request.POST or None, page=page, initial=initial)
    if request.method == "POST" and form.is_valid():
        chosen = [code for code, _name in LANGUAGE_CHOICES if code in request.POST.getlist("languages")]
        publish_in(request, page, chosen, **form.how())
        return HttpResponseRedirect(reverse("admin:pages_page_change", args=[page.pk]))
    context = {
        **admin.site.each_context(request),
        "title": _("Publish: %(page)s") % {"page": page},
        "page": page,
        "opts": Page._meta,
        "form": form,
        "may_publish": publishing.may_publish(page, by=request.user),
        "waiting": approvals.waiting(page),
        "languages": [_language(page, code, name) for code, name in LANGUAGE_CHOICES],
    }
    return render(request, "admin/pages/publish.html", context)


def share(request: HttpRequest, pk: int) -> HttpResponse:
    """Links by which people without an account see the draft for a week."""
    page = get_object_or_404(Page, pk=pk)
    if not isinstance(request.user, AbstractUser) or not request.user.has_perm("pages.view_page"):
        raise PermissionDenied
    token = previews.token(page.pk)
    links = [
        (name, request.build_absolute_uri(reverse(f"pages:preview_{code}", args=[token])))
        for code, name in LANGUAGE_CHOICES
    ]
    context = {"title": _("Share the draft: %(page)s") % {"page": page}, "page": page, "opts": Page._meta}
    ends_at = timezone.now() + previews.LASTS
    frame = {**admin.site.each_context(request), **context, "links": links, "ends_at": ends_at}
    return render(request, "admin/pages/share.html", frame)


def publish_in(request: HttpRequest, page: Page, languages: list[str], **how: Any) -> None:
    """Publish in each language and say how it went."""
    for language in languages:
        try:
            version = publishing.publish(page, language=language, by=request.user, **how)
        except publishing.PublishRefusedError as error:
            messages.error(request, f"{page} ({language}): {error}")
        else:
            starts_at = version.publication.starts_at
            words = _now("%(page)s (%(language)s): version %(number)d is live.")
            if starts_at:
                words = _now("%(page)s (%(language)s): version %(number)d goes live at %(moment)s.")
            moment = f"{timezone.localtime(starts_at):%Y-%m-%d %H:%M}" if starts_at else ""
            values = {"page": page, "language": language, "number": version.number, "moment": moment}
            messages.success(request, words % values)


def _language(page: Page, code: str, name: Any) -> dict[str, Any]:
    live = Publication.objects.filter(page=page, language=code).select_related("version").first()
    return {
        "code": code,
        "name": name,
        "obstacles": publishing.obstacles(page, language=code),
        "live": live.version if live else None,
        "preview_url": reverse("admin:pages_preview", args=[page.pk, code]),
    }
