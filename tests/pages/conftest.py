"""What all tests of the content share."""

import pytest

from clinic_site import reading_cache


@pytest.fixture(autouse=True)
def _look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers look for a new generation at once, not every half second: a test asks before and after a change."""
    monkeypatch.setattr(reading_cache, "REREAD_SECONDS", 0)
