"""Staff change a fact in the admin: it is remembered, undone with one press, and a medical one waits for sign-off."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from pages import approvals
from pages.models import Fact, FactChange
from tests.pages.content_rows import a_fact, a_page, a_text, published

pytestmark = pytest.mark.django_db
MEDICAL = "antibiotic_total_days"


def somebody(users: Any, name: str, *rights: str) -> Client:
    """A browser of a member of staff with these rights."""
    user = users.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editor(django_user_model: Any) -> Client:
    return somebody(django_user_model, "editor", "view_fact", "change_fact", "view_page", "change_page")


@pytest.fixture
def doctor(django_user_model: Any) -> Client:
    return somebody(django_user_model, "doctor", "view_fact", "change_fact", "publish_medical_page")


def address(fact: Fact) -> str:
    return reverse("admin:pages_fact_change", args=[fact.pk])


def press(client: Client, verb: str, change: FactChange) -> str:
    """What the page says after the press."""
    answer = client.post(reverse(f"admin:pages_fact_{verb}", args=[change.pk]), follow=True)
    return answer.content.decode()


def value(fact: Fact) -> str:
    return Fact.objects.get(pk=fact.pk).value


def test_a_price_is_changed_everywhere_with_one_save_and_put_back_with_one_press(editor: Client) -> None:
    fact = a_fact("hsg_price", "950")
    page = a_page()
    a_text(page, body_en="<p>It costs {{hsg_price}}.</p>")
    published(page)
    said = editor.post(address(fact), {"value": "1,100"}, follow=True).content.decode()
    assert "Price of an HSG is now $1,100, everywhere on the site." in said
    assert "Undo: back to $950" in said
    assert "It costs $1,100." in Client().get("/hsg/").content.decode()
    said = press(editor, "undo", FactChange.objects.get())
    assert "Price of an HSG is now $950" in said
    assert "It costs $950." in Client().get("/hsg/").content.decode()


def test_the_places_that_show_the_fact_are_listed(editor: Client) -> None:
    fact = a_fact("hsg_price", "950")
    a_text(a_page(), body_en="<p>It costs {{hsg_price}}.</p>")
    assert "Page: The test" in editor.get(address(fact)).content.decode()


def test_saving_without_a_change_writes_no_history(editor: Client) -> None:
    fact = a_fact("hsg_price", "950")
    assert "Nothing changed." in editor.post(address(fact), {"value": "950"}, follow=True).content.decode()
    assert not FactChange.objects.exists()


def test_an_older_change_cannot_be_undone_over_a_newer_one(editor: Client) -> None:
    fact = a_fact("hsg_price", "950")
    for price in ("975", "1000"):
        editor.post(address(fact), {"value": price})
    first = FactChange.objects.get(value="975")
    assert "The fact was changed again since." in press(editor, "undo", first)
    assert value(fact) == "1000"


def test_what_an_editor_writes_into_a_medical_fact_is_a_proposal(editor: Client, doctor: Client) -> None:
    fact = a_fact(MEDICAL, "5")
    said = editor.post(address(fact), {"value": "6"}, follow=True).content.decode()
    assert "6 waits for sign-off. Until then everything stays as it is." in said
    assert value(fact) == "5"
    assert [row.admin_url for row in approvals.waiting()] == [address(fact)]
    assert "Days of antibiotic in total" in editor.get(reverse("admin:pages_approvals")).content.decode()
    proposed = FactChange.objects.get()
    assert "Only people who may publish medical pages can decide this." in press(editor, "approve", proposed)
    assert value(fact) == "5"
    assert "Sign off: make it live" in doctor.get(address(fact)).content.decode()
    press(doctor, "approve", proposed)
    assert value(fact) == "6"
    assert approvals.waiting() == []


def test_a_second_proposal_is_refused_in_the_form_and_nothing_is_lost(editor: Client) -> None:
    fact = a_fact(MEDICAL, "5")
    editor.post(address(fact), {"value": "6"})
    said = editor.post(address(fact), {"value": "7"}).content.decode()
    assert "A value is already waiting for sign-off." in said
    assert 'value="7"' in said
    assert FactChange.objects.count() == 1


def test_a_proposal_is_taken_back_by_who_made_it(editor: Client) -> None:
    fact = a_fact(MEDICAL, "5")
    editor.post(address(fact), {"value": "6"})
    assert "Refused. Nothing changed." in press(editor, "refuse", FactChange.objects.get())
    assert value(fact) == "5"


def test_a_value_that_the_kind_does_not_allow_comes_back_in_the_form(editor: Client) -> None:
    fact = a_fact("hsg_price", "950")
    said = editor.post(address(fact), {"value": "cheap"}).content.decode()
    assert "Write a price in whole dollars" in said
    assert value(fact) == "950"


def test_nobody_without_the_right_presses_anything(django_user_model: Any) -> None:
    fact = a_fact("hsg_price", "950")
    made = FactChange.objects.create(fact=fact, value="1", state="proposed")
    stranger = somebody(django_user_model, "stranger", "view_page")
    for verb in ("undo", "approve", "refuse"):
        assert stranger.post(reverse(f"admin:pages_fact_{verb}", args=[made.pk])).status_code == 403
        assert stranger.get(reverse(f"admin:pages_fact_{verb}", args=[made.pk])).status_code == 405
