"""What Twilio's error codes and statuses mean to us: try again or not, what staff read. Must not call Twilio.

Only booking/messaging/twilio.py and its callers read these tables. Codes are classified by number, never by
text: Twilio changes the texts. An unknown code is final for its message.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Scope(StrEnum):
    """How far a refusal reaches, and with that what the outbox may do."""

    CONFIGURATION = "configuration"  # our account or sender: stop the queue, tell staff, burn no attempt
    NUMBER = "number"  # no text reaches this number: do not try again
    MESSAGE = "message"  # this message is over; another one may work
    OPTED_OUT = "opted_out"  # the person said stop: write it to the ledger, never try again
    TRANSIENT = "transient"  # nothing was delivered: try again later


@dataclass(frozen=True)
class Refusal:
    """One line of the table. `once`: a second failure of this kind is final."""

    scope: Scope
    reason: Promise
    retry_after: int | None = None
    once: bool = False


_SETUP = _("The text service is not set up right. The person who runs the site needs to look at it.")
_SENDER = _("The clinic's sending number is not set up right. The person who runs the site needs to look at it.")
_REGISTRATION = _("Phone companies do not accept texts from the clinic's number yet. The registration is not done.")
_BAD_NUMBER = _("This number cannot get texts.")
_LANDLINE = _("This number is a landline. It cannot get texts.")
_COUNTRY = _("We do not send texts to this country.")
_OPTED_OUT = _("This person said STOP. Only they can undo it, by texting START.")
_OUR_TEXT = _("The text itself was not accepted. The person who runs the site needs to look at it.")
_BLOCKED = _("The phone or the phone company blocked this text.")
_FILTERED = _("The phone company took this text for spam.")
_BUSY = _("Too many texts at once. We try again.")
_UNREACHABLE = _("The phone was off or out of reach.")
_UNKNOWN = _("The text did not arrive. The phone company did not say why.")
_MAYBE = _("The text may have arrived or not. Nobody could tell us.")
_TOO_LATE = _("The text waited too long and was dropped.")
_PROVIDER = _("The text service had a fault.")
_HELD = _("The phone company holds texts at this hour. We try again.")

_C, _N, _M, _T = Scope.CONFIGURATION, Scope.NUMBER, Scope.MESSAGE, Scope.TRANSIENT

NOT_SET_UP = Refusal(_C, _SETUP)
NOT_REACHED = Refusal(_T, _PROVIDER)
OTHER = Refusal(_M, _UNKNOWN)

# Codes after which a text may have gone out although an error came back: never send again without asking.
OUTCOME_UNKNOWN = frozenset({20500, 20503, 30410})

_TABLE: dict[int, Refusal] = {
    11200: Refusal(_C, _SETUP),  # Twilio could not fetch our webhook (debugger, not a send)
    14107: Refusal(_M, _UNKNOWN),  # loop guard: too many replies between two numbers
    20003: Refusal(_C, _SETUP),  # sign-in failed
    20404: Refusal(_C, _SETUP),  # no such account
    20429: Refusal(_T, _BUSY),  # too many requests; never processed, so safe to repeat
    20500: Refusal(_M, _MAYBE),  # fault at Twilio
    20503: Refusal(_M, _MAYBE),  # Twilio not available
    21211: Refusal(_N, _BAD_NUMBER),  # To is not a phone number
    21212: Refusal(_C, _SENDER),  # From is not a phone number
    21408: Refusal(_N, _COUNTRY),  # the region is not switched on for the account
    21601: Refusal(_C, _SENDER),  # From cannot send texts
    21602: Refusal(_M, _OUR_TEXT),  # no body
    21603: Refusal(_C, _SENDER),  # no From and no messaging service
    21604: Refusal(_M, _OUR_TEXT),  # no To
    21606: Refusal(_C, _SENDER),  # From is not ours or cannot reach this To
    21608: Refusal(_C, _SETUP),  # trial account, number not on its list
    21609: Refusal(_C, _SETUP),  # StatusCallback is not a public address
    21610: Refusal(Scope.OPTED_OUT, _OPTED_OUT),  # opted out; at once or in a callback
    21611: Refusal(_T, _BUSY, retry_after=600),  # the queue of this From is full
    21612: Refusal(_N, _BAD_NUMBER),  # To cannot be reached from this sender
    21614: Refusal(_N, _LANDLINE),  # not a mobile number
    21617: Refusal(_M, _OUR_TEXT),  # body over 1600 characters
    21635: Refusal(_N, _LANDLINE),  # landline
    21654: Refusal(_M, _OUR_TEXT),  # template variables without a template
    21656: Refusal(_M, _OUR_TEXT),  # template variables are not JSON
    21703: Refusal(_C, _SENDER),  # the service has no usable sender
    21704: Refusal(_C, _SENDER),  # the service has no sender
    21705: Refusal(_C, _SENDER),  # no such messaging service
    30001: Refusal(_T, _BUSY, retry_after=600),  # queue of the service is full
    30002: Refusal(_C, _SETUP),  # account suspended
    30003: Refusal(_T, _UNREACHABLE, retry_after=900, once=True),  # handset unreachable
    30004: Refusal(_M, _BLOCKED),  # blocked by the recipient or carrier
    30005: Refusal(_N, _BAD_NUMBER),  # number not in use
    30006: Refusal(_N, _LANDLINE),  # landline or unreachable carrier
    30007: Refusal(_M, _FILTERED),  # filtered as spam; the same text must not go again
    30008: Refusal(_T, _UNKNOWN, retry_after=300, once=True),  # unknown
    30022: Refusal(_T, _BUSY, retry_after=60),  # rate of the registered campaign
    30023: Refusal(_T, _BUSY, retry_after=6 * 3600),  # daily cap of T-Mobile, reset at midnight Pacific
    30024: Refusal(_C, _REGISTRATION),  # number not provisioned for the campaign
    30032: Refusal(_C, _REGISTRATION),  # toll-free number not verified
    30034: Refusal(_C, _REGISTRATION),  # number not registered (10DLC)
    30035: Refusal(_C, _REGISTRATION),  # number still being set up
    30036: Refusal(_M, _TOO_LATE),  # validity period ran out
    30039: Refusal(_M, _UNKNOWN),  # inbound looked machine-made, webhook not called
    30410: Refusal(_M, _MAYBE),  # provider timed out; Twilio itself does not retry
    30450: Refusal(_T, _BUSY, retry_after=1800),  # guard against SMS pumping, lifts after 15 to 30 minutes
    30500: Refusal(_T, _PROVIDER, retry_after=300, once=True),  # fault at Twilio; "try sending again"
    30610: Refusal(_T, _HELD, retry_after=3600),  # Compliance Toolkit: quiet hours
    30640: Refusal(_N, _BLOCKED),  # Compliance Toolkit: number of a known litigator
    63014: Refusal(_M, _BLOCKED),  # other channels: blocked by the user
    63036: Refusal(_M, _BAD_NUMBER),  # other channels: not reachable by RCS
    63038: Refusal(_M, _BUSY),  # other channels: daily cap
}


def class_of_code(code: int) -> Refusal:
    """What this error code means. Unknown codes are final: not sending twice is the safe side."""
    return _TABLE.get(code, OTHER)


def is_known(code: int) -> bool:
    """Whether the table has a line for this code."""
    return code in _TABLE


# Twilio's statuses in order. A report may only move a message to a higher rank; two last ones (4) that
# disagree are settled by asking Twilio.
_RANKS = {
    "accepted": 0,
    "scheduled": 0,
    "queued": 1,
    "sending": 2,
    "sent": 3,
    "delivered": 4,
    "partially_delivered": 4,
    "undelivered": 4,
    "failed": 4,
    "canceled": 4,
    "read": 5,
}
_OUR_WORDS = {
    "accepted": "queued",
    "scheduled": "queued",
    "queued": "queued",
    "sending": "queued",
    "sent": "sent",
    "delivered": "delivered",
    "partially_delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    "failed": "failed",
    "canceled": "failed",
}


def rank(status: str) -> int:
    """How far along a status is (Twilio's words or ours); -1 for an unknown one, so it moves nothing."""
    return _RANKS.get(status, -1)


def our_status(provider_status: str) -> str | None:
    """Twilio's status in our words; None for others. "queued" means that it waits at Twilio."""
    return _OUR_WORDS.get(provider_status)
