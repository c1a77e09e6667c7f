"""What becomes of a request besides a time."""

from datetime import date, timedelta

import pytest

from booking import actors, outcomes, standing
from booking.messaging import consent, inbound, outbox
from booking.models import Call, ConsentEvent, DeskTask, HeldTime, OutgoingMessage, RequestEvent, Status
from tests import factories
from tests.factories import NOW, PHONE, at

pytestmark = pytest.mark.usefixtures("clinic", "now")


@pytest.fixture
def desk():
    return actors.staff(factories.a_staff_user())


def test_a_visit_that_took_place_is_complete(desk):
    request = factories.a_visit().request
    outcomes.came(request=request, by=desk, now=at("2026-12-16", "11:00"))
    assert request.status == Status.COMPLETED


def test_a_test_that_was_not_done_keeps_no_reason(desk):
    request = factories.a_visit().request
    outcomes.not_done(request=request, by=desk, now=at("2026-12-16", "11:00"))
    assert (request.status, request.status_reason) == (Status.NOT_DONE, "")


@pytest.mark.parametrize("missed", [outcomes.no_show, outcomes.not_done])
def test_who_meant_to_come_goes_back_into_the_queue_with_one_press(desk, missed):
    request = factories.a_visit().request
    missed(request=request, by=desk, now=at("2026-12-16", "11:00"))
    outcomes.rebook(request=request, by=desk, now=at("2026-12-16", "11:05"))
    request.refresh_from_db()
    assert (request.status, request.closed_at) == (Status.NEXT_CYCLE, None)
    assert request.current_visit() is None
    assert HeldTime.objects.count() == 0
    visit = factories.a_visit(request, starts_at=at("2027-01-13", "10:00"), now=at("2026-12-16", "12:00"))
    assert visit.version == 2


def test_a_patient_cannot_say_that_she_came():
    request = factories.a_visit().request
    with pytest.raises(standing.StaleRequest):
        outcomes.came(request=request, by=actors.PATIENT, now=NOW)


def test_next_cycle_keeps_the_place_and_stops_the_clock(desk):
    request = factories.a_request()
    outcomes.next_cycle(request=request, by=desk, now=NOW)
    assert request.status == Status.NEXT_CYCLE
    assert not request.is_late(now=NOW + timedelta(days=9))
    assert outcomes.sweep(now=NOW + timedelta(days=40)) == 0


def test_what_waits_for_the_patient_comes_back_by_itself(desk):
    request = factories.a_request(timing="help", days=())
    outcomes.wait(request=request, until=date(2026, 12, 14), by=desk, now=NOW)
    outcomes.log_call(request=request, outcome="no_answer", by=desk, now=NOW)
    assert outcomes.sweep(now=at("2026-12-13", "10:00")) == 0
    assert outcomes.sweep(now=at("2026-12-14", "10:00")) == 1
    request.refresh_from_db()
    assert request.status == Status.NEW


class TestCalls:
    def test_a_try_meets_the_promise_because_her_page_shows_it(self, desk):
        request = factories.a_request()
        outcomes.log_call(request=request, outcome="no_answer", by=desk, now=NOW)
        request.refresh_from_db()
        assert request.promise_met_at == NOW
        assert RequestEvent.objects.filter(request=request, verb="call_no_answer").exists()

    def test_a_wrong_number_meets_no_promise(self, desk):
        request = factories.a_request()
        outcomes.log_call(request=request, outcome="wrong_number", by=desk, now=NOW)
        request.refresh_from_db()
        assert request.promise_met_at is None

    def test_tries_at_a_wrong_number_do_not_make_it_her_turn(self, desk):
        request = factories.a_request()
        for hours in (0, 24, 48):
            outcomes.log_call(request=request, outcome="wrong_number", by=desk, now=NOW + timedelta(hours=hours))
        request.refresh_from_db()
        assert (request.status, request.promise_met_at) == (Status.NEW, None)

    def test_speaking_finishes_the_tasks_that_asked_for_a_call(self, desk):
        request = factories.a_request()
        for kind in ("message_failed", "wants_to_cancel", "read_text"):
            DeskTask.objects.create(request=request, kind=kind, opened_at=NOW)
        outcomes.log_call(request=request, outcome="spoke", by=desk, now=NOW)
        assert [task.kind for task in DeskTask.objects.open()] == ["read_text"]

    @pytest.mark.parametrize(("read", "left"), [(0, ["wants_to_cancel"]), (1, [])])
    def test_speaking_does_not_finish_what_she_wrote_since_the_screen_was_made(self, desk, read, left):
        request = factories.a_visit(by=desk.user).request
        DeskTask.objects.create(request=request, kind="message_failed", opened_at=NOW)
        inbound.receive(provider_id="SM1", from_number=PHONE, body="I have to cancel", keyword="", now=NOW)
        outcomes.log_call(request=request, outcome="spoke", by=desk, now=NOW, read=read)
        assert [task.kind for task in DeskTask.objects.open()] == left

    def test_three_tries_over_two_days_make_it_her_turn_and_close_nothing(self, desk):
        request = factories.a_request()
        for hours in (0, 24):
            outcomes.log_call(request=request, outcome="voicemail", by=desk, now=NOW + timedelta(hours=hours))
        assert request.status == Status.NEW
        outcomes.log_call(request=request, outcome="no_answer", by=desk, now=NOW + timedelta(hours=48))
        request.refresh_from_db()
        assert (request.status, request.review_on) == (Status.WAITING, date(2026, 12, 16))

    def test_three_tries_in_one_hour_do_not(self, desk):
        request = factories.a_request()
        for minutes in (0, 20, 40):
            outcomes.log_call(request=request, outcome="no_answer", by=desk, now=NOW + timedelta(minutes=minutes))
        assert request.status == Status.NEW

    def test_a_call_cannot_be_changed(self, desk):
        call = outcomes.log_call(request=factories.a_request(), outcome="spoke", by=desk, now=NOW)
        with pytest.raises(Exception, match="only ever added"):
            call.save()
        with pytest.raises(Exception, match="only ever added"):
            call.delete()
        assert Call.objects.count() == 1


class TestAWrongNumber:
    """Somebody else has it: a stranger would read the patient's private link."""

    def wrong(self, request, desk):
        outcomes.log_call(request=request, outcome="wrong_number", by=desk, now=NOW)

    def test_gets_no_text_any_more(self, desk, simulator, deliver_all):
        request = factories.a_request()
        self.wrong(request, desk)
        factories.a_visit(request)
        deliver_all()
        assert simulator.messages == []

    def test_keeps_back_what_waited_to_be_sent_to_it_for_any_request(self, desk):
        first, second = factories.a_request(), factories.a_request(email="maria@mail.example")
        self.wrong(first, desk)
        texts = OutgoingMessage.objects.filter(channel="sms")
        assert {(row.request_id, row.state, row.reason) for row in texts} == {
            (first.pk, "suppressed", "wrong_number"),
            (second.pk, "suppressed", "wrong_number"),
        }
        assert OutgoingMessage.objects.get(channel="email").state == "queued"

    def test_is_on_record_as_what_it_is_and_not_as_a_stop(self, desk):
        request = factories.a_request()
        self.wrong(request, desk)
        line = ConsentEvent.objects.latest("pk")
        assert (line.kind, line.source, line.request, line.recorded_by) == ("wrong", "call", request, desk.user)
        self.wrong(request, desk)
        assert ConsentEvent.objects.filter(kind="wrong").count() == 1

    def test_is_asked_about_inside_the_claim_of_the_sender(self, desk, simulator):
        request = factories.a_request()
        row = OutgoingMessage.objects.get()
        consent.mark_wrong(number=request.contact_number, request=request, now=NOW, recorded_by=desk.user)
        outbox.attempt(row.pk, now=NOW)
        row.refresh_from_db()
        assert (row.state, row.reason) == ("suppressed", "wrong_number")

    def test_does_nothing_to_a_request_without_a_number(self, desk):
        request = factories.a_request(phone_e164="", phone_typed="", contact="email", email="maria@mail.example")
        self.wrong(request, desk)
        assert not ConsentEvent.objects.exists()


class TestRunningOut:
    def test_after_her_last_day_a_request_ends_with_one_honest_message(self):
        request = factories.a_request()
        assert outcomes.sweep(now=at("2026-12-18", "23:00")) == 0
        assert outcomes.sweep(now=at("2026-12-19", "01:00")) == 1
        assert outcomes.sweep(now=at("2026-12-20", "01:00")) == 0
        request.refresh_from_db()
        assert (request.status, request.events.last().actor_kind) == (Status.EXPIRED, "system")
        assert request.messages.filter(kind="expired").count() == 1

    def test_a_confirmed_visit_never_runs_out(self):
        request = factories.a_visit().request
        assert outcomes.sweep(now=at("2027-03-01", "10:00")) == 0
        request.refresh_from_db()
        assert request.status == Status.CONFIRMED

    def test_days_to_be_chosen_later_get_one_nudge_and_then_the_request_ends(self):
        request = factories.a_request(timing="later", days=())
        assert outcomes.sweep(now=NOW + timedelta(days=34)) == 0
        assert outcomes.sweep(now=NOW + timedelta(days=36)) == 1
        assert outcomes.sweep(now=NOW + timedelta(days=37)) == 0
        request.refresh_from_db()
        assert (request.status, request.messages.filter(kind="nudge").count()) == (Status.WAITING, 1)
        assert outcomes.sweep(now=NOW + timedelta(days=130)) == 1
        request.refresh_from_db()
        assert request.status == Status.EXPIRED

    def test_with_days_or_with_a_link_no_request_stays_open_for_ever(self):
        requests = [factories.a_request(), factories.a_request(timing="later", days=())]
        for days in range(0, 200, 10):
            outcomes.sweep(now=NOW + timedelta(days=days))
        for request in requests:
            request.refresh_from_db()
            assert request.status == Status.EXPIRED
