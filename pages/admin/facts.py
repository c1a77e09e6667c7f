"""Lets staff change facts. Must not add or delete any: the list is closed (pages/fact_list.py)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pages.admin.editing import ContentAdmin
from pages.fact_list import FACTS
from pages.models import Fact


class FactForm(forms.ModelForm):
    """The value, and its Spanish where it has words."""

    class Meta:
        model = Fact
        fields = ["value", "value_es"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.spec.is_bilingual:
            self.fields.pop("value_es", None)


@admin.register(Fact)
class FactAdmin(ContentAdmin):
    """One list of all facts; each says what it is and how to use it in a text."""

    form = FactForm
    list_display = ["label", "key", "value", "value_es", "state", "changed_at", "changed_by"]
    search_fields = ["key", "value"]
    readonly_fields = ["token", "unit", "state"]

    @admin.display(description=_("fact"))
    def label(self, fact: Fact) -> str:
        """What the fact is."""
        return str(fact)

    @admin.display(description=_("write in texts"))
    def token(self, fact: Fact) -> str:
        """What an editor types where the value belongs."""
        return f"{{{{{fact.key}}}}}"

    @admin.display(description=_("unit"))
    def unit(self, fact: Fact) -> str:
        """What the number counts."""
        return str(fact.spec.unit or "-")

    @admin.display(description=_("state"))
    def state(self, fact: Fact) -> str | Promise:
        """What keeps a live site from using it."""
        if fact.is_placeholder:
            return _("Made up: enter the real one")
        if not fact.value:
            return _("Not known: sentences with it are hidden")
        if fact.spec.is_bilingual and not fact.value_es:
            return _("Spanish is missing: Spanish sentences with it are hidden")
        return _("Medical: needs the doctor's sign-off") if fact.spec.medical else ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Fact]:
        """A row whose key left the list is no fact any more."""
        return super().get_queryset(request).filter(key__in=FACTS)

    def get_fields(self, request: HttpRequest, obj: Fact | None = None) -> list[Any]:
        """The Spanish value only where there is one."""
        words = ["value", "value_es"] if obj is not None and obj.spec.is_bilingual else ["value"]
        return ["token", *words, "unit", "state"]

    def has_add_permission(self, request: HttpRequest, obj: Fact | None = None) -> bool:
        """The list is closed."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Fact | None = None) -> bool:
        """Empty the value instead."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Fact | None = None) -> bool:
        """Medical facts change what patients do: they need the permission that medical pages need."""
        allowed = super().has_change_permission(request, obj)
        if obj is not None and obj.spec.medical:
            return allowed and request.user.has_perm("pages.publish_medical_page")
        return allowed

    def save_model(self, request: HttpRequest, obj: Fact, form: Any, change: bool) -> None:
        """A value that somebody entered is no longer made up."""
        if {"value", "value_es"} & set(form.changed_data):
            obj.is_placeholder = False
        obj.changed_by_id = request.user.pk
        super().save_model(request, obj, form, change)
