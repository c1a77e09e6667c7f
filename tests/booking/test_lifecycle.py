"""Every change of a request."""

from datetime import date, timedelta

import pytest

from booking import actors, availability, lifecycle, outcomes, standing, submission, talking
from booking.messaging import consent
from booking.models import (
    AppointmentRequest,
    ConsentEvent,
    HeldGrain,
    HeldTime,
    OutgoingMessage,
    RequestEvent,
    Status,
    Visit,
)
from tests import factories
from tests.factories import NOW, PHONE, a_physician, a_service, an_office, at

pytestmark = pytest.mark.usefixtures("clinic", "now")


def confirm(request, starts_at=None, **fields):
    values = {
        "physician": a_physician(),
        "office": an_office(),
        "service": a_service("hsg"),
        "starts_at": starts_at or at("2026-12-16", "10:00"),
        "by": actors.staff(factories.a_staff_user()),
        "now": NOW,
    }
    return lifecycle.confirm(request=request, **{**values, **fields})


def kinds(request):
    return list(request.messages.order_by("pk").values_list("kind", "occasion"))


class TestSending:
    def test_a_request_is_new_has_a_promise_and_a_history(self):
        request = factories.a_request()
        assert request.status == Status.NEW
        assert request.promise_due_at == at("2026-12-08", "17:00")
        assert request.last_acceptable_day == date(2026, 12, 18)
        assert [(e.verb, e.actor_kind, e.to_status) for e in request.events.all()] == [("submit", "patient", "new")]

    def test_the_first_text_is_queued_with_the_request(self):
        assert kinds(factories.a_request()) == [("received", "once")]

    def test_sending_the_same_form_twice_makes_one_request(self):
        values = {
            "answers": factories.answers(),
            "evidence": submission.Evidence(page="/request/check/", form_version="1"),
            "form_id": "the-same-id",
            "by": actors.PATIENT,
            "now": NOW,
        }
        first, second = lifecycle.submit(**values), lifecycle.submit(**values)
        assert first == second
        assert AppointmentRequest.objects.count() == OutgoingMessage.objects.count() == 1

    def test_without_the_tick_nothing_is_agreed_and_no_text_is_queued(self):
        request = factories.a_request(sms_consent=False, contact="phone", voicemail=False)
        assert ConsentEvent.objects.count() == 0
        assert kinds(request) == []

    def test_with_the_tick_the_ledger_holds_the_exact_words(self):
        request = factories.a_request()
        line = ConsentEvent.objects.get()
        assert line.request == request
        assert "Reply STOP" in line.wording
        assert (line.page, line.network, line.source) == ("/request/contact/", "192.0.2.0/24", "form")

    def test_a_tick_does_not_undo_an_earlier_stop(self):
        number = consent.number_for(PHONE, now=NOW)
        consent.stop(number=number, source=ConsentEvent.Source.TEXT, now=NOW)
        request = factories.a_request()
        assert not consent.may_text(number)
        assert [m for m in request.messages.all() if m.channel == "sms"] == []

    def test_a_number_is_stored_once_for_all_its_requests(self):
        first, second = factories.a_request(), factories.a_request()
        assert first.contact_number == second.contact_number
        assert first.reference != second.reference

    def test_a_request_whose_days_come_later_has_no_promise_and_comes_back_by_itself(self):
        request = factories.a_request(timing="later", days=())
        assert request.status == Status.WAITING
        assert request.promise_due_at is None
        assert request.review_on == date(2027, 1, 11)
        assert kinds(request) == [("days_link", "once")]

    def test_in_the_evening_it_comes_back_by_the_date_of_the_clinic(self):
        evening = at("2026-12-07", "20:00")  # in UTC it is the next day
        assert factories.a_request(timing="later", days=(), now=evening).review_on == date(2027, 1, 11)
        assert factories.a_request(timing="help", days=(), now=evening).review_on == date(2026, 12, 14)

    def test_choosing_days_later_starts_the_promise(self):
        request = factories.a_request(timing="later", days=())
        lifecycle.choose_days(request=request, days=(date(2026, 12, 21),), daypart="any", by=actors.PATIENT, now=NOW)
        assert request.status == Status.NEW
        assert request.promise_due_at is not None
        assert request.last_acceptable_day == date(2026, 12, 21)

    def test_choosing_other_days_keeps_the_promise_that_runs(self):
        request = factories.a_request()
        later = NOW + timedelta(days=3)
        lifecycle.choose_days(request=request, days=(date(2026, 12, 21),), daypart="any", by=actors.PATIENT, now=later)
        assert request.promise_due_at == at("2026-12-08", "17:00")
        assert request.is_late(now=later)


class TestQuarantine:
    def test_a_request_that_looks_automated_is_kept_and_gets_no_message_and_grants_no_consent(self):
        request = factories.a_request(quarantine_reason="honeypot")
        assert request.status == Status.QUARANTINED
        assert kinds(request) == []
        assert ConsentEvent.objects.count() == 0

    def test_staff_release_it_and_it_goes_on_as_if_it_had_just_come_in(self):
        request = factories.a_request(quarantine_reason="honeypot")
        user = factories.a_staff_user()
        lifecycle.release_from_quarantine(request=request, by=actors.staff(user), now=NOW)
        assert request.status == Status.NEW
        assert kinds(request) == [("received", "once")]
        assert ConsentEvent.objects.get().kind == "granted"

    def test_a_patient_cannot_release_it(self):
        request = factories.a_request(quarantine_reason="honeypot")
        with pytest.raises(standing.StaleRequest):
            lifecycle.release_from_quarantine(request=request, by=actors.PATIENT, now=NOW)

    def test_a_sixth_request_for_one_number_in_a_day_waits_for_a_person_and_sends_nothing(self):
        for _ in range(5):
            assert factories.a_request().status == Status.NEW
        sixth = factories.a_request()
        assert (sixth.status, sixth.status_reason) == (Status.QUARANTINED, "many_for_number")
        assert kinds(sixth) == []
        assert factories.a_request(phone_e164="+12135550135").status == Status.NEW

    def test_a_strangers_mailbox_cannot_be_filled_either(self):
        for n in range(5):
            factories.a_request(email="Same@mail.example", phone_e164=f"+1213555014{n}")
        sixth = factories.a_request(email="same@mail.example", phone_e164="+12135550149")
        assert sixth.status_reason == "many_for_email"

    def test_a_day_of_far_too_many_requests_is_kept_and_quiet(self, monkeypatch):
        monkeypatch.setattr("booking.submission.MOST_A_DAY", 2)
        requests = [factories.a_request(phone_e164=f"+1213555014{n}") for n in range(3)]
        assert [request.status_reason for request in requests] == ["", "", "many_today"]

    def test_staff_who_enter_callers_are_not_capped(self):
        desk = actors.staff(factories.a_staff_user())
        assert {factories.a_request(by=desk).status for _ in range(7)} == {Status.NEW}


class TestConfirming:
    def test_a_confirmed_visit_holds_the_time_and_copies_price_and_preparation(self):
        request = factories.a_request()
        visit = confirm(request)
        assert request.status == Status.CONFIRMED
        assert request.promise_met_at == NOW
        assert visit.price_dollars == 950
        assert visit.facts["antibiotic_start_days_before"] == 2
        assert HeldGrain.objects.count() == 4  # 45 minutes and 15 to clean up
        assert kinds(request)[-1] == ("confirmed", "v1")

    def test_a_time_that_is_taken_is_refused_with_the_next_free_times(self):
        confirm(factories.a_request())
        late = factories.a_request(phone_e164="+12135550135")
        with pytest.raises(lifecycle.TimeTaken) as caught:
            confirm(late, at("2026-12-16", "10:30"))
        assert caught.value.free[0].starts_at == at("2026-12-16", "11:00")
        assert late.status == Status.NEW
        assert kinds(late) == [("received", "once")]
        assert Visit.objects.count() == 1

    def test_the_doctor_cannot_be_in_two_offices_at_once(self):
        confirm(factories.a_request())
        with pytest.raises(lifecycle.TimeTaken):
            confirm(factories.a_request(), office=an_office("san-diego"))

    def test_staff_may_overbook_with_a_reason_and_the_reason_is_kept(self):
        confirm(factories.a_request())
        second = confirm(factories.a_request(), overbooking_reason="Sisters who come together")
        assert second.held_time.lane == 1
        assert second.held_time.overbooking_reason == "Sisters who come together"

    def test_freeing_one_of_two_overbooked_visits_does_not_reopen_the_time(self):
        first = factories.a_request()
        confirm(first)
        confirm(factories.a_request(), overbooking_reason="Sisters who come together")
        lifecycle.cancel(request=first, by=actors.PATIENT, now=NOW)
        with pytest.raises(lifecycle.TimeTaken):
            confirm(factories.a_request())

    def test_pressing_twice_confirms_once(self):
        request = factories.a_request()
        stale = AppointmentRequest.objects.get(pk=request.pk)
        confirm(request)
        with pytest.raises(standing.StaleRequest):
            confirm(stale)
        with pytest.raises(standing.StaleRequest):
            confirm(request)
        assert Visit.objects.count() == 1
        assert kinds(request).count(("confirmed", "v1")) == 1

    def test_a_moved_visit_frees_the_old_time_and_is_a_new_version(self):
        request = factories.a_request()
        confirm(request)
        second = confirm(request, at("2026-12-18", "09:00"))
        assert second.version == 2
        assert request.current_visit() == second
        assert HeldTime.objects.count() == 1
        assert kinds(request)[-1] == ("moved", "v2")
        confirm(factories.a_request())  # the old time is free again

    def test_a_visit_may_move_into_its_own_time(self):
        request = factories.a_request()
        confirm(request)
        assert confirm(request, at("2026-12-16", "10:15")).version == 2

    def test_two_staff_who_move_one_visit_at_once_move_it_once(self):
        request = factories.a_request()
        confirm(request)
        stale = AppointmentRequest.objects.get(pk=request.pk)
        seen = stale.current_visit()
        confirm(request, at("2026-12-18", "09:00"))
        stale.current_visit = lambda: seen
        with pytest.raises(standing.StaleRequest):
            confirm(stale, at("2026-12-18", "11:00"))
        assert request.current_visit().starts_at == at("2026-12-18", "09:00")

    def test_a_time_in_the_past_is_refused(self):
        with pytest.raises(ValueError, match="future"):
            confirm(factories.a_request(), NOW - timedelta(minutes=1))

    def test_a_day_at_its_cap_takes_no_more(self):
        service = a_service("hsg")
        service.cap_per_day = 1
        service.save()
        confirm(factories.a_request(), service=service)
        with pytest.raises(lifecycle.TimeTaken):
            confirm(factories.a_request(), at("2026-12-16", "15:00"), service=service)

    def test_the_cap_counts_what_is_set_and_not_what_was_asked_for(self):
        service = a_service("hsg")
        service.cap_per_day = 1
        service.save()
        confirm(factories.a_request(service=a_service("unsure")), service=service)
        free = availability.free_slots(service=service, office=an_office(), day=date(2026, 12, 16), now=NOW)
        assert free == []
        with pytest.raises(lifecycle.TimeTaken):
            confirm(factories.a_request(), at("2026-12-16", "15:00"), service=service)

    def test_a_hold_that_becomes_another_visit_type_counts_as_that(self):
        hsg, unsure = a_service("hsg"), a_service("unsure")
        hsg.cap_per_day, unsure.minutes, unsure.buffer_after = 1, hsg.minutes, hsg.buffer_after
        hsg.save()
        desk, request = actors.staff(factories.a_staff_user()), factories.a_request()
        starts = at("2026-12-16", "10:00")
        slot = availability.Slot(starts, starts + timedelta(minutes=45), a_physician().pk, an_office().pk)
        talking.hold(request=request, service=hsg, slot=slot, by=desk, now=NOW)
        confirm(request, starts, service=unsure)
        confirm(factories.a_request(), at("2026-12-16", "15:00"), service=hsg)
        assert HeldTime.objects.count() == 2

    def test_a_patient_cannot_confirm(self):
        with pytest.raises(standing.StaleRequest):
            confirm(factories.a_request(), by=actors.PATIENT)


class TestEnding:
    def test_declining_keeps_the_reason_that_the_patient_reads(self):
        request = factories.a_request()
        lifecycle.decline(
            request=request, reason="no_time", by=actors.staff(factories.a_staff_user()), now=NOW, note="Full"
        )
        request.refresh_from_db()
        assert (request.status, request.status_reason, request.closed_at) == (Status.DECLINED, "no_time", NOW)
        assert kinds(request)[-1] == ("declined", "once")
        assert request.events.last().note == "Full"

    def test_cancelling_frees_the_time_and_says_who_it_was(self):
        request = factories.a_request()
        confirm(request)
        lifecycle.cancel(request=request, by=actors.PATIENT, now=NOW)
        assert request.status == Status.CANCELLED
        assert request.status_reason == "by_patient"
        assert request.current_visit() is None
        assert HeldTime.objects.count() == HeldGrain.objects.count() == 0
        assert kinds(request)[-1] == ("cancelled", "v1")

    def test_withdrawing_before_a_time_was_set_sends_nothing_more(self):
        request = factories.a_request()
        lifecycle.cancel(request=request, by=actors.PATIENT, now=NOW)
        assert kinds(request) == [("received", "once")]

    def test_cancel_against_confirm_ends_in_one_of_the_two(self):
        request = factories.a_request()
        stale = AppointmentRequest.objects.get(pk=request.pk)
        lifecycle.cancel(request=request, by=actors.PATIENT, now=NOW)
        with pytest.raises(standing.StaleRequest):
            confirm(stale)
        assert HeldTime.objects.count() == 0

    def test_a_visit_completes_by_itself_a_week_later(self):
        request = factories.a_request()
        confirm(request)
        assert outcomes.complete_past_visits(now=at("2026-12-23", "10:00")) == 0
        assert outcomes.complete_past_visits(now=at("2026-12-24", "10:00")) == 1
        request.refresh_from_db()
        assert request.status == Status.COMPLETED
        assert request.events.last().actor_kind == "system"


class TestHistory:
    def test_a_note_changes_nothing_but_the_history(self):
        request = factories.a_request()
        lifecycle.add_note(request=request, note="Called back", by=actors.staff(factories.a_staff_user()), now=NOW)
        event = request.events.last()
        assert (event.verb, event.note, event.from_status, event.to_status) == ("note", "Called back", "new", "new")

    def test_an_event_cannot_be_changed_or_deleted(self):
        factories.a_request()
        event = RequestEvent.objects.get()
        with pytest.raises(Exception, match="only ever added"):
            event.save()
        with pytest.raises(Exception, match="only ever added"):
            event.delete()

    def test_requests_from_one_address_are_counted_for_an_hour(self):
        for minutes in (10, 30, 90):
            lifecycle.submit(
                answers=factories.answers(),
                evidence=submission.Evidence(page="/", form_version="1"),
                form_id=f"form-{minutes}",
                by=actors.PATIENT,
                now=NOW - timedelta(minutes=minutes),
                network_hash="abc",
            )
        assert submission.recent_from("abc", now=NOW) == 2
        assert submission.recent_from("", now=NOW) == 0
