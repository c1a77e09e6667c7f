"""What the database refuses, one test for each constraint."""

from datetime import date, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from booking.models import (
    AccessEvent,
    AppendOnlyError,
    AppointmentRequest,
    Closure,
    ConsentEvent,
    DateOverride,
    DeskTask,
    DoctorDay,
    HeldTime,
    NameWord,
    OutgoingMessage,
    RequestedDay,
    RequestEvent,
    Service,
    Visit,
    WeeklyHours,
)
from tests import factories
from tests.factories import NOW, a_physician, an_office, at

pytestmark = pytest.mark.usefixtures("clinic", "now")


def refuses(name, make):
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        make()
    message = str(caught.value)
    assert name in message or "UNIQUE constraint failed" in message, message


def held(**fields):
    values = {
        "physician": a_physician(),
        "kind": "block",
        "starts_at": at("2026-12-16", "10:00"),
        "ends_at": at("2026-12-16", "11:00"),
        "busy_from": at("2026-12-16", "10:00"),
        "busy_to": at("2026-12-16", "11:00"),
    }
    return HeldTime.objects.create(**{**values, **fields})


def a_message(request, **fields):
    values = {
        "request": request,
        "channel": "sms",
        "contact_number": request.contact_number,
        "kind": "help",
        "occasion": "once",
        "next_attempt_at": NOW,
        "created_at": NOW,
    }
    return OutgoingMessage.objects.create(**{**values, **fields})


def test_a_service_shorter_than_a_grain():
    refuses("service_minutes_at_least_one_grain", lambda: Service.objects.create(key="x", name_en="x", minutes=10))


def test_hours_that_end_before_they_start():
    refuses(
        "weekly_hours_end_after_start",
        lambda: WeeklyHours.objects.create(physician=a_physician(), weekday=0, starts=time(10), ends=time(9)),
    )


def test_an_override_with_one_time_only():
    refuses(
        "date_override_both_times_or_none",
        lambda: DateOverride.objects.create(physician=a_physician(), day=date(2026, 12, 16), starts=time(10)),
    )


def test_a_closure_that_ends_before_it_starts():
    refuses(
        "closure_last_day_not_before_first",
        lambda: Closure.objects.create(first_day=date(2026, 12, 2), last_day=date(2026, 12, 1)),
    )


def test_two_rows_for_one_doctor_and_day():
    DoctorDay.objects.create(physician=a_physician(), day=date(2026, 12, 16))
    refuses(
        "one_row_per_doctor_and_day",
        lambda: DoctorDay.objects.create(physician=a_physician(), day=date(2026, 12, 16)),
    )


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("held_time_ends_after_start", {"ends_at": at("2026-12-16", "10:00")}),
        ("held_time_busy_covers_visit", {"busy_to": at("2026-12-16", "10:45")}),
        ("held_time_overbooking_has_reason", {"lane": 1}),
        ("held_time_only_offers_expire", {"kind": "offer"}),
        ("held_time_only_offers_expire", {"expires_at": NOW}),
        ("held_time_service_unless_blocked", {"kind": "visit"}),
    ],
)
def test_held_time_that_makes_no_sense(name, fields):
    refuses(name, lambda: held(**fields))


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("request_status_is_known", {"status": "lost"}),
        ("request_closed_at_goes_with_closed_status", {"status": "cancelled"}),
        ("request_closed_at_goes_with_closed_status", {"closed_at": NOW}),
        ("request_by_email_has_an_email", {"contact": "email"}),
        ("request_only_closed_ones_are_forgotten", {"forgotten_at": NOW}),
    ],
)
def test_requests_that_make_no_sense(name, fields):
    request = factories.a_request()
    refuses(name, lambda: AppointmentRequest.objects.filter(pk=request.pk).update(**fields))


def test_the_same_form_or_reference_twice():
    first, second = factories.a_request(), factories.a_request()
    rows = AppointmentRequest.objects.filter(pk=second.pk)
    refuses("form_id", lambda: rows.update(form_id=first.form_id))
    refuses("reference", lambda: rows.update(reference=first.reference))
    refuses("link_hash", lambda: rows.update(link_hash=first.link_hash))


def test_a_day_or_a_name_word_twice():
    request = factories.a_request()
    refuses("one_row_per_request_and_day", lambda: RequestedDay.objects.create(request=request, day=date(2026, 12, 16)))
    word = request.name_words.first()
    refuses("one_row_per_request_and_word", lambda: NameWord.objects.create(request=request, word_hash=word.word_hash))


def test_two_visits_in_force_for_one_request():
    visit = factories.a_visit()
    copy = {f.attname: getattr(visit, f.attname) for f in Visit._meta.fields if f.name not in ("id", "held_time")}
    refuses("one_visit_in_force_per_request", lambda: Visit.objects.create(**{**copy, "version": 2}))
    refuses("one_visit_per_request_and_version", lambda: Visit.objects.create(**{**copy, "ended_at": NOW}))
    backwards = {"ends_at": visit.starts_at - timedelta(minutes=1), "version": 3, "ended_at": NOW}
    refuses("visit_ends_after_start", lambda: Visit.objects.create(**{**copy, **backwards}))


def test_an_event_by_staff_without_a_name():
    request = factories.a_request()
    refuses(
        "event_by_staff_names_them",
        lambda: RequestEvent.objects.create(request=request, at=NOW, verb="x", actor_kind="staff", to_status="new"),
    )


def test_consent_without_its_wording_or_without_the_member_of_staff():
    number = factories.a_request().contact_number
    refuses(
        "consent_granted_keeps_its_wording",
        lambda: ConsentEvent.objects.create(contact_number=number, kind="granted", source="form", at=NOW),
    )
    refuses(
        "consent_by_staff_names_them",
        lambda: ConsentEvent.objects.create(contact_number=number, kind="stopped", source="staff", at=NOW),
    )


def test_two_messages_of_one_kind_for_one_occasion():
    request = factories.a_request()
    a_message(request)
    refuses("one_message_per_kind_and_occasion", lambda: a_message(request))


def test_a_text_without_a_number_and_a_claim_without_its_time():
    request = factories.a_request()
    refuses("text_has_a_number", lambda: a_message(request, contact_number=None))
    refuses("message_sending_is_claimed", lambda: a_message(request, state="sending"))


def test_one_open_task_of_a_kind_for_a_request():
    request = factories.a_request()
    DeskTask.objects.create(request=request, kind="read_text", opened_at=NOW)
    refuses(
        "one_open_task_per_request_and_kind",
        lambda: DeskTask.objects.create(request=request, kind="read_text", opened_at=NOW),
    )
    refuses(
        "task_done_at_goes_with_done_by",
        lambda: DeskTask.objects.create(request=request, kind="message_failed", opened_at=NOW, done_at=NOW),
    )


def test_a_number_is_never_stored_twice():
    number = factories.a_request().contact_number
    number.pk = None
    refuses("number_hash", lambda: number.save(force_insert=True))


def test_ledgers_are_only_ever_added_to():
    request = factories.a_request()
    access = AccessEvent.objects.create(at=NOW, user=factories.a_staff_user(), request=request, what="read")
    for row in (access, ConsentEvent.objects.get(), request.events.get()):
        with pytest.raises(AppendOnlyError):
            row.save()
        with pytest.raises(AppendOnlyError):
            row.delete()


def test_an_office_with_requests_cannot_be_deleted_by_accident():
    factories.a_request()
    with pytest.raises(Exception, match="protected"):
        an_office().delete()
