"""Two people move the same request, or the same day, in the same moment: what one of them saw is not what is there."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from booking import (
    actors,
    changes,
    closings,
    contact_details,
    desk_tasks,
    desk_work,
    fresh_link,
    hours_gone,
    lifecycle,
    links,
    offers,
    outcomes,
    reminders,
    talking,
    unplaced,
)
from booking.admin import screen
from booking.availability import Slot
from booking.messaging import inbound, outbox
from booking.models import (
    AppointmentRequest,
    Closure,
    DeskTask,
    HeldGrain,
    HeldTime,
    IncomingText,
    OutgoingMessage,
    Status,
    Visit,
)
from tests import factories
from tests.booking.in_turn import meet
from tests.factories import NOW, PHONE, a_physician, a_service, an_office, at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("now")]
DAY = date(2026, 12, 16)


@pytest.fixture
def desk() -> actors.Actor:
    factories.clinic()
    return actors.staff(factories.a_staff_user())


def again(request: AppointmentRequest) -> AppointmentRequest:
    """As another process reads it."""
    return AppointmentRequest.objects.get(pk=request.pk)


def slot(day: date | str, clock: str) -> Slot:
    starts = at(day, clock)
    return Slot(starts, starts + timedelta(minutes=45), a_physician().pk, an_office().pk)


def offer(request: AppointmentRequest, desk: actors.Actor, *slots: Slot) -> None:
    runs_out = offers.runs_out_at(now=NOW)
    offers.offer(request=request, service=a_service(), slots=slots, expires_at=runs_out, by=desk, now=NOW)


def confirm(request: AppointmentRequest, desk: actors.Actor, day: date | str, clock: str) -> Visit:
    return lifecycle.confirm(
        request=request,
        physician=a_physician(),
        office=an_office(),
        service=a_service(),
        starts_at=at(day, clock),
        by=desk,
        now=NOW,
    )


def test_a_mistake_that_is_taken_back_while_another_goes_on_from_it_is_one_of_the_two(desk: actors.Actor) -> None:
    request = factories.a_visit(by=desk.user).request
    later = at("2026-12-16", "12:00")
    outcomes.no_show(request=request, by=desk, now=later)
    said, here, there = request.events.latest("pk").pk, again(request), again(request)
    moves = [
        lambda: outcomes.take_back(request=here, said=said, by=desk, now=later),
        lambda: outcomes.rebook(request=there, by=desk, now=later),
    ]
    assert meet(*moves) == ["done", "StaleRequest"]
    left = again(request)
    assert (left.status, left.current_visit() is not None) == (Status.CONFIRMED, True)


def asks_for_another_time(desk: actors.Actor) -> AppointmentRequest:
    request = factories.a_visit(by=desk.user).request
    changes.ask(request=request, keep=True, by=actors.PATIENT, now=NOW)
    return again(request)


class TestHerOldTime:
    """Whether she still has it is not a status, so nobody may look and act in two steps."""

    @pytest.mark.parametrize("order", ["release first", "keep first"])
    def test_who_gives_it_up_and_keeps_it_at_once_does_one_of_the_two(self, desk: actors.Actor, order: str) -> None:
        request = asks_for_another_time(desk)
        here, there = again(request), again(request)
        moves = [
            lambda: changes.release(request=here, by=actors.PATIENT, now=NOW),
            lambda: changes.keep(request=there, by=actors.PATIENT, now=NOW),
        ]
        assert meet(*(moves if order == "release first" else moves[::-1])) == ["done", "StaleRequest"]
        left = again(request)
        assert (left.status == Status.CONFIRMED) == (left.current_visit() is not None)

    def test_giving_it_up_never_gives_up_the_time_that_staff_set_in_that_moment(self, desk: actors.Actor) -> None:
        request = asks_for_another_time(desk)
        here, there = again(request), again(request)
        ended = meet(
            lambda: confirm(here, desk, "2026-12-18", "14:00"),
            lambda: changes.release(request=there, by=actors.PATIENT, now=NOW),
        )
        assert ended == ["done", "StaleRequest"]
        visit = again(request).current_visit()
        assert visit is not None
        assert visit.starts_at == at("2026-12-18", "14:00")
        assert HeldTime.objects.filter(visit=visit).exists()

    @pytest.mark.parametrize("verb", ["asks and keeps", "asks and gives up", "cancels"])
    def test_what_she_does_about_a_time_never_meets_the_time_that_staff_set_in_that_moment(
        self, desk: actors.Actor, verb: str
    ) -> None:
        visit = factories.a_visit(by=desk.user)
        here, there = again(visit.request), again(visit.request)
        hers = {"request": there, "by": actors.PATIENT, "now": NOW, "seen": visit.version}
        moves = {
            "asks and keeps": lambda: changes.ask(keep=True, **hers),
            "asks and gives up": lambda: changes.ask(keep=False, **hers),
            "cancels": lambda: lifecycle.cancel(**hers),
        }
        assert meet(lambda: confirm(here, desk, "2026-12-18", "14:00"), moves[verb]) == ["done", "StaleRequest"]
        self.has_the_newer_time(visit)

    @pytest.mark.parametrize("old_time", ["keep", "release"])
    def test_what_staff_write_down_about_a_time_never_meets_the_time_that_others_set_in_that_moment(
        self, desk: actors.Actor, old_time: str
    ) -> None:
        visit = factories.a_visit(by=desk.user)
        here = again(visit.request)
        http, form = Client(), {"seen": screen.seen_mark(here), "old_time": old_time}
        http.force_login(factories.a_staff_user(f"beside {old_time}"))
        path = reverse("admin:booking_appointmentrequest_ask_change", args=[here.pk])
        meet(lambda: confirm(here, desk, "2026-12-18", "14:00"), lambda: http.post(path, form))
        self.has_the_newer_time(visit)

    def has_the_newer_time(self, visit: Visit) -> None:
        left = again(visit.request)
        newer = left.current_visit()
        assert left.status == Status.CONFIRMED
        assert newer is not None
        assert newer.starts_at == at("2026-12-18", "14:00")


class TestOnePersonWhoAskedTwice:
    def test_a_call_in_that_moment_still_counts_as_an_answer(self, desk: actors.Actor) -> None:
        request, other = factories.a_request(), factories.a_request(phone_e164="+12135550135")
        here, there = again(request), again(request)
        ended = meet(
            lambda: outcomes.log_call(request=here, outcome="no_answer", by=desk, now=NOW),
            lambda: desk_work.join(request=there, other=other, by=desk, now=NOW),
        )
        assert ended == ["done", "done"]
        assert again(request).promise_met_at == NOW

    def test_a_request_that_was_moved_meanwhile_is_looked_at_again(self, desk: actors.Actor) -> None:
        request, other = factories.a_request(), factories.a_request(phone_e164="+12135550135")
        here, there = again(request), again(request)
        ended = meet(
            lambda: lifecycle.cancel(request=here, by=actors.PATIENT, now=NOW),
            lambda: desk_work.join(request=there, other=other, by=desk, now=NOW),
        )
        assert ended == ["done", "StaleRequest"]
        assert again(other).status == Status.NEW

    @pytest.mark.parametrize("order", ["text first", "joining first"])
    @pytest.mark.parametrize("was_there", ["nothing", "one at each"])
    def test_a_text_that_comes_in_that_moment_is_still_to_be_read(
        self, desk: actors.Actor, order: str, was_there: str
    ) -> None:
        request = factories.a_request()
        other = factories.a_request(now=NOW + timedelta(minutes=1))
        if was_there == "one at each":
            for asked in (request, other):
                desk_tasks.open_task(asked, DeskTask.Kind.READ_TEXT, now=NOW)
        moves = [
            lambda: inbound.receive(provider_id="SM1", from_number=PHONE, body="The 17th?", keyword="", now=NOW),
            lambda: desk_work.join(request=again(request), other=again(other), by=desk, now=NOW),
        ]
        assert meet(*(moves if order == "text first" else moves[::-1])) == ["done", "done"]
        assert [text.body for task in DeskTask.objects.open() for text in task.texts.all()] == ["The 17th?"]

    def test_a_task_that_is_opened_in_that_moment_at_the_one_that_goes_on_is_joined(self, desk: actors.Actor) -> None:
        request, other = factories.a_request(), factories.a_request(phone_e164="+12135550135")
        desk_tasks.open_task(other, DeskTask.Kind.READ_TEXT, now=NOW)
        ended = meet(
            lambda: desk_tasks.open_task(request, DeskTask.Kind.READ_TEXT, now=NOW),
            lambda: desk_work.join(request=again(request), other=again(other), by=desk, now=NOW),
        )
        assert ended == ["done", "done"]
        assert DeskTask.objects.open().get().request == request


class TestClosingADay:
    """What is being set on that day while it is closed was not on the list that staff looked at."""

    def close(self, desk: actors.Actor, seen: list[int]) -> None:
        closings.close(day=DAY, physician=None, office=None, seen=seen, note="", by=desk, now=NOW)

    def test_a_visit_that_is_being_set_stops_it(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        ended = meet(lambda: confirm(request, desk, DAY, "10:00"), lambda: self.close(desk, []))
        assert ended == ["done", "StaleRequest"]
        assert not Closure.objects.exists()

    def test_so_does_an_offer_that_is_being_made(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        ended = meet(lambda: offer(request, desk, slot(DAY, "10:00")), lambda: self.close(desk, []))
        # On SQLite the offer is there before closing begins: it is seen, and taken back.
        assert ended == ["done", "StaleRequest" if connection.vendor == "postgresql" else "done"]
        assert Closure.objects.exists() != (again(request).status == Status.OFFERED)

    def test_a_visit_that_is_being_set_on_another_day_does_not(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        visit = factories.a_visit(factories.a_request(phone_e164="+12135550135"), by=desk.user)
        ended = meet(lambda: confirm(request, desk, "2026-12-18", "10:00"), lambda: self.close(desk, [visit.pk]))
        assert ended == ["done", "done"]
        assert again(visit.request).status == Status.CHANGE_REQUESTED


@pytest.mark.parametrize("first", ["the day is closed", "the clock looks"])
def test_who_comes_on_a_day_that_is_closed_while_the_clock_looks_is_on_the_list(first: str, desk: actors.Actor) -> None:
    """The day was opened again, so her task is about to go, and is closed for another reason in that moment."""
    visit = factories.a_visit(by=desk.user)
    before = Closure.objects.create(first_day=DAY, last_day=DAY)
    hours_gone.list_calls(now=NOW)
    before.delete()

    def close() -> None:
        Closure.objects.create(first_day=DAY, last_day=DAY, office=an_office())
        hours_gone.list_calls(now=NOW)

    def clock() -> None:
        hours_gone.list_calls(now=NOW)

    assert meet(*((close, clock) if first == "the day is closed" else (clock, close))) == ["done", "done"]
    clock()  # at the latest
    assert DeskTask.objects.get(kind=DeskTask.Kind.HOURS_GONE, done_at=None).request == visit.request


EARLY, LATE = "2026-12-14", "2026-12-18"


class TestTheLine:
    """Whoever needs several days of the doctor lines up for all of them in their order, or two could wait for each
    other and PostgreSQL would end one by an error."""

    def days_in_order(self, move: Any) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            move()
        lines = [query["sql"] for query in queries if query["sql"].startswith('UPDATE "booking_doctorday"')]
        found = [day for sql in lines for day in re.findall(r"2026-12-\d\d", sql)]
        return list(dict.fromkeys(found))

    def test_an_offer_before_the_time_she_keeps(self, desk: actors.Actor) -> None:
        request = factories.a_visit(starts_at=at(LATE, "10:00"), by=desk.user).request
        changes.ask(request=request, keep=True, by=actors.PATIENT, now=NOW)
        assert self.days_in_order(lambda: offer(request, desk, slot(EARLY, "10:00"))) == [EARLY, LATE]

    def test_a_hold_before_the_time_she_keeps(self, desk: actors.Actor) -> None:
        request = factories.a_visit(starts_at=at(LATE, "10:00"), by=desk.user).request

        def hold() -> None:
            talking.hold(request=request, service=a_service(), slot=slot(EARLY, "10:00"), by=desk, now=NOW)

        assert self.days_in_order(hold) == [EARLY, LATE]

    def test_closing_the_later_of_two_days_that_a_request_holds(self, desk: actors.Actor) -> None:
        first = factories.a_visit(factories.a_request(phone_e164="+12135550135"), starts_at=at(LATE, "09:00"))
        request = factories.a_visit(starts_at=at(LATE, "14:00"), by=desk.user).request
        changes.ask(request=request, keep=True, by=actors.PATIENT, now=NOW)
        offer(request, desk, slot(EARLY, "10:00"))
        visit = request.current_visit()
        assert visit is not None
        what: dict[str, Any] = {"day": date(2026, 12, 18), "physician": None, "office": None}

        def close() -> None:
            closings.close(**what, seen=[first.pk, visit.pk], note="", by=desk, now=NOW)

        assert self.days_in_order(close) == [EARLY, LATE]

    def test_two_who_swap_their_days_both_get_their_offer(self, desk: actors.Actor) -> None:
        one = factories.a_visit(starts_at=at(LATE, "10:00"), by=desk.user).request
        other = factories.a_visit(
            factories.a_request(phone_e164="+12135550135"), starts_at=at(EARLY, "10:00"), by=desk.user
        ).request
        for request in (one, other):
            changes.ask(request=request, keep=True, by=actors.PATIENT, now=NOW)
        ended = meet(
            lambda: offer(one, desk, slot(EARLY, "14:00")),
            lambda: offer(other, desk, slot(LATE, "14:00")),
        )
        assert ended == ["done", "done"]


def test_who_lets_go_of_a_hold_leaves_the_one_beside_it_whole(desk: actors.Actor) -> None:
    """Two members of staff hold overlapping times for one patient; their quarters of an hour are shared."""
    request, colleague = factories.a_request(), actors.staff(factories.a_staff_user())
    for who, clock in ((desk, "10:00"), (colleague, "10:15")):
        talking.hold(request=request, service=a_service(), slot=slot(DAY, clock), by=who, now=NOW)
    talking.let_go(request=request, by=desk, now=NOW)
    held = HeldTime.objects.get()
    assert held.made_by == colleague.user
    quarters = int((held.busy_to - held.busy_from).total_seconds()) // 900
    assert HeldGrain.objects.filter(held_time=held).count() == quarters


class TestATextThatJoinsATask:
    """What comes in the moment in which staff press “Done” is either read first or opens a task of its own."""

    @pytest.mark.parametrize("first", ["the text", "the press"])
    def test_it_is_never_finished_unread(self, desk: actors.Actor, first: str) -> None:
        request = factories.a_request()
        kind = DeskTask.Kind.MESSAGE_FAILED
        desk_tasks.open_task(request, kind, now=NOW)
        task, lost = DeskTask.objects.get(), request.messages.all()[0]
        moves = [
            lambda: desk_tasks.open_task(again(request), kind, now=NOW, message=lost),
            lambda: desk_work.finish(task, about=0, by=desk.user, now=NOW),
        ]
        assert meet(*(moves if first == "the text" else moves[::-1])) == ["done", "done"]
        assert DeskTask.objects.open().filter(messages=lost).count() == 1
        assert DeskTask.objects.count() == (1 if first == "the text" else 2)

    @pytest.mark.parametrize("first", ["the text", "the press"])
    def test_nor_when_the_text_beside_it_is_taken_away(self, desk: actors.Actor, first: str) -> None:
        request = factories.a_request()
        for number in ("+12135550199", PHONE):
            inbound.receive(provider_id=f"SM{number}", from_number=number, body="Hi", keyword="", now=NOW)
        stranger, hers = IncomingText.objects.order_by("pk")
        DeskTask.objects.all().delete()
        unplaced.place(text=stranger, request=request, by=desk, now=NOW)
        kind = DeskTask.Kind.READ_TEXT
        moves = [
            lambda: desk_tasks.open_task(again(request), kind, now=NOW, text=hers),
            lambda: unplaced.take_away(text=stranger, request=again(request), by=desk, now=NOW),
        ]
        assert meet(*(moves if first == "the text" else moves[::-1])) == ["done", "done"]
        assert DeskTask.objects.open().filter(texts=hers).count() == 1
        assert not DeskTask.objects.open().filter(texts=stranger).exists()


class TestALinkThatIsMadeNew:
    """Whatever it meets, she gets a link that opens, and nothing goes twice."""

    def give(self, request: AppointmentRequest, desk: actors.Actor) -> None:
        fresh_link.give(request=again(request), by=desk, now=NOW)

    def sent(self, simulator: Any) -> list[str]:
        for row in OutgoingMessage.objects.order_by("pk"):
            outbox.attempt(row.pk, now=NOW)
        for row in OutgoingMessage.objects.order_by("pk"):  # those that were written anew meanwhile
            outbox.attempt(row.pk, now=NOW)
        return [message.body for message in simulator.messages]

    def test_while_what_waits_is_taken(self, desk: actors.Actor, simulator: Any) -> None:
        request = factories.a_request()
        row = request.messages.get()
        assert meet(lambda: self.give(request, desk), lambda: outbox.attempt(row.pk, now=NOW)) == ["done", "done"]
        bodies = self.sent(simulator)
        assert len(bodies) == 2
        assert links.url(again(request)) in bodies[-1]

    def test_after_the_sender_has_it_goes_by_itself(self, desk: actors.Actor, simulator: Any) -> None:
        request = factories.a_request()
        row = request.messages.get()
        assert meet(lambda: outbox._claim(row, now=NOW), lambda: self.give(request, desk)) == ["done", "done"]
        row.refresh_from_db()
        assert row.state == "sending"
        [body] = self.sent(simulator)
        assert links.url(again(request)) in body

    def test_while_a_move_that_had_read_the_old_one_queues_a_text(self, desk: actors.Actor, simulator: Any) -> None:
        request = here = factories.a_request()
        old = links.token(request)
        OutgoingMessage.objects.update(state="sent", sent_at=NOW)
        ended = meet(lambda: self.give(request, desk), lambda: confirm(here, desk, DAY, "10:00"))
        assert ended == ["done", "done"]
        bodies = self.sent(simulator)
        assert sum("Your visit is set" in body for body in bodies) == 1
        assert not any(old in body for body in bodies)


class TestANumberThatIsCorrected:
    """Whatever it meets, no text begins to go to the old number afterwards, and none to the new one without consent."""

    NEW = "+12135550143"

    def correct(self, request: AppointmentRequest, desk: actors.Actor, *, seen: str = "", **changes: str) -> None:
        fresh = again(request)
        details = {"phone_typed": self.NEW, "phone_e164": self.NEW, **changes}
        contact_details.correct(
            request=fresh,
            details=replace(contact_details.of(fresh), **details),  # type: ignore[arg-type]
            seen=seen or contact_details.mark(fresh),
            by=desk,
            now=NOW,
        )

    def send_all(self) -> None:
        for row in OutgoingMessage.objects.order_by("pk"):
            outbox.attempt(row.pk, now=NOW)

    @pytest.mark.parametrize("new_one_agreed", [True, False])
    def test_while_it_is_being_sent_to(self, desk: actors.Actor, simulator: Any, new_one_agreed: bool) -> None:
        if new_one_agreed:
            factories.a_request(phone_e164=self.NEW, phone_typed=self.NEW)
            OutgoingMessage.objects.all().delete()
        request = factories.a_request()
        row = request.messages.get()
        ended = meet(lambda: self.correct(request, desk), lambda: outbox.attempt(row.pk, now=NOW))
        assert ended == ["done", "done"]
        self.send_all()
        assert [m.to for m in simulator.messages] == ([self.NEW] if new_one_agreed else [])

    def test_after_the_sender_has_it_tells_the_time_once_more(self, desk: actors.Actor, simulator: Any) -> None:
        visit = factories.a_visit(by=desk.user)
        row = OutgoingMessage.objects.get(kind="confirmed")
        ended = meet(lambda: outbox._claim(row, now=NOW), lambda: self.correct(visit.request, desk))
        assert ended == ["done", "done"]
        row.refresh_from_db()
        assert row.state == "sending"
        assert [task.kind for task in visit.request.tasks.open()] == ["tell_time"]

    @pytest.mark.parametrize("move", ["a time is set", "a reminder is due"])
    def test_while_a_move_that_had_read_the_old_one_queues_a_text(
        self, desk: actors.Actor, simulator: Any, move: str
    ) -> None:
        if move == "a time is set":
            request = here = factories.a_request()
            moves = (lambda: self.correct(request, desk), lambda: confirm(here, desk, DAY, "10:00"))
        else:
            request = factories.a_visit(starts_at=at("2026-12-08", "15:00"), by=desk.user).request
            Visit.objects.update(confirmed_at=NOW - timedelta(hours=2))
            moves = (lambda: self.correct(request, desk), lambda: reminders.queue_due(now=NOW))
        OutgoingMessage.objects.update(state="sent", sent_at=NOW)
        assert meet(*moves) == ["done", "done"]
        self.send_all()
        assert simulator.messages == []

    def test_by_two_at_once_is_as_the_first_said(self, desk: actors.Actor) -> None:
        request = factories.a_request()
        seen = contact_details.mark(request)
        ended = meet(
            lambda: self.correct(request, desk, seen=seen),
            lambda: self.correct(request, desk, seen=seen, name="Mariana López"),
        )
        assert ended == ["done", "ChangedMeanwhile"]
        assert again(request).name == "María Example López"

    def test_while_its_owner_texts_stop(self, desk: actors.Actor, simulator: Any) -> None:
        request = factories.a_request()
        what = {"provider_id": "SM1", "from_number": PHONE, "body": "STOP", "keyword": "STOP", "now": NOW}
        ended = meet(lambda: self.correct(request, desk), lambda: inbound.receive(**what))  # type: ignore[arg-type]
        assert ended == ["done", "done"]
        self.send_all()
        assert simulator.messages == []
