"""What the front desk works with besides requests: tasks, who looked at what, and whether the worker lives.
Must not change a request or a message."""

import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from booking.encryption import EncryptedTextField
from booking.models.append_only import AppendOnly
from booking.models.requests import AppointmentRequest, Visit


class DeskTaskQuerySet(models.QuerySet["DeskTask"]):
    """Questions about tasks."""

    def open(self) -> Self:
        """Tasks nobody has finished."""
        return self.filter(done_at__isnull=True)

    def settled_by_talking(self) -> Self:
        """Open tasks that a call which reached the patient finishes."""
        return self.open().exclude(kind=DeskTask.Kind.READ_TEXT)

    def settled_by_a_time(self) -> Self:
        """Open tasks that another offer or a set time finishes."""
        return self.open().filter(kind__in=DeskTask.SETTLED_BY_A_TIME)

    def untold(self) -> Self:
        """Open tasks about news that no message could tell."""
        return self.open().filter(kind__in=DeskTask.NEWS)

    def finish(self, *, by: Any, at: datetime) -> int:
        """Mark those that are open as done by a member of staff. How many were."""
        return self.open().update(done_by=by, done_at=at)


class DeskTask(models.Model):
    """Something a person has to do about a request, mostly: call today."""

    class Kind(models.TextChoices):
        """Why."""

        MESSAGE_FAILED = "message_failed", _("A message did not arrive: call")
        MESSAGE_UNKNOWN = "message_unknown", _("Not known whether a message arrived: call")
        NOT_DELIVERED = "not_delivered", _("The time of the visit may not have arrived: call")
        WANTS_TO_CANCEL = "wants_to_cancel", _("Probably wants to cancel: call")
        READ_TEXT = "read_text", _("Wrote a text: read it")
        OFFER_EXPIRED = "offer_expired", _("The offer ran out: call")
        OFFER_TAKEN_BACK = "offer_taken_back", _("We closed a day that was offered: call")
        HOURS_GONE = "hours_gone", _("We closed the day, or the doctor is not there at that time: call")
        PRESCRIPTION = "prescription", _("The visit is near and no prescription is ticked: call")
        TELL_TIME = "tell_time", _("Tell the patient the time: call")
        TELL_OFFER = "tell_offer", _("Tell the patient the offered times: call")
        TELL_END = "tell_end", _("Tell the patient that it is cancelled or declined: call")

    # What staff decided and no message could tell.
    NEWS = (Kind.TELL_TIME, Kind.TELL_OFFER, Kind.TELL_END)
    SETTLED_BY_A_TIME = (Kind.OFFER_EXPIRED, Kind.OFFER_TAKEN_BACK, Kind.HOURS_GONE)

    request = models.ForeignKey(AppointmentRequest, on_delete=models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    opened_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # What it is about, to be quoted. More than one where more came before somebody finished it.
    messages = models.ManyToManyField("booking.OutgoingMessage", blank=True, related_name="+")
    texts = models.ManyToManyField("booking.IncomingText", blank=True, related_name="+")

    objects = DeskTaskQuerySet.as_manager()

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["opened_at"]
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        indexes = [
            models.Index(fields=["kind"], condition=Q(done_at__isnull=True), name="task_open_by_kind"),
            models.Index(fields=["opened_at", "id"], condition=Q(done_at__isnull=True), name="task_open_oldest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "kind"],
                condition=Q(done_at__isnull=True),
                name="one_open_task_per_request_and_kind",
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="task_done_at_goes_with_done_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}"

    @property
    def is_untold_news(self) -> bool:
        """Whether it asks to tell her what no message could tell."""
        return self.kind in self.NEWS

    def finish(self, *, by: Any, at: datetime) -> None:
        """Mark as done by a member of staff."""
        self.done_by, self.done_at = by, at
        self.save(update_fields=["done_by", "done_at"])


class DeskCard(models.Model):
    """What the front desk has pinned to a request: who is on it, when to call next, whom else we may speak with.
    Not part of where the request stands; made when first needed."""

    request = models.OneToOneField(AppointmentRequest, on_delete=models.CASCADE, related_name="desk_card")
    on_it = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    on_it_since = models.DateTimeField(null=True, blank=True)
    next_call_at = models.DateTimeField(null=True, blank=True)
    may_speak_with = EncryptedTextField(blank=True, help_text=_("A name and nothing else."))

    class Privacy:
        personal = ("may_speak_with",)

    class Meta:
        indexes = [
            models.Index(fields=["next_call_at"], condition=Q(next_call_at__isnull=False), name="card_call_is_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(on_it__isnull=True, on_it_since__isnull=True)
                | Q(on_it__isnull=False, on_it_since__isnull=False),
                name="card_on_it_goes_with_since",
            ),
        ]

    def __str__(self) -> str:
        return f"card of {self.request_id}"


class ReadinessQuerySet(models.QuerySet["Readiness"]):
    """Questions about what has to be done before visits."""

    def open(self, kind: str, *, now: datetime) -> Self:
        """What is not ticked yet for visits that lie ahead. By the visit and not by where the request stands: one that
        waits or was offered another time may still have its visit, one that asks for another may have given it up."""
        visits = Visit.objects.ahead(now=now).filter(request=OuterRef("request"))
        return self.filter(Exists(visits), kind=kind, ticked_at__isnull=True)


class Readiness(models.Model):
    """One tick before a confirmed visit: that something was done, when and by whom. Never what was answered."""

    class Kind(models.TextChoices):
        """What has to be done."""

        SAFETY = "safety", _("Safety questions asked")
        PRESCRIPTION = "prescription", _("Prescription sent")
        PRICE = "price", _("Price told")
        ESTIMATE = "estimate", _("Written estimate sent")
        INTERPRETER = "interpreter", _("Interpreter arranged")
        DRIVER = "driver", _("Asked about a driver, in case of sedation")

    request = models.ForeignKey(AppointmentRequest, on_delete=models.CASCADE, related_name="readiness")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    visit_day = models.DateField(help_text=_("The day of the visit in force, on the clinic's wall."))
    due_on = models.DateField()
    ticked_at = models.DateTimeField(null=True, blank=True)
    ticked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ReadinessQuerySet.as_manager()

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        verbose_name = _("readiness")
        verbose_name_plural = _("readiness")
        indexes = [
            models.Index(fields=["kind", "visit_day"], condition=Q(ticked_at__isnull=True), name="readiness_open"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["request", "kind"], name="one_tick_per_request_and_kind"),
            models.CheckConstraint(
                condition=Q(ticked_at__isnull=True, ticked_by__isnull=True)
                | Q(ticked_at__isnull=False, ticked_by__isnull=False),
                name="readiness_ticked_at_goes_with_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}"


class Call(AppendOnly):
    """A call about a request: whether it reached anybody. Only ever added; what was said is nobody's business here."""

    class Outcome(models.TextChoices):
        """How it ended."""

        SPOKE = "spoke", _("Spoke")
        NO_ANSWER = "no_answer", _("No answer")
        VOICEMAIL = "voicemail", _("Left a voice message")
        WRONG_NUMBER = "wrong_number", _("Wrong number")

    request = models.ForeignKey(AppointmentRequest, on_delete=models.PROTECT, related_name="calls")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome.choices)

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("call")
        verbose_name_plural = _("calls")

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.at:%Y-%m-%d %H:%M}Z"


class AccessEvent(AppendOnly):
    """A member of staff looked at a request (writes are in its own events). Only ever added."""

    at = models.DateTimeField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(AppointmentRequest, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=20)

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("access")
        verbose_name_plural = _("accesses")

    def __str__(self) -> str:
        return f"{self.what} {self.at:%Y-%m-%d %H:%M}Z"


class Heartbeat(models.Model):
    """When a long-running part last showed that it lives. /readyz and the desk's first page read it."""

    SILENT_AFTER = timedelta(minutes=2)

    name = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField()

    class Privacy:
        personal: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}Z"

    @classmethod
    def worker_is_silent(cls, *, now: datetime) -> bool:
        """Whether nobody sends messages or keeps the clock: the worker has not shown itself for a while, or never."""
        return not cls.objects.filter(name="worker", at__gte=now - cls.SILENT_AFTER).exists()


class StaffAlert(models.Model):
    """One email to the front desk about new and late requests. A row is an hour: there is never a second one for it."""

    hour = models.DateTimeField(unique=True)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    tried_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    is_unknown = models.BooleanField(
        default=False, help_text=_("The mail server fell silent: the next hour tells it again.")
    )

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["hour"]
        verbose_name = _("alert to staff")
        verbose_name_plural = _("alerts to staff")

    def __str__(self) -> str:
        return f"alert {self.hour:%Y-%m-%d %H}Z"
