"""Publishing makes an immutable snapshot per language; what is live is a pointer to one."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from pages import content, publishing, reading, rendering
from pages.models import (
    CardSection,
    FactSection,
    FigureSection,
    Generation,
    PageVersion,
    Publication,
    StepSection,
)
from tests.pages.content_rows import a_fact, a_page, a_text, published

pytestmark = pytest.mark.django_db


def test_a_snapshot_renders_the_same_as_its_draft() -> None:
    a_fact("hsg_price", "950")
    page = a_page(lead_en="It costs {{hsg_price}}.")
    a_text(page, ordering=10)
    StepSection.objects.create(parent=page, ordering=20, heading_en="One", body_en="<p>{{hsg_price}}</p>")
    StepSection.objects.create(parent=page, ordering=30, heading_en="Two")
    CardSection.objects.create(parent=page, ordering=40, heading_en="Card", link_path="/request/", link_text_en="Go")
    FigureSection.objects.create(parent=page, ordering=50, figure="cycle", caption_en="A cycle")
    draft = content.from_draft(page, language="en")
    version = publishing.publish(page, language="en", by=None)
    version.refresh_from_db()
    stored = content.from_json(version.content, format=version.format)
    assert stored == draft
    read = reading.at("/hsg/")
    assert rendering.page(stored, read) == rendering.page(draft, read)


def test_tokens_stay_unresolved_in_a_snapshot_so_a_fact_changes_every_page_at_once(client: Any) -> None:
    price = a_fact("hsg_price", "950")
    page = a_page()
    a_text(page, body_en="<p>It costs {{hsg_price}}.</p>")
    published(page)
    price.value = "1100"
    price.save()
    publishing.bump()
    assert "It costs $1,100." in client.get("/hsg/").content.decode()


def test_an_unpublished_change_is_not_seen(client: Any) -> None:
    page = published(a_page())
    page.title_en = "Another title"  # type: ignore[attr-defined]
    page.save()
    assert "Another title" not in client.get("/hsg/").content.decode()


def test_versions_count_up_in_each_language_and_the_last_is_live() -> None:
    page = published(published(a_page(title_es="La prueba", nav_title_es="Prueba", description_es="Qué es.")))
    published(page, "es")
    assert list(PageVersion.objects.order_by("pk").values_list("language", "number")) == [
        ("en", 1),
        ("en", 2),
        ("es", 1),
    ]
    assert Publication.objects.get(page=page, language="en").version.number == 2


def test_a_version_is_never_changed_or_deleted() -> None:
    published(a_page())
    version = PageVersion.objects.get()
    with pytest.raises(TypeError):
        version.save()
    with pytest.raises(TypeError):
        version.delete()
    with pytest.raises(ProtectedError):
        PageVersion.objects.all().delete()


def test_the_database_keeps_one_live_version_per_page_and_language() -> None:
    page = published(a_page())
    second = publishing.publish(page, language="en", by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.create(page=page, language="en", path="/other/", version=second)


def test_a_page_without_its_words_is_refused_with_reasons() -> None:
    page = a_page()
    with pytest.raises(publishing.PublishRefusedError, match="title is missing"):
        publishing.publish(page, language="es", by=None)


def test_a_path_that_is_taken_is_refused() -> None:
    published(a_page("first", path="/news/"))
    other = a_page("second", path="/other/")
    type(other).objects.filter(key="first").update(path_en="/moved/")
    type(other).objects.filter(pk=other.pk).update(path_en="/news/")
    with pytest.raises(publishing.PublishRefusedError, match="live at this path"):
        publishing.publish(other, language="en", by=None)


def test_a_medical_page_needs_a_permission_of_its_own(django_user_model: Any) -> None:
    user = django_user_model.objects.create_user("editor")
    user.user_permissions.add(Permission.objects.get(codename="publish_page"))
    publishing.publish(a_page("news", path="/news/"), language="en", by=user)
    with pytest.raises(publishing.PublishRefusedError, match="may not publish"):
        publishing.publish(a_page(medical=True), language="en", by=user)


def test_publishing_raises_the_generation_and_a_rollback_takes_it_back() -> None:
    page = a_page()
    before = publishing.generation()
    published(page)
    assert publishing.generation() == before + 1
    with transaction.atomic():
        publishing.bump()
        transaction.set_rollback(True)
    assert publishing.generation() == before + 1
    assert Generation.objects.count() == 1


def test_a_withdrawn_page_is_gone_and_its_versions_stay(client: Any) -> None:
    page = published(a_page())
    publishing.withdraw(page, language="en", by=None)
    assert client.get("/hsg/").status_code == 404
    assert PageVersion.objects.count() == 1


def test_a_snapshot_of_an_unknown_format_is_refused() -> None:
    with pytest.raises(content.UnreadableSnapshotError):
        content.from_json({}, format=content.FORMAT + 1)


def test_a_heading_whose_whole_group_is_unknown_is_hidden_with_it() -> None:
    page = a_page()
    a_text(page, ordering=10, heading_en="Figures", body_en="")
    FactSection.objects.create(parent=page, ordering=20, heading_en="Day {{cycle_first_day}}")
    shown = rendering.page(content.from_draft(page, language="en"), reading.at("/hsg/"))
    assert shown.groups == []


def test_neighbours_of_a_kind_stand_in_one_group() -> None:
    page = a_page()
    for ordering, model in enumerate([StepSection, StepSection, CardSection, StepSection]):
        model(parent=page, ordering=ordering, heading="x").save()  # type: ignore[abstract]
    a_text(page, ordering=10)
    a_text(page, ordering=11)
    shown = rendering.page(content.from_draft(page, language="en"), reading.at("/hsg/"))
    assert [(g.kind, len(g.sections)) for g in shown.groups] == [
        ("step", 2),
        ("card", 1),
        ("step", 1),
        ("text", 1),
        ("text", 1),
    ]
    assert [g.anchor for g in shown.groups][-2:] == ["why", "why-2"]
