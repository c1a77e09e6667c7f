"""Texts from patients."""

import pytest

from booking import lifecycle
from booking.messaging import consent, inbound
from booking.models import ConsentEvent, DeskTask, IncomingText, OutgoingMessage
from tests import factories
from tests.factories import NOW, PHONE

STOPS = """
stop|STOP|Stop.|stop!!!|stop|S T O P|s.t.o.p|StopAll|UNSUBSCRIBE|Cancel|END|quit|REVOKE|OptOut|opt out|
OPT-OUT|opt me out|Stop please|please stop|PLEASE STOP TEXTING ME|stop texting|stop messaging me|
stop sending these|quit texting me|Don't text me|do not text this number|don’t contact me again|
never text me again|remove me|Remove my number|take me off your list|no more texts|no more messages please|
No texts|leave me alone|I revoke my consent|i want to opt out|unsubscribe me|I withdraw my consent|Stop it|
stop now|can you stop|alto|ALTO|Parar|pare|Paren|cancelar|basta|¡Basta!|detener|baja|fin|no mas|No más|
no más mensajes|no mas textos por favor|no me envíen mensajes|No me escriban|no me manden textos|
ya no quiero mensajes|no quiero recibir más mensajes|dejen de enviarme mensajes|deje de escribirme|
por favor paren|paren de mandar mensajes|quiero darme de baja|quítenme|borren mi número|
bórrenme de la lista|remuévanme|
"""
OTHERS = """
Thank you|thanks!|ok|Okay see you then|Can I stop by at 3 pm?|I will stop by the office|what time is it?|
gracias|Muchas gracias|sí|si|no|No puedo ir ese día|puedo llegar más tarde?|no, más tarde|I have no car|
Do I need to bring something?|My friend will bring me|Is there parking?|
I am at the bus stop now can I still come?|call me|llámeme por favor|Nos vemos el lunes|I will be late|
running 10 min late|¿Dónde es?|Can we end early that day?|The weekend works for me|I need to reschedule|
quiero cambiar la fecha|¿Cuánto cuesta?|how much is it|a|?|👍|
"""
CORPUS = [(text.strip("\n"), "stop") for text in STOPS.replace("\n", "").split("|") if text] + [
    (text.strip("\n"), "other") for text in OTHERS.replace("\n", "").split("|") if text
]


def receive(body, *, provider_id="SM1", keyword="", now=NOW):
    return inbound.receive(provider_id=provider_id, from_number=PHONE, body=body, keyword=keyword, now=now)


@pytest.mark.parametrize(("text", "meaning"), CORPUS)
def test_no_wish_to_stop_is_missed_and_no_thank_you_taken_for_one(text, meaning):
    assert inbound.meaning_of(text) == meaning


@pytest.mark.parametrize("text", ["START", "start", "Unstop", "YES"])
def test_only_the_providers_words_start_texts_again(text):
    assert inbound.meaning_of(text) == "start"


@pytest.mark.parametrize("text", ["yes please", "start over", "sí"])
def test_a_sentence_starts_nothing(text):
    assert inbound.meaning_of(text) == "other"


@pytest.mark.parametrize("text", ["HELP", "help?", "Info", "ayuda"])
def test_help_is_understood_in_both_languages(text):
    assert inbound.meaning_of(text) == "help"


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
