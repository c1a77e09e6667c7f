"""What becomes of a request besides a time."""

from datetime import date, timedelta

import pytest

from booking import actors, changes, lifecycle, outcomes, reports, retention, standing
from booking.messaging import consent, inbound, outbox
from booking.models import (
    AppointmentRequest,
    Call,
    ConsentEvent,
    DeskTask,
    HeldTime,
    OutgoingMessage,
    RequestEvent,
    Status,
)
from pages.models import Fact
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


class TestAMistake:
    """“Did not come” pressed on the wrong patient is taken back, and leaves nothing behind but two lines."""

    PRESSED, LATER = at("2026-12-16", "11:00"), at("2026-12-17", "09:00")
    OUTCOMES = pytest.mark.parametrize("outcome", [outcomes.came, outcomes.no_show, outcomes.not_done])

    def said(self, request):
        return request.events.last().pk

    def take_back(self, request, desk, *, said=None, now=LATER):
        outcomes.take_back(request=request, said=said or self.said(request), by=desk, now=now)
        request.refresh_from_db()

    @OUTCOMES
    def test_gives_the_visit_back_as_it_was(self, desk, outcome):
        visit = factories.a_visit()
        request, held = visit.request, list(HeldTime.objects.values())
        outcome(request=request, by=desk, now=self.PRESSED)
        self.take_back(request, desk)
        assert (request.status, request.closed_at, request.current_visit()) == (Status.CONFIRMED, None, visit)
        assert list(HeldTime.objects.values()) == held
        assert request.events.last().verb == "take_back"

    @OUTCOMES
    def test_sends_nothing_and_neither_did_the_press(self, desk, outcome):
        request = factories.a_visit().request
        before = request.messages.count()
        outcome(request=request, by=desk, now=self.PRESSED)
        self.take_back(request, desk)
        assert request.messages.count() == before

    def test_is_nowhere_in_the_reports(self, desk):
        request = factories.a_visit().request
        days = {"first": date(2026, 12, 1), "last": date(2026, 12, 31), "now": self.LATER, "say": str}
        before = reports.all_of(**days)
        outcomes.no_show(request=request, by=desk, now=self.PRESSED)
        assert reports.all_of(**days) != before
        self.take_back(request, desk)
        assert reports.all_of(**days) == before

    def test_leaves_what_is_right_to_be_pressed_and_the_clock_to_end_it(self, desk):
        request = factories.a_visit().request
        outcomes.no_show(request=request, by=desk, now=self.PRESSED)
        self.take_back(request, desk)
        outcomes.came(request=request, by=desk, now=self.LATER)
        self.take_back(request, desk)
        assert outcomes.complete_past_visits(now=at("2026-12-24", "12:00")) == 1

    def test_can_be_taken_back_until_the_clock_has_the_last_word(self, desk):
        visit = factories.a_visit()
        outcomes.no_show(request=visit.request, by=desk, now=self.PRESSED)
        end = visit.ends_at + outcomes.COMPLETES_AFTER
        with pytest.raises(standing.StaleRequest, match="no longer be taken back"):
            self.take_back(visit.request, desk, now=end)
        self.take_back(visit.request, desk, now=end - timedelta(seconds=1))
        assert visit.request.status == Status.CONFIRMED

    def test_what_the_clock_completed_cannot_be_taken_back(self, desk):
        request = factories.a_visit().request
        outcomes.complete_past_visits(now=at("2026-12-24", "12:00"))
        request.refresh_from_db()
        assert outcomes.mistake_of(request, now=at("2026-12-24", "12:00")) is None

    def test_whose_patient_was_forgotten_is_not_taken_back(self, desk):
        request = factories.a_visit().request
        outcomes.came(request=request, by=desk, now=self.PRESSED)
        Fact.objects.update_or_create(key="deletion_days", defaults={"value": "0"})
        retention.forget(now=self.LATER)
        with pytest.raises(standing.StaleRequest):
            self.take_back(request, desk)

    def test_taken_back_is_not_forgotten(self, desk):
        request = factories.a_visit().request
        outcomes.came(request=request, by=desk, now=self.PRESSED)
        self.take_back(request, desk)
        Fact.objects.update_or_create(key="deletion_days", defaults={"value": "0"})
        assert retention.forget(now=self.LATER).requests == 0

    def test_a_screen_of_the_first_mistake_does_not_take_the_second_press_back(self, desk):
        request = factories.a_visit().request
        outcomes.no_show(request=request, by=desk, now=self.PRESSED)
        first = self.said(request)
        self.take_back(request, desk)
        outcomes.no_show(request=request, by=desk, now=self.LATER)
        with pytest.raises(standing.StaleRequest):
            self.take_back(request, desk, said=first)

    def test_twice_at_once_is_one_line(self, desk):
        request = factories.a_visit().request
        outcomes.no_show(request=request, by=desk, now=self.PRESSED)
        said, other = self.said(request), AppointmentRequest.objects.get(pk=request.pk)
        self.take_back(request, desk, said=said)
        with pytest.raises(standing.StaleRequest):
            self.take_back(other, desk, said=said)
        assert request.events.filter(verb="take_back").count() == 1

    def test_a_note_in_between_is_in_nobodys_way(self, desk):
        request = factories.a_visit().request
        outcomes.no_show(request=request, by=desk, now=self.PRESSED)
        said = self.said(request)
        lifecycle.add_note(request=request, note="She called", by=desk, now=self.PRESSED)
        self.take_back(request, desk, said=said)
        assert request.status == Status.CONFIRMED

    def test_who_went_back_into_the_queue_meanwhile_stays_there(self, desk):
        request = factories.a_visit().request
        outcomes.no_show(request=request, by=desk, now=self.PRESSED)
        said = self.said(request)
        outcomes.rebook(request=request, by=desk, now=self.PRESSED)
        with pytest.raises(standing.StaleRequest):
            self.take_back(request, desk, said=said)

    def test_who_had_asked_for_another_time_is_owed_it_again(self, desk):
        request = factories.a_visit().request
        changes.ask(request=request, keep=True, by=actors.PATIENT, now=NOW)
        due = request.promise_due_at
        outcomes.no_show(request=request, by=desk, now=self.PRESSED)
        self.take_back(request, desk)
        assert (request.status, request.promise_due_at) == (Status.CHANGE_REQUESTED, due)
        assert request.promise_met_at is None

    def test_the_clock_never_ends_who_asked_for_another_time_so_a_week_counts_from_the_press(self, desk):
        request = factories.a_visit().request
        changes.ask(request=request, keep=True, by=actors.PATIENT, now=NOW)
        pressed = at("2026-12-28", "11:00")
        outcomes.no_show(request=request, by=desk, now=pressed)
        self.take_back(request, desk, now=pressed + timedelta(days=6))
        assert request.status == Status.CHANGE_REQUESTED

    def test_who_was_waited_for_is_our_turn_again(self, desk):
        request = factories.a_visit().request
        changes.ask(request=request, keep=True, by=actors.PATIENT, now=NOW)
        outcomes.wait(request=request, until=date(2026, 12, 20), by=desk, now=NOW)
        outcomes.no_show(request=request, by=desk, now=self.PRESSED)
        self.take_back(request, desk)
        assert (request.status, request.review_on) == (Status.CHANGE_REQUESTED, None)

    def test_times_that_were_offered_stay_withdrawn(self, desk):
        request = factories.a_visit().request
        changes.ask(request=request, keep=True, by=actors.PATIENT, now=NOW)
        factories.an_offer(request, ("2026-12-21", "10:00"), now=at("2026-12-16", "09:00"), by=desk.user)
        outcomes.no_show(request=request, by=desk, now=self.PRESSED)
        mistake = outcomes.mistake_of(request, now=self.LATER)
        assert mistake.lost_offer
        self.take_back(request, desk)
        assert (request.status, request.promise_met_at) == (Status.CHANGE_REQUESTED, None)
        assert request.promise_due_at > self.LATER
        assert [offer.outcome for offer in request.offers.all()] == ["withdrawn"]
        assert not HeldTime.objects.filter(kind="offer").exists()


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
