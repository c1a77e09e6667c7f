"""Facts keep what they were, can be undone, and medical ones wait for their sign-off."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client

from pages import facts, publishing
from pages.editing import fact_changes
from pages.models import Fact, FactChange
from tests.pages.content_rows import a_fact, a_page, a_text, published

pytestmark = pytest.mark.django_db
MEDICAL = "antibiotic_total_days"


@pytest.fixture
def editor(django_user_model: Any) -> Any:
    return django_user_model.objects.create_user("editor")


@pytest.fixture
def doctor(django_user_model: Any) -> Any:
    user = django_user_model.objects.create_user("doctor")
    user.user_permissions.add(Permission.objects.get(codename="publish_medical_page"))
    return user


def test_a_change_is_live_on_every_page_at_once_and_remembered(client: Client, editor: Any) -> None:
    price = a_fact("hsg_price", "950")
    page = a_page()
    a_text(page, body_en="<p>It costs {{hsg_price}}.</p>")
    published(page)
    before = publishing.generation()
    made = fact_changes.change(price, value="$1,100", by=editor)
    assert "It costs $1,100." in client.get("/hsg/").content.decode()
    assert (made.old_value, made.value, made.made_by, made.state) == ("950", "1100", editor, "live")
    assert publishing.generation() == before + 1
    price.refresh_from_db()
    assert (price.changed_by, price.is_placeholder) == (editor, False)


def test_one_press_undoes_the_last_change_and_only_that(editor: Any) -> None:
    phone = a_fact("payment_when", "You pay later.", "Paga después.")
    first = fact_changes.change(phone, value="You pay today.", value_es="Paga hoy.", by=editor)
    second = fact_changes.change(phone, value="You pay by card.", value_es="Paga con tarjeta.", by=editor)
    with pytest.raises(fact_changes.ChangeRefusedError, match="changed again"):
        fact_changes.undo(first, by=editor)
    fact_changes.undo(second, by=editor)
    phone.refresh_from_db()
    assert (phone.value, phone.value_es) == ("You pay today.", "Paga hoy.")
    assert FactChange.objects.count() == 3


def test_anybody_may_propose_a_medical_fact_and_nothing_changes(editor: Any) -> None:
    fact = a_fact(MEDICAL, "5")
    before = publishing.generation()
    made = fact_changes.change(fact, value="6", by=editor)
    assert made.state == FactChange.State.PROPOSED
    assert facts.current().number(MEDICAL) == 5
    assert publishing.generation() == before
    with pytest.raises(fact_changes.ChangeRefusedError, match="Only people"):
        fact_changes.approve(made, by=editor)


def test_the_sign_off_makes_it_live_once(editor: Any, doctor: Any) -> None:
    made = fact_changes.change(a_fact(MEDICAL, "5"), value="6", by=editor)
    fact_changes.approve(made, by=doctor)
    made.refresh_from_db()
    assert (made.made_by, made.decided_by, made.state) == (editor, doctor, "live")
    assert facts.current().number(MEDICAL) == 6
    with pytest.raises(fact_changes.ChangeRefusedError, match="decided this already"):
        fact_changes.approve(made, by=doctor)


def test_the_doctor_changes_a_medical_fact_directly(doctor: Any) -> None:
    assert fact_changes.change(a_fact(MEDICAL, "5"), value="6", by=doctor).state == FactChange.State.LIVE
    assert facts.current().number(MEDICAL) == 6


def test_undoing_a_medical_change_waits_for_the_sign_off_too(editor: Any, doctor: Any) -> None:
    made = fact_changes.change(a_fact(MEDICAL, "5"), value="6", by=doctor)
    assert fact_changes.undo(made, by=editor).state == FactChange.State.PROPOSED
    assert facts.current().number(MEDICAL) == 6


def test_a_proposal_can_be_refused_or_taken_back(editor: Any, doctor: Any, django_user_model: Any) -> None:
    fact = a_fact(MEDICAL, "5")
    made = fact_changes.change(fact, value="6", by=editor)
    with pytest.raises(fact_changes.ChangeRefusedError, match="already waiting"):
        fact_changes.change(fact, value="7", by=editor)
    with pytest.raises(fact_changes.ChangeRefusedError, match="Only people"):
        fact_changes.refuse(made, by=django_user_model.objects.create_user("other"))
    fact_changes.refuse(made, by=editor)
    fact_changes.refuse(fact_changes.change(fact, value="7", by=editor), by=doctor)
    assert facts.current().number(MEDICAL) == 5


def test_a_proposal_made_for_another_value_is_not_signed_off_blindly(editor: Any, doctor: Any) -> None:
    fact = a_fact(MEDICAL, "5")
    made = fact_changes.change(fact, value="6", by=editor)
    fact_changes.change(fact, value="8", by=doctor)
    with pytest.raises(fact_changes.ChangeRefusedError, match="changed after this was proposed"):
        fact_changes.approve(made, by=doctor)


def test_a_value_that_its_kind_does_not_allow_is_refused(editor: Any) -> None:
    with pytest.raises(fact_changes.ChangeRefusedError, match="whole dollars"):
        fact_changes.change(a_fact("hsg_price", "950"), value="cheap", by=editor)
    assert not FactChange.objects.exists()


def test_the_database_keeps_one_waiting_value_and_no_half_decision(editor: Any) -> None:
    fact_changes.change(a_fact(MEDICAL, "5"), value="6", by=editor)
    with pytest.raises(IntegrityError), transaction.atomic():
        FactChange.objects.create(fact=Fact.objects.get(), value="7", state="proposed")
    with pytest.raises(IntegrityError), transaction.atomic():
        FactChange.objects.create(fact=Fact.objects.get(), value="7", state="live")
