"""Private links. A token opens one request's own pages; it is worked out again whenever a message needs it and is
never stored. Must not decide what a page shows."""

import base64
import hashlib
import hmac
import ipaddress
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse

from booking.encryption import lookup_hash
from booking.models import AppointmentRequest, DoctorCalendar

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
TOKEN_BYTES = 16  # 128 bits
LIVES_AFTER_CLOSING = timedelta(days=30)


def token_for(*, request_id: int, version: int) -> str:
    """HMAC of request id and link version under LINK_KEY, as 22 URL-safe characters."""
    return _token(f"link:{request_id}:{version}")


def _token(what: str) -> str:
    digest = hmac.new(settings.LINK_KEY.encode(), what.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).rstrip(b"=").decode()


def token(request: AppointmentRequest) -> str:
    """The token that opens this request now."""
    return token_for(request_id=request.pk, version=request.link_version)


def stored_hash(token_text: str) -> str:
    """What the row keeps: SHA-256 of the token, hex. A stolen database opens no page."""
    return hashlib.sha256(token_text.encode()).hexdigest()


def path(request: AppointmentRequest) -> str:
    """The path of the patient's own page."""
    return reverse("booking:status", args=[token(request)])


def url(request: AppointmentRequest) -> str:
    """The address of the patient's own page, as it stands in a message."""
    return settings.SITE_URL + path(request)


def has_old_link(text: str, request: AppointmentRequest) -> bool:
    """Whether a message holds a link of hers that was made new since: it opens nothing."""
    now_hers = url(request)
    any_ones = now_hers[: now_hers.index(token(request))]
    return any_ones in text and now_hers not in text


def find(token_text: str, *, now: datetime) -> AppointmentRequest | None:
    """The request that a token opens. Unknown, rotated and expired tokens are alike: None.

    A link expires LIVES_AFTER_CLOSING after its request was closed.
    """
    if len(token_text) > 64:
        return None
    request = (
        AppointmentRequest.objects.select_related("service", "office", "contact_number")
        .filter(link_hash=stored_hash(token_text))
        .first()
    )
    if request is None or (request.closed_at is not None and request.closed_at + LIVES_AFTER_CLOSING < now):
        return None
    return request


def calendar_token(calendar: DoctorCalendar) -> str:
    """The token under which a doctor's calendar program reads our visits."""
    return _token(f"doctor:{calendar.pk}:{calendar.link_version}")


def calendar_url(calendar: DoctorCalendar) -> str:
    """The address to hand to the doctor; empty while there is none."""
    if not calendar.link_version:
        return ""
    return settings.SITE_URL + reverse("booking:doctor_calendar", args=[calendar_token(calendar)])


def find_calendar(token_text: str) -> DoctorCalendar | None:
    """The calendar that a token opens; unknown and rotated tokens are alike: None."""
    if len(token_text) > 64:
        return None
    rows = DoctorCalendar.objects.select_related("physician")
    return rows.filter(link_hash=stored_hash(token_text), link_version__gt=0).first()


def network_hash(address: str) -> str:
    """A keyed hash of a network address, for counting requests; IPv6 by its /64, which one household holds."""
    ip = _parsed(address)
    if ip is None:
        return ""
    return lookup_hash("network", str(_around(ip, 64) if ip.version == 6 else ip))


def network_of(address: str) -> str:
    """The network an address belongs to: enough to tell where consent came from, too little to find a person."""
    ip = _parsed(address)
    return "" if ip is None else str(_around(ip, 24 if ip.version == 4 else 48))


def _parsed(address: str) -> Address | None:
    """An address of IPv4 as such, also from a proxy that listens on both: all of IPv4 is one /64 there."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return None
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return mapped or ip


def _around(ip: Address, bits: int) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(f"{ip}/{bits}", strict=False)
