"""The tables of the booking app. Must not hold rules that span rows."""

from booking.models.desk import AccessEvent, Call, DeskTask, Heartbeat
from booking.models.messages import ConsentEvent, DeliveryReport, IncomingText, OutgoingMessage, SendingPause
from booking.models.requests import (
    CLOSED,
    OPEN,
    ActorKind,
    AppendOnlyError,
    AppointmentRequest,
    ContactNumber,
    DeclineReason,
    NameWord,
    RequestedDay,
    RequestEvent,
    RequestQuerySet,
    Status,
    Visit,
)
from booking.models.timetable import (
    GRAIN_MINUTES,
    Closure,
    DateOverride,
    DoctorDay,
    HeldGrain,
    HeldTime,
    Service,
    WeeklyHours,
    closed_on,
)
from booking.models.wordings import WordingVersion
from pages.models import Weekday

__all__ = [
    "CLOSED",
    "GRAIN_MINUTES",
    "OPEN",
    "AccessEvent",
    "ActorKind",
    "AppendOnlyError",
    "AppointmentRequest",
    "Call",
    "Closure",
    "ConsentEvent",
    "ContactNumber",
    "DateOverride",
    "DeclineReason",
    "DeliveryReport",
    "DeskTask",
    "DoctorDay",
    "Heartbeat",
    "HeldGrain",
    "HeldTime",
    "IncomingText",
    "NameWord",
    "OutgoingMessage",
    "RequestEvent",
    "RequestQuerySet",
    "RequestedDay",
    "SendingPause",
    "Service",
    "Status",
    "Visit",
    "Weekday",
    "WeeklyHours",
    "WordingVersion",
    "closed_on",
]
