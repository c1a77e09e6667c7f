"""Messages and the consent ledger can be looked at and nothing else."""

from datetime import datetime

import pytest
from django.test import Client

from booking.models import AccessEvent, ConsentEvent, DeliveryReport, IncomingText, OutgoingMessage
from tests import factories
from tests.booking.admin.desk import words

pytestmark = pytest.mark.usefixtures("now", "clinic")
LISTS = ("outgoingmessage", "incomingtext", "consentevent", "deliveryreport")


@pytest.fixture
def rows(clinic: None, now: datetime) -> dict[str, int]:
    """One row in each list."""
    asked = factories.a_request()
    message = OutgoingMessage.objects.get()
    OutgoingMessage.objects.update(state="failed", provider_error=21614)
    text = IncomingText.objects.create(
        provider_id="SM1", contact_number=asked.contact_number, body="private words", received_at=now, meaning="other"
    )
    report = DeliveryReport.objects.create(
        message=message, provider_id="SM2", status="failed", error=21614, received_at=now
    )
    consent = ConsentEvent.objects.get()
    return {
        "outgoingmessage": message.pk,
        "incomingtext": text.pk,
        "consentevent": consent.pk,
        "deliveryreport": report.pk,
    }


@pytest.mark.parametrize("kind", LISTS)
def test_lists_show_states_in_words_and_no_bodies(kind: str, rows: dict[str, int], staff_client: Client) -> None:
    page = words(staff_client.get(f"/admin/booking/{kind}/"))
    body = OutgoingMessage.objects.get().body
    assert body not in page
    assert "private words" not in page
    assert "María" not in page
    expected = {
        "outgoingmessage": "This number is a landline",
        "incomingtext": "For staff to read",
        "consentevent": "Agreed to texts",
        "deliveryreport": "This number is a landline",
    }
    assert expected[kind] in page


@pytest.mark.parametrize("kind", LISTS)
def test_no_row_is_added_changed_or_deleted(kind: str, rows: dict[str, int], staff_client: Client) -> None:
    base = f"/admin/booking/{kind}/"
    assert staff_client.post(f"{base}add/", {}).status_code == 403
    assert staff_client.post(f"{base}{rows[kind]}/change/", {"state": "sent"}).status_code == 403
    assert staff_client.post(f"{base}{rows[kind]}/delete/", {"post": "yes"}).status_code == 403


def test_the_words_of_a_consent_can_be_read_and_that_is_logged(rows: dict[str, int], staff_client: Client) -> None:
    event = ConsentEvent.objects.get()
    page = words(staff_client.get(f"/admin/booking/consentevent/{event.pk}/change/"))
    assert event.wording_hash in page
    assert AccessEvent.objects.filter(request=event.request_id).exists()


@pytest.mark.parametrize("kind", LISTS)
def test_each_row_leads_to_its_request(kind: str, rows: dict[str, int], staff_client: Client) -> None:
    page = words(staff_client.get(f"/admin/booking/{kind}/"))
    assert f"/admin/booking/appointmentrequest/{OutgoingMessage.objects.get().request_id}/change/" in page
