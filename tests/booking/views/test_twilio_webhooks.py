"""What Twilio calls. Signatures are made by the SDK's own code."""

import threading

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from twilio.request_validator import RequestValidator

from booking.messaging import consent, outbox, reports
from booking.models import DeliveryReport, IncomingText, OutgoingMessage
from tests import factories
from tests.factories import NOW, PHONE

pytestmark = pytest.mark.usefixtures("clinic", "now")
SID = "SM" + "1" * 32


def post(name, data, *, token=None, query="", signature=None, **headers):
    path = reverse(f"booking:{name}") + query
    key = token or settings.TWILIO_AUTH_TOKENS[0]
    made = RequestValidator(key).compute_signature(settings.SITE_URL + path, data)
    signed = {"X-Twilio-Signature": made if signature is None else signature}
    return Client(enforce_csrf_checks=True).post(path, data, headers={**signed, **headers})


def read():
    """What the worker does a moment later."""
    return reports.read(now=NOW)


@pytest.fixture
def sent():
    factories.a_request()
    row = OutgoingMessage.objects.get()
    OutgoingMessage.objects.filter(pk=row.pk).update(state="sent", provider_id=SID, sent_at=NOW)
    return row


def test_a_signed_report_is_stored_first_and_then_moves_the_message(sent):
    response = post("twilio_status", {"MessageSid": SID, "MessageStatus": "delivered"})
    assert response.status_code == 204
    sent.refresh_from_db()
    assert (sent.state, DeliveryReport.objects.get().read_at) == ("sent", None)
    assert read() == 1
    sent.refresh_from_db()
    assert sent.state == "delivered"
    assert (DeliveryReport.objects.get().message, DeliveryReport.objects.get().read_at) == (sent, NOW)
    assert read() == 0


def test_storing_a_report_costs_one_insert(sent, django_assert_num_queries):
    with django_assert_num_queries(1):
        post("twilio_status", {"MessageSid": SID, "MessageStatus": "delivered"})


@pytest.mark.django_db(transaction=True)
def test_reports_that_come_at_the_same_moment_are_all_kept():
    answers = []

    def report(first):
        for number in range(first, first + 25):
            answers.append(
                post("twilio_status", {"MessageSid": f"SM{number:032d}", "MessageStatus": "sent"}).status_code
            )
        connection.close()

    threads = [threading.Thread(target=report, args=(25 * n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [204] * 200
    assert DeliveryReport.objects.count() == 200


def test_a_report_that_was_not_kept_is_not_answered_as_taken(monkeypatch):
    def full(rows):
        raise OperationalError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(reports, "_insert", full)
        with pytest.raises(OperationalError):
            post("twilio_status", {"MessageSid": SID, "MessageStatus": "sent"})
    assert post("twilio_status", {"MessageSid": SID, "MessageStatus": "sent"}).status_code == 204
    assert DeliveryReport.objects.count() == 1


def test_a_report_that_cannot_be_acted_on_does_not_stand_before_the_others(sent, monkeypatch, caplog):
    real = outbox.apply_report

    def broken(row, **told):
        if told["provider_status"] == "sent":
            raise ValueError(PHONE)
        return real(row, **told)

    monkeypatch.setattr(outbox, "apply_report", broken)
    post("twilio_status", {"MessageSid": SID, "MessageStatus": "sent"})
    post("twilio_status", {"MessageSid": SID, "MessageStatus": "delivered"})
    assert (read(), read()) == (2, 0)
    sent.refresh_from_db()
    assert sent.state == "delivered"
    assert PHONE not in caplog.text


@pytest.mark.parametrize("name", ["twilio_status", "twilio_inbound"])
@pytest.mark.parametrize("signature", ["", "forged", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
def test_without_the_right_signature_nothing_is_stored(sent, name, signature):
    data = {"MessageSid": SID, "MessageStatus": "failed", "From": PHONE, "Body": "STOP"}
    assert post(name, data, signature=signature).status_code == 403
    assert DeliveryReport.objects.count() == IncomingText.objects.count() == 0


@pytest.mark.parametrize("name", ["twilio_status", "twilio_inbound"])
def test_only_post_is_answered(name):
    assert Client().get(reverse(f"booking:{name}")).status_code == 405


def test_a_foreign_host_header_cannot_make_a_signature_valid(sent):
    path = reverse("booking:twilio_status")
    data = {"MessageSid": SID, "MessageStatus": "failed"}
    made = RequestValidator(settings.TWILIO_AUTH_TOKENS[0]).compute_signature(f"http://localhost{path}", data)
    assert Client().post(path, data, headers={"X-Twilio-Signature": made, "Host": "localhost"}).status_code == 403


def test_while_a_token_is_rotated_both_are_accepted(sent, settings):
    settings.TWILIO_AUTH_TOKENS = ["new-token", "old-token"]
    for token, status in (("new-token", "sent"), ("old-token", "delivered")):
        assert post("twilio_status", {"MessageSid": SID, "MessageStatus": status}, token=token).status_code == 204


def test_the_same_report_twice_and_out_of_order_changes_nothing(sent):
    for status in ("delivered", "sent", "delivered", "queued"):
        post("twilio_status", {"MessageSid": SID, "MessageStatus": status})
        read()
    sent.refresh_from_db()
    assert sent.state == "delivered"
    assert DeliveryReport.objects.count() == 3


def test_a_report_about_a_message_that_is_not_ours_is_answered_and_kept():
    assert post("twilio_status", {"MessageSid": "SMother", "MessageStatus": "sent"}).status_code == 204
    assert read() == 1
    assert DeliveryReport.objects.get().message is None


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"MessageSid": SID},
        {"MessageStatus": "delivered"},
        {"MessageSid": SID, "MessageStatus": "x" * 500, "ErrorCode": "not a number"},
        {"MessageSid": "S" * 900, "MessageStatus": "failed", "ErrorCode": "9" * 400},
        {"MessageSid": SID, "MessageStatus": "délivré", "New": "field"},
        {"MessageSid": SID, "MessageStatus": "a_status_that_is_new_to"},
        {"MessageSid": SID, "MessageStatus": "sent\x00"},
    ],
)
def test_junk_in_a_signed_report_is_never_an_error(sent, data):
    assert post("twilio_status", data, query="?m=not-a-key").status_code == 204
    read()
    sent.refresh_from_db()
    assert sent.state == "sent"


def test_a_late_report_finds_its_message_by_our_own_key():
    factories.a_request()
    row = OutgoingMessage.objects.get()
    assert outbox._claim(row, now=NOW)
    post("twilio_status", {"MessageSid": SID, "MessageStatus": "sent"}, query=f"?m={row.callback_key}")
    read()
    row.refresh_from_db()
    assert (row.state, row.provider_id) == ("sent", SID)


def test_a_signed_stop_silences_at_once_and_gets_no_second_reply():
    request = factories.a_request()
    response = post("twilio_inbound", {"MessageSid": SID, "From": PHONE, "Body": "STOP", "OptOutType": "STOP"})
    assert response.status_code == 200
    assert response.content == b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
    assert response["Content-Type"].startswith("text/xml")
    assert not consent.may_text(request.contact_number)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"MessageSid": SID, "From": "not a number", "Body": "STOP"},
        {"From": PHONE, "Body": "STOP"},
        {"MessageSid": SID, "From": PHONE, "Body": "a\x00b" * 3000},
        {"MessageSid": SID, "From": PHONE, "Body": "👍 \u202e <script>"},
        {"MessageSid": SID, "From": PHONE},
    ],
)
def test_junk_in_a_signed_text_is_never_an_error(data):
    assert post("twilio_inbound", data).status_code == 200


def test_the_answers_are_not_kept_by_anybody(sent):
    response = post("twilio_status", {"MessageSid": SID, "MessageStatus": "sent"})
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies
