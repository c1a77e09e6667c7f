"""Texts from patients."""

import time
from collections import Counter
from datetime import timedelta

import pytest

from booking import actors, lifecycle
from booking.messaging import consent, inbound
from booking.models import AppointmentRequest, ConsentEvent, DeskTask, IncomingText, OutgoingMessage
from tests import factories
from tests.booking.messaging import corpus
from tests.factories import NOW, PHONE

CORPUS = corpus.load()


def receive(body, *, provider_id="SM1", keyword="", now=NOW):
    return inbound.receive(provider_id=provider_id, from_number=PHONE, body=body, keyword=keyword, now=now)


@pytest.mark.parametrize(("text", "meaning"), CORPUS)
def test_no_wish_to_stop_is_missed_and_no_thank_you_taken_for_one(text, meaning):
    assert inbound.meaning_of(text) == meaning


def test_the_corpus_is_large_and_has_no_text_twice():
    labels = Counter(label for _text, label in CORPUS)
    assert len(CORPUS) == len(set(CORPUS)) >= 600
    assert set(labels) == {"stop", "start", "help", "other"}
    assert min(labels["stop"], labels["other"]) >= 250


def test_the_table_of_what_texts_are_taken_for_can_be_printed(capsys):
    assert corpus.main() == 0
    assert f"{len(CORPUS)} texts, 0 misread" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["i " * 800, "no quiero " * 160, "stop " * 320, "no me " * 266, "a" * 1600])
def test_the_longest_texts_are_read_at_once(text):
    began = time.perf_counter()
    inbound.meaning_of(text)
    assert time.perf_counter() - began < 0.5


@pytest.mark.usefixtures("clinic", "now")
class TestReceiving:
    def test_stop_silences_at_once_and_keeps_the_words(self):
        request = factories.a_request()
        receive("Stop texting me")
        assert not consent.may_text(request.contact_number)
        assert ConsentEvent.objects.last().said == "Stop texting me"
        assert OutgoingMessage.objects.get().state == "suppressed"

    def test_a_text_delivered_twice_counts_once(self):
        factories.a_request()
        receive("STOP")
        receive("STOP")
        assert IncomingText.objects.count() == 1
        assert ConsentEvent.objects.filter(kind="stopped").count() == 1

    def test_start_after_stop_texts_again(self):
        request = factories.a_request()
        receive("STOP", provider_id="SM1")
        receive("START", provider_id="SM2")
        assert consent.may_text(request.contact_number)

    def test_the_providers_own_verdict_counts_where_it_gave_one(self):
        request = factories.a_request()
        receive("Arrêt", keyword="STOP")
        assert not consent.may_text(request.contact_number)

    def test_cancel_with_a_visit_ahead_also_asks_a_person_to_call(self):
        request = factories.a_visit().request
        receive("CANCEL")
        assert not consent.may_text(request.contact_number)
        assert DeskTask.objects.filter(kind="wants_to_cancel").exists()

    def test_stop_with_a_visit_ahead_opens_no_task(self):
        factories.a_visit()
        receive("STOP")
        assert not DeskTask.objects.filter(kind="wants_to_cancel").exists()

    def test_cancel_without_a_visit_is_a_stop_and_nothing_else(self):
        factories.a_request()
        receive("cancel")
        assert DeskTask.objects.count() == 0

    def test_anything_else_is_for_staff_to_read_on_the_newest_request(self):
        factories.a_request()
        newest = factories.a_request()
        receive("Is there parking?")
        task = DeskTask.objects.get()
        assert (task.kind, task.request) == ("read_text", newest)
        assert IncomingText.objects.get().body == "Is there parking?"

    def test_a_stranger_is_stored_and_nothing_breaks(self):
        receive("STOP")
        assert IncomingText.objects.get().meaning == "stop"

    @pytest.mark.parametrize("text", ["I can't come tomorrow", "I do not understand, who is this?", ""])
    def test_what_a_number_without_a_request_writes_waits_for_somebody_to_read_it(self, text):
        receive(text)
        assert IncomingText.objects.to_place().exists()
        assert not DeskTask.objects.exists()

    def test_help_in_own_words_that_nobody_answers_waits_too(self):
        row = receive("help?")
        assert IncomingText.objects.get(pk=row.pk).meaning == "help"
        assert IncomingText.objects.to_place().exists()

    def test_a_stop_in_a_sentence_waits_too_and_counts_all_the_same(self):
        receive("Stop texting me, I am not her")
        assert IncomingText.objects.to_place().get().meaning == "stop"
        assert ConsentEvent.objects.get().kind == "stopped"

    @pytest.mark.parametrize("text", ["STOP", "START", "HELP", "Alto", "cancel"])
    def test_words_that_are_answered_or_done_are_for_nobody_to_read(self, text):
        receive(text)
        assert not IncomingText.objects.to_place().exists()

    def test_a_request_that_looks_automated_shows_nobody_what_its_number_writes(self):
        factories.a_request(quarantine_reason="website")
        receive("I am no robot")
        assert IncomingText.objects.to_place().exists()

    def test_where_there_is_a_request_it_is_read_there(self):
        factories.a_request()
        receive("Is there parking?")
        assert not IncomingText.objects.filter(is_unplaced=True).exists()

    def test_a_text_whose_process_ended_is_found_by_the_sweep(self):
        number = consent.number_for(PHONE, now=NOW)
        IncomingText.objects.create(provider_id="SM9", contact_number=number, body="Hello?", received_at=NOW)
        inbound.sweep(now=NOW + timedelta(minutes=2))
        assert IncomingText.objects.to_place().exists()

    def test_after_a_stop_a_change_of_the_visit_sends_nothing(self):
        request = factories.a_visit().request
        receive("STOP")
        lifecycle.cancel(request=request, by=actors.staff(factories.a_staff_user()), now=NOW)
        assert not request.messages.filter(kind="cancelled").exists()

    @pytest.mark.parametrize("text", ["I need to cancel my appointment on Monday", "quiero cancelar mi cita", "CANCEL"])
    @pytest.mark.parametrize("status", ["confirmed", "change_requested"])
    def test_a_wish_to_cancel_with_a_visit_ahead_is_a_call(self, text, status):
        request = factories.a_visit().request
        AppointmentRequest.objects.filter(pk=request.pk).update(status=status)
        receive(text)
        kinds = {task.kind for task in DeskTask.objects.all()}
        assert "wants_to_cancel" in kinds
        assert "read_text" not in kinds

    @pytest.mark.parametrize("text", ["Please don't cancel my visit", "No quiero cancelar", "No me cancelen"])
    def test_a_wish_to_keep_the_visit_is_to_be_read_and_no_cancelling(self, text):
        request = factories.a_visit().request
        receive(text)
        assert [task.kind for task in DeskTask.objects.all()] == ["read_text"]
        assert consent.may_text(request.contact_number)

    def test_a_wish_to_cancel_without_a_visit_is_to_be_read(self):
        factories.a_request()
        receive("please cancel my appointment")
        assert DeskTask.objects.get().kind == "read_text"

    def test_help_in_other_words_is_answered_once_a_day_and_help_alone_by_the_provider(self):
        request = factories.a_request()
        receive("HELP", provider_id="SM1")
        receive("HELP", provider_id="SM2", keyword="HELP")
        assert not request.messages.filter(kind="help").exists()
        receive("Ayuda", provider_id="SM3")
        receive("help?", provider_id="SM4")
        assert request.messages.filter(kind="help").count() == 1

    def test_help_after_a_stop_is_for_a_person(self):
        request = factories.a_request()
        receive("STOP", provider_id="SM1")
        receive("ayuda", provider_id="SM2")
        assert not request.messages.filter(kind="help").exists()
        assert DeskTask.objects.get().kind == "read_text"

    def test_the_ledger_names_the_text_that_stopped(self):
        factories.a_request()
        receive("no más mensajes", provider_id="SM77")
        assert ConsentEvent.objects.get(kind="stopped").provider_id == "SM77"
