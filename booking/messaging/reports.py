"""Delivery reports as they came in, stored before they are interpreted. Must not change a message
(booking/messaging/outbox.py does)."""

import re
import uuid
from datetime import datetime

from booking.models import DeliveryReport, OutgoingMessage

_ID = re.compile(r"[A-Za-z0-9]{1,40}")
_STATUS = re.compile(r"[a-z_]{1,24}")


def store(*, provider_id: str, status: str, error: str, now: datetime) -> DeliveryReport | None:
    """The row of this report; a repeated one is the same row. None for a call without an id or status."""
    # PostgreSQL refuses a NUL, and with it the whole call.
    if not _ID.fullmatch(provider_id) or not _STATUS.fullmatch(status):
        return None
    code = int(error) if error.isascii() and error.isdecimal() and len(error) < 9 else None
    row, _ = DeliveryReport.objects.get_or_create(
        provider_id=provider_id, status=status, defaults={"error": code, "received_at": now}
    )
    return row


def attach(report: DeliveryReport, message: OutgoingMessage | None) -> None:
    """Remember which message a report was about."""
    if message is not None and report.message_id is None:
        report.message = message
        report.save(update_fields=["message"])


def key_of(text: str) -> str:
    """Our own id from the callback address, or empty when it is not one."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""
