"""A name, phone or email that was misheard is put right: where she is found, what is sent, and who may read it."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.core import mail

from booking import actors, contact_details, lifecycle, links, outcomes, reminders, retention
from booking.admin import history, look_up
from booking.contact_details import ChangedMeanwhile
from booking.messaging import consent, outbox
from booking.models import AppointmentRequest, ConsentEvent, ContactNumber, OutgoingMessage, RequestEvent
from booking.submission import Evidence
from tests import factories
from tests.factories import NOW, PHONE, at

pytestmark = pytest.mark.usefixtures("clinic", "now")

RIGHT, RIGHT_TYPED = "+12135550143", "213-555-0143"
PHONE_TO_43 = {"phone_e164": RIGHT, "phone_typed": RIGHT_TYPED}


@pytest.fixture
def desk():
    return actors.staff(factories.a_staff_user())


def correct(request, desk, *, now=NOW, seen=None, agreed=False, new_link=False, **changes):
    request.refresh_from_db()
    details = replace(contact_details.of(request), **changes)
    return contact_details.correct(
        request=request,
        details=details,
        seen=contact_details.mark(request) if seen is None else seen,
        by=desk,
        now=now,
        agreed=Evidence(page="/admin/", form_version="1", spoken_to=desk.user) if agreed else None,
        new_link=new_link,
    )


def agrees(phone):
    """Somebody who agreed to texts there before, for a request of her own."""
    return factories.a_request(phone_e164=phone, phone_typed=phone, name="Another Person")


def say_all(request):
    return [(m.kind, m.channel, m.state) for m in request.messages.order_by("pk")]


def waiting(request):
    return [
        (m.kind, m.channel, m.contact_number.number if m.contact_number else "")
        for m in request.messages.filter(state__in=("queued", "held")).order_by("pk")
    ]


def to_do(request):
    return [task.kind for task in request.tasks.open()]


class TestWhatIsStored:
    def test_she_is_found_by_what_is_right_and_no_longer_by_what_was_wrong(self, desk):
        request = factories.a_request(name="Maria Lopes", email="maria@gmial.com")
        correct(request, desk, name="María López", email="Maria@gmail.com", **PHONE_TO_43)
        for right in ("Lopez", RIGHT_TYPED, "0143", "maria@gmail.com", "555-0143"):
            assert look_up.found(right) == [request.pk], right
        for wrong in ("Lopes", PHONE, "0134", "maria@gmial.com"):
            assert look_up.found(wrong) == [], wrong

    def test_the_history_says_which_and_not_what(self, desk):
        request = factories.a_request()
        done = correct(request, desk, name="Other Name", email="x@mail.example", contact="email", **PHONE_TO_43)
        assert done.parts == ("name", "phone", "email", "wishes")
        events = RequestEvent.objects.filter(request=request, actor=desk.user)
        assert [(e.verb, e.note) for e in events] == [
            ("correct_name", ""),
            ("correct_phone", ""),
            ("correct_email", ""),
            ("correct_wishes", ""),
        ]

    def test_another_spelling_of_the_same_number_is_no_other_number(self, desk):
        request = factories.a_request()
        assert correct(request, desk, phone_typed="213.555.0134").parts == ()
        assert waiting(request) == [("received", "sms", PHONE)]

    def test_the_same_mailbox_in_capitals_is_no_other_mailbox(self, desk):
        request = factories.a_request(contact="email", email="maria@mail.example")
        correct(request, desk, email="Maria@mail.example", new_link=True)
        assert waiting(request) == [("received", "email", "")]

    def test_place_promise_and_link_stay(self, desk):
        request = factories.a_request()
        before = (request.created_at, request.promise_due_at, request.status, links.token(request))
        correct(request, desk, **PHONE_TO_43)
        request.refresh_from_db()
        assert (request.created_at, request.promise_due_at, request.status, links.token(request)) == before

    def test_her_language_of_messages_follows_what_she_speaks_where_staff_had_typed_it(self, desk):
        typed = factories.a_request()
        AppointmentRequest.objects.filter(pk=typed.pk).update(source="phone")
        correct(typed, desk, speaks="es")
        sent = agrees(RIGHT)
        correct(sent, desk, speaks="es")
        assert (typed.page_language, sent.page_language) == ("es", "en")

    def test_a_patient_who_was_forgotten_cannot_be_corrected(self, desk):
        request = factories.a_request()
        lifecycle.cancel(request=request, by=actors.PATIENT, now=NOW)
        correct(request, desk, name="After The End")
        retention.forget(now=NOW + timedelta(days=91))
        with pytest.raises(ChangedMeanwhile):
            correct(request, desk, name="Known Again")


class TestAStaleForm:
    def test_is_refused_and_changes_nothing(self, desk):
        request = factories.a_request()
        seen = contact_details.mark(request)
        correct(request, desk, name="First Correction")
        with pytest.raises(ChangedMeanwhile):
            correct(request, desk, seen=seen, **PHONE_TO_43)
        request.refresh_from_db()
        assert (request.name, request.contact_number.number) == ("First Correction", PHONE)

    def test_is_one_that_was_made_before_she_got_a_time_too(self, desk):
        request = factories.a_request()
        seen = contact_details.mark(request)
        factories.a_visit(request, by=desk.user)
        with pytest.raises(ChangedMeanwhile):
            correct(request, desk, seen=seen, name="Other Name")

    def test_the_mark_tells_nobody_a_value(self):
        request = factories.a_request()
        assert len(contact_details.mark(request)) == 32


class TestConsent:
    def test_belongs_to_the_number(self, desk):
        request = factories.a_request()
        correct(request, desk, **PHONE_TO_43)
        assert not consent.may_text(request.contact_number)
        assert consent.may_text(ContactNumber.objects.exclude(pk=request.contact_number_id).get())
        assert waiting(request) == []

    def test_is_there_again_after_the_first_number_was_right_after_all(self, desk):
        request = factories.a_request()
        correct(request, desk, **PHONE_TO_43)
        correct(request, desk, phone_e164=PHONE, phone_typed=PHONE)
        assert consent.may_text(request.contact_number)

    def test_a_stop_of_the_old_number_stays_with_it(self, desk):
        request = factories.a_request()
        old = request.contact_number
        consent.stop(number=old, source=ConsentEvent.Source.TEXT, now=NOW)
        correct(request, desk, agreed=True, **PHONE_TO_43)
        assert consent.may_text(request.contact_number)
        assert consent.newest(old).kind == "stopped"

    def test_that_was_read_to_her_now_lets_texts_go_there_at_once(self, desk):
        visit = factories.a_visit(by=desk.user)
        correct(visit.request, desk, agreed=True, **PHONE_TO_43)
        line = consent.newest(visit.request.contact_number)
        assert (line.kind, line.source, line.recorded_by) == ("granted", "staff", desk.user)
        assert waiting(visit.request)[-1] == ("confirmed", "sms", RIGHT)

    def test_of_a_tick_that_waits_in_quarantine_does_not_go_over_to_another_number(self, desk):
        request = factories.a_request(quarantine_reason="honeypot")
        correct(request, desk, **PHONE_TO_43)
        lifecycle.release_from_quarantine(request=request, by=desk, now=NOW)
        assert not consent.may_text(request.contact_number)
        assert not OutgoingMessage.objects.exists()


class TestWhatWaits:
    def test_never_goes_to_the_old_number(self, desk, simulator, deliver_all):
        request = factories.a_request()
        correct(request, desk, **PHONE_TO_43)
        deliver_all()
        assert simulator.messages == []
        assert say_all(request) == [("received", "sms", "cancelled")]

    def test_goes_to_a_number_that_has_agreed(self, desk, simulator, deliver_all):
        agrees(RIGHT).messages.all().delete()
        request = factories.a_request()
        correct(request, desk, **PHONE_TO_43)
        deliver_all()
        assert [m.to for m in simulator.messages] == [RIGHT]

    def test_of_another_request_of_the_old_number_still_goes(self, desk, simulator, deliver_all):
        request, other = factories.a_request(), factories.a_request(name="Her Sister")
        correct(request, desk, **PHONE_TO_43)
        deliver_all()
        assert [m.to for m in simulator.messages] == [PHONE]
        assert [m.state for m in other.messages.all()] == ["sent"]

    def test_goes_by_email_where_the_new_number_has_not_agreed(self, desk):
        request = factories.a_request(timing="later", days=())
        correct(request, desk, email="maria@mail.example", **PHONE_TO_43)
        assert waiting(request) == [("days_link", "email", "")]

    def test_to_a_mistyped_mailbox_goes_to_the_right_one(self, desk, deliver_all):
        request = factories.a_request(contact="email", email="maria@gmial.com")
        correct(request, desk, email="maria@gmail.com")
        deliver_all()
        assert [m.to for m in mail.outbox] == [["maria@gmail.com"]]

    def test_and_was_claimed_before_is_not_tried_again_at_the_old_number(self, desk, simulator):
        request = factories.a_request()
        row = request.messages.get()
        assert outbox._claim(row, now=NOW)
        correct(request, desk, **PHONE_TO_43)
        outbox._again(row, at=NOW, reason="try_again", attempts=1, code=0)
        outbox.attempt(row.pk, now=NOW)
        row.refresh_from_db()
        assert (row.state, row.reason) == ("cancelled", "address_changed")
        assert simulator.messages == []

    def test_and_failed_at_the_old_number_later_is_nobodys_task(self, desk):
        request = factories.a_request()
        row = request.messages.get()
        assert outbox._claim(row, now=NOW)
        correct(request, desk, **PHONE_TO_43)
        outbox.record_report(
            provider_id="SM1", provider_status="undelivered", error=30003, callback_key=str(row.callback_key), now=NOW
        )
        assert to_do(request) == []


class TestTheTimeOfAVisit:
    def test_that_went_to_the_old_number_is_told_at_the_new_one(self, desk, simulator, deliver_all):
        agrees(RIGHT)
        visit = factories.a_visit(by=desk.user)
        deliver_all()
        correct(visit.request, desk, **PHONE_TO_43)
        deliver_all()
        last = simulator.messages[-1]
        assert last.to == RIGHT
        assert "Wed Dec 16, 10 am" in last.body
        assert to_do(visit.request) == []

    @pytest.mark.parametrize("is_sent", [True, False])
    def test_that_no_message_can_tell_is_a_task(self, desk, deliver_all, simulator, is_sent):
        visit = factories.a_visit(by=desk.user)
        if is_sent:
            deliver_all()
        correct(visit.request, desk, **PHONE_TO_43)
        assert to_do(visit.request) == ["tell_time"]
        assert waiting(visit.request) == []

    def test_that_she_has_by_email_is_no_task(self, desk, deliver_all, simulator):
        visit = factories.a_visit(factories.a_request(email="maria@mail.example"), by=desk.user)
        deliver_all()
        correct(visit.request, desk, **PHONE_TO_43)
        assert to_do(visit.request) == []

    def test_that_she_heard_on_the_phone_is_no_task(self, desk, deliver_all, simulator):
        visit = factories.a_visit(by=desk.user)
        deliver_all()
        outcomes.log_call(request=visit.request, outcome="spoke", by=desk, now=NOW)
        correct(visit.request, desk, **PHONE_TO_43)
        assert to_do(visit.request) == []

    def test_that_lies_behind_is_no_news(self, desk, deliver_all, simulator):
        visit = factories.a_visit(by=desk.user)
        deliver_all()
        correct(visit.request, desk, now=at("2026-12-16", "12:00"), **PHONE_TO_43)
        assert to_do(visit.request) == []

    def test_that_was_moved_since_is_not_told_again(self, desk):
        visit = factories.a_visit(by=desk.user)
        moved = factories.a_visit(visit.request, starts_at=at("2026-12-18", "14:00"), by=desk.user)
        agrees(RIGHT)
        correct(moved.request, desk, **PHONE_TO_43)
        assert [(kind, to) for kind, _, to in waiting(moved.request) if kind in outbox.NEWS] == [("moved", RIGHT)]

    def test_that_was_cancelled_is_to_be_told_as_well(self, desk, deliver_all, simulator):
        visit = factories.a_visit(by=desk.user)
        lifecycle.cancel(request=visit.request, by=desk, now=NOW)
        deliver_all()
        correct(visit.request, desk, **PHONE_TO_43)
        assert to_do(visit.request) == ["tell_end"]

    def test_and_offered_times_are_both_to_be_told(self, desk, deliver_all, simulator):
        visit = factories.a_visit(by=desk.user)
        AppointmentRequest.objects.filter(pk=visit.request_id).update(status="change_requested")
        visit.request.refresh_from_db()
        factories.an_offer(visit.request, ("2026-12-18", "14:00"), by=desk.user)
        deliver_all()
        correct(visit.request, desk, **PHONE_TO_43)
        assert sorted(to_do(visit.request)) == ["tell_offer", "tell_time"]


class TestReminders:
    def test_go_to_the_number_that_stands_there_now(self, desk, simulator, deliver_all):
        agrees(RIGHT)
        visit = factories.a_visit(by=desk.user)
        day_before = at("2026-12-15", "10:00")
        with time_machine.travel(day_before, tick=False):
            reminders.queue_due(now=day_before)
            correct(visit.request, desk, now=day_before, **PHONE_TO_43)
            reminders.queue_due(now=day_before)
            deliver_all()
        assert [m.to for m in simulator.messages if "is tomorrow" in m.body] == [RIGHT]

    def test_that_went_to_the_old_number_are_none_that_she_had(self, desk, simulator, deliver_all):
        agrees(RIGHT)
        visit = factories.a_visit(by=desk.user)
        day_before = at("2026-12-15", "10:00")
        with time_machine.travel(day_before, tick=False):
            reminders.queue_due(now=day_before)
            deliver_all()
            correct(visit.request, desk, now=day_before, **PHONE_TO_43)
            reminders.queue_due(now=day_before)
            deliver_all()
        assert [m.to for m in simulator.messages if "is tomorrow" in m.body] == [PHONE, RIGHT]


class TestCallsToTheOldNumber:
    def test_were_no_tries_to_reach_her(self, desk):
        """The third of three makes a request wait for her: at a mistyped number nobody could answer."""
        request = factories.a_request()
        for days in (0, 2):
            outcomes.log_call(request=request, outcome="no_answer", by=desk, now=NOW + timedelta(days=days))
        correct(request, desk, now=NOW + timedelta(days=3), **PHONE_TO_43)
        outcomes.log_call(request=request, outcome="no_answer", by=desk, now=NOW + timedelta(days=4))
        assert request.status == "new"


class TestHerLink:
    def test_is_new_where_the_old_one_may_be_a_strangers(self, desk, simulator, deliver_all):
        agrees(RIGHT)
        request = factories.a_request()
        old = links.token(request)
        deliver_all()
        done = correct(request, desk, new_link=True, **PHONE_TO_43)
        deliver_all()
        assert (done.has_new_link, done.is_reached) == (True, True)
        assert links.find(old, now=NOW) is None
        assert simulator.messages[-1].to == RIGHT
        assert links.token(request) in simulator.messages[-1].body

    def test_is_the_same_while_nobody_was_sent_it(self, desk):
        request = factories.a_request()
        old = links.token(request)
        done = correct(request, desk, new_link=True, **PHONE_TO_43)
        assert not done.has_new_link
        assert links.find(old, now=NOW) == request

    def test_is_the_same_where_only_the_name_was_wrong(self, desk, simulator, deliver_all):
        request = factories.a_request()
        deliver_all()
        assert not correct(request, desk, new_link=True, name="Other Name").has_new_link

    def test_stands_in_what_waits_for_her_other_address_too(self, desk, simulator):
        agrees(RIGHT)
        request = factories.a_request(email="maria@mail.example")
        outbox.attempt(request.messages.get(channel="sms").pk, now=NOW)
        correct(request, desk, new_link=True, **PHONE_TO_43)
        [by_email] = request.messages.filter(state="queued", channel="email")
        assert links.token(request) in by_email.body

    def test_goes_by_text_where_the_mailbox_was_a_strangers(self, desk, simulator, deliver_all):
        request = factories.a_request(email="maria@gmial.com")
        deliver_all()
        correct(request, desk, email="", new_link=True)
        assert waiting(request) == [("link", "sms", PHONE)]

    def test_that_reaches_nobody_is_said(self, desk, simulator, deliver_all):
        request = factories.a_request()
        deliver_all()
        done = correct(request, desk, new_link=True, **PHONE_TO_43)
        assert (done.has_new_link, done.is_reached) == (True, False)

    def test_is_sent_to_the_right_mailbox_where_the_first_never_arrived(self, desk, deliver_all):
        request = factories.a_request(contact="email", email="maria@gmial.com")
        OutgoingMessage.objects.update(state="failed", finished_at=NOW)
        correct(request, desk, email="maria@gmail.com", new_link=True)
        assert waiting(request) == [("link", "email", "")]


class TestOtherRequests:
    def test_of_the_right_number_show_as_the_same_person(self, desk):
        first, mistyped = agrees(RIGHT), factories.a_request()
        assert history.others(mistyped) == []
        correct(mistyped, desk, **PHONE_TO_43)
        assert history.others(mistyped) == [first]

    def test_a_number_that_no_request_has_any_more_is_forgotten(self, desk):
        request = factories.a_request()
        old = request.contact_number
        consent.stop(number=old, source=ConsentEvent.Source.TEXT, now=NOW)
        correct(request, desk, **PHONE_TO_43)
        retention.forget(now=NOW + timedelta(days=91))
        old.refresh_from_db()
        request.refresh_from_db()
        assert (old.number, old.last_four_hash) == ("", "")
        assert request.contact_number.number == RIGHT
        assert consent.newest(old).kind == "stopped"
