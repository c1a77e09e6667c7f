"""Delivery reports: stored as they come in, by one INSERT, and read a moment later by the worker. Must not change a
message (booking/messaging/outbox.py does).

Storing does nothing else, so that a crowd of reports costs the web little and a process that is killed loses none: a
report that nobody has read is read by the next worker.
"""

import logging
import re
import threading
import uuid
from collections import deque
from datetime import datetime
from itertools import chain

from django.db import DataError, IntegrityError, connection, transaction

from booking.messaging import outbox, settling
from booking.models import DeliveryReport, OutgoingMessage

logger = logging.getLogger("booking.reports")

# A look each second: the web, which has to keep what comes in, then has the database for itself most of the time.
READ_AT_ONCE = 200
_INSERT = "INSERT INTO booking_deliveryreport (provider_id, status, error, callback_key, received_at) VALUES "
_VALUES = "(%s, %s, %s, %s, %s)"
_ID = re.compile(r"[A-Za-z0-9]{1,40}")
_STATUS = re.compile(r"[a-z_]{1,20}")


def store(*, provider_id: str, status: str, error: str, callback_key: str, now: datetime) -> bool:
    """Keep a report; a repeated one changes nothing. False, and nothing kept, for a call without an id or status."""
    # PostgreSQL refuses a NUL, and with it the whole call.
    if not _ID.fullmatch(provider_id) or not _STATUS.fullmatch(status):
        return False
    code = int(error) if error.isascii() and error.isdecimal() and len(error) < 9 else None
    row = DeliveryReport(
        provider_id=provider_id, status=status, error=code, callback_key=_key(callback_key), received_at=now
    )
    _together.keep(row)
    return True


class _Pending:
    """A report of one thread, and what became of it."""

    def __init__(self, row: DeliveryReport) -> None:
        self.row = row
        self.is_kept = False
        self.error: Exception | None = None


class _Together:
    """Writes what the threads of this process have at the same moment in one INSERT: each waits for the commit anyway,
    and SQLite makes writers that meet sleep for many times as long as a write takes."""

    def __init__(self) -> None:
        self._writing = threading.Lock()
        self._queue: deque[_Pending] = deque()

    def keep(self, row: DeliveryReport) -> None:
        """Return when the row is committed; raises what the database raised."""
        mine = _Pending(row)
        self._queue.append(mine)
        with self._writing:
            if not mine.is_kept and mine.error is None:
                self._write()
        if mine.error is not None:
            raise mine.error

    def _write(self) -> None:
        batch = [self._queue.popleft() for _ in range(len(self._queue))]
        try:
            _insert([pending.row for pending in batch])
        except Exception as error:  # whatever it is, each of them has to answer that it was not kept
            for pending in batch:
                pending.error = error
        else:
            for pending in batch:
                pending.is_kept = True


_together = _Together()


def _insert(rows: list[DeliveryReport]) -> None:
    """One statement, so it needs no transaction around it. By hand: making it from the model each time is a quarter of
    what a report costs the web. One that is there already changes nothing."""
    at = connection.ops.adapt_datetimefield_value
    values = [(row.provider_id, row.status, row.error, row.callback_key, at(row.received_at)) for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT + ", ".join([_VALUES] * len(rows)) + " ON CONFLICT DO NOTHING", list(chain(*values)))


def read(*, now: datetime) -> int:
    """Act on the reports that nobody has read, in the order they came. How many; none is left behind for long, because
    two workers that read the same one do no harm."""
    unread = list(DeliveryReport.objects.filter(read_at__isnull=True).order_by("pk")[:READ_AT_ONCE])
    # A report that came before the reply to our call finds its message by our own key.
    rows = settling.messages_of(_named(report) for report in unread)
    if strangers := [report.pk for report in unread if _named(report) not in rows]:
        DeliveryReport.objects.filter(pk__in=strangers).update(read_at=now)
    for report in unread:
        if row := rows.get(_named(report)):
            try:
                _act(report, row, now=now)
            except (ValueError, DataError, IntegrityError) as error:  # it must not stand before all others
                logger.error("Report %s: %s", report.pk, type(error).__name__)  # noqa: TRY400 (no personal data)
                DeliveryReport.objects.filter(pk=report.pk).update(read_at=now)
    return len(unread)


def _act(report: DeliveryReport, row: OutgoingMessage, *, now: datetime) -> None:
    with transaction.atomic():  # one commit for both: SQLite lets nobody else write meanwhile
        outbox.apply_report(
            row, provider_id=report.provider_id, provider_status=report.status, error=report.error, now=now
        )
        DeliveryReport.objects.filter(pk=report.pk).update(read_at=now, message=row)


def _named(report: DeliveryReport) -> tuple[str, str]:
    return report.provider_id, _key(report.callback_key)


def _key(text: str) -> str:
    """Our own id from the callback address, or empty when it is not one."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""
