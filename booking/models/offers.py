"""Times that were offered to a patient: one to three of them, held until the offer runs out. Must not decide when that
is (booking/offers.py does) nor take time (booking/held_time.py does)."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from booking.models.requests import AppointmentRequest
from booking.models.states import Status

MOST_TIMES = 3


class OfferQuerySet(models.QuerySet["Offer"]):
    """Questions about offers, and the one write that ends them."""

    def open(self) -> Self:
        """Offers that nobody has answered or taken back. Whether they ran out is another question."""
        return self.filter(ended_at__isnull=True)

    def run_out(self, *, now: datetime) -> Self:
        """Open offers whose time is over."""
        return self.open().filter(expires_at__lte=now)

    def end(self, *, outcome: "Offer.Outcome", now: datetime) -> int:
        """End those that are still open. How many were: of two who end one offer, one gets 1."""
        return self.open().update(outcome=outcome, ended_at=now)


class Offer(models.Model):
    """One offer to one patient. Its number is the occasion of the message that tells it."""

    class Outcome(models.TextChoices):
        """What became of it."""

        OPEN = "open", _("Open")
        ACCEPTED = "accepted", _("Accepted")
        TURNED_DOWN = "turned_down", _("No time works")
        EXPIRED = "expired", _("Ran out")
        WITHDRAWN = "withdrawn", _("Taken back")

    # Where the request stands again when nobody accepts.
    GOES_BACK_TO = (Status.NEW, Status.NEXT_CYCLE, Status.CHANGE_REQUESTED)

    request = models.ForeignKey(AppointmentRequest, on_delete=models.PROTECT, related_name="offers")
    number = models.PositiveIntegerField(help_text=_("1 for the first offer to this patient, then one more for each."))
    service = models.ForeignKey("booking.Service", on_delete=models.PROTECT, related_name="+")
    times_offered = models.PositiveSmallIntegerField()
    goes_back_to = models.CharField(max_length=18, choices=[(status, status.label) for status in GOES_BACK_TO])
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.OPEN)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = OfferQuerySet.as_manager()

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        indexes = [
            models.Index(fields=["expires_at"], name="offer_open_by_end", condition=Q(ended_at__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="one_offer_per_request_and_number"),
            models.UniqueConstraint(
                fields=["request"], condition=Q(ended_at__isnull=True), name="one_open_offer_per_request"
            ),
            models.CheckConstraint(
                condition=Q(times_offered__gte=1, times_offered__lte=MOST_TIMES), name="offer_of_one_to_three_times"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("sent_at")), name="offer_ends_after_it_was_sent"),
            models.CheckConstraint(
                condition=Q(outcome="open", ended_at__isnull=True) | (~Q(outcome="open") & Q(ended_at__isnull=False)),
                name="offer_ended_at_goes_with_outcome",
            ),
            models.CheckConstraint(
                condition=Q(goes_back_to__in=("new", "next_cycle", "change_requested")),
                name="offer_goes_back_to_an_open_status",
            ),
        ]

    def __str__(self) -> str:
        return f"offer {self.number}"

    def is_open(self, *, now: datetime) -> bool:
        """Whether it can still be accepted. Honoured on reading: the sweep may come seconds later."""
        return self.ended_at is None and self.expires_at > now

    @property
    def occasion(self) -> str:
        """What makes the message of this offer the only one of its kind."""
        return f"o{self.number}"


class OfferedTime(models.Model):
    """One time of an offer. The held time goes when the offer ends; what was offered stays known."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="times")
    position = models.PositiveSmallIntegerField()
    physician = models.ForeignKey("pages.Physician", on_delete=models.PROTECT, related_name="+")
    office = models.ForeignKey("pages.Office", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    held_time = models.OneToOneField(
        "booking.HeldTime", on_delete=models.SET_NULL, null=True, blank=True, related_name="offered"
    )

    class Privacy:
        personal = ("starts_at", "ends_at")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["offer", "position"], name="one_time_per_offer_and_position"),
            models.UniqueConstraint(fields=["offer", "starts_at"], name="one_start_once_per_offer"),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=MOST_TIMES), name="offered_time_is_one_of_three"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="offered_time_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}Z"
