"""Two people who edit one thing at a time: the second is told on saving and sees what differs. Must not save anything.

A form carries a digest of everything that it shows, so that it does not matter how the row was changed meanwhile."""

import hashlib
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from pages.editing import difference
from pages.editing.difference import Change

# They change with every save, also with one that changes no word.
_NOT_SHOWN = {"changed_at", "changed_by_id"}


def state_of(model_admin: Any, request: HttpRequest, pk: Any) -> str:
    """A digest of the row and of the rows that its form shows with it."""
    model = model_admin.model
    rows = [_values(model, pk=pk)]
    for field in model._meta.many_to_many:
        rows.append(_values(field.remote_field.through, **{f"{model._meta.model_name}_id": pk}))
    for inline in model_admin.get_inline_instances(request):
        link = next(f for f in inline.model._meta.fields if f.remote_field and f.remote_field.model is model)
        rows.append(_values(inline.model, **{link.attname: pk}))
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:32]


def refusing(form: Any, words: str) -> Any:
    """The form class with one more reason not to save."""

    def clean(self: forms.ModelForm) -> Any:
        cleaned = super(made, self).clean()
        self.add_error(None, ValidationError(words, code="saved_meanwhile"))
        return cleaned

    made = type(form)(form.__name__, (form,), {"clean": clean, "saved_meanwhile": True})
    return made


def words(row: models.Model) -> str:
    """Who saved, when, and what to do now."""
    kind = ContentType.objects.get_for_model(row)
    last = LogEntry.objects.filter(content_type=kind, object_id=str(row.pk)).select_related("user").first()
    rest = _("Nothing was overwritten: your words are still in this form. Look at what differs, then save again.")
    if last is None:
        return _("Somebody saved this while you were editing.") + " " + rest
    who, at = last.user.get_full_name() or last.user.get_username(), timezone.localtime(last.action_time)
    said = _("%(who)s saved this at %(time)s while you were editing.")
    return said % {"who": who, "time": f"{at:%H:%M}"} + " " + rest


def differences(context: Any) -> list[Change]:
    """What is saved now against what this form would save; empty unless somebody else saved meanwhile."""
    form = context["adminform"].form
    if not getattr(form, "saved_meanwhile", False):
        return []
    changes = list(_of_form(form, ""))
    for inline in context.get("inline_admin_formsets", ()):
        for row in inline.formset.forms:
            name = str(row.instance) if row.instance.pk else str(_("new"))
            changes += _of_form(row, f"{inline.opts.verbose_name} “{name}”: ")
    return changes


def _of_form(form: Any, before: str) -> Iterator[Change]:
    for name in form.changed_data:
        bound = form[name]
        saved, mine = (_as_text(value) for value in (bound.initial, bound.value()))
        if saved != mine:
            yield Change(f"{before}{bound.label}", difference.words(saved, mine))


def _as_text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " ".join(sorted(str(getattr(part, "pk", part)) for part in value))
    text = "" if value is None else str(value)
    return difference.plain(text) if text.startswith("<") else text  # rich text starts with its first paragraph


def _values(model: type[models.Model], **which: Any) -> list[list[tuple[str, Any]]]:
    """Plain querysets: modeltranslation's managers would show one language alone."""
    rows: QuerySet[Any] = QuerySet(model).filter(**which).order_by("pk")
    return [[(name, value) for name, value in row.items() if name not in _NOT_SHOWN] for row in rows.values()]
