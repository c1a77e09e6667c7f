"""The words of messages, changed by managers: look at every extreme, then save; go back to any older version. Must not
judge words itself (booking/messaging/wording_rules.py does) and sends nothing.

Words are saved in two presses: the first shows what patients will get, the second saves exactly what was shown.
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.admin import asked_for, rights, words
from booking.admin.read_only import ReadOnlyAdmin
from booking.messaging import wording, wording_rules, wording_versions
from booking.messaging.wording_versions import Channel, SavedMeanwhile, Words
from booking.models import WordingVersion

LANGUAGES = WordingVersion.Language
LONGEST_INPUT = 2000


class WordingForm(forms.Form):
    """The words, one sentence a line. `based_on` is the version they were made from, `shown` proves the preview."""

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=120, required=False)
    text = forms.CharField(
        label=gettext_lazy("Words, one sentence a line"),
        help_text=gettext_lazy("A line whose value is not known (a phone number, say) is left out."),
        max_length=LONGEST_INPUT,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "true"}),
        error_messages={"required": gettext_lazy("Write the words: an empty message cannot be sent.")},
    )
    based_on = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def words(self) -> Words:
        """What was written, with the spaces tidied up."""
        lines = (" ".join(line.split()) for line in self.cleaned_data["text"].splitlines())
        return Words(-1, tuple(line for line in lines if line), " ".join(self.cleaned_data["subject"].split()))


@dataclass(frozen=True)
class Target:
    """Which words: a kind, a channel, a language."""

    kind: str
    channel: str
    language: str

    @classmethod
    def of(cls, kind: str, channel: str, language: str) -> "Target":
        """From an address; one that does not exist is a 404."""
        if kind not in wording.KINDS or channel not in Channel.values or language not in LANGUAGES.values:
            raise Http404
        return cls(kind, channel, language)

    @property
    def where(self) -> dict[str, str]:
        """As the registry takes it."""
        return {"channel": self.channel, "language": self.language}

    @property
    def url(self) -> str:
        """The address of its page."""
        return reverse("admin:booking_wordingversion_words", args=[self.kind, self.channel, self.language])

    @property
    def title(self) -> str:
        """“Time set: text, Spanish”."""
        channel, language = str(Channel(self.channel).label).lower(), str(LANGUAGES(self.language).label)
        return f"{words.kind_words(self.kind)}: {channel}, {language}"

    def proof(self, written: Words, *, based_on: int) -> str:
        """Shows that exactly these words were looked at."""
        said = "\n".join((self.kind, self.channel, self.language, str(based_on), written.subject, written.text))
        return salted_hmac("booking.admin.wordings", said, algorithm="sha256").hexdigest()


@admin.register(WordingVersion)
class WordingVersionAdmin(ReadOnlyAdmin):
    """One table of all messages; each cell leads to its words."""

    def has_view_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        """Who may change words, and nobody else."""
        return rights.may(request.user, "wording")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The same."""
        return self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        """The page of one kind, channel and language."""
        wrap = self.admin_site.admin_view
        own = path("<slug:kind>/<slug:channel>/<slug:language>/", wrap(one), name="booking_wordingversion_words")
        return [own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Every message there is, its length at worst, and whose words are in force."""
        rights.must(request, "wording")
        saved = wording_versions.newest_of_all()
        kinds = [
            {"name": words.kind_words(kind), "cells": [_cell(kind, *column, saved) for column in _COLUMNS]}
            for kind in wording.KINDS
        ]
        context = {**self.admin_site.each_context(request), "title": _("Words of messages"), "kinds": kinds}
        return TemplateResponse(request, "admin/booking/wordings.html", context)


_COLUMNS = tuple((channel, language) for channel in Channel.values for language in LANGUAGES.values)


def _cell(kind: str, channel: str, language: str, saved: dict[tuple[str, str, str], WordingVersion]) -> dict[str, Any]:
    target = Target(kind, channel, language)
    row = saved.get((kind, channel, language))
    cell: dict[str, Any] = {"url": target.url, "label": target.title, "row": row}
    if channel == Channel.SMS:
        in_force = wording_versions.words_of(row) if row else wording_versions.built_in(kind, **target.where)
        worst = wording_rules.longest(kind, in_force, language=language)
        cell |= {"worst": worst, "is_too_long": worst.parts > wording_rules.MOST_PARTS[language]}
    return cell


def one(http: HttpRequest, kind: str, channel: str, language: str) -> HttpResponse:
    """The words of one message: read, preview, save, bring back."""
    rights.must(http, "wording")
    target = Target.of(kind, channel, language)
    in_force = wording_versions.current(kind, **target.where)
    if http.method != "POST":
        return _page(http, target, in_force, form=_form_for(in_force), looked_at=in_force)
    if "restore" in http.POST:
        return _bring_back(http, target, in_force)
    form = WordingForm(http.POST)
    if not form.is_valid():
        return _page(http, target, in_force, form=form)
    written, based_on = form.words(), form.cleaned_data["based_on"]
    if found := wording_rules.problems(kind, written, **target.where):
        return _page(http, target, in_force, form=form, problems=found)
    proof = target.proof(written, based_on=based_on)
    if "save" in http.POST and constant_time_compare(form.cleaned_data["shown"], proof):
        return _save(http, target, in_force, written, based_on=based_on) or _page(
            http, target, in_force, form=form, looked_at=written, was_overtaken=True
        )
    return _page(http, target, in_force, form=form, looked_at=written, proof=proof)


def _form_for(in_force: Words, *, shown: str = "") -> WordingForm:
    first = {"subject": in_force.subject, "text": in_force.text, "based_on": in_force.number, "shown": shown}
    return WordingForm(initial=first)


def _bring_back(http: HttpRequest, target: Target, in_force: Words) -> HttpResponse:
    """Save older words once more. They have to pass the rules of today."""
    asked = asked_for.number(http.POST["restore"])
    older = None if asked is None else wording_versions.version(target.kind, **target.where, number=asked)
    if older is None:
        raise Http404
    if found := wording_rules.problems(target.kind, older, **target.where):
        return _page(http, target, in_force, form=_form_for(in_force), problems=found)
    seen = asked_for.number(http.POST.get("based_on", ""))
    based_on = -1 if seen is None else seen
    return _save(http, target, in_force, older, based_on=based_on, restores=older.number) or _page(
        http, target, in_force, form=_form_for(in_force), looked_at=in_force, was_overtaken=True
    )


def _save(
    http: HttpRequest, target: Target, in_force: Words, written: Words, *, based_on: int, restores: int | None = None
) -> HttpResponse | None:
    """Save and go back to the page; None when somebody else was faster."""
    if written.text == in_force.text and written.subject == in_force.subject:
        messages.info(http, _("Nothing was changed: these words are in force already."))
        return redirect(target.url)
    try:
        row = wording_versions.add(
            target.kind,
            **target.where,
            sentences=written.sentences,
            subject=written.subject if target.channel == Channel.EMAIL else "",
            based_on=based_on,
            restores=restores,
            by=rights.member(http),
            now=timezone.now(),
        )
    except SavedMeanwhile:
        return None
    admin.site.get_model_admin(WordingVersion).log_addition(http, row, target.title)
    messages.success(http, _("Saved as version %d. Messages from now on use these words.") % row.number)
    return redirect(target.url)


def _page(
    http: HttpRequest,
    target: Target,
    in_force: Words,
    *,
    form: WordingForm,
    looked_at: Words | None = None,
    problems: list[str] | None = None,
    proof: str = "",
    was_overtaken: bool = False,
) -> HttpResponse:
    is_refused = bool(problems) or was_overtaken
    history = wording_versions.history(target.kind, **target.where)
    context = {
        **admin.site.each_context(http),
        "title": target.title,
        "target": target,
        "form": form,
        "problems": problems or [],
        "is_refused": is_refused,
        "proof": proof,
        "was_overtaken": was_overtaken,
        "in_force": in_force,
        "built_in": wording_versions.built_in(target.kind, **target.where),
        "history": history,
        "slots": sorted(wording_rules.slots_of(target.kind, channel=target.channel)),
        "needed": wording_rules.needed(target.kind, **target.where),
        "samples": wording_rules.samples(target.kind, looked_at, **target.where) if looked_at else [],
        "is_text": target.channel == Channel.SMS,
        "most_parts": wording_rules.MOST_PARTS[target.language],
    }
    status = 422 if is_refused or form.errors else 200
    return TemplateResponse(http, "admin/booking/wording.html", context, status=status)
