"""The value of each fact as staff entered it, and every change of it. Must not format or insert it
(pages/facts.py does)."""

from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pages.fact_list import FACTS, LONGEST_VALUE, FactSpec, checked


class Fact(models.Model):
    """One fact of the closed list in pages/fact_list.py. No row, or a blank value, means: not known yet."""

    key = models.SlugField(_("fact"), max_length=60, unique=True)
    value = models.CharField(_("value"), max_length=LONGEST_VALUE, blank=True)
    value_es = models.CharField(
        _("value in Spanish"),
        max_length=LONGEST_VALUE,
        blank=True,
        help_text=_("Only for facts made of words. Leave it empty for numbers and names."),
    )
    is_placeholder = models.BooleanField(
        _("made up"), default=False, help_text=_("A value for trying things out. A live site refuses it.")
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["key"]
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_placeholder=False) | ~Q(value=""), name="fact_placeholder_has_a_value"
            ),
        ]

    def __str__(self) -> str:
        return str(self.spec.label) if self.key in FACTS else self.key

    @property
    def spec(self) -> FactSpec:
        """What this fact is; KeyError for a row whose key left the list."""
        return FACTS[self.key]

    def clean(self) -> None:
        """Store the value in one spelling; refuse what its kind does not allow."""
        errors: dict[str, ValidationError] = {}
        for name in ("value", "value_es"):
            try:
                setattr(self, name, checked(self.key, getattr(self, name)))
            except ValidationError as error:
                errors[name] = error
        if self.value_es and self.key in FACTS and not self.spec.is_bilingual:
            errors["value_es"] = ValidationError(_("This fact reads the same in both languages. Leave this empty."))
        if errors:
            raise ValidationError(errors)


class FactChange(models.Model):
    """One change of a fact: what it was, what it became, who and when. A medical fact waits here for its sign-off.
    Written by pages/editing/fact_changes.py alone."""

    class State(models.TextChoices):
        """Where the change stands."""

        PROPOSED = "proposed", _("Waiting for sign-off")
        LIVE = "live", _("Made")
        REFUSED = "refused", _("Refused")

    fact = models.ForeignKey(Fact, on_delete=models.CASCADE, related_name="changes", verbose_name=_("fact"))
    old_value = models.CharField(_("old value"), max_length=LONGEST_VALUE, blank=True)
    old_value_es = models.CharField(_("old value in Spanish"), max_length=LONGEST_VALUE, blank=True)
    value = models.CharField(_("new value"), max_length=LONGEST_VALUE, blank=True)
    value_es = models.CharField(_("new value in Spanish"), max_length=LONGEST_VALUE, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    made_at = models.DateTimeField(_("when"), default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("signed off by"),
    )
    decided_at = models.DateTimeField(_("signed off"), null=True)

    objects: ClassVar[models.Manager["FactChange"]]

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("change of a fact")
        verbose_name_plural = _("changes of facts")
        constraints = [
            models.UniqueConstraint(
                fields=["fact"], condition=Q(state="proposed"), name="fact_change_waits_once_per_fact"
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_at=None)
                | Q(state__in=["live", "refused"], decided_at__isnull=False),
                name="fact_change_is_decided_or_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fact}: {self.old_value or '-'} → {self.value or '-'}"
