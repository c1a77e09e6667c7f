"""A live site refuses made-up and missing facts; everywhere else the check is silent."""

import pytest
from django.conf import LazySettings
from django.core.checks import run_checks
from django.db import connection

from pages.checks import clinic_facts_are_real
from pages.models import Fact, Office, OpeningHours
from tests.pages.content_rows import a_fact, an_office

pytestmark = pytest.mark.django_db


def ids() -> dict[str | None, list[str]]:
    found: dict[str | None, list[str]] = {}
    for message in clinic_facts_are_real(None):
        assert message.hint
        found.setdefault(message.id, []).append(str(message.msg))
    return found


@pytest.fixture
def live_site(settings: LazySettings) -> None:
    """A site that strangers can reach."""
    settings.IS_PRODUCTION = True


def test_a_site_on_this_machine_is_not_checked(settings: LazySettings) -> None:
    settings.IS_PRODUCTION = False
    assert ids() == {}


def test_a_missing_fact_is_an_error(live_site: None) -> None:
    assert any("Phone of the clinic" in words for words in ids()["pages.E002"])


def test_a_made_up_fact_is_an_error(live_site: None) -> None:
    a_fact("clinic_phone", "213-555-0100", is_placeholder=True)
    assert ids()["pages.E001"] == ["The fact “Phone of the clinic” is made up."]


def test_a_real_fact_is_fine(live_site: None) -> None:
    a_fact("clinic_phone", "213-555-0100")
    assert not any("Phone" in words for words in ids()["pages.E002"])


def test_offices_need_real_addresses(live_site: None) -> None:
    an_office(is_placeholder=True)
    Office.objects.create(slug="b", name="B", nickname="B")
    found = ids()
    assert (len(found["pages.E003"]), len(found["pages.E004"])) == (1, 1)


def test_the_hours_must_be_confirmed(live_site: None) -> None:
    assert "pages.E005" in ids()
    OpeningHours.objects.create(weekday=0, opens="09:00", closes="17:00")
    assert "pages.E005" not in ids()


def test_it_runs_with_the_deployment_checks_and_only_then(live_site: None) -> None:
    assert any(message.id == "pages.E002" for message in run_checks(include_deployment_checks=True))
    assert not any(str(message.id).startswith("pages.") for message in run_checks())


def test_it_is_silent_before_the_tables_exist(live_site: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.introspection, "table_names", list)
    assert ids() == {}
    assert not Fact.objects.exists()
