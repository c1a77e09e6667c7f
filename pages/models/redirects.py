"""Old addresses and where they lead now. Must not answer requests (pages/views.py does)."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pages.models.sections import internal_path
from pages.models.version import Publication

MOST_STEPS = 10
old_path = RegexValidator(
    r"^/(?![/\\])[^\s\\?#]+$", _("Write the old address without the name of the site, like /old-page/ or /about.html.")
)


class Redirect(models.Model):
    """An address that used to be a page. A live page at the address comes first."""

    path = models.CharField(_("old address"), max_length=200, unique=True, validators=[old_path])
    target = models.CharField(
        _("leads to"),
        max_length=200,
        validators=[internal_path],
        help_text=_("An address of this site, like /pricing/."),
    )
    made_by_move = models.BooleanField(_("made by itself when a page moved"), default=False, editable=False)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    objects: ClassVar[models.Manager["Redirect"]]

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["path"]
        verbose_name = _("redirect")
        verbose_name_plural = _("redirects")
        constraints = [
            models.CheckConstraint(condition=~Q(path=F("target")), name="redirect_leads_elsewhere"),
            models.CheckConstraint(
                condition=Q(path__startswith="/", target__startswith="/"), name="redirect_stays_on_the_site"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.path} → {self.target}"

    def clean(self) -> None:
        """A redirect that never works, or goes round in a circle, helps nobody."""
        if Publication.objects.filter(path=self.path).exists():
            raise ValidationError({"path": _("A page is live at this address. It would be shown instead.")})
        others = dict(Redirect.objects.exclude(pk=self.pk).values_list("path", "target"))
        step = self.target.partition("#")[0].partition("?")[0]
        for _step in range(MOST_STEPS):
            if step == self.path:
                raise ValidationError({"target": _("This leads back to the old address.")})
            if step not in others:
                return
            step = others[step].partition("#")[0].partition("?")[0]
        raise ValidationError({"target": _("This goes through too many other redirects.")})
