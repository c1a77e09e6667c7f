"""What a typed search may mean."""

import pytest

from booking.admin.look_up import found


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["", "   ", "-", "+", "@", "12", "1" * 400, "é" * 300, "\x00"])
def test_odd_searches_find_nobody_and_break_nothing(typed: str) -> None:
    assert found(typed) == []
