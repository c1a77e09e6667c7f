"""Managers change the words of messages: they see every extreme first, and can always go back."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from booking.models import WordingVersion
from tests.booking.admin.desk import member_of, read, words

pytestmark = pytest.mark.usefixtures("now", "clinic")
LIST = "/admin/booking/wordingversion/"
NEW = "{brand}: Your visit is on {day}, {time}, {office}.\n{link}\nTo change, call {phone}."


def page_of(kind: str = "confirmed", channel: str = "sms", language: str = "en") -> str:
    return reverse("admin:booking_wordingversion_words", args=[kind, channel, language])


@pytest.fixture
def manager() -> Client:
    """A browser of a manager."""
    return member_of("Managers")


def post(client: Client, text: str = NEW, *, url: str = "", **more: Any) -> Any:
    data = {"text": text, "based_on": 0, "shown": "", **more}
    return client.post(url or page_of(), data, follow=True)


def shown_by(response: Any) -> str:
    found = re.search(r'name="shown" value="([0-9a-f]*)"', words(response))
    assert found is not None
    return found[1]


def saves(client: Client, text: str = NEW, **more: Any) -> Any:
    """Look, then save what was shown."""
    return post(client, text, **more, save="1", shown=shown_by(post(client, text, **more, preview="1")))


def test_the_table_shows_every_message_with_its_length_at_worst(manager: Client) -> None:
    page = read(manager, LIST)
    for text in ("We have your request", "Reminder: visit tomorrow", "Built-in", "at most 155 characters, 1 part"):
        assert text in page or text.startswith("at most")
    assert len(re.findall(r"at most \d+ characters", page)) >= 26


def test_a_preview_shows_extremes_with_length_encoding_and_parts_and_saves_nothing(manager: Client) -> None:
    page = words(post(manager, preview="1"))
    for text in ("Longest values", "By video", "No phone number known", "GSM-7, 1 part", "Save these words"):
        assert text in page
    assert WordingVersion.objects.count() == 0


def test_what_was_looked_at_is_saved_and_logged(manager: Client) -> None:
    response = saves(manager)
    assert "Saved as version 1." in words(response)
    row = WordingVersion.objects.get()
    assert (row.text, row.saved_by.username, row.number) == (NEW, "of-managers", 1)
    assert LogEntry.objects.get().change_message == "Time set: text, English"
    assert "Version 1" in read(manager, LIST)


def test_saving_other_words_than_those_shown_shows_them_first(manager: Client) -> None:
    proof = shown_by(post(manager, preview="1"))
    page = words(post(manager, NEW.replace("Your", "The"), save="1", shown=proof))
    assert "What patients will get" in page
    assert WordingVersion.objects.count() == 0


def test_refused_words_are_kept_on_the_screen_with_the_reason(manager: Client) -> None:
    response = post(manager, NEW.replace("visit", "HSG"), preview="1")
    assert response.status_code == 422
    assert "“hsg” tells what the visit is about" in words(response).lower().replace("“HSG", "“hsg")
    assert "{brand}: Your HSG is on" in words(response)
    assert "Save these words" not in words(response)


def test_nothing_written_is_a_sentence_and_no_error_page(manager: Client) -> None:
    assert "Write the words" in words(post(manager, "", preview="1"))
    assert post(manager, "x" * 3000, preview="1").status_code == 422
    assert post(manager, based_on="x", preview="1").status_code == 422


def test_of_two_managers_the_second_sees_what_the_first_saved(manager: Client) -> None:
    saves(manager)
    other = NEW.replace("is on", "will be on")
    response = saves(manager, other)
    assert "Somebody saved version 1 meanwhile" in words(response)
    assert "will be on" in words(response)
    assert saves(manager, other, based_on=1).status_code == 200
    assert WordingVersion.objects.count() == 2


def test_older_words_and_the_built_in_ones_come_back_as_a_new_version(manager: Client) -> None:
    saves(manager)
    manager.post(page_of(), {"restore": "0", "based_on": "1"})
    row = WordingVersion.objects.get(number=2)
    assert row.restores == 0
    assert row.text.startswith("{brand}: Your visit is set")
    page = words(manager.post(page_of(), {"restore": "1", "based_on": "2"}, follow=True))
    assert "Saved as version 3." in page
    assert "brings back version 1" in page


@pytest.mark.parametrize("restore", ["9", "-1", "x"])
def test_what_never_was_cannot_come_back(manager: Client, restore: str) -> None:
    assert manager.post(page_of(), {"restore": restore, "based_on": "0"}).status_code == 404


def test_an_email_has_a_subject(manager: Client) -> None:
    text = "We set a time.\nYour reference is {reference}.\nSee your page: {link}\nQuestions? Call {phone}."
    url = page_of(channel="email")
    saves(manager, text, url=url, subject="About {reference}")
    assert WordingVersion.objects.get().subject == "About {reference}"


@pytest.mark.parametrize("group", ["Front desk", "Editors"])
def test_nobody_but_managers_reads_or_changes_them(group: str) -> None:
    client = member_of(group)
    assert client.get(LIST).status_code == 403
    assert client.get(page_of()).status_code == 403
    assert post(client, save="1").status_code == 403


@pytest.mark.parametrize("url", ["confirmed/sms/fr/", "confirmed/fax/en/", "nothing/sms/en/"])
def test_a_message_that_does_not_exist_is_not_found(manager: Client, url: str) -> None:
    assert manager.get(f"{LIST}{url}").status_code == 404
