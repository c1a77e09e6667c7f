"""One request on one screen, and each thing staff can do with it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from booking import availability, hours_gone, lifecycle, standing
from booking.admin import screen
from booking.messaging import consent
from booking.models import (
    AccessEvent,
    AppointmentRequest,
    CalendarBusy,
    Closure,
    ConsentEvent,
    DeskTask,
    IncomingText,
    OutgoingMessage,
    Status,
    WeeklyHours,
)
from pages.models import Physician
from tests import factories
from tests.booking.admin.desk import a_time, address, press, read, words

pytestmark = pytest.mark.usefixtures("now", "clinic")


@pytest.fixture
def asked(clinic: None, now: datetime) -> AppointmentRequest:
    """A fresh request for two days in Los Angeles, by text."""
    return factories.a_request(email="maria@example.com")


def status_of(asked: AppointmentRequest) -> str:
    """Where it stands in the database."""
    return AppointmentRequest.objects.get(pk=asked.pk).status


def test_everything_is_on_one_screen(staff_client: Client, asked: AppointmentRequest) -> None:
    page = read(staff_client, address(asked))
    for words_shown in (
        "María Example López",
        asked.spaced_reference,
        'href="tel:+12135550134"',
        "Answer promised by Tuesday, December 8",
        "Wednesday, December 16",
        "Friday, December 18",
        "chosen by the patient",
        "Dates that do not work",
        "Not given",
        "Request received",
        "Agreed to texts",
        "Confirm and send",
    ):
        assert words_shown in page, words_shown


def test_free_times_are_offered_on_exactly_the_chosen_days(staff_client: Client, asked: AppointmentRequest) -> None:
    response = staff_client.get(address(asked))
    labels = [day.label for day in response.context["days"]]
    assert labels == ["Wednesday, December 16", "Friday, December 18"]
    assert response.context["days"][0].options[0].label == "9 a.m."


class TestTwoDoctors:
    """Both see patients at one office on one day."""

    @pytest.fixture
    def second(self, clinic: None) -> Physician:
        doctor = factories.a_physician(slug="second", short_name="Dr. Second")
        hours = {"physician": doctor, "office": factories.an_office(), "weekday": 2}
        WeeklyHours.objects.create(**hours, starts=time(9), ends=time(12))
        return doctor

    def test_each_time_says_whose_it_is(
        self, staff_client: Client, asked: AppointmentRequest, second: Physician
    ) -> None:
        both, one = staff_client.get(address(asked)).context["days"]
        assert [(option.label, option.place) for option in both.options[:2]] == [
            ("9 a.m.", "Dr. Allaei"),
            ("9 a.m.", "Dr. Second"),
        ]
        assert {option.place for option in one.options} == {""}

    def test_none_of_them_is_left_out(self, staff_client: Client, asked: AppointmentRequest, second: Physician) -> None:
        day = staff_client.get(address(asked)).context["days"][0]
        shown = {(option.starts_at, option.physician_id) for option in (*day.options, *day.more)}
        slots = availability.free_slots(
            service=asked.service, office=asked.office, day=date(2026, 12, 16), now=factories.NOW, for_staff=True
        )
        assert shown == {(slot.starts_at, slot.physician_id) for slot in slots}

    def test_the_pressed_time_alone_is_marked(
        self, staff_client: Client, asked: AppointmentRequest, second: Physician
    ) -> None:
        pressed = staff_client.get(address(asked)).context["days"][0].options[1]
        shown = staff_client.get(pressed.url).context
        marked = [option for option in shown["days"][0].options if option.is_chosen]
        assert [option.physician_id for option in marked] == [second.pk]
        assert shown["confirm_form"]["physician"].value() == second.pk

    def test_an_offer_names_the_doctor_of_each_box(
        self, staff_client: Client, asked: AppointmentRequest, second: Physician
    ) -> None:
        [both, _one] = staff_client.get(address(asked)).context["tick_days"]
        assert {tick.place for tick in both.ticks} == {"Dr. Allaei", "Dr. Second"}


def test_a_pressed_time_fills_the_form_and_changes_nothing(staff_client: Client, asked: AppointmentRequest) -> None:
    response = staff_client.get(address(asked))
    option = response.context["days"][1].options[2]
    page = read(staff_client, option.url)
    assert 'value="2026-12-18"' in page
    assert 'aria-current="true"' in page
    assert status_of(asked) == Status.NEW


def test_the_usual_answer_takes_two_presses_from_the_queue(staff_client: Client, asked: AppointmentRequest) -> None:
    shown = staff_client.get(address(asked))
    form = shown.context["confirm_form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    sent = {**data, "seen": shown.context["seen"], "shown": shown.context["picked"].mark}
    answer = staff_client.post(address(asked, "confirm"), sent, follow=True)
    assert "The time is set: Wed, Dec 16, 9 a.m." in words(answer)
    assert status_of(asked) == Status.CONFIRMED


def test_confirming_sends_exactly_the_text_that_was_shown(staff_client: Client, asked: AppointmentRequest) -> None:
    shown = staff_client.get(address(asked))
    form = shown.context["confirm_form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    sent = {**data, "seen": shown.context["seen"], "shown": shown.context["picked"].mark}
    staff_client.post(address(asked, "confirm"), sent)
    message = OutgoingMessage.objects.get(request=asked, kind="confirmed", channel="sms")
    assert message.body == shown.context["preview"].body
    assert message.body


def test_a_time_typed_by_hand_shows_its_text_before_it_is_set(staff_client: Client, asked: AppointmentRequest) -> None:
    data = a_time(asked, time="14:00", shown="")
    first = press(staff_client, asked, "confirm", data)
    assert status_of(asked) == Status.NEW
    assert "For <strong>Wed, Dec 16, 2 p.m.</strong>" in words(first)
    assert "Nothing is set yet" in words(first)
    data["shown"] = first.context["picked"].mark
    press(staff_client, asked, "confirm", data)
    assert asked.visits.get().starts_at == factories.at("2026-12-16", "14:00")


def test_a_time_with_another_doctor_is_asked_about_before_it_is_set(
    staff_client: Client, asked: AppointmentRequest
) -> None:
    other = factories.a_physician(slug="second", short_name="Dr. Second")
    shown = staff_client.get(address(asked)).context
    usual = a_time(asked, time="09:00", physician=shown["picked"].physician_id, shown=shown["picked"].mark)
    first = press(staff_client, asked, "confirm", {**usual, "physician": other.pk})
    assert status_of(asked) == Status.NEW
    assert "This is no usual time" in words(first)
    data = {**usual, "physician": other.pk, "shown": first.context["picked"].mark}
    press(staff_client, asked, "confirm", data)
    assert asked.visits.get().physician == other


def test_a_link_without_a_doctor_is_for_the_doctor_whom_the_form_names(
    staff_client: Client, asked: AppointmentRequest
) -> None:
    shown = staff_client.get(f"{address(asked)}?at=2026-12-16T09:00&office={factories.an_office().pk}").context
    assert shown["confirm_form"]["physician"].value() == factories.a_physician().pk
    press(staff_client, asked, "confirm", a_time(asked, time="09:00", shown=shown["picked"].mark))
    assert status_of(asked) == Status.CONFIRMED


def test_pressing_twice_sets_one_time_and_sends_one_message(staff_client: Client, asked: AppointmentRequest) -> None:
    data = a_time(asked)
    staff_client.post(address(asked, "confirm"), data)
    second = staff_client.post(address(asked, "confirm"), data, follow=True)
    assert "Nothing was changed. This request is “Confirmed” now" in words(second)
    assert asked.visits.count() == 1
    sent = OutgoingMessage.objects.filter(request=asked, kind__in=("confirmed", "moved"))
    assert sorted(sent.values_list("channel", flat=True)) == ["email", "sms"]


def test_of_two_staff_at_once_the_second_reads_what_happened(asked: AppointmentRequest) -> None:
    first, second = Client(), Client()
    first.force_login(factories.a_staff_user("ana"))
    second.force_login(factories.a_staff_user("ben"))
    old = {"seen": screen.seen_mark(asked), "reason": "no_time"}
    first.post(address(asked, "confirm"), a_time(asked))
    answer = second.post(address(asked, "decline"), old, follow=True)
    assert "Nothing was changed" in words(answer)
    assert status_of(asked) == Status.CONFIRMED


def test_a_race_inside_the_lifecycle_ends_in_a_sentence(
    staff_client: Client, asked: AppointmentRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(**_: Any) -> None:
        raise standing.StaleRequest

    monkeypatch.setattr(lifecycle, "decline", too_late)
    answer = press(staff_client, asked, "decline", {"reason": "no_time"})
    assert "This request was changed meanwhile" in words(answer)


def test_a_time_that_is_gone_shows_the_next_free_ones(staff_client: Client, asked: AppointmentRequest) -> None:
    factories.a_visit(factories.a_request(phone_e164="+12135550135"))
    answer = press(staff_client, asked, "confirm", a_time(asked))
    page = words(answer)
    assert "This time is no longer free" in page
    assert answer.context["taken"][0].label.startswith("Wed, Dec 16, 11")
    assert status_of(asked) == Status.NEW
    chosen = staff_client.get(answer.context["taken"][0].url)
    assert chosen.context["picked"] is not None


def test_overbooking_needs_the_right_and_a_reason(staff_client: Client, asked: AppointmentRequest) -> None:
    factories.a_visit(factories.a_request(phone_e164="+12135550135"))
    press(staff_client, asked, "confirm", a_time(asked, overbooking_reason="Twins of one family"))
    assert asked.visits.get().held_time.overbooking_reason == "Twins of one family"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"day": ""}, "Choose a date"),
        ({"time": ""}, "Choose a time"),
        ({"day": "2026-12-01"}, "This time is past"),
        ({"day": "9999-12-31"}, "more than a year ahead"),
        ({"day": "2027-03-14", "time": "02:30"}, "This time does not exist on that day"),
        ({"office": ""}, "Choose an office"),
        ({"office": "999"}, "Select a valid choice"),
        ({"day": "December 99"}, "Enter a valid date"),
    ],
)
def test_a_wrong_time_says_what_to_do_and_keeps_the_rest(
    changes: dict[str, str], sentence: str, staff_client: Client, asked: AppointmentRequest
) -> None:
    answer = press(staff_client, asked, "confirm", {**a_time(asked), **changes})
    assert sentence in words(answer)
    assert status_of(asked) == Status.NEW


def test_a_confirmed_visit_is_moved_with_the_same_form(staff_client: Client, asked: AppointmentRequest) -> None:
    visit = factories.a_visit(asked)
    fresh = AppointmentRequest.objects.get(pk=asked.pk)
    assert "Move to another time" in read(staff_client, address(asked))
    answer = press(staff_client, asked, "confirm", a_time(fresh, day="2026-12-18", time="09:00"))
    assert "The time is set: Fri, Dec 18, 9 a.m." in words(answer)
    visit.refresh_from_db()
    assert visit.ended_at is not None
    assert OutgoingMessage.objects.filter(request=asked, kind="moved").exists()


def test_declining_asks_for_a_reason_the_patient_can_read(staff_client: Client, asked: AppointmentRequest) -> None:
    assert "Choose a reason" in words(press(staff_client, asked, "decline"))
    answer = press(staff_client, asked, "decline", {"reason": "no_time", "note": "Called twice"})
    page = words(answer)
    assert "The request is declined." in page
    assert "We have no time on the days you can come." in page
    assert "Called twice" in page
    assert status_of(asked) == Status.DECLINED


def test_cancelling_a_visit_frees_it_and_says_so(staff_client: Client, asked: AppointmentRequest) -> None:
    factories.a_visit(asked)
    answer = press(staff_client, asked, "cancel", {"note": "Patient called"})
    assert "The request is cancelled." in words(answer)
    assert asked.held_times.count() == 0


def test_an_automated_looking_request_is_released_by_a_person(staff_client: Client) -> None:
    robot = factories.a_request(quarantine_reason="website")
    assert "Was this sent by a person?" in read(staff_client, address(robot))
    press(staff_client, robot, "release")
    assert status_of(robot) == Status.NEW


def test_a_note_joins_the_history_with_its_author(staff_client: Client, asked: AppointmentRequest) -> None:
    answer = press(staff_client, asked, "note", {"note": "Sister may call back"})
    page = words(answer)
    assert "Sister may call back" in page
    assert "desk" in page
    assert "Write something first" in words(press(staff_client, asked, "note", {"note": "  "}))


def test_a_spoken_stop_counts_at_once_and_names_who_wrote_it_down(
    staff_client: Client, staff_user: Any, asked: AppointmentRequest
) -> None:
    answer = press(staff_client, asked, "stop", {"said": "No more texts"})
    assert "Texts: stopped" in words(answer)
    line = ConsentEvent.objects.latest("pk")
    assert (line.kind, line.source, line.recorded_by) == ("stopped", "staff", staff_user)
    assert not consent.may_text(asked.contact_number)


def test_spoken_consent_keeps_the_words_that_were_read(staff_client: Client, staff_user: Any, clinic: None) -> None:
    silent = factories.a_request(sms_consent=False, contact="phone", voicemail=True)
    page = read(staff_client, address(silent))
    assert "reply STOP" in page
    assert "Tick the box after you read the words" in words(press(staff_client, silent, "consent"))
    assert "Agreed to texts: saved" in words(press(staff_client, silent, "consent", {"agreed": "on"}))
    line = ConsentEvent.objects.latest("pk")
    assert (line.kind, line.source, line.recorded_by) == ("granted", "staff", staff_user)
    assert line.wording == consent.script("en").text


def test_after_a_stop_a_spoken_wish_starts_texts_again(staff_client: Client, asked: AppointmentRequest) -> None:
    press(staff_client, asked, "stop")
    assert "they also need to text START" in read(staff_client, address(asked))
    assert "Agreed to texts: saved." in words(press(staff_client, asked, "consent", {"agreed": "on"}))
    assert consent.may_text(asked.contact_number)


def test_a_new_link_ends_the_old_one(staff_client: Client, asked: AppointmentRequest) -> None:
    before = asked.link_hash
    assert "opens nothing now. The patient gets a new one." in words(press(staff_client, asked, "link"))
    asked.refresh_from_db()
    assert asked.link_hash != before


def test_a_new_link_that_no_message_can_take_to_her_is_said(staff_client: Client) -> None:
    silent = factories.a_request(sms_consent=False)
    assert "no message can take a new one to the patient" in words(press(staff_client, silent, "link"))


def test_a_task_is_done_once_and_by_somebody(
    staff_client: Client, staff_user: Any, asked: AppointmentRequest, now: datetime
) -> None:
    task = DeskTask.objects.create(request=asked, kind=DeskTask.Kind.MESSAGE_FAILED, opened_at=now)
    assert "A message did not arrive: call" in read(staff_client, address(asked))
    press(staff_client, asked, "done", {"task": task.pk})
    press(staff_client, asked, "done", {"task": task.pk})
    task.refresh_from_db()
    assert (task.done_by, task.done_at) == (staff_user, now)


def test_a_text_that_came_while_the_screen_was_open_is_not_finished_unread(
    staff_client: Client, asked: AppointmentRequest, now: datetime
) -> None:
    task = DeskTask.objects.create(request=asked, kind=DeskTask.Kind.READ_TEXT, opened_at=now)
    assert 'name="about" value="0"' in read(staff_client, address(asked))
    task.messages.add(OutgoingMessage.objects.filter(request=asked)[0])
    for form in ({"about": "0"}, {"about": "x"}, {}):
        assert "Something came meanwhile" in words(press(staff_client, asked, "done", {"task": task.pk, **form}))
    task.refresh_from_db()
    assert task.done_at is None
    assert 'name="about" value="1"' in read(staff_client, address(asked))
    assert "Done: " in words(press(staff_client, asked, "done", {"task": task.pk, "about": "1"}))


def test_a_task_of_another_request_is_not_found(staff_client: Client, asked: AppointmentRequest, now: datetime) -> None:
    other = factories.a_request(phone_e164="+12135550135")
    task = DeskTask.objects.create(request=other, kind=DeskTask.Kind.MESSAGE_FAILED, opened_at=now)
    for sent in (task.pk, "x", ""):
        assert staff_client.post(address(asked, "done"), {"task": sent}).status_code == 404


def test_a_failed_text_says_why_in_words(staff_client: Client, asked: AppointmentRequest) -> None:
    OutgoingMessage.objects.filter(request=asked).update(
        state="failed", provider_error=21614, next_attempt_at=timezone.now()
    )
    page = read(staff_client, address(asked))
    assert "Could not be sent. This number is a landline. It cannot get texts." in page
    assert "21614" not in page


def test_what_the_patient_wrote_can_be_read(staff_client: Client, asked: AppointmentRequest, now: datetime) -> None:
    IncomingText.objects.create(
        provider_id="SM1",
        contact_number=asked.contact_number,
        body="Can I come later?",
        received_at=now,
        meaning="other",
    )
    assert "Can I come later?" in read(staff_client, address(asked))


def test_other_requests_of_the_number_are_listed(staff_client: Client, asked: AppointmentRequest) -> None:
    other = factories.a_request(name="Earlier Example")
    assert other.spaced_reference in read(staff_client, address(asked))


def test_no_text_is_promised_without_consent(staff_client: Client, clinic: None) -> None:
    silent = factories.a_request(sms_consent=False, contact="phone", voicemail=True)
    response = staff_client.get(address(silent))
    assert response.context["preview"].body == ""
    assert "No message is sent" in words(response)


def test_without_consent_an_email_with_neutral_words_is_shown(staff_client: Client, clinic: None) -> None:
    silent = factories.a_request(sms_consent=False, contact="email", email="a@example.com")
    preview = staff_client.get(address(silent)).context["preview"]
    assert (preview.note, "HSG" in preview.body, silent.spaced_reference in preview.subject) == ("Email", False, True)


def test_looking_is_logged(staff_client: Client, staff_user: Any, asked: AppointmentRequest, now: datetime) -> None:
    read(staff_client, address(asked))
    assert AccessEvent.objects.filter(user=staff_user, request=asked, what="opened", at=now).count() == 1


@pytest.mark.parametrize("verb", ["confirm", "decline", "cancel", "release", "note", "done", "stop", "consent", "link"])
def test_nothing_changes_by_a_get(verb: str, staff_client: Client, asked: AppointmentRequest) -> None:
    answer = staff_client.get(address(asked, verb), {"seen": screen.seen_mark(asked), "reason": "no_time", "note": "x"})
    assert answer["Location"] == address(asked)
    assert status_of(asked) == Status.NEW
    assert asked.events.count() == 1


def test_the_verbs_want_a_csrf_token(staff_user: Any, asked: AppointmentRequest) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(staff_user)
    assert strict.post(address(asked, "note"), {"note": "x"}).status_code == 403


def test_a_strange_number_in_the_address_is_not_found(staff_client: Client) -> None:
    for number in ("999999", "abc", "1'--"):
        assert staff_client.get(f"/admin/booking/appointmentrequest/{number}/change/").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "at=garbage",
        "at=2026-12-16T10:00&office=x&doctor=y",
        "day=0",
        "day=1999-01-01",
        "day=9999-12-31",
        "at=9999-12-31T23:59",
    ],
)
def test_odd_addresses_still_show_the_screen(query: str, staff_client: Client, asked: AppointmentRequest) -> None:
    assert staff_client.get(f"{address(asked)}?{query}").status_code == 200


def test_a_request_without_days_is_offered_the_next_open_ones(staff_client: Client, clinic: None) -> None:
    helped = factories.a_request(timing="help", days=())
    days = staff_client.get(address(helped)).context["days"]
    assert len(days) == 3
    assert not any(day.is_wanted for day in days)


def test_past_wanted_days_are_not_offered(staff_client: Client, clinic: None) -> None:
    old = factories.a_request(
        now=datetime(2026, 11, 20, 18, tzinfo=UTC), days=((timezone.now() - timedelta(days=3)).date(),)
    )
    assert all(day.is_wanted is False for day in staff_client.get(address(old)).context["days"])


class TestATimeThatIsNotUsual:
    """A warning before it is set, and no wall: the doctor may have said yes."""

    WARNED = "This is no usual time."

    def test_it_is_said_before_anything_is_set(self, staff_client: Client, asked: AppointmentRequest) -> None:
        typed = a_time(asked, day="2026-12-20", time="03:00", shown="")
        page = words(press(staff_client, asked, "confirm", typed))
        assert self.WARNED in page
        assert "The doctor is not there at this time. Hours that day: none" in page
        assert status_of(asked) == Status.NEW

    def test_it_can_be_set_all_the_same(self, staff_client: Client, asked: AppointmentRequest) -> None:
        press(staff_client, asked, "confirm", a_time(asked, day="2026-12-20", time="03:00", against="hours"))
        assert status_of(asked) == Status.CONFIRMED

    def test_a_day_that_was_closed_since_it_was_shown_is_said_first(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        shown = a_time(asked)
        closure = Closure.objects.create(first_day="2026-12-16", last_day="2026-12-16")
        page = words(press(staff_client, asked, "confirm", shown))
        assert "A closure covers this day." in page
        assert status_of(asked) == Status.NEW
        assert f'name="against" value="closure:{closure.pk}"' in page
        press(staff_client, asked, "confirm", {**shown, "against": f"closure:{closure.pk}"})
        assert status_of(asked) == Status.CONFIRMED
        assert hours_gone.list_calls(now=factories.NOW) == 0  # they know

    def test_busy_in_the_doctors_calendar_and_closed_days(
        self, staff_client: Client, asked: AppointmentRequest
    ) -> None:
        CalendarBusy.objects.create(
            physician=Physician.objects.get(),
            starts_at=factories.at("2026-12-16", "10:00"),
            ends_at=factories.at("2026-12-16", "11:00"),
        )
        Closure.objects.create(first_day="2026-12-18", last_day="2026-12-18")
        busy = words(press(staff_client, asked, "confirm", a_time(asked, shown="")))
        assert "The doctor’s own calendar says busy at this time." in busy
        closed = words(press(staff_client, asked, "confirm", a_time(asked, day="2026-12-18", shown="")))
        assert "A closure covers this day." in closed

    def test_a_free_time_is_not_warned_of(self, staff_client: Client, asked: AppointmentRequest) -> None:
        assert self.WARNED not in read(staff_client, address(asked))
        assert self.WARNED not in words(press(staff_client, asked, "confirm", a_time(asked, shown="")))
