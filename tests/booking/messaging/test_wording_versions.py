"""Which words are sent: the newest version that was saved, and the message remembers which."""

import pytest

from booking.messaging import wording_versions
from booking.messaging.wording_versions import SavedMeanwhile
from booking.models import OutgoingMessage, WordingVersion
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("clinic", "now")
TEXT = ("{brand}: Got it. {link}", "Msg freq varies. Msg&data rates may apply.", "HELP for help, STOP to end.")


def save(*sentences, kind="received", channel="sms", subject="", based_on=0):
    return wording_versions.add(
        kind,
        channel=channel,
        language="en",
        sentences=sentences,
        subject=subject,
        based_on=based_on,
        by=factories.a_staff_user(),
        now=NOW,
    )


def test_without_a_version_the_built_in_words_are_sent():
    factories.a_request()
    assert OutgoingMessage.objects.get().wording_version == 0


def test_the_newest_version_is_sent_and_remembered():
    save(*TEXT)
    save(TEXT[0].replace("Got it", "Thank you"), *TEXT[1:], based_on=1)
    factories.a_request()
    row = OutgoingMessage.objects.get()
    assert row.body.startswith("CVI: Thank you. http")
    assert row.wording_version == 2


def test_what_was_queued_before_keeps_the_words_it_was_queued_with():
    factories.a_request()
    save(*TEXT)
    assert OutgoingMessage.objects.get().wording_version == 0


def test_the_other_language_and_channel_keep_theirs():
    save(*TEXT)
    factories.a_request(page_language="es")
    assert OutgoingMessage.objects.get().wording_version == 0


def test_an_email_has_its_own_words_and_subject():
    save("Hello.", "{reference}", "{link}", channel="email", subject="About {reference}")
    request = factories.a_request(contact="email", email="m@example.com", sms_consent=False)
    row = OutgoingMessage.objects.get()
    assert row.subject == f"About {request.spaced_reference}"
    assert row.body.startswith("Hello.\n\n")


@pytest.mark.parametrize("line", ["{brand}: Your HSG. {link}", "{brand}: {gone} {link}"])
def test_words_that_a_later_gate_refuses_never_stop_a_request(line, caplog):
    save(line)
    factories.a_request()
    row = OutgoingMessage.objects.get()
    assert row.body.startswith("CVI: We have your request.")
    assert row.wording_version == 0
    assert "Version 1 of received (en) cannot be sent" in caplog.text


def test_of_two_who_save_at_once_the_second_is_told():
    save(*TEXT)
    with pytest.raises(SavedMeanwhile):
        save(*TEXT)
    assert WordingVersion.objects.count() == 1


def test_any_older_version_can_be_read_again():
    save(*TEXT)
    first = wording_versions.version("received", channel="sms", language="en", number=1)
    assert first is not None
    assert first.sentences == TEXT
    assert wording_versions.version("received", channel="sms", language="en", number=7) is None
