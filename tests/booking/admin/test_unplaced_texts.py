"""Texts that no request shows: every sender is seen, what was shown is read, and a text finds its request."""

from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from booking.admin.unplaced_texts import SENDERS_SHOWN, TEXTS_OF_EACH
from booking.messaging import inbound
from booking.models import AccessEvent, AppointmentRequest, DeskTask, IncomingText
from tests import factories
from tests.booking.admin.desk import QUEUE, address, member_of, press, read, who_may, words
from tests.booking.admin.test_caller import call
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("now", "clinic")
PAGE = "/admin/booking/incomingtext/unplaced/"
READ, PLACE = f"{PAGE}read/", f"{PAGE}place/"
CALLER = f"{QUEUE}new-caller/"
HUSBAND, SAID = "+12135550199", "It is Rosa. I can't come tomorrow"


def writes(body: str = SAID, *, phone: str = HUSBAND, at: datetime = NOW) -> IncomingText:
    """A text comes in."""
    key = f"SM{IncomingText.objects.count():032d}"
    return inbound.receive(provider_id=key, from_number=phone, body=body, keyword="", now=at)


def unread() -> list[str]:
    return [text.body for text in IncomingText.objects.to_place().order_by("pk")]


class TestLooking:
    def test_it_says_when_from_which_number_and_what(self, staff_client: Client) -> None:
        writes(at=NOW - timedelta(minutes=20))
        page = read(staff_client, PAGE)
        assert "9:40 a.m." in page
        assert f'href="tel:{HUSBAND}"' in page
        assert "(213) 555-0199" in page
        assert SAID in page

    def test_it_says_what_the_system_made_of_it(self, staff_client: Client) -> None:
        writes("Stop texting me, I am not her")
        assert "Taken for a wish to stop texts: no more go to this number." in read(staff_client, PAGE)

    def test_a_sender_of_many_leaves_room_for_the_others(self, staff_client: Client) -> None:
        for number in range(60):
            writes(f"Buy {number}.", phone="+12135550666", at=NOW + timedelta(seconds=number))
        writes(at=NOW + timedelta(minutes=5))
        page = read(staff_client, PAGE)
        assert page.count("Buy ") == TEXTS_OF_EACH
        assert f"{60 - TEXTS_OF_EACH} older texts of this number are not shown." in page
        assert SAID in page
        spam = IncomingText.objects.earliest("pk").contact_number_id
        assert read(staff_client, f"{PAGE}?of={spam}").count("Buy ") == 50

    def test_more_numbers_than_are_shown_are_counted(self, staff_client: Client) -> None:
        for number in range(SENDERS_SHOWN + 2):
            writes(phone=f"+1213555{2000 + number}")
        assert "2 more numbers wrote." in read(staff_client, PAGE)

    @pytest.mark.parametrize("key", ["x", "9" * 20, "0"])
    def test_a_key_that_is_none_breaks_nothing(self, key: str, staff_client: Client) -> None:
        writes()
        assert staff_client.get(f"{PAGE}?of={key}").status_code == 200
        assert staff_client.get(f"{CALLER}?text={key}").status_code == 200

    def test_a_request_that_came_in_since_is_named_and_in_the_access_log(
        self, staff_client: Client, staff_user: Any
    ) -> None:
        writes()
        asked = factories.a_request(phone_e164=HUSBAND)
        page = read(staff_client, PAGE)
        assert "A request with this number came in since:" in page
        assert f'<a href="{address(asked)}">{asked.spaced_reference}</a>' in page
        assert asked.name not in page
        assert AccessEvent.objects.filter(user=staff_user, request=asked, what="listed").count() == 1
        assert SAID in read(staff_client, address(asked))  # it stands there, too

    def test_words_are_shown_as_words(self, staff_client: Client) -> None:
        writes("<script>alert(1)</script>")
        assert "<script>alert(1)" not in staff_client.get(PAGE).content.decode()

    def test_with_nothing_to_read_it_says_so(self, staff_client: Client) -> None:
        factories.a_request()
        writes(phone=factories.PHONE)
        assert "Every text has been read or stands with a request." in read(staff_client, PAGE)


class TestReading:
    def test_one_press_reads_one(self, staff_client: Client, staff_user: Any) -> None:
        text = writes()
        writes("More")
        answer = staff_client.post(READ, {"text": text.pk}, follow=True)
        assert "1 text is read." in words(answer)
        assert answer.redirect_chain == [(PAGE, 302)]
        assert unread() == ["More"]
        text.refresh_from_db()
        assert (text.read_by, text.read_at) == (staff_user, NOW)

    def test_all_of_a_number_are_those_that_were_shown(self, staff_client: Client) -> None:
        for number in range(TEXTS_OF_EACH + 1):
            writes(f"{number}")
        page = read(staff_client, PAGE)
        assert f"Read all {TEXTS_OF_EACH} that stand here" in page
        form = page.split("Read all")[0].rsplit("<form", 1)[1]
        shown = [part.split('"')[0] for part in form.split('name="text" value="')[1:]]
        writes("Meanwhile")
        staff_client.post(READ, {"text": shown})
        assert unread() == ["0", "Meanwhile"]

    def test_a_second_press_says_that_it_was_done(self, staff_client: Client, staff_user: Any) -> None:
        text = writes()
        staff_client.post(READ, {"text": text.pk})
        answer = staff_client.post(READ, {"text": text.pk}, follow=True)
        assert "somebody has dealt with this text already" in words(answer)

    @pytest.mark.parametrize("keys", [[], ["x"], ["9" * 30], ["-1"]])
    def test_keys_that_are_none_read_nothing(self, keys: list[str], staff_client: Client) -> None:
        writes()
        assert staff_client.post(READ, {"text": keys}).status_code == 302
        assert unread() == [SAID]

    @pytest.mark.parametrize("path", [READ, PLACE])
    def test_looking_at_an_address_of_a_button_does_nothing(self, path: str, staff_client: Client) -> None:
        text = writes()
        assert staff_client.get(f"{path}?text={text.pk}")["Location"] == PAGE
        assert unread() == [SAID]


class TestPlacing:
    def test_first_it_says_whose_request_that_is(self, staff_client: Client, staff_user: Any) -> None:
        asked, text = factories.a_visit().request, writes()
        page = words(staff_client.post(PLACE, {"text": text.pk, "reference": asked.spaced_reference.lower()}))
        assert asked.name in page
        assert "Wed, Dec 16" in page
        assert SAID in page
        assert unread() == [SAID]
        assert AccessEvent.objects.filter(user=staff_user, request=asked).exists()

    def test_a_second_press_puts_it_there_where_everybody_sees_it(self, staff_client: Client) -> None:
        asked, text = factories.a_visit().request, writes()
        sure = {"text": text.pk, "reference": asked.reference, "sure": asked.pk}
        answer = staff_client.post(PLACE, sure, follow=True)
        page = words(answer)
        assert answer.redirect_chain == [(address(asked), 302)]
        assert "The text is here now, under “To do”." in page
        assert f"“{unescape(SAID)}”" in page
        assert "Put a text here that came without a request" in page
        assert unread() == []
        assert SAID not in read(staff_client, PAGE)

    def test_it_stays_on_the_screen_when_the_task_is_done_and_says_whose_number_it_was(
        self, staff_client: Client
    ) -> None:
        asked, text = factories.a_request(), writes()
        staff_client.post(PLACE, {"text": text.pk, "reference": asked.reference, "sure": asked.pk})
        task = DeskTask.objects.get()
        staff_client.post(address(asked, "done"), {"task": task.pk, "about": "1"})
        page = read(staff_client, address(asked))
        assert not asked.tasks.open().exists()
        assert SAID in page
        assert "From another number, (213) 555-0199" in page

    def test_the_list_of_texts_leads_there_and_who_opens_it_is_in_the_access_log(
        self, staff_client: Client, staff_user: Any
    ) -> None:
        asked, text = factories.a_request(), writes()
        staff_client.post(PLACE, {"text": text.pk, "reference": asked.reference, "sure": asked.pk})
        before = AccessEvent.objects.filter(user=staff_user, request=asked).count()
        assert address(asked) in read(staff_client, "/admin/booking/incomingtext/")
        staff_client.get(f"/admin/booking/incomingtext/{text.pk}/change/")
        assert AccessEvent.objects.filter(user=staff_user, request=asked).count() == before + 1

    def test_another_request_than_the_one_that_was_shown_is_shown_first(self, staff_client: Client) -> None:
        shown, other, text = factories.a_request(), factories.a_request(), writes()
        staff_client.post(PLACE, {"text": text.pk, "reference": other.reference, "sure": shown.pk})
        assert unread() == [SAID]

    @pytest.mark.parametrize("typed", ["", "x", "7K4P-29XM", "9" * 60])
    def test_a_reference_that_nobody_has_is_an_error_beside_the_text(self, typed: str, staff_client: Client) -> None:
        text = writes()
        page = words(staff_client.post(PLACE, {"text": text.pk, "reference": typed}))
        assert "<title>Error:" in page.replace("\n", "").replace("  ", "")
        assert SAID in page

    def test_a_forgotten_request_is_no_place(self, staff_client: Client) -> None:
        asked, text = factories.a_request(), writes()
        AppointmentRequest.objects.update(status="cancelled", closed_at=NOW, forgotten_at=NOW)
        page = words(staff_client.post(PLACE, {"text": text.pk, "reference": asked.reference}))
        assert "No request has this reference." in page

    def test_a_text_that_a_colleague_has_dealt_with_is_said(self, staff_client: Client) -> None:
        asked, text = factories.a_request(), writes()
        staff_client.post(READ, {"text": text.pk})
        sure = {"text": text.pk, "reference": asked.reference, "sure": asked.pk}
        assert "somebody has dealt with this text already" in words(staff_client.post(PLACE, sure, follow=True))
        assert not DeskTask.objects.exists()


class TestEntering:
    def test_the_form_knows_the_number_and_the_address_does_not(self, staff_client: Client) -> None:
        text = writes()
        assert f'href="{CALLER}?text={text.pk}"' in read(staff_client, PAGE)
        page = read(staff_client, f"{CALLER}?text={text.pk}")
        assert 'value="(213) 555-0199"' in page
        assert SAID in page

    @pytest.mark.parametrize("phone", ["(213) 555-0199", "213 555 0177"])
    def test_the_text_is_read_at_the_request_that_was_entered(self, phone: str, staff_client: Client) -> None:
        text = writes()
        path = f"{CALLER}?text={text.pk}"
        answer = staff_client.post(path, call(phone=phone), follow=True)
        asked = AppointmentRequest.objects.get()
        assert list(asked.tasks.open().get().texts.all()) == [text]
        assert SAID in words(answer)
        staff_client.post(path, call(phone=phone))  # a second press of the same button
        assert (AppointmentRequest.objects.count(), DeskTask.objects.count()) == (1, 1)

    def test_who_may_enter_and_not_read_leaves_the_text_where_it_is(self) -> None:
        text = writes()
        client = who_may("enter_caller", "view_appointmentrequest")
        client.post(f"{CALLER}?text={text.pk}", call())
        assert AppointmentRequest.objects.exists()
        assert unread() == [SAID]

    def test_a_text_that_stands_with_a_request_gives_no_number_away(self, staff_client: Client) -> None:
        factories.a_request()
        text = writes(phone=factories.PHONE)
        assert "0134" not in read(staff_client, f"{CALLER}?text={text.pk}")


class TestCounting:
    def test_the_desk_counts_who_wrote_and_not_how_much(self, staff_client: Client) -> None:
        for number in range(7):
            writes(f"{number}")
        writes(phone="+12135550198")
        for page in (QUEUE, "/admin/"):
            html = read(staff_client, page)
            counter = html.split("counter-unplaced")[1].split("</li>")[0]
            assert f'<a href="{PAGE}"><strong>2</strong> <span>Texts we cannot place</span></a>' in counter

    def test_nothing_is_counted_when_all_is_read(self, staff_client: Client) -> None:
        staff_client.post(READ, {"text": writes().pk})
        assert "counter-unplaced is-none" in read(staff_client, QUEUE)

    def test_the_list_of_texts_does_not_say_that_somebody_dealt_with_it(self, staff_client: Client) -> None:
        text = writes()
        page = read(staff_client, "/admin/booking/incomingtext/")
        assert "Sorted by the system at" in page
        assert "Handled at" not in page
        assert "Nobody yet" in page
        staff_client.post(READ, {"text": text.pk})
        assert "Nobody yet" not in read(staff_client, "/admin/booking/incomingtext/")


class TestRights:
    def test_the_front_desk_and_managers_read_and_place(self) -> None:
        for group in ("Front desk", "Managers"):
            text = writes()
            client = member_of(group)
            assert "Find the request" in read(client, PAGE)
            client.post(READ, {"text": text.pk})
            assert unread() == []

    def test_who_may_only_look_has_no_buttons_and_does_nothing(self) -> None:
        text = writes()
        client = who_may("view_appointmentrequest")
        page = read(client, PAGE)
        assert SAID in page
        assert READ not in page
        assert PLACE not in page
        assert CALLER not in page
        for path in (READ, PLACE):
            assert client.post(path, {"text": text.pk}).status_code == 403
        assert unread() == [SAID]

    @pytest.mark.parametrize("path", [PAGE, READ, PLACE])
    def test_a_right_to_act_alone_shows_no_text(self, path: str) -> None:
        text = writes()
        client = who_may("note_request")
        assert client.get(path).status_code == 403
        assert client.post(path, {"text": text.pk}).status_code in (403, 405)
        assert unread() == [SAID]

    def test_editors_see_none(self) -> None:
        assert member_of("Editors").get(PAGE).status_code == 403


def test_no_number_and_no_word_of_a_text_stands_in_an_address_a_message_or_a_log(
    staff_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    asked, text = factories.a_request(), writes()
    later = writes("Rosa again")
    caplog.set_level("DEBUG")
    answers = [
        staff_client.get(PAGE),
        staff_client.post(PLACE, {"text": text.pk, "reference": asked.reference, "sure": asked.pk}),
        staff_client.post(READ, {"text": later.pk}),
    ]
    page = unescape(answers[0].content.decode())
    links = "".join(part.split('"')[0] for part in page.split('href="')[1:] if not part.startswith("tel:"))
    cookies = "".join(morsel.value for answer in answers for morsel in answer.cookies.values())
    logged = "".join(record.getMessage() for record in caplog.records if record.name != "django.db.backends")
    for written in (links, cookies, logged, "".join(answer.get("Location", "") for answer in answers)):
        assert "Rosa" not in written
        assert "5550199" not in written


class TestASlip:
    def test_what_was_read_is_found_again_and_put_back_with_one_press(
        self, staff_client: Client, staff_user: Any
    ) -> None:
        text = writes()
        staff_client.post(READ, {"text": text.pk})
        assert f'href="{PAGE}lately/"' in read(staff_client, PAGE)
        page = read(staff_client, f"{PAGE}lately/")
        assert SAID in page
        assert "(213) 555-0199" in page
        assert f"read by {staff_user.username}" in page
        there = staff_client.post(f"{PAGE}unread/", {"text": text.pk}, follow=True)
        assert "The text stands here again." in words(there)
        assert SAID in unescape(there.content.decode())
        assert "somebody has dealt with this text" in words(
            staff_client.post(f"{PAGE}unread/", {"text": text.pk}, follow=True)
        )

    @pytest.mark.parametrize("key", ["", "x", "9" * 20])
    def test_a_key_that_is_none_puts_nothing_back(self, key: str, staff_client: Client) -> None:
        assert staff_client.post(f"{PAGE}unread/", {"text": key}).status_code == 302

    def test_a_text_at_the_wrong_request_is_taken_away_there(self, staff_client: Client) -> None:
        wrong, text = factories.a_request(), writes()
        staff_client.post(PLACE, {"text": text.pk, "reference": wrong.reference, "sure": wrong.pk})
        page = read(staff_client, address(wrong))
        assert "Not about this request" in page
        assert f'name="text" value="{text.pk}"' in page
        there = press(staff_client, wrong, "take_away", {"text": text.pk})
        assert "It stands with the texts we cannot place." in words(there)
        assert SAID not in unescape(there.content.decode())
        assert unread() == [SAID]

    def test_her_own_texts_have_no_such_press(self, staff_client: Client) -> None:
        hers = factories.a_request()
        writes(phone="+12135550134")
        assert "Not about this request" not in read(staff_client, address(hers))
