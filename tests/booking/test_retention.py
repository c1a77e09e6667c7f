"""Forgetting people."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from booking import actors, lifecycle, retention, unplaced
from booking.messaging import consent, inbound
from booking.models import AppointmentRequest, ConsentEvent, ContactNumber, IncomingText
from tests import factories
from tests.factories import NOW, PHONE

pytestmark = pytest.mark.usefixtures("clinic", "now")


def closed(**fields):
    request = factories.a_request(email="maria@mail.example", **fields)
    lifecycle.add_note(request=request, note="Likes mornings", by=actors.staff(factories.a_staff_user()), now=NOW)
    lifecycle.cancel(request=request, by=actors.PATIENT, now=NOW)
    return request


def test_a_request_is_forgotten_as_long_after_closing_as_the_privacy_page_promises():
    request = closed()
    assert retention.forget(now=NOW + timedelta(days=90)).requests == 0
    assert retention.forget(now=NOW + timedelta(days=91)) == retention.Forgotten(1, 1)
    request.refresh_from_db()
    assert (request.name, request.phone_typed, request.email, request.email_hash) == ("", "", "", "")
    assert request.name_words.count() == request.days.count() == 0
    assert [event.note for event in request.events.all()] == ["", "", ""]
    assert {message.body for message in request.messages.all()} == {""}
    assert request.status == "cancelled"


def test_a_request_by_email_can_be_forgotten_too():
    closed(contact="email")
    assert retention.forget(now=NOW + timedelta(days=91)).requests == 1


def test_forgetting_twice_does_nothing_more():
    closed()
    later = NOW + timedelta(days=91)
    retention.forget(now=later)
    assert retention.forget(now=later) == retention.Forgotten(0, 0)


def test_a_number_with_another_open_request_is_kept():
    closed()
    factories.a_request()
    retention.forget(now=NOW + timedelta(days=91))
    assert ContactNumber.objects.get().number == PHONE


def test_a_stop_outlives_everything():
    request = closed()
    consent.stop(number=request.contact_number, source=ConsentEvent.Source.TEXT, now=NOW)
    retention.forget(now=NOW + timedelta(days=91))
    assert ContactNumber.objects.get().number == ""
    back = consent.number_for(PHONE, now=NOW + timedelta(days=100))
    assert back.number == PHONE
    assert not consent.may_text(back)
    again = factories.a_request()
    assert not again.messages.filter(channel="sms").exists()


def test_an_open_request_is_never_forgotten():
    factories.a_request()
    assert retention.forget(now=NOW + timedelta(days=4000)).requests == 0


def test_a_dry_run_counts_and_changes_nothing(capsys):
    request = closed()
    AppointmentRequest.objects.filter(pk=request.pk).update(closed_at=NOW - timedelta(days=91))
    call_command("forget_patients", "--dry-run")
    assert "Would forget 1 requests" in capsys.readouterr().out
    request.refresh_from_db()
    assert request.name
    call_command("forget_patients")
    request.refresh_from_db()
    assert request.name == ""


def test_what_a_stranger_wrote_is_forgotten_as_long_after_as_everything_else():
    text = writes("I am Rosa, call me")
    retention.forget(now=NOW + timedelta(days=89))
    assert again(text).body == "I am Rosa, call me"
    assert retention.forget(now=NOW + timedelta(days=91)) == retention.Forgotten(0, 1)
    assert (again(text).body, again(text).contact_number.number) == ("", "")
    assert not IncomingText.objects.to_place().exists()  # there is nothing left to read


def test_a_text_from_an_old_number_is_not_forgotten_before_anybody_could_read_it():
    closed()
    later = NOW + timedelta(days=200)
    retention.forget(now=later)
    text = writes("Do you still have my film?", at=later)
    retention.forget(now=later + timedelta(days=1))
    assert again(text).body
    assert again(text).contact_number.number == PHONE
    retention.forget(now=later + timedelta(days=91))
    assert (again(text).body, again(text).contact_number.number) == ("", "")


def test_who_writes_every_week_is_forgotten_text_by_text():
    first, newest = writes("Buy", at=NOW), writes("Buy more", at=NOW + timedelta(days=80))
    retention.forget(now=NOW + timedelta(days=91))
    assert (again(first).body, again(newest).body) == ("", "Buy more")
    assert again(first).contact_number.number == PHONE


def test_what_she_wrote_from_another_phone_is_kept_and_forgotten_with_the_request_it_stands_at():
    request, desk = factories.a_request(email="maria@mail.example"), actors.staff(factories.a_staff_user())
    text = writes("It is Maria, on his phone", phone="+12135550199")
    unplaced.place(text=text, request=request, by=desk, now=NOW)
    retention.forget(now=NOW + timedelta(days=91))
    assert (again(text).body, again(text).contact_number.number) == ("It is Maria, on his phone", "")
    request.refresh_from_db()
    lifecycle.cancel(request=request, by=desk, now=NOW + timedelta(days=100))
    retention.forget(now=NOW + timedelta(days=200))
    assert again(text).body == ""


def writes(body, *, phone=PHONE, at=NOW):
    return inbound.receive(
        provider_id=f"SM{IncomingText.objects.count()}", from_number=phone, body=body, keyword="", now=at
    )


def again(text):
    return IncomingText.objects.select_related("contact_number").get(pk=text.pk)


def test_nothing_personal_is_left_in_any_table():
    closed(name="Zoraida Uniquename")
    retention.forget(now=NOW + timedelta(days=91))
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, phone_typed, email, avoid, email_hash FROM booking_appointmentrequest")
        assert set(cursor.fetchall()) == {("", "", "", "", "")}
        cursor.execute("SELECT number, last_four_hash FROM booking_contactnumber")
        assert set(cursor.fetchall()) == {("", "")}
