"""Sites that tests start in processes of their own."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.running import by_day


@pytest.mark.parametrize("hour", range(24))
def test_it_is_noon_where_journeys_wait_for_texts_whatever_the_hour(hour: int) -> None:
    now = datetime(2026, 12, 1, hour, 30, tzinfo=UTC)
    assert now.astimezone(ZoneInfo(by_day(now=now)["JOURNEY_ZONE"])).hour == 12
