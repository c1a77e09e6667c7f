"""When staff were last mailed the list of what is due for a check. Must not make the list
(pages/editing/review_list.py does)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReviewMail(models.Model):
    """One mail with the list; the row keeps a second run from sending it again."""

    week = models.DateField(_("week from Monday"), unique=True)
    sent_at = models.DateTimeField(_("sent"))
    things = models.PositiveIntegerField(_("things on the list"))

    objects: ClassVar[models.Manager["ReviewMail"]]

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["-sent_at"]
        verbose_name = _("mail about checks")
        verbose_name_plural = _("mails about checks")

    def __str__(self) -> str:
        return f"{self.sent_at:%Y-%m-%d}: {self.things}"
