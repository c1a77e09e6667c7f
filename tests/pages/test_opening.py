"""Opening hours in words."""

from datetime import time

import pytest

from pages.live import Hours
from pages.opening import clock, lines

DAY = [Hours(day, time(9), time(17)) for day in range(5)]


@pytest.mark.parametrize(
    ("hours", "language", "written"),
    [
        (DAY, "en", ["Monday to Friday, 9 am to 5 pm"]),
        (DAY, "es", ["lunes a viernes, 9 a. m. a 5 p. m."]),
        (DAY[:2], "en", ["Monday and Tuesday, 9 am to 5 pm"]),
        ([DAY[0], DAY[2]], "en", ["Monday, 9 am to 5 pm", "Wednesday, 9 am to 5 pm"]),
        (
            [Hours(5, time(13, 30), time(15)), Hours(5, time(9), time(12))],
            "en",
            ["Saturday, 9 am to 12 pm and 1:30 pm to 3 pm"],
        ),
        ([], "en", []),
    ],
)
def test_days_with_the_same_hours_stand_in_one_line(hours: list[Hours], language: str, written: list[str]) -> None:
    assert [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines(hours, language)] == written


def test_midnight_is_twelve() -> None:
    assert clock(time(0, 5), "en") == "12:05\N{NO-BREAK SPACE}am"
