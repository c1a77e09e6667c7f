"""The words for where a request stands, who moves it and why it ends. Must not know a table."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """Where a request stands. The allowed moves are data in booking/moves.py."""

    NEW = "new", _("New")
    OFFERED = "offered", _("Time offered")
    WAITING = "waiting", _("Waiting for the patient")
    NEXT_CYCLE = "next_cycle", _("Next cycle")
    CONFIRMED = "confirmed", _("Confirmed")
    CHANGE_REQUESTED = "change_requested", _("Change requested")
    COMPLETED = "completed", _("Completed")
    NO_SHOW = "no_show", _("Did not come")
    NOT_DONE = "not_done", _("Came, not done")
    DECLINED = "declined", _("Declined")
    QUARANTINED = "quarantined", _("Looks automated")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


OPEN = (
    Status.NEW,
    Status.OFFERED,
    Status.WAITING,
    Status.NEXT_CYCLE,
    Status.CHANGE_REQUESTED,
)
CLOSED = (
    Status.COMPLETED,
    Status.NO_SHOW,
    Status.NOT_DONE,
    Status.DECLINED,
    Status.CANCELLED,
    Status.EXPIRED,
)
# Only staff can move these on; they make up the queue.
WAITING_FOR_STAFF = (Status.NEW, Status.NEXT_CYCLE, Status.CHANGE_REQUESTED)

# The reason of a status: we closed the day of her visit.
CLINIC_CLOSED = "clinic_closed"


class ActorKind(models.TextChoices):
    """Who did something."""

    PATIENT = "patient", _("Patient")
    STAFF = "staff", _("Staff")
    SYSTEM = "system", _("System")


class DeclineReason(models.TextChoices):
    """Why the clinic said no, in words the patient reads."""

    NO_TIME = "no_time", _("We have no time on the days you can come.")
    NOT_OFFERED = "not_offered", _("We do not offer what you asked for.")
    COULD_NOT_REACH = "could_not_reach", _("We could not reach you.")
    DUPLICATE = "duplicate", _("You have another request with us. We go on with that one.")
    CALL_US = "call_us", _("We need to talk with you first. Call us.")
