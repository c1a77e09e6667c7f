"""Sending, asking again and signatures, through the real SDK over real HTTP to the local Twilio."""

import base64
import hmac
import logging
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.checks import Error
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory
from pytest_django import Settings

from booking.messaging import twilio, twilio_checks, twilio_codes
from booking.messaging.twilio import OutcomeUnknown, Scope, SendRefused
from booking.simulator import Simulator
from tests.booking.simulator.clinic import ACCOUNT, PATIENT, SERVICE, TOKEN

pytestmark = pytest.mark.urls("tests.booking.simulator.clinic")
KEY = "5b0c4d0e-0000-4000-8000-000000000001"
BODY = "CVI: your visit is set. Details: https://clinic.example/r/abc"


@pytest.fixture
def local_twilio(settings: Settings) -> Iterator[Simulator]:
    keys = {"SK" + "0" * 32: "api-key-secret"}
    with Simulator(account_sid=ACCOUNT, auth_token=TOKEN, api_keys=keys, service_sid=SERVICE) as simulator:
        settings.TWILIO_API_URL = simulator.url
        settings.TWILIO_ACCOUNT_SID = ACCOUNT
        settings.TWILIO_AUTH_TOKENS = [TOKEN]
        [(settings.TWILIO_API_KEY_SID, settings.TWILIO_API_KEY_SECRET)] = keys.items()
        settings.TWILIO_MESSAGING_SERVICE_SID = SERVICE
        settings.TWILIO_FROM_NUMBER = ""
        settings.TWILIO_TIMEOUT_SECONDS = 0.5
        settings.SITE_URL = "http://localhost:8000"
        yield simulator


def send(to: str = PATIENT, body: str = BODY) -> twilio.Accepted:
    return twilio.send(to=to, body=body, callback_key=KEY)


def refused(to: str = PATIENT, body: str = BODY) -> SendRefused:
    with pytest.raises(SendRefused) as caught:
        send(to, body)
    return caught.value


def signed_request(url: str, form: dict[str, object], signature: str, **extra: str) -> WSGIRequest:
    path = "/" + url.split("/", 3)[3]
    if signature:
        extra["HTTP_X_TWILIO_SIGNATURE"] = signature
    return RequestFactory().post(path, form, **extra)


# Sending


def test_an_accepted_text_has_an_id_and_waits_at_the_provider(local_twilio: Simulator) -> None:
    accepted = send()
    (message,) = local_twilio.messages
    assert accepted.provider_id == message.sid
    assert (accepted.status, accepted.provider_status) == ("queued", "accepted")
    assert (message.to, message.body, message.service_sid) == (PATIENT, BODY, SERVICE)


def test_the_callback_address_carries_our_key(local_twilio: Simulator) -> None:
    send()
    assert local_twilio.messages[0].status_callback == f"http://localhost:8000/twilio/status/?m={KEY}"


def test_a_number_sends_when_there_is_no_service(local_twilio: Simulator, settings: Settings) -> None:
    settings.TWILIO_MESSAGING_SERVICE_SID = ""
    settings.TWILIO_FROM_NUMBER = "+15005550006"
    assert send().provider_status == "queued"
    assert local_twilio.messages[0].service_sid is None


def test_the_auth_token_signs_in_when_there_is_no_api_key(local_twilio: Simulator, settings: Settings) -> None:
    settings.TWILIO_API_KEY_SID = settings.TWILIO_API_KEY_SECRET = ""
    assert send().provider_id.startswith("SM")


def test_the_host_is_not_rewritten_by_the_sdks_own_variables(
    local_twilio: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    monkeypatch.setenv("TWILIO_REGION", "au1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert send().provider_id.startswith("SM")


def test_the_real_twilio_is_not_given_a_callback_address_it_cannot_reach(settings: Settings) -> None:
    settings.SITE_URL = "http://localhost:8000"
    settings.TWILIO_API_URL = "https://api.twilio.com"
    assert twilio._status_callback(KEY) == ""


def test_two_hundred_texts_from_many_threads_all_arrive_once(local_twilio: Simulator) -> None:
    def some(start: int) -> None:
        for number in range(start, start + 25):
            send(f"+1213555{number:04}")

    threads = [threading.Thread(target=some, args=(place * 25,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({message.to for message in local_twilio.messages}) == len(local_twilio.messages) == 200


# Refusals


@pytest.mark.parametrize(
    ("code", "scope"),
    [
        (20003, Scope.CONFIGURATION),
        (21211, Scope.NUMBER),
        (21408, Scope.NUMBER),
        (21606, Scope.CONFIGURATION),
        (21608, Scope.CONFIGURATION),
        (21609, Scope.CONFIGURATION),
        (21610, Scope.OPTED_OUT),
        (21611, Scope.TRANSIENT),
        (21612, Scope.NUMBER),
        (21614, Scope.NUMBER),
        (21617, Scope.MESSAGE),
        (21705, Scope.CONFIGURATION),
        (29999, Scope.MESSAGE),
    ],
)
def test_each_refusal_has_the_scope_of_its_code(local_twilio: Simulator, code: int, scope: Scope) -> None:
    local_twilio.faults.set(reply="refuse", code=code)
    refusal = refused()
    assert (refusal.code, refusal.scope) == (code, scope)
    assert str(refusal.reason)
    assert not local_twilio.messages


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("+15005550001", 21211),
        ("+15005550002", 21612),
        ("+15005550003", 21408),
        ("+15005550004", 21610),
        ("+15005550009", 21614),
        ("2135550142", 21211),
        ("+447700900123", 21408),
    ],
)
def test_magic_and_wrong_numbers_are_refused_with_twilios_code(local_twilio: Simulator, to: str, code: int) -> None:
    assert refused(to).code == code


def test_a_text_of_1601_characters_is_refused_for_good(local_twilio: Simulator) -> None:
    assert refused(body="a" * 1601).scope is Scope.MESSAGE
    assert send(body="a" * 1600)


def test_wrong_credentials_stop_the_queue(local_twilio: Simulator, settings: Settings) -> None:
    settings.TWILIO_API_KEY_SECRET = "wrong"
    assert (refused().code, refused().scope) == (20003, Scope.CONFIGURATION)


def test_an_unknown_account_or_service_stops_the_queue(local_twilio: Simulator, settings: Settings) -> None:
    settings.TWILIO_MESSAGING_SERVICE_SID = "MG" + "1" * 32
    assert refused().code == 21705
    settings.TWILIO_ACCOUNT_SID = "AC" + "1" * 32
    assert refused().scope is Scope.CONFIGURATION


def test_too_many_requests_says_when_to_come_back(local_twilio: Simulator) -> None:
    local_twilio.faults.set(reply="429", seconds=7)
    refusal = refused()
    assert (refusal.scope, refusal.retry_after, refusal.code) == (Scope.TRANSIENT, 7, 20429)


def test_without_an_account_nothing_is_sent(settings: Settings) -> None:
    settings.TWILIO_ACCOUNT_SID = ""
    assert not twilio.configured()
    assert refused().scope is Scope.CONFIGURATION


def test_a_service_that_is_not_reached_may_be_tried_again(local_twilio: Simulator, settings: Settings) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.TWILIO_API_URL = f"http://127.0.0.1:{closed.getsockname()[1]}"
        assert refused().scope is Scope.TRANSIENT


def test_an_address_that_is_not_the_api_is_a_mistake_of_ours(local_twilio: Simulator, settings: Settings) -> None:
    settings.TWILIO_API_URL = local_twilio.url + "/not-the-api"
    assert refused().scope is Scope.CONFIGURATION
    settings.TWILIO_API_URL = "not an address"
    assert refused().scope is Scope.CONFIGURATION


# Outcomes that are not known


@pytest.mark.parametrize(
    ("fault", "was_accepted"),
    [("drop", True), ("cut", True), ("truncated", True), ("html", False), ("500", False), ("500_accepted", True)],
)
def test_an_answer_that_says_nothing_leaves_the_outcome_unknown(
    local_twilio: Simulator, fault: str, was_accepted: bool
) -> None:
    local_twilio.faults.set(reply=fault, times=1)
    since = datetime.now(UTC)
    with pytest.raises(OutcomeUnknown):
        send()
    found = twilio.find(to=PATIENT, body=BODY, since=since)
    assert [one.provider_id for one in found] == [message.sid for message in local_twilio.messages]
    assert len(found) == int(was_accepted)


def test_a_late_answer_is_not_waited_for(local_twilio: Simulator) -> None:
    local_twilio.faults.set(reply="late", seconds=5, times=1)
    began = time.monotonic()
    with pytest.raises(OutcomeUnknown, match="no answer in time"):
        send()
    assert time.monotonic() - began < 2
    assert len(local_twilio.messages) == 1


def test_nothing_is_sent_twice_by_the_sdk_itself(local_twilio: Simulator) -> None:
    for fault in ("500_accepted", "drop"):
        local_twilio.faults.set(reply=fault)
        with pytest.raises(OutcomeUnknown):
            send()
    assert len(local_twilio.messages) == 2


# Nothing leaks


@pytest.mark.parametrize("fault", ["", "refuse", "drop", "cut", "truncated", "html", "500", "429"])
def test_no_number_body_or_secret_is_in_what_is_raised_or_logged(
    local_twilio: Simulator, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.WARNING)  # as in settings.LOGGING
    local_twilio.faults.set(reply=fault, code=21614)
    told = ""
    raised: Exception | None = None
    try:
        send()
        twilio.find(to=PATIENT, body=BODY, since=datetime.now(UTC))
    except (SendRefused, OutcomeUnknown) as error:
        raised = error
    assert bool(raised) is bool(fault)
    if raised:
        assert raised.__context__ is raised.__cause__ is None
        told = "".join(traceback.format_exception(raised)) + repr(raised) + repr(raised.args)
    told += caplog.text
    for private in (PATIENT, PATIENT[2:], "2135550142", BODY, "api-key-secret", TOKEN):
        assert private not in told


# Asking again


def test_find_matches_number_words_and_instant(local_twilio: Simulator) -> None:
    since = datetime.now(UTC)
    mine = send()
    send(body="Another text")
    send(to="+12135550143")
    assert [one.provider_id for one in twilio.find(to=PATIENT, body=BODY, since=since)] == [mine.provider_id]
    assert twilio.find(to=PATIENT, body=BODY, since=since + timedelta(minutes=1)) == []


def test_find_counts_in_utc_whatever_zone_the_instant_has(local_twilio: Simulator) -> None:
    send()
    clinic = ZoneInfo("America/Los_Angeles")
    assert twilio.find(to=PATIENT, body=BODY, since=datetime.now(clinic) - timedelta(seconds=1))
    assert not twilio.find(to=PATIENT, body=BODY, since=datetime.now(clinic) + timedelta(minutes=1))
    with pytest.raises(ValueError, match="time zone"):
        twilio.find(to=PATIENT, body=BODY, since=datetime.now())


def test_find_reads_further_pages(local_twilio: Simulator) -> None:
    first = send()
    for number in range(120):
        local_twilio.store.add(to=PATIENT, sender=None, body=f"Other {number}", direction="outbound-api", status="sent")
    found = twilio.find(to=PATIENT, body=BODY, since=datetime.now(UTC) - timedelta(minutes=1))
    assert [one.provider_id for one in found] == [first.provider_id]


def test_find_says_so_when_twilio_cannot_answer(local_twilio: Simulator, settings: Settings) -> None:
    local_twilio.faults.set(reply="500", reads=True)
    with pytest.raises(OutcomeUnknown):
        twilio.find(to=PATIENT, body=BODY, since=datetime.now(UTC))
    settings.TWILIO_API_KEY_SECRET = "wrong"
    with pytest.raises(SendRefused) as caught:
        twilio.find(to=PATIENT, body=BODY, since=datetime.now(UTC))
    assert caught.value.scope is Scope.CONFIGURATION


def test_fetch_tells_how_a_text_ended(local_twilio: Simulator) -> None:
    local_twilio.faults.set(outcome="undelivered", error_code=30003)
    sent = send()
    local_twilio.settle()
    ended = twilio.fetch(provider_id=sent.provider_id)
    assert (ended.status, ended.error) == ("undelivered", 30003)
    with pytest.raises(OutcomeUnknown):
        twilio.fetch(provider_id="SM" + "f" * 32)


# Codes and statuses


# The whole table of Twilio's codes, by what the outbox does with each.
CLASSES = {
    Scope.CONFIGURATION: (
        *(11200, 20003, 20404, 21212, 21601, 21603, 21606, 21608, 21609, 21703, 21704, 21705),
        *(30002, 30024, 30032, 30034, 30035),
    ),
    Scope.NUMBER: (21211, 21408, 21612, 21614, 21635, 30005, 30006, 30640),
    Scope.MESSAGE: (
        *(14107, 21602, 21604, 21617, 21654, 21656, 30004, 30007, 30036, 30039, 63014, 63036, 63038),
        *(20500, 20503, 30410),  # may have gone out: asked about first, and only then final
    ),
    Scope.OPTED_OUT: (21610,),
    Scope.TRANSIENT: (20429, 21611, 30001, 30003, 30008, 30022, 30023, 30450, 30500, 30610),
}
IN_CALLBACKS = [(code, scope) for scope, codes in CLASSES.items() for code in codes]


@pytest.mark.parametrize(("code", "scope"), IN_CALLBACKS)
def test_codes_in_callbacks_use_the_same_table(code: int, scope: Scope) -> None:
    assert twilio.class_of_code(code).scope is scope
    assert twilio_codes.is_known(code)


def test_every_code_of_the_table_is_in_this_list() -> None:
    assert set(twilio_codes._TABLE) == {code for code, _scope in IN_CALLBACKS}


def test_an_unknown_code_is_final_for_its_message() -> None:
    assert twilio.class_of_code(99999).scope is Scope.MESSAGE
    assert not twilio_codes.is_known(99999)


@pytest.mark.parametrize(
    ("code", "once"), [(30003, True), (30008, True), (30500, True), (30001, False), (30450, False)]
)
def test_some_failures_are_worth_one_more_try(code: int, once: bool) -> None:
    assert twilio.class_of_code(code).once is once


@pytest.mark.parametrize("code", sorted(twilio_codes.OUTCOME_UNKNOWN))
def test_a_fault_of_the_provider_leaves_the_outcome_unknown(local_twilio: Simulator, code: int) -> None:
    local_twilio.faults.set(reply="refuse", code=code)
    with pytest.raises(OutcomeUnknown):
        send()


@pytest.mark.parametrize(
    ("code", "scope"), [pair for pair in IN_CALLBACKS if pair[0] not in twilio_codes.OUTCOME_UNKNOWN]
)
def test_codes_in_answers_have_the_same_class(local_twilio: Simulator, code: int, scope: Scope) -> None:
    local_twilio.faults.set(reply="refuse", code=code)
    assert refused().scope is scope
    assert not local_twilio.messages


def test_every_code_has_plain_words_for_staff() -> None:
    for refusal in twilio_codes._TABLE.values():
        words = str(refusal.reason)
        assert words.endswith(".")
        assert "Twilio" not in words
        assert "!" not in words
        assert not any(letter.isdigit() for letter in words)


def test_only_a_transient_refusal_names_a_time_to_come_back() -> None:
    for refusal in twilio_codes._TABLE.values():
        assert refusal.retry_after is None or refusal.scope is Scope.TRANSIENT


def test_statuses_only_move_forward() -> None:
    order = ["accepted", "queued", "sending", "sent", "delivered", "read"]
    assert [twilio.rank(status) for status in order] == [0, 1, 2, 3, 4, 5]
    assert twilio.rank("scheduled") == 0
    assert {twilio.rank(status) for status in ("undelivered", "failed", "canceled")} == {4}
    assert twilio.rank("something new") == -1
    assert twilio.our_status("something new") is None


def test_statuses_become_our_words() -> None:
    assert twilio.our_status("sending") == "queued"
    assert twilio.our_status("read") == "delivered"
    assert twilio.our_status("canceled") == "failed"


# Signatures

VECTOR = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}
VECTOR_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"


@pytest.fixture
def vector_site(settings: Settings) -> Settings:
    settings.SITE_URL = "https://mycompany.com"
    settings.TWILIO_AUTH_TOKENS = ["12345"]
    return settings


@pytest.mark.parametrize(
    ("site", "signature"),
    [
        ("https://mycompany.com", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("https://mycompany.com:1234", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("https://mycompany.com", "kvajT1Ptam85bY51eRf/AJRuM3w="),
        ("http://mycompany.com", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        ("http://mycompany.com:1234", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    ],
)
def test_the_sdks_vectors_are_accepted(vector_site: Settings, site: str, signature: str) -> None:
    vector_site.SITE_URL = site
    assert twilio.signature_is_valid(signed_request(VECTOR_URL, VECTOR, signature))


def test_repeated_names_are_signed_with_all_their_values(vector_site: Settings) -> None:
    form = {"Sid": "CA123", "SidAccount": "AC123", "Digits": ["5678", "1234", "1234"]}
    assert twilio.signature_is_valid(signed_request(VECTOR_URL, form, "IK+Dwps556ElfBT0I3Rgjkr1wJU="))


@pytest.mark.parametrize("signature", ["", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "0" * 28, "é" * 28, "x" * 5000])
def test_a_missing_or_wrong_signature_is_refused(vector_site: Settings, signature: str) -> None:
    assert not twilio.signature_is_valid(signed_request(VECTOR_URL, VECTOR, signature))


def test_a_changed_value_path_or_query_is_refused(vector_site: Settings) -> None:
    good = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert not twilio.signature_is_valid(signed_request(VECTOR_URL, {**VECTOR, "Digits": "1235"}, good))
    assert not twilio.signature_is_valid(signed_request(VECTOR_URL + "3", VECTOR, good))
    assert not twilio.signature_is_valid(signed_request(VECTOR_URL.replace("myapp", "app"), VECTOR, good))


def test_the_host_header_does_not_matter(vector_site: Settings) -> None:
    good = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    spoofed = {"HTTP_HOST": "evil.example", "HTTP_X_FORWARDED_HOST": "evil.example"}
    assert twilio.signature_is_valid(signed_request(VECTOR_URL, VECTOR, good, **spoofed))
    signed_for_evil = base64.b64encode(
        hmac.digest(b"12345", b"https://evil.example/myapp.php?foo=1&bar=2", "sha1")
    ).decode()
    assert not twilio.signature_is_valid(signed_request(VECTOR_URL, {}, signed_for_evil, **spoofed))


def test_any_token_of_the_list_is_accepted_while_one_is_rotated(vector_site: Settings) -> None:
    request = signed_request(VECTOR_URL, VECTOR, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
    vector_site.TWILIO_AUTH_TOKENS = ["new-token", "12345"]
    assert twilio.signature_is_valid(request)
    vector_site.TWILIO_AUTH_TOKENS = ["new-token"]
    assert not twilio.signature_is_valid(request)
    vector_site.TWILIO_AUTH_TOKENS = []
    assert not twilio.signature_is_valid(request)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"a": 1}'),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        ("application/x-www-form-urlencoded; charset=utf-16", b"a=1"),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(5000))),
        ("application/x-www-form-urlencoded", b"\xff\xfe=%ED%A0%80"),
        ("", b"\x00"),
    ],
)
def test_junk_is_refused_and_never_raises(vector_site: Settings, content_type: str, body: bytes) -> None:
    request = RequestFactory().post("/twilio/status/?bodySHA256=x", body, content_type=content_type)
    request.META["HTTP_X_TWILIO_SIGNATURE"] = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert twilio.signature_is_valid(request) is False


# System checks


def check_ids() -> set[str]:
    return {str(found.id) for check in twilio_checks.CHECKS for found in check(None)}


@pytest.fixture
def set_up(settings: Settings) -> Settings:
    settings.IS_PRODUCTION = True
    settings.SITE_URL = "https://clinic.example"
    settings.TWILIO_API_URL = "https://api.twilio.com"
    settings.TWILIO_ACCOUNT_SID = ACCOUNT
    settings.TWILIO_AUTH_TOKENS = [TOKEN]
    settings.TWILIO_API_KEY_SID = "SK" + "a" * 32
    settings.TWILIO_API_KEY_SECRET = "secret"
    settings.TWILIO_MESSAGING_SERVICE_SID = SERVICE
    settings.TWILIO_FROM_NUMBER = ""
    return settings


def test_whole_settings_pass(set_up: Settings) -> None:
    assert check_ids() == set()


@pytest.mark.parametrize(
    ("name", "value", "id_"),
    [
        ("TWILIO_ACCOUNT_SID", "", "booking.E010"),
        ("TWILIO_API_KEY_SECRET", "", "booking.E011"),
        ("TWILIO_AUTH_TOKENS", [], "booking.E012"),
        ("TWILIO_MESSAGING_SERVICE_SID", "", "booking.E013"),
        ("TWILIO_ACCOUNT_SID", "SK" + "0" * 32, "booking.E014"),
        ("TWILIO_FROM_NUMBER", "213 555 0142", "booking.E014"),
        ("TWILIO_API_URL", "api.twilio.com", "booking.E015"),
        ("TWILIO_API_URL", "http://api.twilio.com", "booking.E016"),
        ("TWILIO_API_URL", "http://127.0.0.1:8001", "booking.E016"),
        ("SITE_URL", "https://our_clinic.example", "booking.E017"),
    ],
)
def test_each_mistake_has_its_own_check(set_up: Settings, name: str, value: object, id_: str) -> None:
    setattr(set_up, name, value)
    found = [message for check in twilio_checks.CHECKS for message in check(None)]
    assert {message.id for message in found} == {id_}
    assert all(isinstance(message, Error) and message.hint for message in found)


def test_no_texts_at_all_is_allowed_and_said_in_production(set_up: Settings) -> None:
    for name in twilio_checks._NAMES:
        setattr(set_up, name, "")
    set_up.TWILIO_AUTH_TOKENS = []
    assert check_ids() == {"booking.W010"}
    set_up.IS_PRODUCTION = False
    assert check_ids() == set()


def test_a_local_server_may_use_any_names_on_one_machine(set_up: Settings) -> None:
    set_up.IS_PRODUCTION = False
    set_up.TWILIO_API_URL = "http://127.0.0.1:8001"
    set_up.TWILIO_ACCOUNT_SID = "ACfake"
    assert check_ids() == {"booking.W014"}
    set_up.TWILIO_ACCOUNT_SID = ACCOUNT
    set_up.TWILIO_API_URL = "http://fake-twilio:8001"
    assert check_ids() == {"booking.W016"}


def test_a_bare_number_is_warned_about_in_production(set_up: Settings) -> None:
    set_up.TWILIO_MESSAGING_SERVICE_SID = ""
    set_up.TWILIO_FROM_NUMBER = "+12135550100"
    assert check_ids() == {"booking.W011"}
