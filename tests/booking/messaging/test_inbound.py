"""Texts from patients."""

from collections import Counter
from pathlib import Path

import pytest

from booking import lifecycle
from booking.messaging import consent, inbound
from booking.models import ConsentEvent, DeskTask, IncomingText, OutgoingMessage
from tests import factories
from tests.factories import NOW, PHONE

CORPUS_FILE = Path(__file__).with_name("corpus.txt")


def _corpus() -> list[tuple[str, str]]:
    """Each text of the corpus with its label. The newline alone is no part of a text."""
    found, label = [], ""
    for line in CORPUS_FILE.read_text().splitlines():
        if line.startswith("["):
            label = line.strip("[]")
        elif line and not line.startswith("#"):
            found.append((line, label))
    return found


CORPUS = _corpus()


def receive(body, *, provider_id="SM1", keyword="", now=NOW):
    return inbound.receive(provider_id=provider_id, from_number=PHONE, body=body, keyword=keyword, now=now)


@pytest.mark.parametrize(("text", "meaning"), CORPUS)
def test_no_wish_to_stop_is_missed_and_no_thank_you_taken_for_one(text, meaning):
    assert inbound.meaning_of(text) == meaning


def test_the_corpus_is_large_and_has_no_text_twice():
    labels = Counter(label for _text, label in CORPUS)
    assert len(CORPUS) == len(set(CORPUS)) >= 200
    assert set(labels) == {"stop", "start", "help", "other"}
    assert min(labels["stop"], labels["other"]) >= 100


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

    def test_after_a_stop_a_change_of_the_visit_sends_nothing(self):
        request = factories.a_visit().request
        receive("STOP")
        lifecycle.cancel(request=request, by=lifecycle.staff(factories.a_staff_user()), now=NOW)
        assert not request.messages.filter(kind="cancelled").exists()
