"""Two people edit one thing: the second is told, sees what differs, and nothing is overwritten silently."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from pages.models import Page, TextSection
from tests.pages.admin.test_page import editor, form_of  # noqa: F401 (a fixture)
from tests.pages.content_rows import a_page, a_question, a_text

pytestmark = pytest.mark.django_db


def opened(client: Client, url: str) -> str:
    """What the form of a page carries about what it shows."""
    match = re.search(r'name="seen" value="([0-9a-f]+)"', client.get(url).content.decode())
    assert match
    return match[1]


def with_section(page: Page, section: TextSection, **changes: str) -> dict[str, str]:
    data = {
        "textsection-TOTAL_FORMS": "1",
        "textsection-INITIAL_FORMS": "1",
        "textsection-0-id": str(section.pk),
        "textsection-0-parent": str(page.pk),
        "textsection-0-region": "main",
        "textsection-0-ordering": "10",
        "textsection-0-heading_en": "Why",
        "textsection-0-body_en": "<p>Words.</p>",
    }
    return form_of(page, **{**data, **changes})


def test_who_saves_alone_is_not_disturbed(editor: Client) -> None:  # noqa: F811
    page = a_page()
    url = reverse("admin:pages_page_change", args=[page.pk])
    assert editor.post(url, form_of(page, title_en="Mine", seen=opened(editor, url))).status_code == 302
    assert editor.post(url, form_of(page, title_en="Mine", seen=opened(editor, url))).status_code == 302


def test_the_second_is_told_who_saved_and_what_differs(editor: Client, staff_client: Client) -> None:  # noqa: F811
    page = a_page()
    url = reverse("admin:pages_page_change", args=[page.pk])
    seen = opened(editor, url)
    staff_client.post(url, form_of(page, lead_en="Theirs <b>", seen=opened(staff_client, url)))
    answer = editor.post(url, form_of(page, title_en="Mine", seen=seen))
    body = answer.content.decode()
    assert answer.status_code == 200
    assert "desk saved this at" in body
    assert re.search(r"<del>.*?Theirs &lt;b&gt;</del>", body)
    assert re.search(r"<ins>.*?Mine</ins>", body)
    assert 'value="Mine"' in body
    page.refresh_from_db()
    assert (page.title_en, page.lead_en) == ("The test", "Theirs <b>")  # type: ignore[attr-defined]


def test_saving_again_after_the_notice_keeps_what_the_form_says(editor: Client, staff_client: Client) -> None:  # noqa: F811
    page = a_page()
    url = reverse("admin:pages_page_change", args=[page.pk])
    seen = opened(editor, url)
    staff_client.post(url, form_of(page, title_en="Theirs", seen=opened(staff_client, url)))
    told = editor.post(url, form_of(page, title_en="Mine", seen=seen)).content.decode()
    again = re.search(r'name="seen" value="([0-9a-f]+)"', told)
    assert again
    assert editor.post(url, form_of(page, title_en="Mine", seen=again[1])).status_code == 302
    assert Page.objects.get().title_en == "Mine"  # type: ignore[attr-defined]


def test_a_section_counts_as_part_of_its_page(editor: Client, staff_client: Client) -> None:  # noqa: F811
    page = a_page()
    section = a_text(page)
    url = reverse("admin:pages_page_change", args=[page.pk])
    seen = opened(editor, url)
    theirs = with_section(page, section, **{"textsection-0-body_en": "<p>Their words.</p>"})
    assert staff_client.post(url, {**theirs, "seen": opened(staff_client, url)}).status_code == 302
    body = editor.post(url, {**with_section(page, section), "seen": seen}).content.decode()
    assert "text “Why”" in body
    assert re.search(r"<del>.*?Their words\.</del>", body)
    assert TextSection.objects.get().body_en == "<p>Their words.</p>"  # type: ignore[attr-defined]


def test_questions_are_kept_apart_in_the_same_way(editor: Client) -> None:  # noqa: F811
    question = a_question("q", "Is it safe?")
    url = reverse("admin:pages_question_change", args=[question.pk])
    seen = opened(editor, url)
    type(question).objects.update(question_en="Changed by a command")
    data: dict[str, Any] = {
        "key": "q",
        "topic": question.topic_id,
        "question_en": "Mine",
        "answer_en": "<p>Yes.</p>",
        "position": "0",
        "seen": seen,
    }
    assert "Somebody saved this" in editor.post(url, data).content.decode()


def test_an_address_that_is_made_up_is_not_found(editor: Client) -> None:  # noqa: F811
    assert editor.post("/admin/pages/page/x/change/", {"seen": "x"}).status_code == 302
