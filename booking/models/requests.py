"""The appointment request, its days, its visit, its history. Must not change a status (booking/standing.py does)."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from booking.encryption import EncryptedTextField
from booking.models.append_only import AppendOnly
from booking.models.queue_order import ANSWER_BY, LOSES_ON, ORDER, STAFF_TURN
from booking.models.states import CLINIC_CLOSED, CLOSED, OPEN, WAITING_FOR_STAFF, ActorKind, Status


class ContactNumber(models.Model):
    """One phone number, stored once. Requests, messages and the consent ledger point here, so that deleting the
    number leaves the hash, and with it a STOP, in place."""

    number = EncryptedTextField(blank=True, help_text=_("E.164; blank after deletion."))
    number_hash = models.CharField(max_length=32, unique=True)
    last_four_hash = models.CharField(max_length=32, db_index=True, blank=True)
    created_at = models.DateTimeField()

    class Privacy:
        personal = ("number",)

    class Meta:
        verbose_name = _("phone number")
        verbose_name_plural = _("phone numbers")

    def __str__(self) -> str:
        return f"number {self.pk}"


class RequestQuerySet(models.QuerySet["AppointmentRequest"]):
    """Questions that lists ask."""

    def open(self) -> Self:
        """Requests that wait for somebody to do something."""
        return self.filter(status__in=OPEN)

    def waiting_for_staff(self) -> Self:
        """Requests that only staff can move on."""
        return self.filter(staff_turn=1)

    def late(self, *, now: datetime) -> Self:
        """Requests whose promised answer time is past."""
        return self.waiting_for_staff().filter(Q(promise_due_at__lt=now, promise_met_at__isnull=True))

    def who_loses_first(self) -> Self:
        """Soonest last acceptable day first, then the promise, then arrival. Never by arrival alone."""
        return self.order_by(*ORDER)


class AppointmentRequest(models.Model):
    """What somebody asked for, how to reach them, and where it stands."""

    class Source(models.TextChoices):
        """How the request came in."""

        WEB = "web", _("Website")
        PHONE = "phone", _("Phone call")
        WALK_IN = "walk_in", _("Walk-in")

    class Timing(models.TextChoices):
        """Which answer to “Can you choose days now?” was given."""

        DAYS = "days", _("Chose days")
        NONE_WORK = "none_work", _("No listed day works")
        LATER = "later", _("Chooses later by link")
        HELP = "help", _("Wants help to choose")
        ANY = "any", _("Any time")

    class DayPart(models.TextChoices):
        """Part of the day."""

        MORNING = "morning", _("Morning")
        AFTERNOON = "afternoon", _("Afternoon")
        ANY = "any", _("Any time")

    class Contact(models.TextChoices):
        """How the patient wants to hear from us."""

        PHONE = "phone", _("Phone call")
        TEXT = "text", _("Text with a link")
        EMAIL = "email", _("Email")

    class BestTime(models.TextChoices):
        """When to call."""

        MORNING = "morning", _("Morning")
        MIDDAY = "midday", _("Midday")
        LATE_AFTERNOON = "late_afternoon", _("Late afternoon")
        ANY = "any", _("Any time")

    class Speaks(models.TextChoices):
        """The language to speak."""

        ENGLISH = "en", "English"
        SPANISH = "es", "Español"
        OTHER = "other", _("Another language")

    reference = models.CharField(_("reference"), max_length=8, unique=True)
    form_id = models.CharField(max_length=43, unique=True, help_text=_("One-time id: a second send finds this row."))

    service = models.ForeignKey("booking.Service", on_delete=models.PROTECT, verbose_name=_("visit"))
    office = models.ForeignKey(
        "pages.Office",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("office"),
        related_name="+",
    )
    timing = models.CharField(_("days"), max_length=10, choices=Timing.choices)
    daypart = models.CharField(_("time of day"), max_length=10, choices=DayPart.choices, default=DayPart.ANY)
    avoid = EncryptedTextField(_("dates that do not work"), blank=True)

    name = EncryptedTextField(_("full name"), blank=True)
    phone_typed = EncryptedTextField(_("phone as typed"), blank=True)
    contact_number = models.ForeignKey(
        ContactNumber, on_delete=models.PROTECT, null=True, blank=True, related_name="requests"
    )
    email = EncryptedTextField(_("email"), blank=True)
    email_hash = models.CharField(max_length=32, blank=True, db_index=True)
    contact = models.CharField(_("wants"), max_length=8, choices=Contact.choices)
    best_time = models.CharField(_("best time to call"), max_length=16, choices=BestTime.choices, default=BestTime.ANY)
    voicemail = models.BooleanField(_("voice message allowed"), null=True, blank=True)
    speaks = models.CharField(_("speaks"), max_length=8, choices=Speaks.choices, default=Speaks.ENGLISH)
    other_language = EncryptedTextField(_("other language"), blank=True)
    page_language = models.CharField(max_length=2, choices=[("en", "English"), ("es", "Español")], default="en")
    interpreter = models.BooleanField(_("interpreter"), default=False)
    step_free = models.BooleanField(_("step-free access"), default=False)
    call_about_needs = models.BooleanField(_("call about other needs"), default=False)

    status = models.CharField(_("status"), max_length=18, choices=Status.choices, default=Status.NEW)
    status_reason = models.CharField(max_length=24, blank=True)
    source = models.CharField(_("came by"), max_length=8, choices=Source.choices, default=Source.WEB)
    link_version = models.PositiveIntegerField(default=1)
    link_hash = models.CharField(max_length=64, unique=True)
    network_hash = models.CharField(max_length=32, blank=True, help_text=_("Keyed hash of the sender's address."))

    # Kept here until the request is out of quarantine; only then does it become a line of the ledger.
    consent_evidence = models.JSONField(null=True, blank=True)
    consent_recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    created_at = models.DateTimeField(_("received"))
    promise_due_at = models.DateTimeField(_("answer promised by"), null=True, blank=True)
    promise_met_at = models.DateTimeField(null=True, blank=True)
    last_acceptable_day = models.DateField(_("last day that works"), null=True, blank=True)
    review_on = models.DateField(_("look at again on"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    forgotten_at = models.DateTimeField(null=True, blank=True, help_text=_("When the personal fields were blanked."))

    staff_turn, loses_on, answer_by = STAFF_TURN, LOSES_ON, ANSWER_BY

    objects = RequestQuerySet.as_manager()

    class Privacy:
        personal = ("name", "phone_typed", "email", "avoid", "other_language", "network_hash")

    class Meta:
        verbose_name = _("appointment request")
        verbose_name_plural = _("appointment requests")
        indexes = [
            models.Index(fields=["staff_turn", *ORDER], name="request_queue_order"),
            models.Index(fields=["status", *ORDER], name="request_order_in_status"),
            models.Index(
                fields=["staff_turn", "promise_due_at", "id"],
                condition=Q(promise_met_at__isnull=True),
                name="request_unanswered",
            ),
            models.Index(fields=["status", "id"], name="request_newest_in_status"),
            models.Index(
                fields=["-closed_at", "-id"], condition=Q(closed_at__isnull=False), name="request_newest_closed"
            ),
            models.Index(fields=["created_at"], name="request_by_arrival"),
            models.Index(fields=["network_hash", "created_at"], name="request_cap_per_address"),
            models.Index(fields=["contact_number", "created_at"], name="request_cap_per_number"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="request_status_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=CLOSED, closed_at__isnull=False)
                | (~Q(status__in=CLOSED) & Q(closed_at__isnull=True)),
                name="request_closed_at_goes_with_closed_status",
            ),
            models.CheckConstraint(
                condition=Q(forgotten_at__isnull=True) | Q(closed_at__isnull=False),
                name="request_only_closed_ones_are_forgotten",
            ),
            models.CheckConstraint(
                condition=~Q(contact="email") | ~Q(email_hash="") | Q(forgotten_at__isnull=False),
                name="request_by_email_has_an_email",
            ),
        ]

    def __str__(self) -> str:
        return self.spaced_reference

    @property
    def spaced_reference(self) -> str:
        """The reference as people read it: 7K4P-29XM."""
        return f"{self.reference[:4]}-{self.reference[4:]}"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.status in OPEN

    @property
    def status_words(self) -> str:
        """Where it stands, for staff. Whose day we closed asked for nothing."""
        by_us = self.status == Status.CHANGE_REQUESTED and self.status_reason == CLINIC_CLOSED
        return str(_("We closed the day")) if by_us else self.get_status_display()

    def is_late(self, *, now: datetime) -> bool:
        """Whether the promised answer time is past and nobody answered."""
        waiting = self.status in WAITING_FOR_STAFF
        return waiting and self.promise_met_at is None and self.promise_due_at is not None and self.promise_due_at < now

    def current_visit(self) -> "Visit | None":
        """The confirmed visit in force, if any."""
        return self.visits.filter(ended_at__isnull=True).select_related("office", "physician", "held_time").first()


class NameWord(models.Model):
    """A keyed hash of one accent-folded word of a name, so that staff can find people."""

    request = models.ForeignKey(AppointmentRequest, on_delete=models.CASCADE, related_name="name_words")
    word_hash = models.CharField(max_length=32, db_index=True)

    class Privacy:
        personal = ("word_hash",)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "word_hash"], name="one_row_per_request_and_word")]

    def __str__(self) -> str:
        return f"word of {self.request_id}"


class RequestedDay(models.Model):
    """A day that the patient chose. Choosing holds nothing."""

    request = models.ForeignKey(AppointmentRequest, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()

    class Privacy:
        personal = ("day",)

    class Meta:
        ordering = ["day"]
        indexes = [models.Index(fields=["day"], name="requested_day")]
        constraints = [models.UniqueConstraint(fields=["request", "day"], name="one_row_per_request_and_day")]

    def __str__(self) -> str:
        return f"{self.day}"


class VisitQuerySet(models.QuerySet["Visit"]):
    """Questions about visits."""

    def in_force(self) -> Self:
        """Visits that were neither moved nor taken back; also those that lie behind."""
        return self.filter(ended_at__isnull=True)

    def ahead(self, *, now: datetime) -> Self:
        """Visits that somebody comes to, also while she is asked, or asks, for another time."""
        return self.in_force().filter(starts_at__gt=now, request__status__in=(Status.CONFIRMED, *OPEN))


class Visit(models.Model):
    """A confirmed visit. Price, length and preparation facts are copies: a later change of a fact never changes
    what was agreed. A moved or cancelled visit is ended, never edited."""

    request = models.ForeignKey(AppointmentRequest, on_delete=models.PROTECT, related_name="visits")
    version = models.PositiveIntegerField(help_text=_("1 for the first time set, then one more for each move."))
    held_time = models.OneToOneField(
        "booking.HeldTime", on_delete=models.SET_NULL, null=True, blank=True, related_name="visit"
    )
    physician = models.ForeignKey("pages.Physician", on_delete=models.PROTECT, related_name="+")
    office = models.ForeignKey("pages.Office", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    service = models.ForeignKey("booking.Service", on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    price_dollars = models.PositiveIntegerField(null=True, blank=True)
    facts = models.JSONField(default=dict, help_text=_("Preparation facts as they were when the visit was confirmed."))
    confirmed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = VisitQuerySet.as_manager()

    class Privacy:
        personal = ("starts_at", "ends_at")

    class Meta:
        ordering = ["-version"]
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        indexes = [
            models.Index(fields=["starts_at"], name="visit_by_start"),
            models.Index(fields=["confirmed_at"], name="visit_by_confirming"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["request", "version"], name="one_visit_per_request_and_version"),
            models.UniqueConstraint(
                fields=["request"], condition=Q(ended_at__isnull=True), name="one_visit_in_force_per_request"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="visit_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}Z v{self.version}"


class RequestEvent(AppendOnly):
    """One thing that happened to a request. Only ever added."""

    request = models.ForeignKey(AppointmentRequest, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    verb = models.CharField(max_length=24)
    actor_kind = models.CharField(max_length=8, choices=ActorKind.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    from_status = models.CharField(max_length=18, blank=True)
    to_status = models.CharField(max_length=18)
    note = EncryptedTextField(blank=True)

    class Privacy:
        personal = ("note",)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            models.CheckConstraint(
                condition=Q(actor_kind="staff", actor__isnull=False) | (~Q(actor_kind="staff") & Q(actor__isnull=True)),
                name="event_by_staff_names_them",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} at {self.at:%Y-%m-%d %H:%M}Z"
