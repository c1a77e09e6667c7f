"""The disk is full: nothing half-stored, nothing sent that is not written down; it goes on when there is room.
SQLite: by a limit on its pages. PostgreSQL: the same error is raised by hand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection

from booking.messaging import outbox
from booking.models import AppointmentRequest, ConsentEvent, DeliveryReport, OutgoingMessage
from tests import factories
from tests.booking.views.test_twilio_fuzz import post
from tests.factories import NOW

pytestmark = [pytest.mark.usefixtures("clinic", "now"), pytest.mark.django_db(transaction=True)]


@contextmanager
def full_disk() -> Iterator[None]:
    """Statements that need room fail."""

    def refuse(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(("INSERT", "UPDATE")):
            raise OperationalError("could not extend file: No space left on device")
        return execute(sql, params, many, context)

    if connection.vendor != "sqlite":
        with connection.execute_wrapper(refuse):
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
        try:
            yield
        finally:
            cursor.execute("PRAGMA max_page_count = 1073741823")


def until_it_is_full(work: Callable[[int], object]) -> None:
    """Pages have some room left: go on until one statement does not fit."""

    def work_on() -> None:
        for number in range(2000):
            work(number)

    with pytest.raises(OperationalError):
        work_on()


def a_request(number: int) -> object:
    return factories.a_request(phone_e164=f"+1213555{number:04d}", phone_typed="213 555")


def a_report(number: int) -> object:
    return DeliveryReport.objects.create(provider_id=f"{number:040d}", status="y" * 24, received_at=NOW)


def test_a_request_is_stored_whole_or_not_at_all() -> None:
    with full_disk():
        until_it_is_full(a_request)
        requests = AppointmentRequest.objects.count()
        assert OutgoingMessage.objects.count() == ConsentEvent.objects.count() == requests
    a_request(5000)
    assert AppointmentRequest.objects.count() == requests + 1


def test_a_text_goes_out_only_if_its_claim_could_be_written_and_goes_out_once(simulator: Any) -> None:
    factories.a_request()
    row = OutgoingMessage.objects.get()
    with full_disk():
        until_it_is_full(a_report)
        until_it_is_full(lambda number: (outbox.attempt(row.pk, now=NOW), a_report(5000 + number)))
        row.refresh_from_db()
        assert len(simulator.messages) == (0 if row.state == "queued" else 1)
    outbox.attempt(row.pk, now=NOW)
    assert len(simulator.messages) == 1


def test_a_report_is_answered_as_taken_only_if_it_was_kept() -> None:
    taken = []

    def report(number: int) -> None:
        answer = post("twilio_status", {"MessageSid": f"SM{number:032d}", "MessageStatus": "delivered"})
        taken.append(answer.status_code)

    with full_disk():
        until_it_is_full(report)
    assert DeliveryReport.objects.count() == len(taken)
    assert set(taken) <= {204}
    report(5000)
    assert DeliveryReport.objects.count() == len(taken)
