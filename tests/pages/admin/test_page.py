"""Editors change, preview and publish in Django's admin."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from pages import publishing
from pages.models import SECTION_MODELS, Page, PageVersion, Publication, TextSection
from tests.pages.content_rows import a_fact, a_page, a_text, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(admin_user: Any) -> Client:
    """A browser of somebody who may do everything."""
    client = Client()
    client.force_login(admin_user)
    return client


def form_of(page: Page, **changes: str) -> dict[str, str]:
    """What the change form posts for a page without sections."""
    names = ("title", "nav_title", "description", "lead")
    values = {f"{name}_{code}": getattr(page, f"{name}_{code}") or "" for name in names for code in ("en", "es")}
    values |= {"path_en": page.path_en, "path_es": page.path_es or "", "place": "", "position": "0", "checked_by": ""}
    for model in SECTION_MODELS:
        prefix = str(model._meta.model_name)
        values |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    return {**values, **changes}


def test_saving_a_draft_raises_the_generation_and_publishes_nothing(editor: Client) -> None:
    page = a_page()
    before = publishing.generation()
    response = editor.post(reverse("admin:pages_page_change", args=[page.pk]), form_of(page, title_en="New"))
    assert response.status_code == 302, response.context["errors"]
    page.refresh_from_db()
    assert page.title_en == "New"  # type: ignore[attr-defined]
    assert publishing.generation() == before + 1
    assert not PageVersion.objects.exists()


def test_a_section_is_added_and_cleaned(editor: Client) -> None:
    page = a_page()
    section = {
        "textsection-TOTAL_FORMS": "1",
        "textsection-0-region": "main",
        "textsection-0-ordering": "10",
        "textsection-0-parent": str(page.pk),
        "textsection-0-heading_en": "Why",
        "textsection-0-body_en": "<p>a<script>x</script></p>",
    }
    response = editor.post(reverse("admin:pages_page_change", args=[page.pk]), form_of(page, **section))
    assert response.status_code == 302
    assert TextSection.objects.get().body_en == "<p>a</p>"  # type: ignore[attr-defined]


def test_an_unknown_token_comes_back_with_words_for_the_editor(editor: Client) -> None:
    page = a_page()
    response = editor.post(reverse("admin:pages_page_change", args=[page.pk]), form_of(page, lead_en="{{no_such}}"))
    assert "There is no fact called {{no_such}}" in response.content.decode()


def test_the_editor_scripts_carry_the_nonce_of_the_policy(editor: Client) -> None:
    response = editor.get(reverse("admin:pages_page_change", args=[a_page().pk]))
    policy = response.headers["Content-Security-Policy"]
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert f'<script type="importmap" nonce="{nonce}">' in response.content.decode()
    assert "unsafe" not in policy


def test_what_the_doctor_must_approve_is_marked_and_listed(editor: Client) -> None:
    page = a_page()
    a_text(page, heading_en="Risks", doctor_must_approve=True)
    change = editor.get(reverse("admin:pages_page_change", args=[page.pk])).content.decode()
    assert "Waiting for the doctor: Risks" in change
    assert "Risks" in editor.get(reverse("admin:pages_approvals")).content.decode()
    assert "Risks" in editor.get(reverse("admin:pages_publish", args=[page.pk])).content.decode()


def test_a_preview_shows_the_draft_marked_and_unkept(editor: Client) -> None:
    page = published(a_page(title_es="La prueba", nav_title_es="Prueba", description_es="Qué es."))
    a_text(page, heading_en="Not live yet", heading_es="Todavía no")
    response = editor.get(reverse("admin:pages_preview", args=[page.pk, "es"]))
    body = response.content.decode()
    assert "Todavía no" in body
    assert '<html lang="es">' in body
    assert 'class="notice-top"' in body
    assert "no-store" in response.headers["Cache-Control"]
    assert 'content="noindex"' in body
    assert "Todavía no" not in Client().get("/es/hsg/").content.decode()


@pytest.mark.parametrize("is_live", [True, False])
def test_who_saves_a_draft_is_told_whether_patients_see_another_page(editor: Client, is_live: bool) -> None:
    page = published(a_page()) if is_live else a_page()
    url = reverse("admin:pages_page_change", args=[page.pk])
    said = editor.post(url, form_of(page, lead_en="Newer words."), follow=True).content.decode()
    assert ("Patients go on seeing the page as it was until you publish it." in said) is is_live
    way = f'<a href="{reverse("admin:pages_publish", args=[page.pk])}">Publish</a>'
    assert (way in said.split("messagelist")[-1].split("</ul>")[0]) is is_live


def test_a_preview_is_for_staff_alone() -> None:
    page = a_page()
    response = Client().get(reverse("admin:pages_preview", args=[page.pk, "en"]))
    assert response.status_code == 302
    assert "login" in response.headers["Location"]


def test_pressing_publish_makes_the_page_live_and_names_who_did_it(editor: Client, admin_user: Any) -> None:
    page = a_page()
    url = reverse("admin:pages_publish", args=[page.pk])
    assert editor.get(url).status_code == 200
    assert not Publication.objects.exists()
    editor.post(url, {"languages": ["en", "es", "xx"], "note": "First"})
    version = PageVersion.objects.get()
    assert (version.language, version.published_by, version.note) == ("en", admin_user, "First")


def test_the_list_publishes_what_is_ready(editor: Client) -> None:
    page = a_page()
    data = {"action": "publish_selected", "_selected_action": [page.pk]}
    editor.post(reverse("admin:pages_page_changelist"), data)
    assert list(Publication.objects.values_list("language", flat=True)) == ["en"]


def test_an_old_version_can_be_seen_and_not_changed(editor: Client) -> None:
    page = published(a_page())
    version = PageVersion.objects.get()
    page.title_en = "Newer"  # type: ignore[attr-defined]
    page.save()
    body = editor.get(reverse("admin:pages_version_look", args=[version.pk])).content.decode()
    assert "The test" in body
    assert editor.post(reverse("admin:pages_pageversion_change", args=[version.pk]), {}).status_code == 403
    assert editor.post(reverse("admin:pages_pageversion_delete", args=[version.pk]), {"post": "yes"}).status_code == 403


def test_a_value_that_staff_enter_is_no_longer_made_up(editor: Client, admin_user: Any) -> None:
    fact = a_fact("clinic_phone", "213-555-0100", is_placeholder=True)
    before = publishing.generation()
    editor.post(reverse("admin:pages_fact_change", args=[fact.pk]), {"value": "213 555 0199"})
    fact.refresh_from_db()
    assert (fact.value, fact.is_placeholder, fact.changed_by) == ("+12135550199", False, admin_user)
    assert publishing.generation() > before


def test_deleting_from_the_list_raises_the_generation(editor: Client) -> None:
    page = a_page()
    before = publishing.generation()
    data = {"action": "delete_selected", "_selected_action": [page.pk], "post": "yes"}
    editor.post(reverse("admin:pages_page_changelist"), data)
    assert not Page.objects.exists()
    assert publishing.generation() == before + 1


def test_staff_enter_a_redirect_and_one_that_goes_in_a_circle_comes_back(editor: Client) -> None:
    add = reverse("admin:pages_redirect_add")
    assert editor.post(add, {"path": "/old.html", "target": "/hsg/"}).status_code == 302
    published(a_page())
    assert Client().get("/old.html").headers["Location"] == "/hsg/"
    said = editor.post(add, {"path": "/b.html", "target": "/b.html"}).content.decode()
    assert "This leads back to the old address." in said
