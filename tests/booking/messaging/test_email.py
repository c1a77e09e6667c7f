"""Emails to patients: plain words and the same in HTML, nothing loaded from anywhere, and a copy beside a text."""

import re
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.core import mail

from booking.messaging import email, email_html, outbox, wording, wording_versions
from booking.models import DeskTask, OutgoingMessage
from tests import factories
from tests.factories import NOW

LINK = "https://www.calvascular.example/r/AbCdEfGhIjKlMnOpQrStUv/"
SLOTS = {"brand": "CVI", "link": LINK, "phone": "(213) 555-0134", "reference": "7K4P-29XM"}
Channel = OutgoingMessage.Channel


def words_of(html: str) -> str:
    """What a person reads, tags and styles taken away."""
    body = html.split("<body", 1)[1].split(">", 1)[1]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.fixture(params=[(kind, language) for kind in sorted(wording.KINDS) for language in ("en", "es")], ids="-".join)
def letter(request: Any) -> dict[str, str]:
    """Every email there is, in both languages."""
    kind, language = request.param
    words = wording_versions.built_in(kind, channel="email", language=language)
    made = wording_versions.fill(kind, words, channel="email", language=language, slots=SLOTS)
    return {"subject": made.subject, "body": made.body, "language": language}


def test_both_parts_say_the_same_in_her_language(letter: dict[str, str]) -> None:
    html = email_html.page(**letter)
    assert f'<html lang="{letter["language"]}">' in html
    shown = words_of(html)
    for paragraph in letter["body"].strip().split("\n\n"):
        assert paragraph.split(": http")[0] in shown
    assert shown.count(LINK) == 1
    assert ("copie esta dirección" in shown) == (letter["language"] == "es")
    assert wording.problems(shown) == []


def test_nothing_is_loaded_counted_or_rewritten(letter: dict[str, str]) -> None:
    html = email_html.page(**letter)
    assert set(re.findall(r'(?:href|src|background|action|url)\s*[=(]\s*["\']?(https?:[^"\')\s]+)', html)) == {LINK}
    assert not re.search(
        r"<(?:img|script|link|iframe|form|video|object|base)\b|@import|@font-face|url\(|\bon\w+=", html
    )
    assert len(html.encode()) < 5000


def test_a_value_cannot_become_markup() -> None:
    body = wording.render_email("help", "en", slots={**SLOTS, "brand": "A & B <b>", "phone": '"><script>'})[1]
    html = email_html.page(subject="x", body=body, language="en")
    assert "<script>" not in html
    assert "A &amp; B &lt;b&gt;" in html


def test_headers_name_our_own_id_and_ask_machines_not_to_answer() -> None:
    for _twice in range(2):
        email.send(to="a@mail.example", subject="x", body=f"x\n\n{LINK}\n\nCVI\n", callback_key="k-1", language="es")
    first, second = (message.message() for message in mail.outbox)
    assert first["Message-ID"] == second["Message-ID"] == f"<k-1@{settings.SITE_HOST}>"
    assert (first["Auto-Submitted"], first["Content-Language"]) == ("auto-generated", "es")
    assert first["List-Unsubscribe"] is None
    assert [part.get_content_type() for part in first.walk()] == ["multipart/alternative", "text/plain", "text/html"]


@pytest.mark.usefixtures("clinic", "now")
class TestTheCopy:
    def test_who_gets_texts_and_gave_an_email_address_gets_a_copy_without_the_time(self) -> None:
        request = factories.a_visit(factories.a_request(email="m@mail.example")).request
        rows = request.messages.values_list("kind", "channel")
        assert sorted(rows) == [(k, c) for k in ("confirmed", "received") for c in ("email", "sms")]
        copy = request.messages.get(kind="confirmed", channel="email")
        assert request.spaced_reference in copy.body
        assert "Dec 16" not in copy.body

    @pytest.mark.parametrize(
        "kind", ["day_before", "same_morning", "plan_begins", "nudge", "link_again", "link", "help"]
    )
    def test_what_is_over_in_a_day_or_was_asked_for_by_text_is_not_copied(self, kind: str) -> None:
        visit = factories.a_visit(factories.a_request(email="m@mail.example"))
        made = outbox.queue(request=visit.request, kind=kind, occasion="v1", now=NOW, visit=visit)
        assert [row.channel for row in made] == ["sms"]

    def test_an_email_address_without_texts_gets_one_email_and_no_copy(self) -> None:
        request = factories.a_request(email="m@mail.example", contact="email", sms_consent=False)
        assert [row.channel for row in request.messages.all()] == ["email"]

    def test_queueing_twice_makes_no_second_copy(self) -> None:
        visit = factories.a_visit(factories.a_request(email="m@mail.example"))
        assert outbox.queue(request=visit.request, kind="confirmed", occasion="v1", now=NOW, visit=visit) == []

    def test_a_copy_that_fails_bothers_nobody_while_the_text_is_on_its_way(self, monkeypatch: Any) -> None:
        request = factories.a_request(email="m@mail.example")
        refuse(monkeypatch)
        outbox.attempt(request.messages.get(channel=Channel.EMAIL).pk, now=NOW)
        assert request.messages.get(channel=Channel.EMAIL).state == "failed"
        assert not DeskTask.objects.exists()

    def test_a_copy_that_fails_after_the_text_did_is_a_call(self, monkeypatch: Any) -> None:
        request = factories.a_request(email="m@mail.example")
        OutgoingMessage.objects.filter(channel=Channel.SMS).update(state="failed", finished_at=NOW)
        refuse(monkeypatch)
        outbox.attempt(request.messages.get(channel=Channel.EMAIL).pk, now=NOW)
        assert DeskTask.objects.get().kind == "message_failed"


def refuse(monkeypatch: Any) -> None:
    """A mail server that does not know the address."""

    def send(**_letter: Any) -> None:
        raise email.SendRefused(email._BAD_ADDRESS, code=550)

    monkeypatch.setattr(email, "send", send)
