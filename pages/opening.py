"""Writes opening hours for people: "Monday to Friday, 9 am to 5 pm". Must not read the database."""

from collections.abc import Iterable
from datetime import time

from pages.live import Hours

_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
_TO = {"en": "to", "es": "a"}
_AND = {"en": "and", "es": "y"}


def lines(hours: Iterable[Hours], language: str) -> list[str]:
    """One line for each run of days with the same intervals."""
    by_day: dict[int, tuple[tuple[time, time], ...]] = {}
    for interval in sorted(hours, key=lambda h: (h.weekday, h.opens)):
        by_day[interval.weekday] = (*by_day.get(interval.weekday, ()), (interval.opens, interval.closes))
    runs: list[tuple[int, int]] = []
    for day, intervals in by_day.items():
        if runs and runs[-1][1] == day - 1 and by_day[runs[-1][0]] == intervals:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return [f"{_days(run, language)}, {_intervals(by_day[run[0]], language)}" for run in runs]


def clock(moment: time, language: str) -> str:
    """9 am, 12:30 pm; in Spanish 9 a. m. (no-break spaces)."""
    hour = moment.hour % 12 or 12
    half = "am" if moment.hour < 12 else "pm"
    if language == "es":
        half = f"{half[0]}.\N{NO-BREAK SPACE}m."
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{hour}{minutes}\N{NO-BREAK SPACE}{half}"


def _days(run: tuple[int, int], language: str) -> str:
    first, last = (_DAYS[language][day] for day in run)
    if run[0] == run[1]:
        return first
    joint = _AND[language] if run[1] == run[0] + 1 else _TO[language]
    return f"{first} {joint} {last}"


def _intervals(intervals: Iterable[tuple[time, time]], language: str) -> str:
    written = [f"{clock(opens, language)} {_TO[language]} {clock(closes, language)}" for opens, closes in intervals]
    return f" {_AND[language]} ".join(written)
