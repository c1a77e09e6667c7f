"""Messages on their way: nothing lost, nothing sent twice, nothing after STOP. The real SDK, the local Twilio."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from django_tasks_db.models import DBTaskResult

from booking import actors, lifecycle
from booking.messaging import consent, outbox, reports
from booking.models import AppointmentRequest, ConsentEvent, DeskTask, OutgoingMessage
from tests import factories
from tests.factories import NOW, PHONE, at

pytestmark = [pytest.mark.usefixtures("clinic", "now")]

# The provider goes on while we wait: a text that it took may have arrived by the time it is found.
TAKEN = ("sent", "delivered")


def only():
    return OutgoingMessage.objects.get()


def later(minutes):
    return NOW + timedelta(minutes=minutes)


def attempt(row, minutes=0):
    """One try, at NOW plus minutes on every clock."""
    with time_machine.travel(later(minutes), tick=False):
        outbox.attempt(row.pk, now=later(minutes))
    row.refresh_from_db()
    return row


class TestQueueing:
    def test_the_message_and_its_wake_up_commit_with_the_move_or_not_at_all(self):
        with transaction.atomic():
            factories.a_request()
            assert DBTaskResult.objects.count() == 1
            transaction.set_rollback(True)
        assert OutgoingMessage.objects.count() == DBTaskResult.objects.count() == 0

    def test_the_task_carries_a_key_and_nothing_else(self):
        factories.a_request()
        assert DBTaskResult.objects.get().args_kwargs == {"args": [only().pk], "kwargs": {}}

    def test_the_same_occasion_queues_once(self):
        request = factories.a_request()
        assert outbox.queue(request=request, kind="received", occasion="once", now=NOW) == []
        assert OutgoingMessage.objects.count() == 1

    def test_who_asked_for_email_gets_email(self):
        factories.a_request(contact="email", email="maria@mail.example")
        assert only().channel == "email"

    def test_without_consent_the_email_stands_in_and_without_both_nothing_goes_out(self):
        factories.a_request(sms_consent=False, contact="phone", voicemail=True, email="maria@mail.example")
        assert only().channel == "email"
        factories.a_request(
            sms_consent=False, contact="phone", voicemail=True, phone_e164="+12135550135", phone_typed="213 555 0135"
        )
        assert OutgoingMessage.objects.count() == 1


class TestSending:
    def test_a_text_goes_out_once_with_the_stored_words(self, simulator, deliver_all):
        factories.a_request()
        deliver_all()
        assert [(m.to, m.body) for m in simulator.messages] == [(PHONE, only().body)]
        assert only().state == "sent"
        assert only().provider_id == simulator.messages[0].sid

    def test_a_second_wake_up_sends_nothing(self, simulator):
        factories.a_request()
        row = attempt(only())
        attempt(row)
        attempt(row, 60)
        assert len(simulator.messages) == 1

    def test_an_email_holds_reference_and_link_and_goes_out_once(self, deliver_all):
        request = factories.a_request(contact="email", email="maria@mail.example")
        deliver_all()
        sent = mail.outbox[0]
        assert sent.to == ["maria@mail.example"]
        assert request.spaced_reference in sent.subject
        assert "María" not in sent.body
        assert only().state == "sent"
        attempt(only(), 60)
        assert len(mail.outbox) == 1

    def test_stop_between_queueing_and_sending_suppresses(self, simulator):
        request = factories.a_request()
        consent.stop(number=request.contact_number, source=ConsentEvent.Source.TEXT, now=NOW)
        assert attempt(only()).state == "suppressed"
        assert simulator.messages == []

    def test_a_text_for_a_number_that_is_hers_no_more_goes_where_she_is_reached_now(self, simulator):
        request = factories.a_request()
        self.gets_another_number(request, agrees=True)
        row = attempt(only())
        assert (row.state, row.reason) == ("cancelled", "address_changed")
        again = OutgoingMessage.objects.exclude(pk=row.pk).get()
        assert attempt(again).state == "sent"
        assert [m.to for m in simulator.messages] == ["+12135550143"]

    def test_and_news_that_reaches_her_nowhere_then_is_a_call(self, simulator):
        visit = factories.a_visit()
        self.gets_another_number(visit.request, agrees=False)
        row = attempt(OutgoingMessage.objects.get(kind="confirmed"))
        assert row.state == "cancelled"
        assert DeskTask.objects.get().kind == DeskTask.Kind.MESSAGE_FAILED
        assert simulator.messages == []

    def test_an_email_goes_to_the_mailbox_that_is_hers_when_it_is_claimed(self):
        request = factories.a_request(contact="email", email="maria@gmial.com")
        row = OutgoingMessage.objects.select_related("request", "contact_number").get()
        AppointmentRequest.objects.filter(pk=request.pk).update(email="maria@gmail.com")
        assert outbox._claim(row, now=NOW)
        outbox._send(row, now=NOW)
        assert mail.outbox[0].to == ["maria@gmail.com"]

    def gets_another_number(self, request, *, agrees):
        """As a correction leaves it for a move that had read the old number before."""
        number = consent.number_for("+12135550143", now=NOW)
        if agrees:
            factories.a_request(phone_e164="+12135550143", phone_typed="213 555 0143").messages.all().delete()
        AppointmentRequest.objects.filter(pk=request.pk).update(contact_number=number)

    def test_a_worker_that_lost_its_claim_cannot_write_the_outcome(self, simulator):
        factories.a_request()
        row = only()
        assert outbox._claim(row, now=NOW)
        OutgoingMessage.objects.filter(pk=row.pk).update(claimed_at=later(3))
        outbox._send(row, now=NOW)
        row.refresh_from_db()
        assert row.state == "sending"

    def test_a_worker_that_was_frozen_after_its_claim_does_not_call(self, simulator):
        factories.a_request()
        row = only()
        assert outbox._claim(row, now=NOW)
        with time_machine.travel(later(9), tick=False):  # by now others may have sent it
            outbox._send(row, now=NOW)
        assert simulator.messages == []
        for minutes in (9, 11, 17, 17):
            attempt(row, minutes)
        assert row.state in TAKEN
        assert len(simulator.messages) == 1

    @pytest.mark.django_db(transaction=True)
    def test_a_stop_that_is_being_stored_is_waited_for_by_the_claim(self, simulator):
        number = factories.a_request().contact_number
        is_written, may_commit = threading.Event(), threading.Event()

        def stop():
            with transaction.atomic():
                consent.stop(number=number, source=ConsentEvent.Source.TEXT, now=NOW)
                is_written.set()
                may_commit.wait(5)
            connection.close()

        saying = threading.Thread(target=stop)
        saying.start()
        assert is_written.wait(5)
        threading.Timer(0.3, may_commit.set).start()
        row = attempt(only())
        saying.join()
        assert row.state == "suppressed"
        assert simulator.messages == []

    def test_news_that_a_stop_kept_back_goes_by_email_or_becomes_a_call(self):
        visit = factories.a_visit()
        consent.stop(number=visit.request.contact_number, source=ConsentEvent.Source.TEXT, now=NOW)
        outbox.suppress_waiting(number=visit.request.contact_number, now=NOW)
        assert DeskTask.objects.get().kind == "message_failed"
        assert set(OutgoingMessage.objects.values_list("state", flat=True)) == {"suppressed"}

    def test_with_an_email_nobody_has_to_call(self):
        visit = factories.a_visit(factories.a_request(email="maria@mail.example"))
        outbox.suppress_waiting(number=visit.request.contact_number, now=NOW)
        assert DeskTask.objects.count() == 0
        assert OutgoingMessage.objects.get(kind="confirmed", channel="email").state == "queued"

    def test_nothing_goes_to_an_address_that_a_robot_typed(self):
        request = factories.a_request(quarantine_reason="honeypot", email="stranger@mail.example")
        assert outbox.queue(request=request, kind="link_again", occasion="2026-12-07", now=NOW) == []


class TestRefusals:
    @pytest.mark.parametrize("code", [21211, 21614, 30006])
    def test_a_number_that_gets_no_texts_is_not_tried_again_and_somebody_calls(self, simulator, code):
        factories.a_request()
        simulator.faults.set(reply="refuse", code=code)
        assert attempt(only()).state == "failed"
        assert DeskTask.objects.get().kind == "message_failed"
        simulator.faults.clear()
        attempt(only(), 60)
        assert simulator.messages == []

    def test_an_opt_out_that_only_the_provider_knows_of_is_written_down(self, simulator):
        request = factories.a_request()
        simulator.faults.set(reply="refuse", code=21610)
        assert attempt(only()).state == "failed"
        assert not consent.may_text(request.contact_number)
        assert ConsentEvent.objects.last().source == "provider"

    def test_too_many_requests_waits_and_then_goes_out_once(self, simulator):
        factories.a_request()
        simulator.faults.set(reply="429")
        row = attempt(only())
        assert (row.state, row.attempts) == ("queued", 1)
        assert row.next_attempt_at > NOW
        simulator.faults.clear()
        assert attempt(row, 90).state == "sent"
        assert len(simulator.messages) == 1

    def test_what_is_worth_one_more_try_gets_one(self, simulator):
        factories.a_request()
        simulator.faults.set(reply="refuse", code=30500)
        assert attempt(only()).state == "queued"
        assert attempt(only(), 120).state == "failed"
        assert DeskTask.objects.get().kind == "message_failed"

    def test_a_crowd_that_was_sent_away_comes_back_one_after_the_other_and_not_too_soon(self, simulator):
        simulator.faults.set(reply="429", seconds=40)
        for number in range(5):
            factories.a_request(phone_e164=f"+1213555020{number}")
        moments = {attempt(row).next_attempt_at for row in OutgoingMessage.objects.all()}
        assert len(moments) == 5
        assert all(timedelta(seconds=40) <= at - NOW <= timedelta(seconds=50) for at in moments)

    def test_transient_refusals_end(self, simulator):
        factories.a_request()
        simulator.faults.set(reply="429", times=50)
        for n in range(outbox.MOST_ATTEMPTS):
            attempt(only(), n * 120)
        assert only().state == "failed"
        assert only().attempts == outbox.MOST_ATTEMPTS

    def test_a_wrong_set_up_burns_no_attempt_and_stays_visible(self, simulator, settings):
        factories.a_request()
        settings.TWILIO_API_KEY_SECRET = "wrong"
        row = attempt(only())
        assert (row.state, row.attempts, row.reason) == ("queued", 0, "not_set_up")
        settings.TWILIO_API_KEY_SECRET = "api-key-secret"
        assert attempt(row, 60).state == "sent"

    def test_a_provider_that_cannot_be_reached_is_tried_again(self, settings):
        factories.a_request()
        settings.TWILIO_API_URL = "http://127.0.0.1:9"
        assert attempt(only()).state == "queued"


class TestUnknownOutcomes:
    def test_a_reply_dropped_after_accepting_is_found_and_not_sent_twice(self, simulator):
        factories.a_request()
        simulator.faults.set(reply="drop")
        row = attempt(only())
        assert row.state == "unknown"
        simulator.faults.clear()
        assert attempt(row, 2).state in TAKEN
        assert len(simulator.messages) == 1

    def test_a_stored_report_that_nobody_has_read_yet_stops_a_second_text(self, simulator):
        factories.a_request()
        simulator.faults.set(reply="500")
        row = attempt(only())
        reports.store(provider_id="SM" + "7" * 32, status="sent", error="", callback_key=str(row.callback_key), now=NOW)
        simulator.faults.clear()
        assert attempt(row, 8).state == "sent"
        assert row.provider_id == "SM" + "7" * 32
        assert simulator.messages == []

    @pytest.mark.parametrize("reply", ["truncated", "500_accepted"])
    def test_answers_that_cannot_be_read_are_settled_by_asking(self, simulator, reply):
        factories.a_request()
        simulator.faults.set(reply=reply)
        row = attempt(only())
        simulator.faults.clear()
        assert row.state == "unknown"
        assert attempt(row, 2).state in TAKEN
        assert len(simulator.messages) == 1

    @pytest.mark.parametrize("reply", ["500", "html"])
    def test_what_was_never_taken_is_sent_after_two_looks(self, simulator, reply):
        factories.a_request()
        simulator.faults.set(reply=reply)
        row = attempt(only())
        simulator.faults.clear()
        assert attempt(row, 2).state == "unknown"
        assert attempt(row, 8).state == "queued"
        assert attempt(row, 8).state in TAKEN
        assert len(simulator.messages) == 1

    def test_a_worker_killed_after_the_call_does_not_send_twice(self, simulator):
        factories.a_request()
        row = only()
        assert outbox._claim(row, now=NOW)
        outbox._hand_over(row, now=NOW)  # the call went out, and then the process was killed
        row.refresh_from_db()
        assert row.state == "sending"
        attempt(row, 3)
        assert attempt(row, 5).state in TAKEN
        assert len(simulator.messages) == 1

    def test_a_worker_killed_before_the_call_loses_nothing(self, simulator):
        factories.a_request()
        row = only()
        assert outbox._claim(row, now=NOW)
        for minutes in (3, 5, 12, 12):
            attempt(row, minutes)
        assert row.state in TAKEN
        assert len(simulator.messages) == 1

    def test_what_cannot_be_settled_in_a_day_is_for_a_person(self, simulator, settings):
        factories.a_request()
        simulator.faults.set(reply="drop")
        row = attempt(only())
        settings.TWILIO_API_URL = "http://127.0.0.1:9"
        assert attempt(row, 5).finished_at is None
        assert attempt(row, 25 * 60).finished_at is not None
        assert row.state == "unknown"
        assert DeskTask.objects.get().kind == "message_unknown"

    def test_an_email_of_unknown_outcome_is_for_a_person(self, monkeypatch):
        factories.a_request(contact="email", email="maria@mail.example")

        def silent(self, *args):
            raise TimeoutError

        monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", silent)
        assert attempt(only()).state == "unknown"
        assert DeskTask.objects.get().kind == "message_unknown"

    def test_a_text_found_later_as_undelivered_is_not_called_sent(self, simulator):
        factories.a_request()
        simulator.faults.set(reply="drop", outcome="undelivered", error_code=30006)
        row = attempt(only())
        simulator.settle()
        simulator.faults.clear()
        assert attempt(row, 2).state == "undelivered"
        assert DeskTask.objects.get().kind == "message_failed"

    def test_a_time_that_no_longer_counts_is_never_told_last(self, simulator):
        visit = factories.a_visit()
        old = OutgoingMessage.objects.get(kind="confirmed")
        OutgoingMessage.objects.filter(pk=old.pk).update(state="unknown", claimed_at=NOW, next_attempt_at=NOW)
        factories.a_visit(visit.request, starts_at=at("2026-12-18", "10:00"))
        for minutes in (2, 8, 9):
            attempt(old, minutes)
        assert (old.state, old.reason) == ("cancelled", "visit_changed")
        assert [m for m in simulator.messages if "Dec 16" in m.body] == []

    def test_half_an_hour_without_an_answer_is_worth_a_call(self, simulator, settings):
        factories.a_request()
        simulator.faults.set(reply="drop")
        row = attempt(only())
        settings.TWILIO_API_URL = "http://127.0.0.1:9"
        attempt(row, 5)
        assert DeskTask.objects.count() == 0
        attempt(row, 40)
        assert DeskTask.objects.get().kind == "message_unknown"


class TestReports:
    def report(self, row, status, error=None, callback_key=""):
        return outbox.record_report(
            provider_id=row.provider_id or "SM404",
            provider_status=status,
            error=error,
            callback_key=callback_key,
            now=NOW,
        )

    @pytest.fixture
    def sent(self, simulator):
        factories.a_request()
        return attempt(only())

    def test_reports_move_a_message_forward_and_never_back(self, sent):
        self.report(sent, "delivered")
        self.report(sent, "sent")
        self.report(sent, "queued")
        sent.refresh_from_db()
        assert sent.state == "delivered"
        assert sent.finished_at == NOW

    def test_an_undelivered_text_asks_a_person_to_call(self, sent):
        self.report(sent, "undelivered", 30006)
        sent.refresh_from_db()
        assert (sent.state, sent.provider_error) == ("undelivered", 30006)
        assert DeskTask.objects.get().kind == "message_failed"

    def test_an_opt_out_reported_later_is_written_down(self, sent):
        self.report(sent, "failed", 21610)
        assert not consent.may_text(sent.contact_number)

    def test_a_late_report_settles_a_lost_reply_by_our_own_key(self, simulator):
        factories.a_request()
        simulator.faults.set(reply="drop")
        row = attempt(only())
        outbox.record_report(
            provider_id="SM" + "7" * 32,
            provider_status="delivered",
            error=None,
            callback_key=str(row.callback_key),
            now=NOW,
        )
        row.refresh_from_db()
        assert (row.state, row.provider_id) == ("delivered", "SM" + "7" * 32)

    def test_a_message_that_is_not_ours_changes_nothing(self, sent):
        assert (
            outbox.record_report(provider_id="SMother", provider_status="failed", error=30006, callback_key="", now=NOW)
            is None
        )
        assert DeskTask.objects.count() == 0


class TestSweeping:
    def test_a_message_whose_wake_up_got_lost_is_woken(self, simulator, deliver_all):
        factories.a_request()
        DBTaskResult.objects.all().delete()
        assert outbox.sweep(now=later(1)) == 0
        assert outbox.sweep(now=later(3)) == 1
        deliver_all()
        assert only().state == "sent"

    def test_a_finished_message_is_left_alone(self, simulator, deliver_all):
        factories.a_request()
        deliver_all()
        assert outbox.sweep(now=later(600)) == 0

    def test_a_cancelled_request_takes_its_waiting_messages_back(self, simulator, deliver_all):
        request = factories.a_request()
        lifecycle.cancel(request=request, by=actors.PATIENT, now=NOW)
        deliver_all()
        assert simulator.messages == []
        assert only().state == "cancelled"


def test_neither_number_nor_words_reach_the_log(simulator, caplog, settings):
    factories.a_request()
    simulator.faults.set(reply="500")
    attempt(only())
    settings.TWILIO_API_KEY_SECRET = "wrong"
    for minutes in (2, 8, 8):
        attempt(only(), minutes)
    text = caplog.text
    assert text
    for secret in ("5550134", "María", "/r/", only().body):
        assert secret not in text
