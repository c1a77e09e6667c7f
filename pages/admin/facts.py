"""Lets staff change facts and shows what each did before and where it stands. Must not add or delete any: the list is
closed (pages/fact_list.py); nor write one itself (pages/editing/fact_changes.py does)."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from pages.admin import fact_history
from pages.admin.editing import ContentAdmin
from pages.editing import doubts, fact_changes, where_used
from pages.fact_list import FACTS, checked
from pages.models import Fact

SURE = "sure"


class FactForm(forms.ModelForm):
    """The value, and its Spanish where it has words."""

    decides_at_once = True
    doubt: doubts.Doubt | None = None  # what is asked before this is saved

    class Meta:
        model = Fact
        fields = ["value", "value_es"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.spec.is_bilingual:
            self.fields.pop("value_es", None)

    def clean(self) -> Any:
        """Two proposals for one fact would leave it to chance which is signed off."""
        if not self.decides_at_once and self.has_changed() and fact_changes.waiting(self.instance):
            raise ValidationError(_("A value is already waiting for sign-off. It has to be decided first."))
        cleaned = super().clean()
        if self.has_changed():
            self._ask_before()
        return cleaned

    def _ask_before(self) -> None:
        """A slip stands on every page at once. The tick that answers names the change that it was asked about."""
        fact = self.instance  # still as it is stored
        try:
            typed = {name: checked(fact.key, self.cleaned_data.get(name, "")) for name in ("value", "value_es")}
        except ValidationError:
            return  # the model says what is wrong
        if fact.value and not typed["value"] and doubts.is_needed(fact):
            self.add_error("value", _("The site needs this. Type the new value instead of leaving it empty."))
            return
        doubt = doubts.of(fact, **typed)
        if doubt is not None and self.data.get(SURE) != doubt.mark:
            self.doubt = doubt
            self.add_error(None, _("Nothing is saved yet. Tick the box, or type another value."))


@admin.register(Fact)
class FactAdmin(ContentAdmin):
    """One list of all facts; each says what it is and how to use it in a text."""

    form = FactForm
    change_form_template = "admin/pages/fact_change_form.html"
    list_display = ["label", "now", "state", "changed_at", "changed_by", "token"]
    list_select_related = ["changed_by"]
    search_fields = ["key", "value"]
    readonly_fields = ["token", "unit", "state"]

    @admin.display(description=_("fact"), ordering="key")
    def label(self, fact: Fact) -> str:
        """What the fact is."""
        return str(fact)

    @admin.display(description=_("value"), ordering="value")
    def now(self, fact: Fact) -> str:
        """The value as people read it, with its Spanish."""
        return fact_history.in_words(fact, fact.value, fact.value_es)

    @admin.display(description=_("write in texts"), ordering="key")
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
        return _("Medical: a change waits for sign-off") if fact.spec.medical else _("In use")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Fact]:
        """A row whose key left the list is no fact any more."""
        return super().get_queryset(request).filter(key__in=FACTS)

    def get_fields(self, request: HttpRequest, obj: Fact | None = None) -> list[Any]:
        """The Spanish value only where there is one."""
        words = ["value", "value_es"] if obj is not None and obj.spec.is_bilingual else ["value"]
        return [*words, "unit", "token", "state"]

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:
        """The form knows whether this person's change is live at once."""
        form = super().get_form(request, obj, change=change, **kwargs)
        form.decides_at_once = obj is None or fact_changes.may_decide(obj, by=request.user)
        return form

    def has_add_permission(self, request: HttpRequest, obj: Fact | None = None) -> bool:
        """The list is closed."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Fact | None = None) -> bool:
        """Empty the value instead."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Django's, undoing, and deciding what waits."""
        guard = self.admin_site.admin_view
        return [
            path("changes/<int:pk>/undo/", guard(fact_history.undo), name="pages_fact_undo"),
            path("changes/<int:pk>/approve/", guard(fact_history.approve), name="pages_fact_approve"),
            path("changes/<int:pk>/refuse/", guard(fact_history.refuse), name="pages_fact_refuse"),
            *super().get_urls(),
        ]

    def save_model(self, request: HttpRequest, obj: Fact, form: Any, change: bool) -> None:
        """The verb writes the fact and its history; the form has already said why a value cannot be."""
        if form.has_changed():
            obj.made = fact_changes.change(  # type: ignore[attr-defined]
                obj, value=obj.value, value_es=obj.value_es, by=request.user
            )

    def response_change(self, request: HttpRequest, obj: Fact) -> HttpResponse:
        """Back to the fact, where its history and the way to undo stand."""
        made = getattr(obj, "made", None)
        if made is None:
            messages.info(request, _now("Nothing changed."))
        else:
            fact_history.say(request, made)
        return HttpResponseRedirect(reverse("admin:pages_fact_change", args=[obj.pk]))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """With its changes, the places that show it, and what waits for sign-off."""
        fact = kwargs.get("obj")
        if fact is not None:
            context |= {
                "changes": fact_history.lines(fact),
                "waiting": fact_changes.waiting(fact),
                "uses": where_used.of(fact.key),
                "may_decide": fact_changes.may_decide(fact, by=request.user),
                "show_save_and_continue": False,
                "show_save_and_add_another": False,
            }
        return super().render_change_form(request, context, *args, **kwargs)
