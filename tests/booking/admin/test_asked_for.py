"""What stands in an address or a form: numbers and days, and everything that is neither."""

from datetime import date

import pytest

from booking.admin import asked_for

TODAY = date(2026, 12, 7)


@pytest.mark.parametrize(("text", "found"), [("7", 7), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_digits_are_a_number(text: str, found: int) -> None:
    assert asked_for.number(text) == found


@pytest.mark.parametrize("text", ["", " ", "x", "-1", "1.5", "1e3", "²", "9" * 19, "9" * 5000])
def test_anything_else_is_none(text: str) -> None:
    assert asked_for.number(text) is None


@pytest.mark.parametrize("text", ["2026-12-16", "2025-01-01", "2028-12-31"])
def test_a_day_near_today_is_that_day(text: str) -> None:
    assert asked_for.day(text, today=TODAY) == date.fromisoformat(text)


@pytest.mark.parametrize("text", ["", "soon", "2026-02-30", "0001-01-01", "9999-12-31"])
def test_a_text_that_is_no_day_near_today_is_today(text: str) -> None:
    assert asked_for.day(text, today=TODAY) == TODAY
