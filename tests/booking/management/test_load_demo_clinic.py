"""Made-up visit types and hours: loaded once, never over what staff changed, never on a public site."""

from datetime import time
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from booking import availability
from booking.models import Service, WeeklyHours
from tests import factories


@pytest.fixture
def starter(db: None) -> None:
    """What the starter content brings: a doctor and three offices."""
    factories.a_physician()
    for slug in ("los-angeles", "orange-county", "san-diego"):
        factories.an_office(slug)


def load() -> None:
    call_command("load_demo_clinic", verbosity=0)


def test_every_office_and_video_can_be_asked_for(starter: None) -> None:
    load()
    assert list(Service.objects.values_list("key", flat=True)) == ["hsg", "video", "unsure"]
    hsg = Service.objects.get(key="hsg")
    for slug in ("los-angeles", "orange-county", "san-diego"):
        assert availability.open_days(service=hsg, office=factories.an_office(slug), now=factories.NOW), slug
    assert availability.open_days(service=Service.objects.get(key="video"), office=None, now=factories.NOW)


def test_a_second_time_adds_nothing(starter: None) -> None:
    load()
    before = (Service.objects.count(), WeeklyHours.objects.count())
    load()
    assert (Service.objects.count(), WeeklyHours.objects.count()) == before


def test_what_staff_changed_stays(starter: None) -> None:
    load()
    Service.objects.filter(key="hsg").update(minutes=30, name_en="HSG")
    WeeklyHours.objects.exclude(weekday=0).delete()
    WeeklyHours.objects.update(starts=time(7))
    load()
    hsg = Service.objects.get(key="hsg")
    assert (hsg.minutes, hsg.name_en) == (30, "HSG")
    assert set(WeeklyHours.objects.values_list("weekday", "starts")) == {(0, time(7))}


def test_without_a_doctor_there_are_no_hours(db: None) -> None:
    load()
    assert not WeeklyHours.objects.exists()


def test_a_public_site_gets_none(starter: None, settings: Any) -> None:
    settings.IS_PRODUCTION = True
    with pytest.raises(CommandError, match="public site"):
        load()
    assert not Service.objects.exists()
