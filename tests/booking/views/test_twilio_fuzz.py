"""Anything at all on the two addresses that Twilio calls: never an error, never a redirect, nothing stored unsigned."""

from itertools import count
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from booking.messaging import reports
from booking.models import ConsentEvent, DeliveryReport, IncomingText, OutgoingMessage
from tests import factories
from tests.factories import NOW, PHONE

pytestmark = pytest.mark.usefixtures("clinic", "now")

NAMES = ("MessageSid", "MessageStatus", "ErrorCode", "From", "Body", "OptOutType", "To", "NumMedia", "Nonsense")
WORDS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["SM" + "1" * 32, "delivered", "failed", "sent", "21610", "STOP", "START", PHONE, "\x00", "9" * 30, ""]
    ),
)
KINDS = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json", "", "é")
FORMS = st.dictionaries(st.sampled_from(NAMES), WORDS, max_size=7)
often = hypothesis_settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


_ids = count(1)


def post(name: str, form: dict[str, str], *, query: str = "", signature: str | None = None, **more: Any) -> Any:
    path = reverse(f"booking:{name}") + query
    made = RequestValidator(settings.TWILIO_AUTH_TOKENS[0]).compute_signature(settings.SITE_URL + path, form)
    headers = {"X-Twilio-Signature": made if signature is None else signature}
    return Client(enforce_csrf_checks=True).post(path, form, headers=headers, **more)


@often
@given(name=st.sampled_from(["twilio_status", "twilio_inbound"]), form=FORMS, key=st.text(max_size=40))
def test_a_signed_call_is_taken_whatever_it_says(name: str, form: dict[str, str], key: str) -> None:
    if not OutgoingMessage.objects.exists():
        factories.a_request()
    assert post(name, form, query=f"?m={quote(key)}").status_code in (200, 204)
    reports.read(now=NOW)
    assert not DeliveryReport.objects.filter(read_at=None).exists()


@often
@given(
    name=st.sampled_from(["twilio_status", "twilio_inbound"]),
    body=st.binary(max_size=300),
    kind=st.sampled_from(
        ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json", "", "é"]
    ),
    signature=st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=60),
)
def test_an_unsigned_call_is_refused_whatever_it_is(name: str, body: bytes, kind: str, signature: str) -> None:
    answer = Client().generic(
        "POST", reverse(f"booking:{name}"), body, content_type=kind, headers={"X-Twilio-Signature": signature}
    )
    assert answer.status_code == 403
    assert DeliveryReport.objects.count() == IncomingText.objects.count() == 0


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", ["/twilio/status/", "/twilio/inbound/"])
def test_other_methods_are_refused_and_never_sent_elsewhere(method: str, path: str) -> None:
    assert Client().generic(method, path).status_code == 405


@given(order=st.lists(st.sampled_from(["queued", "sending", "sent", "delivered"]), min_size=1, max_size=8))
@often
def test_in_whatever_order_and_however_often_reports_come_the_farthest_counts(order: list[str]) -> None:
    sid = f"SM{next(_ids):032d}"
    if not OutgoingMessage.objects.exists():
        factories.a_request()
    row = OutgoingMessage.objects.get()
    OutgoingMessage.objects.update(state="sent", provider_id=sid, sent_at=NOW, finished_at=None)
    for status in order:
        post("twilio_status", {"MessageSid": sid, "MessageStatus": status})
        reports.read(now=NOW)
    row.refresh_from_db()
    assert row.state == ("delivered" if "delivered" in order else "sent")


def test_a_text_that_is_delivered_twice_is_one_text() -> None:
    number = factories.a_request().contact_number
    for _ in range(3):
        post("twilio_inbound", {"MessageSid": "SM" + "3" * 32, "From": PHONE, "Body": "STOP"})
    assert IncomingText.objects.count() == 1
    assert ConsentEvent.objects.filter(contact_number=number, kind="stopped").count() == 1


@pytest.mark.parametrize("host", ["evil.example", "localhost", "127.0.0.1:1", "testserver.localhost:443"])
@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded"])
def test_no_header_makes_a_signature_for_another_address_valid(host: str, header: str) -> None:
    path, form = reverse("booking:twilio_status"), {"MessageSid": "SM1", "MessageStatus": "failed"}
    for site in (f"http://{host}", f"https://{host}"):
        made = RequestValidator(settings.TWILIO_AUTH_TOKENS[0]).compute_signature(site + path, form)
        answer = Client().post(path, form, headers={"X-Twilio-Signature": made, header: host})
        assert answer.status_code in (400, 403)
    assert DeliveryReport.objects.count() == 0
