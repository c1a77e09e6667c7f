"""A signed link shows a draft to people without an account, for a week."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.test import Client
from django.urls import reverse

from pages import previews
from tests.factories import NOW
from tests.pages.content_rows import a_page, a_text, published

pytestmark = pytest.mark.django_db


def both(page: Any) -> list[str]:
    link = previews.token(page.pk)
    return [reverse("pages:preview_en", args=[link]), reverse("pages:preview_es", args=[link])]


def a_draft() -> Any:
    page = a_page(title_es="La prueba", nav_title_es="Prueba", description_es="Qué es.", lead_en="Not live yet")
    a_text(page, heading_en="Soon", heading_es="Pronto", body_es="<p>Palabras.</p>")
    return page


def test_the_link_shows_the_draft_in_both_languages_without_signing_in(client: Client) -> None:
    english, spanish = both(a_draft())
    body = client.get(english).content.decode()
    assert "Not live yet" in body
    assert f'<a href="{spanish}" lang="es" hreflang="es">Español</a>' in body
    answer = client.get(spanish)
    assert "Pronto" in answer.content.decode()
    assert '<html lang="es">' in answer.content.decode()
    assert f'href="{english}" lang="en"' in answer.content.decode()


def test_what_it_shows_is_marked_never_kept_and_not_for_search_engines(client: Client) -> None:
    answer = client.get(both(published(a_draft()))[0])
    assert 'class="notice-top"' in answer.content.decode()
    assert '<meta name="robots" content="noindex">' in answer.content.decode()
    assert 'rel="canonical"' not in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert not answer.cookies
    assert not getattr(answer, "reading_page", False)


def test_the_link_ends_after_seven_days(client: Client) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        english = both(a_draft())[0]
        clock.shift(previews.LASTS - timedelta(minutes=1))
        assert client.get(english).status_code == 200
        clock.shift(timedelta(minutes=2))
        assert client.get(english).status_code == 404


@pytest.mark.parametrize("made_up", ["x", "MQ:1abc:def", "A" * 300])
def test_a_made_up_link_is_not_found_and_not_kept(client: Client, made_up: str) -> None:
    a_draft()
    answer = client.get(reverse("pages:preview_en", args=[made_up]))
    assert answer.status_code == 404
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_signature_made_for_something_else_opens_no_draft() -> None:
    assert previews.page_id(signing.dumps(a_draft().pk, salt="another")) is None
    assert previews.page_id(signing.dumps("1", salt="pages.preview")) is None


def test_the_link_of_a_page_that_was_deleted_is_not_found(client: Client) -> None:
    page = a_draft()
    english = both(page)[0]
    page.delete()
    assert client.get(english).status_code == 404
