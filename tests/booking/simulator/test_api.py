"""The API half of the local Twilio, asked by plain HTTP and by the real SDK."""

import json
from base64 import b64encode
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from booking.simulator import Simulator
from booking.simulator.messages_api import segments
from tests.booking.simulator.clinic import ACCOUNT, PATIENT, SERVICE, TOKEN


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(account_sid=ACCOUNT, auth_token=TOKEN, service_sid=SERVICE) as running:
        yield running


@pytest.fixture
def sdk(simulator: Simulator) -> Iterator[Client]:
    transport = TwilioHttpClient(timeout=3)
    client = Client(ACCOUNT, TOKEN, http_client=transport, environment={"TWILIO_EDGE": ""})
    client.api.base_url = simulator.url
    yield client
    transport.session.close()


def ask(simulator: Simulator, method: str, path: str, body: str = "", **headers: str) -> tuple[int, bytes]:
    connection = HTTPConnection(urlsplit(simulator.url).netloc, timeout=3)
    try:
        connection.request(method, path, body or None, {name.replace("_", "-"): v for name, v in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def post_form(simulator: Simulator, path: str, fields: dict[str, str], **headers: str) -> tuple[int, bytes]:
    kind = {"Content_Type": "application/x-www-form-urlencoded", **headers}
    return ask(simulator, "POST", path, urlencode(fields), **kind)


def test_a_message_by_number_starts_queued_and_has_a_sender(sdk: Client) -> None:
    message = sdk.messages.create(to=PATIENT, from_="+15005550006", body="Hello")
    assert (message.status, message.from_, message.num_segments) == ("queued", "+15005550006", "1")
    assert message.date_created is not None
    assert message.date_sent is None


def test_credentials_are_refused_when_the_switch_says_so(simulator: Simulator, sdk: Client) -> None:
    simulator.faults.set(reply="401", times=1)
    with pytest.raises(TwilioRestException) as refused:
        sdk.messages.create(to=PATIENT, from_="+15005550006", body="Hello")
    assert (refused.value.status, refused.value.code) == (401, 20003)
    assert simulator.messages == []


def test_a_message_by_service_starts_accepted_without_a_sender(sdk: Client) -> None:
    message = sdk.messages.create(to=PATIENT, messaging_service_sid=SERVICE, body="Hello")
    assert (message.status, message.from_, message.num_segments) == ("accepted", None, "0")


def test_the_life_of_a_message_ends_delivered(simulator: Simulator, sdk: Client) -> None:
    message = sdk.messages.create(to=PATIENT, messaging_service_sid=SERVICE, body="Hello")
    simulator.settle()
    ended = sdk.messages(message.sid).fetch()
    assert (ended.status, ended.from_, ended.num_segments) == ("delivered", "+15005550006", "1")
    assert ended.date_sent is not None


def test_lists_are_newest_first_and_paged_without_gaps(sdk: Client) -> None:
    sids = [sdk.messages.create(to=PATIENT, messaging_service_sid=SERVICE, body=str(number)).sid for number in range(7)]
    sdk.messages.create(to="+12135550143", messaging_service_sid=SERVICE, body="Other")
    listed = [message.sid for message in sdk.messages.list(to=PATIENT, page_size=3)]
    assert listed == sids[::-1]
    assert len(sdk.messages.list()) == 8
    assert len(sdk.messages.list(to=PATIENT, limit=2)) == 2


def test_refusals_have_twilios_shape(simulator: Simulator) -> None:
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    status, body = post_form(simulator, path, {"To": PATIENT})
    assert status == 401
    assert json.loads(body) == {
        "code": 20003,
        "message": "Authenticate",
        "more_info": "https://www.twilio.com/docs/errors/20003",
        "status": 401,
    }
    assert ask(simulator, "GET", path, Authorization="Basic ???")[0] == 401


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"To": ""}, 21604),
        ({"MessagingServiceSid": ""}, 21603),
        ({"Body": ""}, 21602),
        ({"StatusCallback": "http://our_clinic.example/"}, 21609),
        ({"StatusCallback": "not an address"}, 21609),
        ({"From": "+15005550001"}, 21212),
        ({"From": "+15005550007"}, 21606),
        ({"From": "+15005550008"}, 21611),
        ({"From": "+12135550100"}, 21606),
        ({"From": "clinic"}, 21212),
    ],
)
def test_each_wrong_field_has_its_code(simulator: Simulator, fields: dict[str, str], code: int) -> None:
    whole = {"To": PATIENT, "MessagingServiceSid": SERVICE, "Body": "Hello", **fields}
    sign_in = "Basic " + b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    status, body = post_form(simulator, f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", whole, Authorization=sign_in)
    assert (status, json.loads(body)["code"]) == (400, code)


def test_segments_are_counted_as_twilio_charges_them() -> None:
    counted = {
        "a" * 160: 1, "a" * 161: 2, "a" * 306: 2, "a" * 307: 3, "€" * 80: 1, "€" * 81: 2,
        "é" * 160: 1, "á" * 70: 1, "á" * 71: 2, "👍" * 35: 1, "👍" * 36: 2,
    }  # fmt: skip
    assert {text: segments(text) for text in counted} == counted


def test_faults_are_set_over_http_by_json_and_by_form(simulator: Simulator) -> None:
    wish: dict[str, Any] = {"reply": "late", "seconds": 2, "times": 1}
    status, body = ask(simulator, "POST", "/simulator/faults", json.dumps(wish), Content_Type="application/json")
    assert status == 200
    assert json.loads(body)["reply"] == "late"
    post_form(simulator, "/simulator/faults", {"reply": "429", "seconds": "3", "times": "2", "reads": "true"})
    now = simulator.faults.now
    assert (now.reply, now.seconds, now.times, now.reads) == ("429", 3.0, 2, True)
    post_form(simulator, "/simulator/faults", {})
    assert json.loads(ask(simulator, "GET", "/simulator/faults")[1])["reply"] == ""


@pytest.mark.parametrize("wish", [{"reply": "fire"}, {"unknown": "1"}, {"seconds": "x"}, {"seconds": "900"}])
def test_a_fault_that_does_not_exist_is_refused(simulator: Simulator, wish: dict[str, str]) -> None:
    assert post_form(simulator, "/simulator/faults", wish)[0] == 400


def test_a_fault_counts_down_and_spares_questions(simulator: Simulator, sdk: Client) -> None:
    simulator.faults.set(reply="500", times=1)
    assert sdk.messages.list() == []
    assert simulator.faults.now.times == 1
    with pytest.raises(Exception, match="500"):
        sdk.messages.create(to=PATIENT, messaging_service_sid=SERVICE, body="Hello")
    assert sdk.messages.create(to=PATIENT, messaging_service_sid=SERVICE, body="Hello").sid


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Host": "127.0.0.1.evil.example:8001"}])
def test_a_foreign_host_name_is_refused(simulator: Simulator, headers: dict[str, str]) -> None:
    assert ask(simulator, "GET", "/", **headers)[0] == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_a_form_of_another_site_is_refused(simulator: Simulator, origin: str) -> None:
    fields = {"number": PATIENT, "body": "STOP"}
    assert post_form(simulator, "/", fields, Origin=origin)[0] == 403
    assert simulator.messages == []


def test_too_long_requests_and_unknown_paths_are_refused(simulator: Simulator) -> None:
    assert ask(simulator, "POST", "/", Content_Length="999999999")[0] == 400
    assert ask(simulator, "GET", "/secret")[0] == 404
    assert ask(simulator, "POST", "/secret", "a=1")[0] == 404
