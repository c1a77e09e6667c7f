"""A changed fact names the visits that keep what was agreed."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from booking.models import AccessEvent, Visit
from pages.models import Fact
from tests import factories
from tests.booking.admin.desk import member_of, read

pytestmark = pytest.mark.usefixtures("now", "clinic")


def address(key: str) -> str:
    return reverse("admin:pages_fact_change", args=[Fact.objects.get(key=key).pk])


def test_a_change_lists_the_visits_that_keep_the_old_price_and_logs_who_looked(
    staff_client: Client, staff_user: Any, now: datetime
) -> None:
    visit = factories.a_visit()
    page = read(staff_client, address("hsg_price"))
    assert "1 confirmed visit has today's value and would keep it." in page
    staff_client.post(address("hsg_price"), {"value": "975"})
    page = read(staff_client, address("hsg_price"))
    assert "1 confirmed visit keeps another value, as it was agreed." in page
    assert visit.request.name in page
    assert "<strong>$950</strong>" in page
    assert Visit.objects.get().price_dollars == 950
    assert AccessEvent.objects.filter(user=staff_user, request=visit.request, what="listed").exists()


def test_a_preparation_fact_lists_them_too(staff_client: Client, now: datetime) -> None:
    factories.a_visit()
    staff_client.post(address("antibiotic_total_days"), {"value": "7"})
    assert "<strong>5</strong>" in read(staff_client, address("antibiotic_total_days"))


def test_past_and_ended_visits_and_facts_that_no_visit_copies_are_left_out(staff_client: Client, now: datetime) -> None:
    factories.a_visit(starts_at=factories.at("2026-12-11", "10:00"))
    Visit.objects.update(ended_at=now)
    assert "No confirmed visit ahead depends on this fact." in read(staff_client, address("hsg_price"))
    assert "Visits ahead" not in read(staff_client, address("hsg_minutes"))


def test_editors_without_the_queue_learn_only_how_many(now: datetime) -> None:
    visit = factories.a_visit()
    Fact.objects.filter(key="hsg_price").update(value="975")
    page = read(member_of("Editors"), address("hsg_price"))
    assert "1 confirmed visit keeps another value" in page
    assert visit.request.name not in page


def test_editors_do_not_sign_medical_facts_off_and_managers_do(now: datetime) -> None:
    editors, managers = member_of("Editors"), member_of("Managers")
    editors.post(address("antibiotic_total_days"), {"value": "7"})
    assert Fact.objects.get(key="antibiotic_total_days").value == "5"
    assert "Sign off: make it live" not in read(editors, address("antibiotic_total_days"))
    assert "Sign off: make it live" in read(managers, address("antibiotic_total_days"))
