"""Correct contact details: the page, what it asks, what it says afterwards."""

import re
from typing import Any

import pytest
from django.test import Client

from booking import contact_details
from booking.messaging import consent
from booking.models import AccessEvent, AppointmentRequest, Call, ConsentEvent, OutgoingMessage
from booking.staff_forms import CorrectionForm
from tests import factories
from tests.booking.admin.desk import address, look_for, press, read, who_may, words
from tests.factories import NOW, PHONE

pytestmark = pytest.mark.usefixtures("now", "clinic")


def fields(asked: AppointmentRequest, **changes: Any) -> dict[str, Any]:
    """What the page posts."""
    fresh = AppointmentRequest.objects.get(pk=asked.pk)
    shown = {name: "" if value is None else value for name, value in CorrectionForm.shown(fresh).items()}
    return {**shown, "seen": contact_details.mark(fresh), **changes}


def save(client: Client, asked: AppointmentRequest, **changes: Any) -> str:
    answer = client.post(address(asked, "correct"), fields(asked, **changes), follow=True)
    assert answer.status_code == 200
    return words(answer)


def now(asked: AppointmentRequest) -> AppointmentRequest:
    return AppointmentRequest.objects.get(pk=asked.pk)


def number(asked: AppointmentRequest) -> str:
    known = now(asked).contact_number
    return known.number if known else ""


class TestThePage:
    def test_is_one_link_away_and_shows_what_stands_there(self, staff_client: Client) -> None:
        asked = factories.a_request(email="maria@mail.example")
        assert address(asked, "correct") in read(staff_client, address(asked))
        page = read(staff_client, address(asked, "correct"))
        for value in ("María Example López", "(213) 555-0134", "maria@mail.example", "Texts: yes"):
            assert value in page, value

    def test_notes_who_looked(self, staff_client: Client, staff_user: Any) -> None:
        asked = factories.a_request()
        read(staff_client, address(asked, "correct"))
        assert AccessEvent.objects.filter(request=asked, user=staff_user, what="opened").exists()

    def test_says_before_anything_that_the_number_has_not_agreed(self, staff_client: Client) -> None:
        asked = factories.a_request(sms_consent=False, contact="phone", voicemail=True)
        assert "Texts: this number has not agreed yet." in read(staff_client, address(asked, "correct"))

    def test_asks_about_the_link_only_where_one_was_sent(self, staff_client: Client) -> None:
        asked = factories.a_request()
        assert "Make the link that was sent open nothing" not in read(staff_client, address(asked, "correct"))
        OutgoingMessage.objects.update(state="sent", sent_at=NOW)
        page = read(staff_client, address(asked, "correct"))
        [box] = re.findall(r'<input[^>]*name="new_link"[^>]*>', page)
        assert "checked" in box

    @pytest.mark.parametrize("rights", [("answer_request",), ("note_request", "view_appointmentrequest")])
    def test_needs_the_right_to_answer_and_to_look(self, rights: tuple[str, ...]) -> None:
        asked = factories.a_request()
        client = who_may(*rights)
        assert client.get(address(asked, "correct")).status_code == 403
        assert client.post(address(asked, "correct"), fields(asked, name="X Y")).status_code == 403
        assert now(asked).name == "María Example López"

    def test_asks_for_consent_only_who_may_record_it(self) -> None:
        asked = factories.a_request()
        client = who_may("answer_request", "view_appointmentrequest")
        assert "sms_consent" not in read(client, address(asked, "correct"))
        client.post(address(asked, "correct"), fields(asked, phone="213 555 0143", sms_consent="yes"))
        assert number(asked) == "+12135550143"
        assert not consent.may_text(now(asked).contact_number)

    def test_is_not_there_once_she_was_forgotten(self, staff_client: Client) -> None:
        asked = factories.a_request()
        press(staff_client, asked, "cancel")
        AppointmentRequest.objects.filter(pk=asked.pk).update(forgotten_at=NOW)
        assert address(asked, "correct") not in read(staff_client, address(asked))
        assert "were deleted" in words(staff_client.get(address(asked, "correct"), follow=True))


class TestSaving:
    @pytest.mark.parametrize("spelled", ["2135550143", "(213) 555-0143", "+1 213.555.0143", "Tel: 213 555 0143 x5"])
    def test_takes_any_spelling_of_a_phone(self, staff_client: Client, spelled: str) -> None:
        asked = factories.a_request()
        assert "Corrected: phone." in save(staff_client, asked, phone=spelled)
        assert number(asked) == "+12135550143"

    def test_is_found_by_the_new_number_and_not_by_the_old(self, staff_client: Client) -> None:
        asked = factories.a_request()
        save(staff_client, asked, phone="213 555 0143")
        assert asked.spaced_reference in words(look_for(staff_client, "213-555-0143"))
        assert asked.spaced_reference not in words(look_for(staff_client, PHONE))

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"phone": "555 01"}, "Enter a phone number with 10 digits, like 213 555 0134"),
            ({"name": "  "}, "Enter your full name"),
            ({"email": "maria"}, "Enter an email address with an @ sign"),
            ({"phone": ""}, "Enter a phone number we can call"),
            ({"contact": "email"}, "Enter your email address so we can write to you"),
        ],
    )
    def test_names_the_fix_and_saves_nothing(self, staff_client: Client, wrong: dict[str, str], said: str) -> None:
        asked = factories.a_request()
        assert said in save(staff_client, asked, **wrong)
        assert not asked.events.filter(verb__startswith="correct").exists()

    def test_of_nothing_says_so(self, staff_client: Client) -> None:
        asked = factories.a_request()
        assert "Nothing was different" in save(staff_client, asked)

    def test_of_her_consent_alone_says_that(self, staff_client: Client) -> None:
        asked = factories.a_request(sms_consent=False, contact="phone", voicemail=True)
        page = save(staff_client, asked, sms_consent="yes")
        assert "Agreed to texts: saved." in page
        assert "Nothing was different" not in page

    def test_says_whom_texts_do_not_reach_and_what_to_do(self, staff_client: Client) -> None:
        asked = factories.a_visit().request
        page = save(staff_client, asked, phone="213 555 0143")
        assert "Texts: this number has not agreed yet. Read the words to the patient" in page
        assert "The patient does not know it yet" in page
        assert "Tell the patient the time: call" in page
        assert "Corrected: phone" in page

    def test_with_the_words_read_to_her_lets_texts_go_at_once(self, staff_client: Client) -> None:
        asked = factories.a_visit().request
        page = save(staff_client, asked, phone="213 555 0143", sms_consent="yes")
        assert "has not agreed yet" not in page
        line = consent.newest(now(asked).contact_number)  # type: ignore[arg-type]
        assert line is not None
        assert (line.wording_id, line.source) == ("sms-script", "staff")
        assert asked.messages.filter(state="queued", kind="confirmed").count() == 1

    def test_says_what_became_of_the_link(self, staff_client: Client) -> None:
        asked = factories.a_request()
        OutgoingMessage.objects.update(state="sent", sent_at=NOW)
        page = save(staff_client, asked, phone="213 555 0143", new_link="on")
        assert "The link that was sent before opens nothing now, and no message can take a new one" in page
        assert "It went to the phone or email from before the correction." in page

    def test_to_a_number_that_said_stop_says_so(self, staff_client: Client) -> None:
        other, asked = factories.a_request(phone_e164="+12135550143"), factories.a_request()
        assert other.contact_number is not None
        consent.stop(number=other.contact_number, source=ConsentEvent.Source.TEXT, now=NOW)
        assert "Texts: stopped. No text goes to this number." in save(staff_client, asked, phone="213 555 0143")


class TestTwoAtOnce:
    def test_the_second_reads_what_the_first_put_right(self, staff_client: Client) -> None:
        asked = factories.a_request()
        mine = fields(asked, phone="213 555 0199")
        save(staff_client, asked, name="Mariana López", phone="213 555 0143")
        page = words(staff_client.post(address(asked, "correct"), mine, follow=True))
        assert "Nothing was saved: this request was changed meanwhile." in page
        assert "Mariana López" in page
        assert "213 555 0143" in page
        assert "213 555 0199" not in page
        assert number(asked) == "+12135550143"

    @pytest.mark.parametrize(
        ("verb", "data"),
        [
            ("consent", {"agreed": "on"}),
            ("stop", {"said": "Stop"}),
            ("call", {"calls": 0, "outcome": "wrong_number"}),
        ],
    )
    def test_what_was_heard_at_the_old_number_is_not_written_to_the_new_one(
        self, staff_client: Client, verb: str, data: dict[str, Any]
    ) -> None:
        asked = factories.a_request()
        shown = {"number": asked.contact_number_id, **data}
        assert f'name="number" value="{asked.contact_number_id}"' in read(staff_client, address(asked))
        save(staff_client, asked, phone="213 555 0143")
        assert "the phone number was corrected meanwhile" in words(press(staff_client, asked, verb, shown))
        assert not ConsentEvent.objects.filter(contact_number=now(asked).contact_number).exists()
        assert not Call.objects.exists()
