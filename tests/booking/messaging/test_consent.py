"""The consent ledger."""

import hashlib
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking import actors, lifecycle
from booking.messaging import consent
from booking.models import ConsentEvent, ContactNumber
from pages.models import Page
from tests import factories
from tests.factories import NOW, PHONE
from tests.pages import content_rows

Source = ConsentEvent.Source


@pytest.fixture
def number(db):
    return consent.number_for(PHONE, now=NOW)


def grant(number, **fields):
    values = {
        "request": None,
        "language": "en",
        "page": "/request/contact/",
        "form_version": "1",
        "network": "192.0.2.0/24",
        "source": Source.FORM,
        "now": NOW,
    }
    return consent.grant(number=number, **{**values, **fields})


def test_taking_a_place_in_the_line_of_a_number_keeps_nobody_from_adding_a_message(clinic):
    number = factories.a_request().contact_number
    with CaptureQueriesContext(connection) as queries:
        assert consent.may_text_in_line(number)
    # FOR UPDATE would stop the check of the foreign key at another's COMMIT: two that wait for each other.
    locks = [query["sql"] for query in queries if "FOR " in query["sql"]]
    assert [sql.endswith("FOR NO KEY UPDATE") for sql in locks] == [True] * (connection.vendor == "postgresql")


def test_without_a_line_nobody_is_texted(number):
    assert not consent.may_text(number)
    assert not consent.may_text(None)


def test_a_grant_keeps_the_words_exactly_as_shown_with_their_fingerprint(number):
    assert grant(number)
    line = ConsentEvent.objects.get()
    shown = consent.box("en")
    assert line.wording == shown.text
    assert line.wording_hash == hashlib.sha256(shown.text.encode()).hexdigest()
    assert (line.wording_id, line.wording_version, line.wording_language) == ("sms-box", 1, "en")
    assert consent.may_text(number)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_box_holds_what_the_carriers_demand(language):
    text = consent.box(language).text
    for needed in ("CVI", "STOP", "HELP", "opt" if language == "en" else "opcional"):
        assert needed in text
    if language == "en":
        assert "Message and data rates may apply" in text
        assert "Message frequency varies" in text
        assert "You do not need to agree" in text


def test_a_later_tick_does_not_undo_a_stop(number):
    grant(number)
    consent.stop(number=number, source=Source.TEXT, now=NOW)
    assert not grant(number)
    assert not consent.may_text(number)


def test_start_undoes_a_stop_only_where_somebody_had_agreed_before(number):
    assert not consent.restart(number=number, source=Source.TEXT, now=NOW)
    consent.stop(number=number, source=Source.TEXT, now=NOW)
    assert not consent.restart(number=number, source=Source.TEXT, now=NOW)
    assert not consent.may_text(number)


def test_start_after_a_consent_and_a_stop_texts_again(number):
    grant(number)
    consent.stop(number=number, source=Source.TEXT, now=NOW)
    assert consent.restart(number=number, source=Source.TEXT, now=NOW, said="START")
    assert consent.may_text(number)


def test_a_wish_spoken_to_staff_counts_and_names_who_heard_it(number):
    user = factories.a_staff_user()
    consent.stop(number=number, source=Source.STAFF, now=NOW, said="No more texts", recorded_by=user)
    assert ConsentEvent.objects.get().recorded_by == user
    assert grant(number, source=Source.STAFF, recorded_by=user)
    assert ConsentEvent.objects.last().wording == consent.script("en").text


class TestAWrongNumber:
    @pytest.fixture
    def wrong(self, number):
        grant(number)
        consent.mark_wrong(number=number, request=None, now=NOW, recorded_by=factories.a_staff_user())
        return number

    def test_is_not_texted_and_a_tick_does_not_undo_it(self, wrong):
        # She may mistype it once more, or her browser does it for her.
        assert not grant(wrong)
        assert not consent.may_text(wrong)

    def test_is_texted_again_when_she_was_reached_there_and_agreed(self, wrong):
        assert grant(wrong, source=Source.STAFF, recorded_by=factories.a_staff_user())
        assert consent.may_text(wrong)
        assert not consent.is_wrong(wrong)

    def test_is_not_made_right_by_a_start_of_whoever_has_it(self, wrong):
        assert not consent.restart(number=wrong, source=Source.TEXT, now=NOW)
        consent.stop(number=wrong, source=Source.TEXT, now=NOW)
        assert not consent.restart(number=wrong, source=Source.TEXT, now=NOW)
        assert consent.is_wrong(wrong)

    def test_does_not_let_a_tick_undo_an_earlier_stop(self, number):
        consent.stop(number=number, source=Source.TEXT, now=NOW)
        consent.mark_wrong(number=number, request=None, now=NOW, recorded_by=factories.a_staff_user())
        assert not grant(number)


def test_agreeing_or_stopping_twice_adds_one_line(number):
    grant(number)
    grant(number)
    consent.stop(number=number, source=Source.TEXT, now=NOW)
    consent.stop(number=number, source=Source.PROVIDER, now=NOW)
    assert [line.kind for line in ConsentEvent.objects.order_by("pk")] == ["granted", "stopped"]


def test_a_stop_outlives_the_deletion_of_the_number(number):
    consent.stop(number=number, source=Source.TEXT, now=NOW)
    ContactNumber.objects.filter(pk=number.pk).update(number="")
    back = consent.number_for(PHONE, now=NOW)
    assert back.pk == number.pk
    assert back.number == PHONE
    assert not grant(back)


@pytest.mark.parametrize(
    ("wording", "version", "fingerprint"),
    [
        (consent.box("en"), 1, "deb8f58a80ec31e1"),
        (consent.box("es"), 2, "964cf08f01bd76ca"),
        (consent.script("en"), 1, "95f6a90dd5d07389"),
        (consent.script("es"), 1, "4171ce8e751aaca7"),
    ],
    ids=lambda value: getattr(value, "id", None),
)
def test_words_that_change_get_a_new_version(wording, version, fingerprint):
    """Whoever changes a word has to come here, and sees that `version` must rise with it."""
    assert (wording.version, wording.sha256[:16]) == (version, fingerprint)


def test_a_grant_keeps_the_pages_behind_the_links_as_they_were_published(number):
    for key in ("privacy", "text-messages", "faq"):
        content_rows.published(content_rows.a_page(key, path=f"/{key}/"))
    content_rows.published(Page.objects.get(key="privacy"))
    grant(number)
    assert ConsentEvent.objects.get().page_versions == "privacy 2, text-messages 1"


def test_a_stop_by_text_keeps_the_id_of_the_text(number):
    consent.stop(number=number, source=Source.TEXT, now=NOW, said="STOP", provider_id="SM1")
    assert ConsentEvent.objects.get().provider_id == "SM1"


def test_what_waited_in_quarantine_was_agreed_to_when_it_was_sent(clinic):
    request = factories.a_request(quarantine_reason="too_fast")
    later = NOW + timedelta(hours=3)
    lifecycle.release_from_quarantine(request=request, by=actors.staff(factories.a_staff_user()), now=later)
    assert ConsentEvent.objects.get().at == NOW
