"""What the front desk does beside moving a request."""

from datetime import date, timedelta

import pytest

from booking import actors, desk_work, lifecycle, outcomes, standing
from booking.models import AppointmentRequest, DeskCard, DeskTask, Status
from tests import factories
from tests.factories import NOW, at

pytestmark = pytest.mark.usefixtures("clinic", "now")


@pytest.fixture
def desk():
    return actors.staff(factories.a_staff_user())


class TestTheNextCall:
    def test_a_call_that_reached_nobody_says_when_to_try_again(self, desk):
        request = factories.a_request()
        outcomes.log_call(request=request, outcome="no_answer", by=desk, now=NOW)
        assert DeskCard.objects.get().next_call_at == at("2026-12-07", "15:30")

    @pytest.mark.parametrize("outcome", ["spoke", "wrong_number"])
    def test_after_a_talk_or_a_wrong_number_there_is_no_next_try(self, desk, outcome):
        request = factories.a_request()
        outcomes.log_call(request=request, outcome="no_answer", by=desk, now=NOW)
        outcomes.log_call(request=request, outcome=outcome, by=desk, now=NOW)
        assert DeskCard.objects.get().next_call_at is None

    def test_an_answer_by_other_means_ends_the_tries_and_who_is_on_it(self, desk):
        request = factories.a_request()
        outcomes.log_call(request=request, outcome="voicemail", by=desk, now=NOW)
        desk_work.take(request=request, by=desk, now=NOW)
        lifecycle.decline(request=request, reason="no_time", by=desk, now=NOW)
        card = DeskCard.objects.get()
        assert (card.next_call_at, card.on_it, card.on_it_since) == (None, None, None)

    def test_with_the_last_task_of_a_confirmed_visit_the_next_try_is_off(self, desk):
        request = factories.a_visit().request
        kinds = ("message_failed", "not_delivered")
        tasks = [DeskTask.objects.create(request=request, kind=kind, opened_at=NOW) for kind in kinds]
        outcomes.log_call(request=request, outcome="no_answer", by=desk, now=NOW)
        desk_work.finish(tasks[0], about=0, by=desk.user, now=NOW)
        assert DeskCard.objects.get().next_call_at
        desk_work.finish(tasks[1], about=0, by=desk.user, now=NOW)
        assert DeskCard.objects.get().next_call_at is None

    def test_an_open_request_is_called_again_whatever_its_tasks(self, desk):
        request = factories.a_request()
        task = DeskTask.objects.create(request=request, kind="message_failed", opened_at=NOW)
        outcomes.log_call(request=request, outcome="no_answer", by=desk, now=NOW)
        desk_work.finish(task, about=0, by=desk.user, now=NOW)
        assert DeskCard.objects.get().next_call_at

    def test_three_tries_make_it_her_turn_but_never_past_her_last_day(self, desk):
        request = factories.a_request(days=(date(2026, 12, 12),))
        for hours in (0, 24, 48):
            outcomes.log_call(request=request, outcome="no_answer", by=desk, now=NOW + timedelta(hours=hours))
        request.refresh_from_db()
        assert (request.status, request.review_on) == (Status.WAITING, date(2026, 12, 12))
        assert outcomes.sweep(now=at("2026-12-12", "09:00")) == 1
        request.refresh_from_db()
        assert request.status == Status.NEW


def test_who_is_on_it_changes_with_one_press_and_blocks_nobody(desk):
    request, other = factories.a_request(), actors.staff(factories.a_staff_user())
    desk_work.take(request=request, by=desk, now=NOW)
    desk_work.take(request=request, by=other, now=NOW)
    assert DeskCard.objects.get().on_it == other.user
    factories.a_visit(request, by=desk.user)
    desk_work.take(request=request, by=desk, now=NOW)
    desk_work.let_go(request=request)
    assert DeskCard.objects.get().on_it is None


def test_whom_we_may_speak_with_is_one_name_and_written_down_without_it(desk):
    request = factories.a_request()
    desk_work.speak_with(request=request, name="Carlos Example", by=desk, now=NOW)
    desk_work.speak_with(request=request, name="", by=desk, now=NOW)
    assert DeskCard.objects.get().may_speak_with == ""
    events = request.events.order_by("pk")
    assert [(event.verb, event.note) for event in events][-2:] == [("speak_with", ""), ("speak_with_nobody", "")]


class TestOnePersonWhoAskedTwice:
    def test_the_one_that_goes_on_gets_the_days_and_the_earlier_place(self, desk):
        first = factories.a_request(now=NOW - timedelta(days=3), days=(date(2026, 12, 16),))
        second = factories.a_request(days=(date(2026, 12, 16), date(2026, 12, 21)))
        second.tasks.create(kind=DeskTask.Kind.READ_TEXT, opened_at=NOW)
        desk_work.join(request=second, other=first, by=desk, now=NOW)
        second.refresh_from_db()
        first.refresh_from_db()
        assert (second.created_at, second.promise_due_at) == (first.created_at, first.promise_due_at)
        assert [row.day for row in second.days.all()] == [date(2026, 12, 16), date(2026, 12, 21)]
        assert (first.status, first.status_reason) == (Status.DECLINED, "duplicate")
        assert not first.messages.filter(kind="declined").exists()
        assert list(AppointmentRequest.objects.waiting_for_staff().who_loses_first()) == [second]

    def test_days_of_the_other_make_the_last_day_later_and_what_its_offer_asked_for_is_done(self, desk):
        keeps = factories.a_request(timing="help", days=())
        ends = factories.a_request(days=(date(2026, 12, 21),))
        DeskTask.objects.create(request=ends, kind=DeskTask.Kind.PRESCRIPTION, opened_at=NOW)
        desk_work.join(request=keeps, other=ends, by=desk, now=NOW)
        keeps.refresh_from_db()
        assert (keeps.timing, keeps.last_acceptable_day) == ("days", date(2026, 12, 21))
        assert not DeskTask.objects.open().exists()
        assert keeps.events.last().note == ends.reference

    def test_an_answer_to_either_is_an_answer_to_her(self, desk):
        answered = factories.a_request(now=NOW - timedelta(days=6))
        outcomes.log_call(request=answered, outcome="spoke", by=desk, now=NOW - timedelta(days=5))
        keeps = factories.a_request()
        desk_work.join(request=keeps, other=answered, by=desk, now=NOW)
        assert not keeps.is_late(now=NOW)

    def test_a_visit_keeps_its_days_and_is_never_the_one_that_ends(self, desk):
        visit = factories.a_visit()
        other = factories.a_request(days=(date(2026, 12, 21),))
        with pytest.raises(standing.StaleRequest):
            desk_work.join(request=other, other=visit.request, by=desk, now=NOW)
        desk_work.join(request=visit.request, other=other, by=desk, now=NOW)
        assert [row.day for row in visit.request.days.all()] == [date(2026, 12, 16), date(2026, 12, 18)]

    def test_what_was_about_to_be_sent_for_the_other_is_not_sent(self, desk):
        keeps, ends = factories.a_request(), factories.a_request()
        desk_work.join(request=keeps, other=ends, by=desk, now=NOW)
        assert ends.messages.get().state == "cancelled"

    def test_it_cannot_end_twice_nor_in_favour_of_itself_or_a_closed_one(self, desk):
        keeps, ends = factories.a_request(), factories.a_request()
        desk_work.join(request=keeps, other=ends, by=desk, now=NOW)
        for request, other in ((keeps, ends), (keeps, keeps), (ends, keeps)):
            with pytest.raises(standing.StaleRequest):
                desk_work.join(request=request, other=other, by=desk, now=NOW)
