"""Times on the clinic's wall, as staff type them."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from booking.staff_forms import ConfirmForm, wall_to_utc
from tests import factories

NOW = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        (datetime(2026, 3, 6, 9, 0), datetime(2026, 3, 6, 17, 0, tzinfo=UTC)),
        (datetime(2026, 3, 9, 9, 0), datetime(2026, 3, 9, 16, 0, tzinfo=UTC)),
        (datetime(2026, 11, 1, 9, 0), datetime(2026, 11, 1, 17, 0, tzinfo=UTC)),
        (datetime(2026, 11, 1, 1, 30), datetime(2026, 11, 1, 8, 30, tzinfo=UTC)),
    ],
)
def test_a_wall_time_becomes_its_instant(wall: datetime, instant: datetime) -> None:
    assert wall_to_utc(wall, now=NOW) == instant


def test_a_leap_day_is_a_day() -> None:
    noon_before = datetime(2028, 2, 28, 20, 0, tzinfo=UTC)
    assert wall_to_utc(datetime(2028, 2, 29, 9, 0), now=noon_before) == datetime(2028, 2, 29, 17, 0, tzinfo=UTC)


def test_a_mistyped_year_is_refused() -> None:
    for year in (2028, 9999):
        with pytest.raises(ValidationError, match="more than a year ahead"):
            wall_to_utc(datetime(year, 12, 31, 23, 59), now=NOW)


def test_the_hour_that_spring_takes_away_is_refused() -> None:
    with pytest.raises(ValidationError, match="does not exist"):
        wall_to_utc(datetime(2026, 3, 8, 2, 30), now=NOW)


def test_the_past_and_this_very_moment_are_refused() -> None:
    for wall in (datetime(2026, 3, 1, 10, 0), datetime(2026, 2, 1, 10, 0)):
        with pytest.raises(ValidationError, match="past"):
            wall_to_utc(wall, now=NOW)


@pytest.mark.django_db
def test_a_video_visit_has_no_office_whatever_was_chosen() -> None:
    video, office, doctor = factories.a_service("video"), factories.an_office(), factories.a_physician()
    data = {"day": "2026-03-06", "time": "09:00", "office": office.pk, "service": video.pk, "physician": doctor.pk}
    form = ConfirmForm(data, now=NOW)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["office"] is None


@pytest.mark.django_db
def test_a_visit_is_never_set_for_something_undecided() -> None:
    form = ConfirmForm({"service": factories.a_service("unsure").pk}, now=NOW)
    assert "service" in form.errors


@pytest.mark.django_db
def test_the_overbooking_reason_is_only_for_those_who_may() -> None:
    assert "overbooking_reason" not in ConfirmForm(now=NOW).fields
    assert "overbooking_reason" in ConfirmForm(now=NOW, may_overbook=True).fields
