"""Consent to texts, messages out and in, and what the provider reported. Must not decide or send anything
(booking/messaging does)."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from booking.encryption import EncryptedTextField
from booking.models.append_only import AppendOnly
from booking.models.requests import AppointmentRequest, ContactNumber


class ConsentEvent(AppendOnly):
    """One line of the consent ledger: who agreed to or refused texts, when, where, and the exact words shown.
    The current state is the newest line of a number. Only ever added."""

    class Kind(models.TextChoices):
        """What the person said, or what a call to the number showed."""

        GRANTED = "granted", _("Agreed to texts")
        STOPPED = "stopped", _("Stopped texts")
        RESTARTED = "restarted", _("Started texts again")
        WRONG = "wrong", _("Wrong number: no texts")  # said by nobody who may agree: somebody else has it

    class Source(models.TextChoices):
        """Where they said it."""

        FORM = "form", _("Request form")
        TEXT = "text", _("Text message")
        STAFF = "staff", _("Spoken to staff")
        PAGE = "page", _("Patient's page")
        PROVIDER = "provider", _("Reported by the provider")
        CALL = "call", _("Call by staff")

    contact_number = models.ForeignKey(ContactNumber, on_delete=models.PROTECT, related_name="consent_events")
    request = models.ForeignKey(AppointmentRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    source = models.CharField(max_length=10, choices=Source.choices)
    at = models.DateTimeField()
    wording_id = models.CharField(max_length=40, blank=True)
    wording_version = models.PositiveSmallIntegerField(null=True, blank=True)
    wording_language = models.CharField(max_length=2, blank=True)
    wording = models.TextField(blank=True, help_text=_("The words exactly as shown or read out."))
    wording_hash = models.CharField(max_length=64, blank=True)
    page = models.CharField(max_length=120, blank=True)
    form_version = models.CharField(max_length=20, blank=True)
    field_value = models.CharField(max_length=60, blank=True, help_text=_("What the ticked box sent."))
    page_versions = models.CharField(
        max_length=120, blank=True, help_text=_("The published texts that stood behind the links beside the box.")
    )
    network = models.CharField(max_length=43, blank=True, help_text=_("Sender's address, shortened."))
    browser = models.CharField(max_length=200, blank=True, help_text=_("The browser's own name (user agent)."))
    provider_id = models.CharField(max_length=40, blank=True, help_text=_("The provider's id of a text (SID)."))
    said = EncryptedTextField(blank=True, help_text=_("The person's own words, for a text or a spoken wish."))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Privacy:
        personal = ("said", "network", "browser")

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("consent record")
        verbose_name_plural = _("consent records")
        indexes = [models.Index(fields=["contact_number", "-id"], name="consent_newest_of_number")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="granted") | (~Q(wording="") & ~Q(wording_hash="")),
                name="consent_granted_keeps_its_wording",
            ),
            models.CheckConstraint(
                condition=~Q(source="staff") | Q(recorded_by__isnull=False),
                name="consent_by_staff_names_them",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}Z"


class OutgoingMessageQuerySet(models.QuerySet["OutgoingMessage"]):
    """Questions about messages."""

    def unfinished(self) -> Self:
        """Rows that still have to be sent or settled."""
        return self.filter(state__in=("queued", "held", "sending", "unknown"), finished_at__isnull=True)

    def overdue(self, *, before: datetime) -> Self:
        """Unfinished rows that were due before this instant."""
        return self.unfinished().filter(next_attempt_at__lt=before)

    def that_count(self) -> Self:
        """Without those that were retired: for an address, or with a link, that is no longer hers."""
        return self.exclude(occasion__contains=RETIRED)


RETIRED = "~"  # in an occasion: another message may stand for what it stood for


class OutgoingMessage(models.Model):
    """One text or email to one patient. The row commits with the move that causes it and is the truth about it."""

    class Channel(models.TextChoices):
        """How it is sent."""

        SMS = "sms", _("Text")
        EMAIL = "email", _("Email")

    class State(models.TextChoices):
        """Where it stands; written by booking/messaging/outbox.py alone, never backwards."""

        QUEUED = "queued", _("Waiting to be sent")
        HELD = "held", _("Held for the morning")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        UNDELIVERED = "undelivered", _("Not delivered")
        FAILED = "failed", _("Could not be sent")
        UNKNOWN = "unknown", _("Not known whether it was sent")
        SUPPRESSED = "suppressed", _("Not sent: no consent")
        CANCELLED = "cancelled", _("No longer needed")

    callback_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(AppointmentRequest, on_delete=models.PROTECT, related_name="messages")
    channel = models.CharField(max_length=5, choices=Channel.choices)
    contact_number = models.ForeignKey(
        ContactNumber, on_delete=models.PROTECT, null=True, blank=True, related_name="messages"
    )
    kind = models.CharField(max_length=24)
    occasion = models.CharField(max_length=40, help_text=_("What makes this message the only one of its kind."))
    language = models.CharField(max_length=2, default="en")
    wording_version = models.PositiveSmallIntegerField(
        default=0, help_text=_("Which version of its words was sent; 0 is the built-in.")
    )
    subject = models.CharField(max_length=120, blank=True)
    body = EncryptedTextField(blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    reason = models.CharField(max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    provider_id = models.CharField(max_length=40, null=True, blank=True, unique=True)
    provider_status = models.CharField(max_length=20, blank=True)
    provider_error = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = OutgoingMessageQuerySet.as_manager()

    class Privacy:
        personal = ("body",)

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            # /readyz and the sweep ask for the oldest due row.
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(state__in=("queued", "held", "sending", "unknown")),
                name="message_unfinished_by_due",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "channel", "kind", "occasion"], name="one_message_per_kind_and_occasion"
            ),
            models.CheckConstraint(
                condition=Q(channel="email") | Q(contact_number__isnull=False), name="text_has_a_number"
            ),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(claimed_at__isnull=False), name="message_sending_is_claimed"
            ),
            models.CheckConstraint(condition=~Q(state="held") | ~Q(reason=""), name="message_held_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.get_state_display()})"

    @property
    def is_retired(self) -> bool:
        """Whether it was for an address that is no longer hers."""
        return RETIRED in self.occasion


class SendingPause(models.Model):
    """The set-up of a channel is refused: nothing goes out that way until somebody repaired it. One row a channel,
    written by booking/messaging/pause.py alone."""

    channel = models.CharField(max_length=5, choices=OutgoingMessage.Channel.choices, unique=True)
    code = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField()
    paused_until = models.DateTimeField(help_text=_("Then one message is tried."))
    ends_by_delivery = models.BooleanField(
        default=False, help_text=_("The refusal came after the message was taken: only a delivered one ends it.")
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        verbose_name = _("pause of messages")
        verbose_name_plural = _("pauses of messages")

    def __str__(self) -> str:
        return f"{self.channel} {self.code}"


class DeliveryReport(models.Model):
    """What the provider told us about a message, stored before it is interpreted."""

    message = models.ForeignKey(OutgoingMessage, on_delete=models.CASCADE, null=True, related_name="reports")
    provider_id = models.CharField(max_length=40, db_index=True)
    status = models.CharField(max_length=24)
    error = models.PositiveIntegerField(null=True)
    callback_key = models.CharField(max_length=36, blank=True, help_text=_("Our own id, from the address called."))
    received_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, help_text=_("When the worker acted on it."))

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["received_at", "pk"]
        indexes = [
            models.Index(fields=["id"], condition=Q(read_at__isnull=True), name="report_unread"),
            # Asked before a text of unknown outcome is sent again.
            models.Index(fields=["callback_key"], condition=~Q(callback_key=""), name="report_by_our_key"),
        ]
        constraints = [
            # Twilio repeats callbacks; its advice is to tell them apart by id and status.
            models.UniqueConstraint(fields=["provider_id", "status"], name="one_report_per_message_and_status"),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.received_at:%Y-%m-%d %H:%M}Z"


class IncomingTextQuerySet(models.QuerySet["IncomingText"]):
    """Questions about texts."""

    def to_place(self) -> Self:
        """Texts that somebody should read, that no request shows to anybody, and that nobody has read."""
        return self.filter(is_unplaced=True, read_at__isnull=True)

    def read_since(self, since: datetime) -> Self:
        """Texts that no request shows, and that somebody has read since then."""
        return self.filter(is_unplaced=True, read_at__gte=since)


class IncomingText(models.Model):
    """A text from a patient, stored before it is understood."""

    class Meaning(models.TextChoices):
        """What it was taken for."""

        STOP = "stop", _("Stop texts")
        START = "start", _("Start texts")
        HELP = "help", _("Help")
        OTHER = "other", _("For staff to read")

    provider_id = models.CharField(max_length=40, unique=True)
    contact_number = models.ForeignKey(ContactNumber, on_delete=models.PROTECT, related_name="incoming")
    body = EncryptedTextField(blank=True)
    received_at = models.DateTimeField()
    provider_keyword = models.CharField(max_length=12, blank=True)
    meaning = models.CharField(max_length=6, choices=Meaning.choices, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True, help_text=_("When the system had sorted it."))
    # In the database, too: a process of the version before, which still runs during an update, must not lose a text.
    is_unplaced = models.BooleanField(
        default=False,
        db_default=False,
        help_text=_("Somebody should read it, and there was no request where they would find it."),
    )
    # Of an unplaced text alone; others are read with the task that is about them.
    read_at = models.DateTimeField(null=True, blank=True)
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = IncomingTextQuerySet.as_manager()

    class Privacy:
        personal = ("body",)

    class Meta:
        ordering = ["received_at", "pk"]
        verbose_name = _("text from a patient")
        verbose_name_plural = _("texts from patients")
        indexes = [
            # By number first: one that writes 200 texts is one sender, in the counter and on the page.
            models.Index(
                fields=["contact_number", "received_at"],
                condition=Q(is_unplaced=True, read_at__isnull=True),
                name="text_to_place",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(read_at__isnull=True, read_by__isnull=True)
                | Q(read_at__isnull=False, read_by__isnull=False),
                name="text_read_at_goes_with_read_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_meaning_display()} {self.received_at:%Y-%m-%d %H:%M}Z"
