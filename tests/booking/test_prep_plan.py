"""The preparation plan."""

from datetime import date

from booking import prep_plan
from pages.models import Fact
from tests import factories
from tests.factories import at


def test_the_plan_counts_back_and_forth_from_the_visit(clinic, now):
    visit = factories.a_visit(starts_at=at("2026-12-16", "15:30"))
    steps = {step.kind: step for step in prep_plan.plan(visit, language="en")}
    assert steps["antibiotic_first"].day == date(2026, 12, 14)
    assert steps["antibiotic_last"].day == date(2026, 12, 18)
    assert (steps["pain_relief"].day, steps["pain_relief"].time) == (date(2026, 12, 16), "2:30\N{NO-BREAK SPACE}pm")
    assert steps["visit"].time == "3:30\N{NO-BREAK SPACE}pm"


def test_a_later_change_of_a_fact_does_not_move_somebodys_medicine(clinic, now):
    visit = factories.a_visit()
    Fact.objects.update_or_create(key="antibiotic_start_days_before", defaults={"value": "4"})
    visit.refresh_from_db()
    assert prep_plan.first_medicine_day(visit) == date(2026, 12, 14)


def test_a_video_visit_has_nothing_to_prepare(clinic, now):
    request = factories.a_request(service=factories.a_service("video"), days=())
    visit = factories.a_visit(request, starts_at=at("2026-12-16", "17:00"))
    assert [step.kind for step in prep_plan.plan(visit, language="en")] == ["visit"]
    assert prep_plan.first_medicine_day(visit) is None
