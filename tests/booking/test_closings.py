"""A day that the clinic has to close: what becomes of its visits, and who has been reached."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking import actors, availability, changes, closings, lifecycle, links, offers, outcomes, standing
from booking.models import (
    AppointmentRequest,
    Call,
    ClosedVisit,
    Closure,
    DayClosing,
    DeskTask,
    HeldTime,
    OutgoingMessage,
    RequestEvent,
    Status,
    Visit,
)
from tests import factories
from tests.factories import NOW, a_physician, a_service, an_office, at

pytestmark = pytest.mark.usefixtures("now", "clinic")
DAY = date(2026, 12, 16)
LATER = NOW + timedelta(minutes=1)
AT_NOON_BEFORE = at("2026-12-15", "12:00")  # medicine begins two days before


def close(user: Any, *, now: datetime = NOW, **changes: Any) -> DayClosing:
    what = {"day": DAY, "physician": None, "office": None, **changes}
    seen = [one.visit.pk for one in closings.touched(**what, now=now)]
    return closings.close(**what, seen=seen, note="", by=actors.staff(user), now=now)


def again(visit: Visit) -> AppointmentRequest:
    return AppointmentRequest.objects.get(pk=visit.request_id)


def reached(closing: DayClosing) -> bool:
    return not ClosedVisit.objects.not_reached().filter(closing=closing).exists()


def test_the_visit_ends_its_time_is_free_and_the_request_comes_back_with_a_new_promise(staff_user: Any) -> None:
    visit = factories.a_visit()
    closing = close(staff_user)
    asked = again(visit)
    assert (asked.status, asked.current_visit()) == (Status.CHANGE_REQUESTED, None)
    assert asked.promise_due_at == at("2026-12-08", "17:00")
    assert asked.promise_met_at is None
    assert not HeldTime.objects.exists()
    assert ClosedVisit.objects.get().closing == closing
    event = RequestEvent.objects.filter(request=asked).last()
    assert event is not None
    assert (event.verb, event.actor) == ("close_day", staff_user)


def test_the_day_is_offered_to_nobody(staff_user: Any) -> None:
    close(staff_user)
    slots = availability.free_slots(service=a_service(), office=None, day=DAY, now=NOW, for_staff=True)
    assert slots == []


def test_she_gets_one_neutral_message_and_the_old_ones_are_taken_back(staff_user: Any) -> None:
    visit = factories.a_visit()
    close(staff_user)
    kept = OutgoingMessage.objects.filter(request=visit.request).exclude(state="cancelled")
    assert [message.kind for message in kept] == ["received", "clinic_closed"]
    body = kept.get(kind="clinic_closed").body
    assert "We are closed on Wed Dec 16, so your visit cannot take place. We will call you." in body


def test_in_spanish_it_says_the_same(staff_user: Any) -> None:
    factories.a_visit(factories.a_request(page_language="es"))
    close(staff_user)
    assert "No tiene cita el mié 16 dic: vamos a cerrar. Le vamos a llamar." in OutgoingMessage.objects.last().body


def test_early_in_the_morning_of_the_day_itself_the_text_goes_from_six(staff_user: Any) -> None:
    factories.a_visit()
    close(staff_user, now=at("2026-12-16", "05:00"))
    message = OutgoingMessage.objects.get(kind="clinic_closed")
    assert (message.state, message.next_attempt_at) == ("held", at("2026-12-16", "06:00"))


def test_her_page_says_that_we_closed_until_she_has_a_new_time(staff_user: Any) -> None:
    visit = factories.a_visit()
    close(staff_user)
    page = Client().get(links.path(again(visit))).content.decode()
    assert "Your visit cannot take place" in page
    assert "If you already started the medicine, call us." in page
    assert "You gave your old time up" not in page
    factories.a_visit(again(visit), starts_at=at("2026-12-18", "10:00"), by=staff_user)
    assert again(visit).status_reason == ""
    assert "Your visit cannot take place" not in Client().get(links.path(again(visit))).content.decode()


def test_those_who_started_the_medicine_come_first(staff_user: Any) -> None:
    early = factories.a_visit(factories.a_request(phone_e164="+12135550101", service=a_service("video"), office=None))
    late = factories.a_visit(factories.a_request(phone_e164="+12135550102"), starts_at=at(DAY, "14:00"))
    found = closings.touched(day=DAY, physician=None, office=None, now=AT_NOON_BEFORE)
    assert [(one.visit, one.had_started) for one in found] == [(late, True), (early, False)]
    before = closings.touched(day=DAY, physician=None, office=None, now=at("2026-12-13", "23:59"))
    assert [one.had_started for one in before] == [False, False]


@pytest.mark.parametrize(
    ("what", "is_touched"),
    [
        ({"physician": "allaei"}, True),
        ({"physician": "other"}, False),
        ({"office": "los-angeles"}, True),
        ({"office": "san-diego"}, False),
        ({"day": date(2026, 12, 17)}, False),
    ],
)
def test_only_visits_of_that_doctor_office_and_day_are_touched(what: dict[str, Any], is_touched: bool) -> None:
    factories.a_visit()
    known = {"physician": a_physician, "office": an_office}
    asked = {name: known[name](value) if name in known else value for name, value in what.items()}
    found = closings.touched(**{"day": DAY, "physician": None, "office": None, **asked}, now=NOW)
    assert bool(found) is is_touched


def test_a_visit_that_is_over_stays(staff_user: Any) -> None:
    factories.a_visit()
    assert closings.touched(day=DAY, physician=None, office=None, now=at(DAY, "10:00") + timedelta(seconds=1)) == []


def test_a_visit_that_was_not_shown_stops_everything(staff_user: Any) -> None:
    visit = factories.a_visit()
    with pytest.raises(standing.StaleRequest):
        closings.close(day=DAY, physician=None, office=None, seen=[], note="", by=actors.staff(staff_user), now=NOW)
    assert again(visit).status == Status.CONFIRMED
    assert not Closure.objects.exists()
    assert not DayClosing.objects.exists()


def test_a_closing_that_was_cancelled_by_her_in_that_moment_stops_everything(staff_user: Any) -> None:
    visit = factories.a_visit()
    lifecycle.cancel(request=again(visit), by=actors.PATIENT, now=NOW)
    with pytest.raises(standing.StaleRequest):
        closings.close(
            day=DAY, physician=None, office=None, seen=[visit.pk], note="", by=actors.staff(staff_user), now=NOW
        )


@pytest.mark.parametrize(("outcome", "is_reached"), [("spoke", True), ("no_answer", False), ("voicemail", False)])
def test_a_call_counts_when_somebody_spoke_with_her(staff_user: Any, outcome: str, is_reached: bool) -> None:
    visit = factories.a_visit()
    closing = close(staff_user)
    assert not reached(closing)
    outcomes.log_call(request=again(visit), outcome=outcome, by=actors.staff(staff_user), now=LATER)
    assert reached(closing) is is_reached


def test_a_call_before_the_closing_does_not_count(staff_user: Any) -> None:
    visit = factories.a_visit()
    Call.objects.create(request=visit.request, at=NOW - timedelta(hours=1), by=staff_user, outcome="spoke")
    assert not reached(close(staff_user))


def test_that_the_text_was_delivered_is_not_enough(staff_user: Any) -> None:
    factories.a_visit()
    closing = close(staff_user)
    OutgoingMessage.objects.filter(kind="clinic_closed").update(state="delivered")
    assert not reached(closing)


def test_a_new_time_or_her_own_cancelling_counts(staff_user: Any) -> None:
    one = factories.a_visit(factories.a_request(phone_e164="+12135550101"))
    other = factories.a_visit(factories.a_request(phone_e164="+12135550102"), starts_at=at(DAY, "14:00"))
    closing = close(staff_user)
    factories.a_visit(again(one), starts_at=at("2026-12-18", "10:00"), by=staff_user)
    assert not reached(closing)
    lifecycle.cancel(request=again(other), by=actors.PATIENT, now=NOW)
    assert reached(closing)


def test_a_visit_that_she_wanted_to_move_anyway_is_taken_away_too(staff_user: Any) -> None:
    visit = factories.a_visit()
    AppointmentRequest.objects.filter(pk=visit.request_id).update(status=Status.CHANGE_REQUESTED)
    close(staff_user)
    assert (again(visit).status, again(visit).current_visit()) == (Status.CHANGE_REQUESTED, None)


def offer(request: AppointmentRequest, user: Any, clock: str = "14:00") -> None:
    starts = at(DAY, clock)
    offers.offer(
        request=request,
        service=a_service("hsg"),
        slots=[availability.Slot(starts, starts + timedelta(minutes=45), a_physician().pk, an_office().pk)],
        expires_at=offers.runs_out_at(now=NOW),
        by=actors.staff(user),
        now=NOW,
    )


class TestOffersOfTheDay:
    """They are taken back without a message: somebody has to call."""

    def test_the_patient_comes_on_the_list_to_call(self, staff_user: Any) -> None:
        request = factories.a_request()
        offer(request, staff_user)
        close(staff_user)
        assert AppointmentRequest.objects.get().status == Status.NEW
        assert [task.kind for task in request.tasks.open()] == [DeskTask.Kind.OFFER_TAKEN_BACK]
        assert request.messages.filter(kind="offered").get().state == "cancelled"

    def test_until_somebody_spoke_with_her_or_she_has_another_time(self, staff_user: Any) -> None:
        spoken, given = factories.a_request(), factories.a_request(phone_e164="+12135550135")
        for request, clock in ((spoken, "10:00"), (given, "14:00")):
            offer(request, staff_user, clock)
        close(staff_user)
        outcomes.log_call(request=spoken, outcome=Call.Outcome.SPOKE, by=actors.staff(staff_user), now=LATER)
        again_asked = AppointmentRequest.objects.get(pk=given.pk)
        factories.a_visit(again_asked, starts_at=at("2026-12-18", "10:00"), by=staff_user)
        assert not DeskTask.objects.open().exists()

    def test_whose_visit_of_that_day_goes_as_well_is_on_the_list_of_the_closing_alone(self, staff_user: Any) -> None:
        visit = factories.a_visit()
        request = again(visit)
        changes.ask(request=request, keep=True, by=actors.staff(staff_user), now=NOW)
        offer(request, staff_user)
        close(staff_user)
        assert not DeskTask.objects.open().exists()
        assert ClosedVisit.objects.not_reached().get().visit == visit


def test_closing_waits_for_all_it_moves_before_it_holds_a_day_of_the_doctor(staff_user: Any) -> None:
    factories.a_visit()
    with CaptureQueriesContext(connection) as queries:
        close(staff_user)
    sqls = [query["sql"] for query in queries]
    day = next(n for n, sql in enumerate(sqls) if sql.startswith('UPDATE "booking_doctorday"'))
    locks = [n for n, sql in enumerate(sqls) if sql.endswith("FOR NO KEY UPDATE")]
    assert (connection.vendor != "postgresql") or (locks and max(locks) < day)


def test_a_day_is_not_closed_twice_while_nobody_is_left_on_it(staff_user: Any) -> None:
    factories.a_visit()
    first = close(staff_user)
    with pytest.raises(closings.AlreadyClosed) as refused:
        close(staff_user, now=LATER)
    assert refused.value.closing == first
    with pytest.raises(closings.AlreadyClosed):  # what is closed for all is closed for one office
        close(staff_user, now=LATER, office=an_office())
    assert (DayClosing.objects.count(), Closure.objects.count()) == (1, 1)


def test_a_visit_that_was_set_on_the_closed_day_all_the_same_can_be_taken_away(staff_user: Any) -> None:
    close(staff_user)
    visit = factories.a_visit()
    closing = close(staff_user, now=LATER)
    assert [row.visit for row in closing.visits.all()] == [visit]
    assert Closure.objects.count() == 1  # it is as closed as it was


def test_a_day_that_was_opened_again_can_be_closed_again(staff_user: Any) -> None:
    close(staff_user)
    Closure.objects.all().delete()
    close(staff_user, now=LATER)
    assert Closure.objects.count() == 1


def test_a_day_under_closed_days_gets_its_list_of_whom_to_call(staff_user: Any) -> None:
    Closure.objects.create(first_day=DAY - timedelta(days=2), last_day=DAY + timedelta(days=2))
    factories.a_visit()
    assert close(staff_user).visits.count() == 1
    assert Closure.objects.count() == 1


def test_whose_day_we_closed_stands_before_those_who_come_for_the_first_time(staff_user: Any) -> None:
    soon = factories.a_request()
    asked = factories.a_visit(factories.a_request()).request
    close(staff_user)
    queue = AppointmentRequest.objects.waiting_for_staff().who_loses_first()
    assert list(queue) == [asked, soon]
    assert again(asked.visits.get()).status_words == "We closed the day"


def test_once_she_names_days_again_they_say_where_she_stands(staff_user: Any) -> None:
    visit = factories.a_visit()
    close(staff_user)
    asked = again(visit)
    days = (date(2026, 12, 21), date(2026, 12, 22))
    lifecycle.choose_days(request=asked, days=days, daypart="any", by=actors.PATIENT, now=LATER)
    assert again(visit).loses_on == days[-1]
