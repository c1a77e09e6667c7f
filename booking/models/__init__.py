"""The tables of the booking app. Must not hold rules that span rows."""

from booking.models.append_only import AppendOnlyError
from booking.models.closings import ClosedVisit, DayClosing
from booking.models.desk import AccessEvent, Call, DeskCard, DeskTask, Heartbeat, Readiness, StaffAlert
from booking.models.doctor_calendar import FEED_IS_FRESH, CalendarBusy, DoctorCalendar
from booking.models.flow_counts import FlowCount
from booking.models.messages import ConsentEvent, DeliveryReport, IncomingText, OutgoingMessage, SendingPause
from booking.models.offers import MOST_TIMES, Offer, OfferedTime
from booking.models.requests import (
    AppointmentRequest,
    ContactNumber,
    NameWord,
    RequestedDay,
    RequestEvent,
    RequestQuerySet,
    Visit,
    VisitQuerySet,
)
from booking.models.sign_in import RecoveryCode, SecondFactor, SignInFailure
from booking.models.states import (
    CLINIC_CLOSED,
    CLOSED,
    OPEN,
    WAITING_FOR_STAFF,
    ActorKind,
    DeclineReason,
    Status,
)
from booking.models.timetable import (
    GRAIN_MINUTES,
    LONGEST_TRAVEL_MINUTES,
    Closing,
    Closure,
    DateOverride,
    DoctorDay,
    HeldGrain,
    HeldTime,
    HeldTimeQuerySet,
    Service,
    TravelTime,
    WeeklyHours,
    closed_on,
    covers,
)
from booking.models.wordings import WordingVersion
from pages.models import Weekday

__all__ = [
    "CLINIC_CLOSED",
    "CLOSED",
    "FEED_IS_FRESH",
    "GRAIN_MINUTES",
    "LONGEST_TRAVEL_MINUTES",
    "MOST_TIMES",
    "OPEN",
    "WAITING_FOR_STAFF",
    "AccessEvent",
    "ActorKind",
    "AppendOnlyError",
    "AppointmentRequest",
    "CalendarBusy",
    "Call",
    "ClosedVisit",
    "Closing",
    "Closure",
    "ConsentEvent",
    "ContactNumber",
    "DateOverride",
    "DayClosing",
    "DeclineReason",
    "DeliveryReport",
    "DeskCard",
    "DeskTask",
    "DoctorCalendar",
    "DoctorDay",
    "FlowCount",
    "Heartbeat",
    "HeldGrain",
    "HeldTime",
    "HeldTimeQuerySet",
    "IncomingText",
    "NameWord",
    "Offer",
    "OfferedTime",
    "OutgoingMessage",
    "Readiness",
    "RecoveryCode",
    "RequestEvent",
    "RequestQuerySet",
    "RequestedDay",
    "SecondFactor",
    "SendingPause",
    "Service",
    "SignInFailure",
    "StaffAlert",
    "Status",
    "TravelTime",
    "Visit",
    "VisitQuerySet",
    "Weekday",
    "WeeklyHours",
    "WordingVersion",
    "closed_on",
    "covers",
]
