"""What tells a script from a person without asking people anything. Must not refuse: a hit is only marked, the request
goes to quarantine and people look at it.

Two inputs that are no form fields (they must not show in an error summary): `website`, which people never see, and
`ts`, the signed time at which this page was made.
"""

from collections.abc import Mapping
from datetime import datetime

from django.core import signing

HONEYPOT = "website"
STAMP = "ts"
FASTEST_SECONDS = 5
OLDEST_SECONDS = 24 * 60 * 60


def stamp(*, now: datetime) -> str:
    """The signed time for a page that is shown now."""
    return signing.Signer(salt="booking.forms.traps").sign(str(int(now.timestamp())))


def age(data: Mapping[str, str], *, now: datetime) -> int | None:
    """Seconds since the posted page was made; None for a missing or forged stamp."""
    try:
        made = int(signing.Signer(salt="booking.forms.traps").unsign(data.get(STAMP, "")))
    except (signing.BadSignature, ValueError):
        return None
    return int(now.timestamp()) - made


def was_open_too_long(data: Mapping[str, str], *, now: datetime) -> bool:
    """Whether the page is from before yesterday: its answers are kept, but they are looked at again."""
    seconds = age(data, now=now)
    return seconds is not None and seconds > OLDEST_SECONDS


def hit(data: Mapping[str, str], *, now: datetime) -> str:
    """Why this post looks automated, or nothing."""
    if data.get(HONEYPOT):
        return "honeypot"
    return "forged_stamp" if data.get(STAMP) and age(data, now=now) is None else ""


def too_fast(first_view: datetime, *, now: datetime) -> bool:
    """Whether a request is sent sooner than anybody can fill it in."""
    return (now - first_view).total_seconds() < FASTEST_SECONDS
