"""Texts that no request shows: kept by the number they came from, read once, and put where they belong."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from booking import actors, desk_work, lifecycle, unplaced
from booking.messaging import consent, inbound
from booking.models import AppointmentRequest, ConsentEvent, DeskTask, IncomingText
from booking.standing import StaleRequest
from tests import factories
from tests.booking.in_turn import meet
from tests.factories import NOW, PHONE
from tests.plans import many_like, plan

pytestmark = pytest.mark.usefixtures("clinic", "now")
HUSBAND, SPAM = "+12135550199", "+12135550666"


@pytest.fixture
def desk(clinic: None) -> actors.Actor:
    return actors.staff(factories.a_staff_user())


def writes(body: str = "I can't come tomorrow", *, phone: str = HUSBAND, minute: int = 0) -> IncomingText:
    """A text comes in, this many minutes after the first."""
    row = inbound.receive(
        provider_id=f"SM{IncomingText.objects.count():032d}",
        from_number=phone,
        body=body,
        keyword="",
        now=NOW + timedelta(minutes=minute),
    )
    row.refresh_from_db()
    return row


def unread() -> list[str]:
    return [text.body for text in IncomingText.objects.to_place().order_by("pk")]


def senders(most: int = 10, each: int = 5, **more: Any) -> list[tuple[str, list[str], int]]:
    found, _more = unplaced.senders(most=most, texts_each=each, **more)
    return [(one.number.number, [text.body for text in one.texts], one.older) for one in found]


def test_who_wrote_first_stands_first_and_her_texts_are_in_order() -> None:
    writes("One", minute=1)
    writes("Other", phone=PHONE, minute=2)
    writes("Two", minute=3)
    assert senders() == [(HUSBAND, ["One", "Two"], 0), (PHONE, ["Other"], 0)]


def test_a_number_that_writes_two_hundred_texts_is_one_sender_with_its_newest_few() -> None:
    for number in range(200):
        writes(f"Buy {number}", phone=SPAM, minute=number)
    writes("I can't come", minute=300)
    assert senders(each=2) == [(SPAM, ["Buy 198", "Buy 199"], 198), (HUSBAND, ["I can't come"], 0)]
    spam = IncomingText.objects.filter(body__isnull=False).first()
    assert spam is not None
    assert len(senders(each=50, only=spam.contact_number_id)[0][1]) == 50


def test_how_many_more_wrote_is_said() -> None:
    for number in range(4):
        writes(phone=f"+1213555020{number}", minute=number)
    assert [unplaced.senders(most=most, texts_each=1)[1] for most in (3, 4, 5)] == [1, 0, 0]


def test_the_page_costs_as_many_queries_for_ten_numbers_as_for_one() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            senders()
        return len(seen)

    writes()
    one = queries()
    for number in range(10):
        writes(phone=f"+1213555020{number}", minute=number)
    assert queries() <= one + 1  # the count of the others


def test_a_request_that_comes_in_later_stands_beside_the_number_and_so_does_one_that_looks_automated() -> None:
    robot = factories.a_request(phone_e164=HUSBAND, quarantine_reason="website")
    writes()
    later = factories.a_request(phone_e164=HUSBAND)
    [[sender], _more] = unplaced.senders(most=5, texts_each=5)
    assert [asked.pk for asked in sender.requests] == [later.pk, robot.pk]


class TestReading:
    def test_what_was_shown_is_read_and_what_came_meanwhile_is_not(self, desk: actors.Actor) -> None:
        shown = [writes("One").pk, writes("Two").pk]
        writes("Meanwhile")
        assert unplaced.mark_read(shown, by=desk.user, now=NOW) == 2
        assert unread() == ["Meanwhile"]
        row = IncomingText.objects.get(pk=shown[0])
        assert (row.read_by, row.read_at, row.is_unplaced) == (desk.user, NOW, True)

    def test_a_second_press_changes_nothing_and_keeps_who_was_first(self, desk: actors.Actor) -> None:
        text = writes()
        unplaced.mark_read([text.pk], by=desk.user, now=NOW)
        assert unplaced.mark_read([text.pk], by=factories.a_staff_user(), now=NOW + timedelta(hours=1)) == 0
        text.refresh_from_db()
        assert (text.read_by, text.read_at) == (desk.user, NOW)

    def test_a_text_that_stands_with_a_request_is_not_marked_from_here(self, desk: actors.Actor) -> None:
        factories.a_request()
        text = writes(phone=PHONE)
        assert unplaced.mark_read([text.pk], by=desk.user, now=NOW) == 0
        assert DeskTask.objects.open().exists()

    def test_consent_and_what_it_was_taken_for_stay_as_they_were(self, desk: actors.Actor) -> None:
        text = writes("Stop texting me, I am not her")
        assert (text.meaning, text.is_unplaced) == ("stop", True)
        unplaced.mark_read([text.pk], by=desk.user, now=NOW)
        text.refresh_from_db()
        assert text.meaning == "stop"
        assert not consent.may_text(text.contact_number)
        assert ConsentEvent.objects.count() == 1

    def test_the_database_refuses_a_reader_without_a_time(self, desk: actors.Actor) -> None:
        text = writes()
        for half in ({"read_by": desk.user}, {"read_at": NOW}):
            with pytest.raises(IntegrityError), transaction.atomic():
                IncomingText.objects.filter(pk=text.pk).update(**half)


class TestPlacing:
    def test_it_is_a_task_at_the_request_and_a_line_of_its_history(self, desk: actors.Actor) -> None:
        hers, text = factories.a_visit().request, writes()
        unplaced.place(text=text, request=hers, by=desk, now=NOW)
        assert unread() == []
        task = hers.tasks.open().get()
        assert (task.kind, list(task.texts.all())) == ("read_text", [text])
        event = hers.events.latest("pk")
        assert (event.verb, event.actor, event.from_status, event.note) == ("text_placed", desk.user, hers.status, "")
        text.refresh_from_db()
        assert (text.is_unplaced, text.read_by) == (False, desk.user)

    def test_what_somebody_has_dealt_with_is_refused_in_words(self, desk: actors.Actor) -> None:
        hers, text = factories.a_request(), writes()
        unplaced.place(text=text, request=hers, by=desk, now=NOW)
        with pytest.raises(StaleRequest, match="somebody has dealt with this text"):
            unplaced.place(text=text, request=factories.a_request(), by=desk, now=NOW)
        assert DeskTask.objects.count() == 1

    def test_a_request_that_moved_on_meanwhile_keeps_the_text_where_it_was(self, desk: actors.Actor) -> None:
        hers, text = factories.a_request(), writes()
        seen = AppointmentRequest.objects.get(pk=hers.pk)
        lifecycle.cancel(request=hers, by=desk, now=NOW)
        with pytest.raises(StaleRequest):
            unplaced.place(text=text, request=seen, by=desk, now=NOW)
        assert unread() == [text.body]


class TestReadByASlip:
    def test_is_found_for_a_week_and_can_be_unread(self, desk: actors.Actor) -> None:
        text = writes()
        unplaced.mark_read([text.pk], by=desk.user, now=NOW)
        later = NOW + timedelta(days=7)
        assert unplaced.read_lately(most=9, each=9, now=later) == [text]
        assert unplaced.mark_unread(text.pk, now=later)
        assert unread() == [text.body]
        assert unplaced.read_lately(most=9, each=9, now=later) == []

    def test_after_a_week_it_is_over(self, desk: actors.Actor) -> None:
        text = writes()
        unplaced.mark_read([text.pk], by=desk.user, now=NOW)
        later = NOW + timedelta(days=7, seconds=1)
        assert unplaced.read_lately(most=9, each=9, now=later) == []
        assert not unplaced.mark_unread(text.pk, now=later)

    def test_what_stands_with_a_request_is_not_among_them(self, desk: actors.Actor) -> None:
        text = writes()
        unplaced.place(text=text, request=factories.a_request(), by=desk, now=NOW)
        assert unplaced.read_lately(most=9, each=9, now=NOW) == []
        assert not unplaced.mark_unread(text.pk, now=NOW)

    def test_the_last_one_read_stands_first_and_a_flood_is_cut(self, desk: actors.Actor) -> None:
        texts = [writes(f"Nr {number}") for number in range(4)]
        for number, text in enumerate(texts):
            unplaced.mark_read([text.pk], by=desk.user, now=NOW + timedelta(minutes=number))
        assert unplaced.read_lately(most=3, each=9, now=NOW + timedelta(hours=1)) == [texts[3], texts[2], texts[1]]

    def test_one_that_wrote_many_does_not_hide_the_others(self, desk: actors.Actor) -> None:
        his = writes()
        unplaced.mark_read([his.pk], by=desk.user, now=NOW)
        spam = [writes(f"Buy {number}", phone=SPAM) for number in range(50)]
        unplaced.mark_read([text.pk for text in spam], by=desk.user, now=NOW + timedelta(minutes=5))
        found = unplaced.read_lately(most=50, each=5, now=NOW + timedelta(hours=1))
        assert [text.body for text in found] == [*(f"Buy {number}" for number in range(49, 44, -1)), his.body]


class TestPlacedByASlip:
    def test_it_is_taken_away_with_its_task_and_somebody_has_to_read_it(self, desk: actors.Actor) -> None:
        wrong, text = factories.a_request(), writes()
        unplaced.place(text=text, request=wrong, by=desk, now=NOW)
        unplaced.take_away(text=text, request=wrong, by=desk, now=NOW)
        assert unread() == [text.body]
        assert not wrong.tasks.open().exists()
        assert unplaced.placed_at(wrong) == []
        event = wrong.events.latest("pk")
        assert (event.verb, event.actor, event.note) == ("text_taken_away", desk.user, "")

    def test_it_can_be_put_where_it_belongs(self, desk: actors.Actor) -> None:
        wrong, right, text = factories.a_request(), factories.a_request(phone_e164="+12135550135"), writes()
        unplaced.place(text=text, request=wrong, by=desk, now=NOW)
        unplaced.take_away(text=text, request=wrong, by=desk, now=NOW)
        text.refresh_from_db()
        unplaced.place(text=text, request=right, by=desk, now=NOW)
        assert (unplaced.placed_at(wrong), unplaced.placed_at(right)) == ([], [text.pk])

    def test_also_after_its_task_was_done(self, desk: actors.Actor) -> None:
        wrong, text = factories.a_request(), writes()
        unplaced.place(text=text, request=wrong, by=desk, now=NOW)
        wrong.tasks.open().finish(by=desk.user, at=NOW)
        unplaced.take_away(text=text, request=wrong, by=desk, now=NOW)
        assert unread() == [text.body]

    def test_a_task_that_is_about_her_own_text_too_stays(self, desk: actors.Actor) -> None:
        hers, text = factories.a_request(), writes()
        own = writes("Which days?", phone=PHONE)
        unplaced.place(text=text, request=hers, by=desk, now=NOW)
        unplaced.take_away(text=text, request=hers, by=desk, now=NOW)
        assert [list(task.texts.all()) for task in hers.tasks.open()] == [[own]]

    def test_her_own_text_is_not_taken_from_her(self, desk: actors.Actor) -> None:
        hers = factories.a_request()
        own = writes("Which days?", phone=PHONE)
        with pytest.raises(StaleRequest, match="nobody put this text here"):
            unplaced.take_away(text=own, request=hers, by=desk, now=NOW)
        assert hers.tasks.open().exists()

    def test_a_second_press_and_another_request_change_nothing(self, desk: actors.Actor) -> None:
        wrong, other, text = factories.a_request(), factories.a_request(phone_e164="+12135550135"), writes()
        unplaced.place(text=text, request=wrong, by=desk, now=NOW)
        with pytest.raises(StaleRequest):
            unplaced.take_away(text=text, request=other, by=desk, now=NOW)
        unplaced.take_away(text=text, request=wrong, by=desk, now=NOW)
        with pytest.raises(StaleRequest):
            unplaced.take_away(text=text, request=wrong, by=desk, now=NOW)
        assert wrong.events.filter(verb="text_taken_away").count() == 1


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_who_place_one_text_place_it_once(self, desk: actors.Actor) -> None:
        hers, other, text = factories.a_request(), factories.a_request(), writes()

        def put(request: AppointmentRequest) -> Any:
            return lambda: unplaced.place(text=text, request=request, by=desk, now=NOW)

        assert meet(put(hers), put(other)) == ["done", "StaleRequest"]
        assert list(DeskTask.objects.values_list("request", flat=True)) == [hers.pk]

    def test_one_reads_while_another_places(self, desk: actors.Actor) -> None:
        hers, text = factories.a_request(), writes()
        told: list[int] = []
        assert meet(
            lambda: unplaced.place(text=text, request=hers, by=desk, now=NOW),
            lambda: told.append(unplaced.mark_read([text.pk], by=desk.user, now=NOW)),
        ) == ["done", "done"]
        assert told == [0]

    def test_a_text_that_comes_in_while_all_are_marked_stays_unread(self, desk: actors.Actor) -> None:
        shown = [writes("One").pk, writes("Two").pk]
        assert meet(
            lambda: unplaced.mark_read(shown, by=desk.user, now=NOW), lambda: writes("Meanwhile", minute=1)
        ) == ["done", "done"]
        assert unread() == ["Meanwhile"]

    def test_two_requests_that_become_one_take_the_text_with_them(self, desk: actors.Actor) -> None:
        keeps = factories.a_request()
        ends = factories.a_request(now=NOW + timedelta(minutes=1))
        text = writes()
        assert meet(
            lambda: unplaced.place(text=text, request=ends, by=desk, now=NOW),
            lambda: desk_work.join(
                request=AppointmentRequest.objects.get(pk=keeps.pk),
                other=AppointmentRequest.objects.get(pk=ends.pk),
                by=desk,
                now=NOW,
            ),
        ) == ["done", "done"]
        assert list(keeps.tasks.open().get().texts.all()) == [text]


def test_a_process_of_the_version_before_can_still_store_a_text() -> None:
    text = writes()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO booking_incomingtext"
            " (provider_id, contact_number_id, body, received_at, provider_keyword, meaning)"
            " SELECT 'SM-old', contact_number_id, body, received_at, '', '' FROM booking_incomingtext WHERE id = %s",
            [text.pk],
        )
    assert not IncomingText.objects.get(provider_id="SM-old").is_unplaced


def test_what_is_asked_for_the_counter_is_read_from_the_index(desk: actors.Actor) -> None:
    read = {"read_at": NOW, "read_by_id": desk.user.pk}
    many_like(
        writes(),
        2000,
        lambda one: {
            "provider_id": f"SM-many-{one}",
            "received_at": NOW - timedelta(hours=one),
            "is_unplaced": not one % 3,
            **(read if one % 60 else {}),
        },
    )
    assert "text_to_place" in plan(
        lambda: list(IncomingText.objects.to_place().values_list("contact_number").distinct())
    )
