"""Whatever an editor pastes or presses at a bad moment: a clear message, nothing lost, nothing hostile shown."""

import threading
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.test import Client
from django.urls import reverse

from pages import content, publishing
from pages.models import SECTION_MODELS, Fact, Page, PageVersion, Publication, Question, Redirect, TextSection
from pages.paths import RESERVED
from pages.rich_text import TAGS, RichTextField
from tests.pages.admin.test_page import editor, form_of  # noqa: F401
from tests.pages.content_rows import a_fact, a_page, a_question, a_text, published

HOSTILE = (
    "<p>Kept.</p><script>alert(1)</script><p onclick='alert(1)' style='position:fixed'>a</p>"
    "<a href='javascript:alert(1)'>b</a><a href='//evil.example/'>c</a><svg onload='alert(1)'><style>*{}</style></svg>"
    "<img src=x onerror=alert(1)><iframe src='https://evil.example/'></iframe><form action='/x'><input></form>"
)
DEEP = "<ul><li>" * 3000 + "deep" + "</li></ul>" * 3000
RICH = [
    (model, field.name)
    for model in apps.get_app_config("pages").get_models()
    for field in model._meta.get_fields()
    if isinstance(field, RichTextField) and field.name.endswith(("_en", "_es"))
]


def test_every_rich_field_is_looked_at() -> None:
    found = {(model.__name__, name) for model, name in RICH}
    assert {("Question", "answer_en"), ("Question", "answer_es")} <= found
    assert {model.__name__ for model, _name in RICH} == {"Question"} | {
        model.__name__ for model in SECTION_MODELS if "body" in model.fields_en_es
    }


@pytest.mark.parametrize(("model", "name"), RICH, ids=[f"{model.__name__}.{name}" for model, name in RICH])
def test_hostile_html_is_cleaned_in_every_rich_field_before_it_is_stored(model: type[models.Model], name: str) -> None:
    field = model._meta.get_field(name)
    for hostile in (HOSTILE, DEEP):
        clean = field.clean(hostile, None) if len(hostile) < 20_000 else None
        if clean is not None:
            assert "Kept." in clean
            for sign in ("script", "alert", "onclick", "style", "svg", "img", "iframe", "form", "evil"):
                assert sign not in clean
        else:
            with pytest.raises(ValidationError):
                field.clean(hostile, None)


def test_only_nine_tags_are_ever_stored() -> None:
    assert {"p", "ul", "ol", "li", "strong", "em", "a", "h3", "br"} == TAGS


@pytest.mark.django_db
def test_a_paste_of_two_megabytes_comes_back_with_a_message_and_all_its_words(editor: Client) -> None:  # noqa: F811
    page = a_page()
    paste = "<p>" + "word " * 400_000 + "the end</p>"
    section = {
        "textsection-TOTAL_FORMS": "1",
        "textsection-0-region": "main",
        "textsection-0-ordering": "10",
        "textsection-0-parent": str(page.pk),
        "textsection-0-heading_en": "Why",
        "textsection-0-body_en": paste,
    }
    answer = editor.post(reverse("admin:pages_page_change", args=[page.pk]), form_of(page, **section))
    body = unescape(answer.content.decode())
    assert answer.status_code == 200
    assert "at most 20000 characters" in body
    assert "the end" in body
    assert not TextSection.objects.exists()


@pytest.mark.django_db
def test_what_is_stored_hostile_in_a_plain_field_is_shown_and_not_obeyed() -> None:
    page = a_page(lead_en="<script>alert(1)</script>", description_en='"><script>alert(2)</script>')
    published(page)
    body = Client().get("/hsg/").content.decode()
    assert "&lt;script&gt;alert(1)" in body
    assert "<script>alert" not in body


@pytest.mark.django_db
def test_a_slug_that_is_taken_is_named_in_the_form(editor: Client) -> None:  # noqa: F811
    a_page("one", path="/one/")
    page = a_page("two", path="/two/")
    answer = editor.post(reverse("admin:pages_page_change", args=[page.pk]), form_of(page, path_en="/one/"))
    assert "Page with this Path in English already exists." in unescape(answer.content.decode())
    page.refresh_from_db()
    assert page.path_en == "/two/"


@pytest.mark.django_db
@pytest.mark.parametrize("first", sorted(RESERVED))
def test_no_page_can_be_put_under_an_address_of_the_site_itself(first: str) -> None:
    for values in ({"path_en": f"/{first}/x/"}, {"path_en": "/free/", "path_es": f"/es/{first}/x/"}):
        with pytest.raises(ValidationError, match=r"taken by the site itself|are for Spanish pages"):
            Page(key="x", title_en="x", nav_title_en="x", description_en="x", **values).full_clean()


@pytest.mark.django_db
def test_a_fact_that_names_itself_is_refused_with_words(editor: Client) -> None:  # noqa: F811
    fact = a_fact("payment_when", "You pay on the day.")
    answer = editor.post(reverse("admin:pages_fact_change", args=[fact.pk]), {"value": "{{payment_when}}"})
    assert "without < > { }" in unescape(answer.content.decode())
    assert Fact.objects.get().value == "You pay on the day."


@pytest.mark.django_db
def test_a_version_that_nobody_can_read_says_so_on_every_screen(editor: Client) -> None:  # noqa: F811
    page = a_page()
    version = PageVersion(
        page=page, language="en", number=1, format=1, content={"key": "hsg"}, published_at="2026-01-01T00:00:00Z"
    )
    version.save()
    PageVersion.objects.filter(pk=version.pk).update(format=content.FORMAT + 1)
    screens = [
        reverse("admin:pages_version_look", args=[version.pk]),
        reverse("admin:pages_restore", args=[page.pk, version.pk]),
        reverse("admin:pages_compare", args=[page.pk, "en"]) + "?old=1",
    ]
    for address in screens:
        answer = editor.get(address, follow=True)
        assert answer.status_code == 200
        assert "of a page snapshot is not known here." in answer.content.decode(), address
    assert page.title_en == Page.objects.get().title_en  # type: ignore[attr-defined]


def at_once(*works: Callable[[], Any]) -> list[str]:
    """Run them in threads on connections of their own; what each ended with."""
    barrier, ends = threading.Barrier(len(works)), []

    def run(work: Callable[[], Any]) -> None:
        try:
            barrier.wait(30)
            work()
            ends.append("done")
        except publishing.PublishRefusedError as error:
            ends.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(ends)


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_one_page_at_once_make_two_versions_and_the_last_is_live() -> None:
    page = a_page()
    a_text(page)
    ends = at_once(*[lambda: publishing.publish(page, language="en", by=None)] * 4)
    assert ends == ["done"] * 4
    assert sorted(PageVersion.objects.values_list("number", flat=True)) == [1, 2, 3, 4]
    assert Publication.objects.get().version.number == 4
    assert publishing.generation() == 4


@pytest.mark.django_db(transaction=True)
def test_two_pages_that_go_live_at_one_address_at_once_leave_one_there() -> None:
    first = published(a_page("one", path="/one/"))
    second = published(a_page("two", path="/two/"))
    # Drafts cannot share an address, but one may move away from what the other moves to.
    Page.objects.filter(pk=first.pk).update(path_en="/three/")
    Page.objects.filter(pk=second.pk).update(path_en="/one/")
    ends = at_once(
        lambda: publishing.publish(first, language="en", by=None),
        lambda: publishing.publish(second, language="en", by=None),
    )
    assert "done" in ends
    assert set(ends) <= {"done", "Another page is live at this path."}
    live = list(Publication.objects.values_list("path", flat=True))
    assert len(live) == len(set(live)) == 2


@pytest.mark.django_db
def test_a_question_saved_twice_under_one_key_is_refused(editor: Client) -> None:  # noqa: F811
    a_question("cost", "What does it cost?")
    data = {
        "key": "cost",
        "topic": str(Question.objects.get().topic_id),
        "question_en": "Again?",
        "answer_en": "<p>Yes.</p>",
        "position": "0",
    }
    answer = editor.post(reverse("admin:pages_question_add"), data)
    assert "Question with this Key already exists." in unescape(answer.content.decode())
    assert Question.objects.count() == 1
    assert not Redirect.objects.exists()
