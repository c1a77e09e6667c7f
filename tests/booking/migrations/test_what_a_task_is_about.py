"""Tasks that were open before they knew what they are about get the newest text of the moment in which they were made."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from booking.models import AppointmentRequest, DeskTask, IncomingText, OutgoingMessage
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("clinic", "now")
migration: Any = import_module("booking.migrations.0016_what_a_task_is_about")


def minute(number: int) -> Any:
    return NOW + timedelta(minutes=number)


@pytest.fixture
def asked(clinic: None) -> AppointmentRequest:
    return factories.a_request()


def a_message(asked: AppointmentRequest, state: str, *, at: int) -> OutgoingMessage:
    return OutgoingMessage.objects.create(
        request=asked,
        channel="sms",
        contact_number=asked.contact_number,
        kind="help",
        occasion=f"{at}",
        state=state,
        next_attempt_at=NOW,
        created_at=minute(at),
    )


def a_text(asked: AppointmentRequest, *, at: int) -> IncomingText:
    number = asked.contact_number
    assert number is not None
    return IncomingText.objects.create(provider_id=f"SM{at}", contact_number=number, received_at=minute(at))


def a_task(asked: AppointmentRequest, kind: str, *, at: int) -> DeskTask:
    return DeskTask.objects.create(request=asked, kind=kind, opened_at=minute(at))


@pytest.mark.parametrize(("kind", "state"), [("message_failed", "undelivered"), ("message_unknown", "unknown")])
def test_a_task_about_our_texts_gets_the_newest_that_it_can_be_about(
    asked: AppointmentRequest, kind: str, state: str
) -> None:
    a_message(asked, state, at=1)
    meant = a_message(asked, state, at=2)
    a_message(asked, "delivered", at=3)
    task = a_task(asked, kind, at=4)
    a_message(asked, state, at=5)
    migration.fill(apps, None)
    assert list(task.messages.all()) == [meant]
    assert not task.texts.exists()


@pytest.mark.parametrize("kind", ["read_text", "wants_to_cancel"])
def test_a_task_about_what_she_wrote_gets_what_came_before_it(asked: AppointmentRequest, kind: str) -> None:
    a_text(asked, at=1)
    meant = a_text(asked, at=2)
    task = a_task(asked, kind, at=2)
    a_text(asked, at=3)
    migration.fill(apps, None)
    assert list(task.texts.all()) == [meant]
    assert not task.messages.exists()


def test_a_task_that_is_done_or_about_neither_stays_as_it_is(asked: AppointmentRequest, staff_user: Any) -> None:
    a_text(asked, at=1)
    done, other = a_task(asked, "read_text", at=2), a_task(asked, "offer_expired", at=2)
    done.finish(by=staff_user, at=NOW)
    migration.fill(apps, None)
    assert not done.texts.exists()
    assert not other.texts.exists()


def test_a_value_that_no_key_opens_does_not_stop_the_update(asked: AppointmentRequest) -> None:
    meant = a_message(asked, "failed", at=1)
    task = a_task(asked, "message_failed", at=2)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE booking_appointmentrequest SET name = 'damaged' WHERE id = %s", [asked.pk])
    migration.fill(apps, None)
    assert list(task.messages.values_list("pk", flat=True)) == [meant.pk]
