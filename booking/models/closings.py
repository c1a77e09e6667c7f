"""A day that the clinic had to close, and whose visits it took away. Must not change a visit (booking/closings.py
does)."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from booking.models.desk import Call
from booking.models.requests import RequestEvent, Visit
from booking.models.states import CLOSED, ActorKind


class DayClosing(models.Model):
    """Somebody closed a day: of one doctor or all, at one office or everywhere."""

    day = models.DateField(_("day"), db_index=True)
    physician = models.ForeignKey("pages.Physician", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    office = models.ForeignKey("pages.Office", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["day", "pk"]
        verbose_name = _("closed day")
        verbose_name_plural = _("closed days with visits")

    def __str__(self) -> str:
        return f"{self.day}"


class ClosedVisitQuerySet(models.QuerySet["ClosedVisit"]):
    """Questions about visits that were taken away."""

    def with_reached(self) -> Self:
        """Each with `is_reached`: somebody spoke with her since, she did something on her page herself, she has a new
        time, or her request has ended. That a text was delivered is not enough: nobody knows whether she read it."""
        since = {"request": OuterRef("visit__request"), "at__gt": OuterRef("closing__opened_at")}
        spoke = Call.objects.filter(outcome=Call.Outcome.SPOKE, **since)
        acted = RequestEvent.objects.filter(actor_kind=ActorKind.PATIENT, **since)
        visit = Visit.objects.filter(request=OuterRef("visit__request"), ended_at__isnull=True)
        ended = Q(visit__request__status__in=CLOSED)
        return self.annotate(is_reached=Exists(spoke) | Exists(acted) | Exists(visit) | ended)

    def not_reached(self) -> Self:
        """Those somebody still has to call."""
        return self.with_reached().filter(is_reached=False)


class ClosedVisit(models.Model):
    """One visit that could not take place because the day was closed."""

    closing = models.ForeignKey(DayClosing, on_delete=models.CASCADE, related_name="visits")
    visit = models.OneToOneField(Visit, on_delete=models.PROTECT, related_name="closing")
    had_started = models.BooleanField(
        _("medicine was started"), help_text=_("By the plan of the visit, on the day it was closed.")
    )

    objects = ClosedVisitQuerySet.as_manager()

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = [F("had_started").desc(), "visit__starts_at", "pk"]

    def __str__(self) -> str:
        return f"{self.visit_id} of {self.closing_id}"
