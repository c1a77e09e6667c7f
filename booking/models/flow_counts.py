"""How many people reached each step of the request form on each day, and which rules stopped how many. Must not know
who: there is no visitor, no address and no answer in it."""

from datetime import date

from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _


class FlowCount(models.Model):
    """One number of one day."""

    day = models.DateField()
    name = models.CharField(max_length=60, help_text=_("A step, or a field and the rule it broke."))
    number = models.PositiveIntegerField(default=0)

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["day", "name"]
        verbose_name = _("count of the form")
        verbose_name_plural = _("counts of the form")
        constraints = [models.UniqueConstraint(fields=["day", "name"], name="one_count_per_day_and_name")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}: {self.number}"

    @classmethod
    def add(cls, name: str, *, day: date) -> None:
        """One more. Two at once count two: the database adds."""
        row = cls.objects.filter(day=day, name=name[:60])
        if row.update(number=F("number") + 1):
            return
        try:
            with transaction.atomic():
                cls.objects.create(day=day, name=name[:60], number=1)
        except IntegrityError:
            row.update(number=F("number") + 1)
