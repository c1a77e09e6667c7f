"""Texts that came in before and were shown to nobody are asked to be read."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from booking.messaging import consent
from booking.models import ContactNumber, IncomingText
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("clinic", "now")
migration: Any = import_module("booking.migrations.0020_texts_we_cannot_place")


def a_text(phone: str, *, meaning: str = "other") -> IncomingText:
    number = consent.number_for(phone, now=NOW)
    key = f"SM{IncomingText.objects.count()}"
    return IncomingText.objects.create(
        provider_id=key, contact_number=number, body="Hello", meaning=meaning, received_at=NOW, handled_at=NOW
    )


def test_what_was_for_staff_and_no_request_shows_is_to_be_read() -> None:
    factories.a_request(phone_e164="+12135550101")
    factories.a_request(phone_e164="+12135550102", quarantine_reason="website")
    a_text("+12135550101")
    robot, stranger = a_text("+12135550102"), a_text("+12135550103")
    a_text("+12135550104", meaning="stop")
    migration.fill(apps, None)
    assert set(IncomingText.objects.to_place()) == {robot, stranger}


def test_what_is_forgotten_has_nothing_to_read() -> None:
    a_text("+12135550103")
    ContactNumber.objects.update(number="", last_four_hash="")
    IncomingText.objects.update(body="")
    migration.fill(apps, None)
    assert not IncomingText.objects.to_place().exists()


def test_a_value_that_no_key_opens_does_not_stop_the_update() -> None:
    text = a_text("+12135550103")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE booking_incomingtext SET body = 'damaged' WHERE id = %s", [text.pk])
    migration.fill(apps, None)
    assert IncomingText.objects.to_place().values_list("pk", flat=True).get() == text.pk
