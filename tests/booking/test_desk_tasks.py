"""Tasks of the front desk: one of a kind is enough, and what a patient wrote goes with the request that goes on."""

from datetime import timedelta
from typing import Any

import pytest

from booking import actors, desk_tasks, desk_work
from booking.messaging import inbound
from booking.models import AppointmentRequest, DeskTask, IncomingText, OutgoingMessage
from tests import factories
from tests.factories import NOW, PHONE

pytestmark = pytest.mark.usefixtures("clinic", "now")
Kind = DeskTask.Kind
OTHER_PHONE = "+12135550135"


@pytest.fixture
def desk() -> actors.Actor:
    return actors.staff(factories.a_staff_user())


def writes(body: str, *, phone: str = PHONE, number: int = 1) -> IncomingText:
    """She texts us, and nobody has read it yet."""
    return inbound.receive(provider_id=f"SM{number:032d}", from_number=phone, body=body, keyword="", now=NOW)


def task_about(request: AppointmentRequest, kind: str, *, hours_ago: int = 0, body: str = "") -> DeskTask:
    """An open task, about a text with this body if there is one."""
    task = DeskTask.objects.create(request=request, kind=kind, opened_at=NOW - timedelta(hours=hours_ago))
    if body:
        text = IncomingText.objects.create(
            provider_id=f"SM{body}", contact_number=request.contact_number, body=body, received_at=NOW
        )
        task.texts.add(text)
    return task


def bodies(request: AppointmentRequest) -> list[str]:
    """What the open tasks of this request quote."""
    return sorted(text.body for task in request.tasks.open() for text in task.texts.all())


def joined(keeps: AppointmentRequest, ends: AppointmentRequest, desk: actors.Actor) -> None:
    desk_work.join(request=keeps, other=ends, by=desk, now=NOW)


def test_one_open_task_of_a_kind_is_about_all_that_came() -> None:
    request = factories.a_request()
    for number, body in enumerate(("Can I bring my sister?", "And my mother?")):
        writes(body, number=number)
    assert request.tasks.get().texts.count() == 2


class TestTwoRequestsOfOnePersonAreJoined:
    def test_a_text_that_nobody_has_read_waits_at_the_request_that_goes_on(self, desk: actors.Actor) -> None:
        keeps = factories.a_request()
        ends = factories.a_request(now=NOW + timedelta(minutes=1))
        text = writes("I can only come on the 17th")
        task = ends.tasks.get()
        joined(keeps, ends, desk)
        moved = DeskTask.objects.get()
        assert (moved.request, moved.kind, moved.opened_at) == (keeps, Kind.READ_TEXT, task.opened_at)
        assert list(moved.texts.all()) == [text]
        assert (moved.done_at, moved.done_by) == (None, None)
        assert keeps.events.get(verb="joined").note == ends.reference
        assert ends.events.get(verb="join").note == keeps.reference

    @pytest.mark.parametrize("kind", [Kind.READ_TEXT, Kind.WANTS_TO_CANCEL])
    def test_two_tasks_of_one_kind_become_one_that_is_as_old_as_the_older_and_about_both(
        self, desk: actors.Actor, kind: str
    ) -> None:
        keeps, ends = factories.a_request(), factories.a_request()
        stays = task_about(keeps, kind, hours_ago=1, body="The first")
        task_about(ends, kind, hours_ago=5, body="The second")
        joined(keeps, ends, desk)
        task = DeskTask.objects.get()
        assert (task.pk, task.request, task.opened_at) == (stays.pk, keeps, NOW - timedelta(hours=5))
        assert bodies(keeps) == ["The first", "The second"]

    def test_the_older_of_two_stays_the_older_and_one_text_is_quoted_once(self, desk: actors.Actor) -> None:
        keeps, ends = factories.a_request(), factories.a_request()
        older = task_about(keeps, Kind.READ_TEXT, hours_ago=5, body="Both")
        task_about(ends, Kind.READ_TEXT, hours_ago=1).texts.set(older.texts.all())
        joined(keeps, ends, desk)
        assert DeskTask.objects.get().opened_at == NOW - timedelta(hours=5)
        assert bodies(keeps) == ["Both"]

    def test_a_message_that_did_not_arrive_is_still_a_call_to_make(self, desk: actors.Actor) -> None:
        keeps, ends = factories.a_request(), factories.a_request()
        lost = OutgoingMessage.objects.get(request=ends)
        task_about(ends, Kind.MESSAGE_FAILED).messages.add(lost)
        joined(keeps, ends, desk)
        assert list(keeps.tasks.open().get().messages.all()) == [lost]

    def test_what_was_done_before_stays_where_it_was_done(self, desk: actors.Actor) -> None:
        keeps, ends = factories.a_request(), factories.a_request()
        task = task_about(ends, Kind.READ_TEXT, body="Thank you")
        task.finish(by=desk.user, at=NOW - timedelta(hours=1))
        joined(keeps, ends, desk)
        assert ends.tasks.get() == task
        assert not keeps.tasks.exists()

    def test_an_offer_that_ran_out_is_no_reason_to_call_somebody_who_has_a_time(self, desk: actors.Actor) -> None:
        keeps = factories.a_visit(by=desk.user).request
        ends = factories.a_request()
        task_about(ends, Kind.OFFER_EXPIRED)
        task_about(ends, Kind.READ_TEXT, body="Where do I park?")
        joined(keeps, ends, desk)
        assert [task.kind for task in DeskTask.objects.open()] == [Kind.READ_TEXT]

    def test_an_offer_that_ran_out_is_one_for_somebody_who_still_waits(self, desk: actors.Actor) -> None:
        keeps, ends = factories.a_request(), factories.a_request()
        task_about(ends, Kind.OFFER_EXPIRED)
        joined(keeps, ends, desk)
        assert keeps.tasks.open().get().kind == Kind.OFFER_EXPIRED

    def test_when_the_joining_comes_to_nothing_so_does_the_moving(self, desk: actors.Actor, monkeypatch: Any) -> None:
        keeps, ends = factories.a_request(), factories.a_request()
        task_about(ends, Kind.READ_TEXT, body="Please call me")
        monkeypatch.setattr(desk_work, "record", lambda *_args, **_kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            joined(keeps, ends, desk)
        assert bodies(ends) == ["Please call me"]

    def test_what_she_writes_afterwards_comes_to_the_one_that_goes_on(self, desk: actors.Actor) -> None:
        keeps = factories.a_request()
        ends = factories.a_request(now=NOW + timedelta(minutes=1))
        joined(keeps, ends, desk)
        writes("Is it at ten?")
        assert bodies(keeps) == ["Is it at ten?"]

    def test_what_comes_from_the_phone_of_the_one_that_ended_is_a_task_all_the_same(self, desk: actors.Actor) -> None:
        keeps, ends = factories.a_request(), factories.a_request(phone_e164=OTHER_PHONE)
        joined(keeps, ends, desk)
        writes("This is my other phone", phone=OTHER_PHONE)
        assert bodies(keeps) + bodies(ends) == ["This is my other phone"]

    def test_done_that_was_pressed_at_the_moment_of_joining_finishes_nothing_unread(self, desk: actors.Actor) -> None:
        keeps, ends = factories.a_request(), factories.a_request()
        task_about(keeps, Kind.READ_TEXT, body="The first")
        gone = task_about(ends, Kind.READ_TEXT, body="The second")
        joined(keeps, ends, desk)
        assert not desk_work.finish(gone, about=1, by=desk.user, now=NOW)
        assert bodies(keeps) == ["The first", "The second"]


def test_a_task_that_is_about_nothing_in_particular_can_be_opened() -> None:
    request = factories.a_request()
    desk_tasks.open_task(request, Kind.OFFER_EXPIRED, now=NOW)
    assert request.tasks.get().texts.count() == 0
