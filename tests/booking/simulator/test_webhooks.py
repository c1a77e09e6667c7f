"""What the local Twilio posts to the site: signed, in order, and wrong on demand; keywords and the block list."""

from collections.abc import Iterator

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from booking.simulator import Simulator
from booking.simulator.keywords import keyword
from booking.simulator.webhooks import signature
from tests.booking.simulator.clinic import ACCOUNT, PATIENT, SERVICE, TOKEN, Listener


@pytest.fixture
def site() -> Iterator[Listener]:
    with Listener() as listener:
        yield listener


@pytest.fixture
def simulator(site: Listener) -> Iterator[Simulator]:
    inbound = f"{site.url}/twilio/inbound/"
    with Simulator(
        account_sid=ACCOUNT, auth_token=TOKEN, service_sid=SERVICE, inbound_url=inbound, delay=0.01
    ) as running:
        yield running


def send(simulator: Simulator, site: Listener, *, to: str = PATIENT, service: bool = True) -> str:
    transport = TwilioHttpClient(timeout=3)
    client = Client(ACCOUNT, TOKEN, http_client=transport, environment={"TWILIO_EDGE": ""})
    client.api.base_url = simulator.url
    sender = {"messaging_service_sid": SERVICE} if service else {"from_": "+15005550006"}
    try:
        message = client.messages.create(
            to=to, body="Hello", status_callback=f"{site.url}/twilio/status/?m=a%20key", **sender
        )
    finally:
        transport.session.close()
    simulator.settle()
    return str(message.sid)


# Callbacks


def test_callbacks_of_a_service_come_in_twilios_order_and_are_signed(simulator: Simulator, site: Listener) -> None:
    sid = send(simulator, site)
    assert site.values("MessageStatus") == ["queued", "sent", "delivered"]
    assert all(seen.signed and seen.path == "/twilio/status/?m=a%20key" for seen in site.seen)
    assert set(site.values("MessageSid")) == set(site.values("SmsSid")) == {sid}
    assert set(site.seen[0].form) == {
        "AccountSid", "ApiVersion", "From", "To", "MessageSid", "MessageStatus", "SmsSid", "SmsStatus",
        "MessagingServiceSid",
    }  # fmt: skip
    assert "RawDlrDoneDate" in site.seen[2].form


def test_a_bare_number_gets_no_callback_for_queued(simulator: Simulator, site: Listener) -> None:
    send(simulator, site, service=False)
    assert site.values("MessageStatus") == ["sent", "delivered"]
    assert "MessagingServiceSid" not in site.seen[0].form


def test_a_signature_under_another_token_is_not_accepted(simulator: Simulator, site: Listener) -> None:
    site.token = "another token"
    send(simulator, site)
    assert not any(seen.signed for seen in site.seen)


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        ("duplicate", ["queued", "queued", "sent", "sent", "delivered", "delivered"]),
        ("late", ["queued", "sent", "delivered"]),
        ("reversed", ["delivered", "sent", "queued"]),
        ("lost", []),
    ],
)
def test_callbacks_go_wrong_on_demand(simulator: Simulator, site: Listener, fault: str, statuses: list[str]) -> None:
    simulator.faults.set(callbacks=fault)
    sid = send(simulator, site)
    assert site.values("MessageStatus") == statuses
    message = simulator.store.get(sid)
    assert message is not None
    assert message.status == "delivered"


@pytest.mark.parametrize(
    ("outcome", "statuses", "code"),
    [
        ("undelivered", ["queued", "sent", "undelivered"], "30005"),
        ("failed", ["queued", "failed"], "30005"),
        ("sent", ["queued", "sent"], ""),
    ],
)
def test_a_text_can_end_badly(
    simulator: Simulator, site: Listener, outcome: str, statuses: list[str], code: str
) -> None:
    simulator.faults.set(outcome=outcome, error_code=30005)
    send(simulator, site)
    assert site.values("MessageStatus") == statuses
    assert site.values("ErrorCode")[-1] == code


def test_a_redirect_is_not_followed(simulator: Simulator, site: Listener) -> None:
    site.status = 302
    send(simulator, site)
    assert {seen.path for seen in site.seen} == {"/twilio/status/?m=a%20key"}
    assert {call.status for call in simulator.webhooks.calls} == {302}


def test_only_this_machine_is_called(simulator: Simulator) -> None:
    assert simulator.webhooks._post("https://api.example/", {"To": PATIENT}) == (0, "")


def test_signature_is_the_one_of_the_sdks_vector() -> None:
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
        "Caller": "+14158675309",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature(url, form, "12345") == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


# Texts from the patient


def test_a_text_from_the_patient_is_posted_signed_with_the_real_field_names(
    simulator: Simulator, site: Listener
) -> None:
    message = simulator.text_from_patient(PATIENT, "¿Puedo ir a las 3? 👍\nGracias & adiós")
    simulator.settle()
    (seen,) = site.seen
    assert seen.signed
    assert seen.path == "/twilio/inbound/"
    assert seen.form["Body"] == ["¿Puedo ir a las 3? 👍\nGracias & adiós"]
    assert seen.form["From"] == [PATIENT]
    assert {seen.form[name][0] for name in ("MessageSid", "SmsSid", "SmsMessageSid")} == {message.sid}
    assert (seen.form["NumMedia"], seen.form["SmsStatus"]) == (["0"], ["received"])
    assert "OptOutType" not in seen.form
    assert seen.headers["I-Twilio-Idempotency-Token"]


def test_stop_blocks_and_start_unblocks(simulator: Simulator, site: Listener) -> None:
    simulator.text_from_patient(PATIENT, " stop ")
    with pytest.raises(TwilioRestException) as caught:
        send(simulator, site)
    assert (caught.value.status, caught.value.code) == (400, 21610)
    send(simulator, site, to="+12135550143")
    simulator.text_from_patient(PATIENT, "Start")
    assert send(simulator, site)


def test_twilio_answers_keywords_by_itself_and_only_on_a_change(simulator: Simulator) -> None:
    for body in ("HELP", "STOP", "STOP", "HELP", "START", "START"):
        simulator.text_from_patient(PATIENT, body)
    own = [message.body for message in simulator.messages if message.direction == "automatic"]
    assert [words.split()[:4] for words in own] == [
        ["Reply", "STOP", "to", "unsubscribe."],
        ["You", "have", "successfully", "been"],
        ["You", "have", "successfully", "been"],
    ]
    assert "unsubscribed" in own[1]
    assert "re-subscribed" in own[2]


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        ("STOP", "STOP"), ("stopall", "STOP"), ("Unsubscribe", "STOP"), ("cancel", "STOP"), ("END", "STOP"),
        ("quit", "STOP"), ("revoke", "STOP"), ("OptOut", "STOP"), ("yes", "START"), ("unstop", "START"),
        ("info", "HELP"), ("STOP PLEASE", ""), ("opt out", ""), ("stop.", ""), ("", ""), ("no mas", ""),
    ],
)  # fmt: skip
def test_only_one_word_counts_as_a_keyword(body: str, meaning: str) -> None:
    assert keyword(body) == meaning


def test_keywords_still_reach_the_site(simulator: Simulator, site: Listener) -> None:
    simulator.text_from_patient(PATIENT, "CANCEL")
    simulator.settle()
    assert site.values("Body") == ["CANCEL"]


def test_advanced_opt_out_names_the_keyword_and_refuses_late(site: Listener) -> None:
    with Simulator(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        service_sid=SERVICE,
        inbound_url=f"{site.url}/twilio/inbound/",
        advanced_opt_out=True,
    ) as simulator:
        simulator.text_from_patient(PATIENT, "STOP")
        simulator.settle()
        assert site.values("OptOutType") == ["STOP"]
        site.seen.clear()
        send(simulator, site)
        assert site.values("MessageStatus") == ["queued", "failed"]
        assert site.values("ErrorCode")[-1] == "21610"


def test_a_twiml_answer_becomes_a_text_unless_the_number_is_blocked(simulator: Simulator, site: Listener) -> None:
    site.answer = b'<?xml version="1.0"?><Response><Message>We will call &amp; help.</Message></Response>'
    simulator.text_from_patient(PATIENT, "Where is it?")
    simulator.settle()
    assert simulator.messages[-1].body == "We will call & help."
    simulator.text_from_patient(PATIENT, "STOP")
    simulator.settle()
    assert simulator.messages[-1].direction == "automatic"


def test_ending_does_not_wait_for_what_is_still_planned(site: Listener) -> None:
    with Simulator(account_sid=ACCOUNT, auth_token=TOKEN, delay=30) as simulator:
        simulator.faults.set(reply="500_accepted")
        simulator.webhooks.deliver(
            simulator.store.add(to=PATIENT, sender=None, body="x", direction="outbound-api", status="accepted")
        )
    assert site.seen == []
