"""What stands in an address or a form of the desk, where a person or a program can write anything: a number, a day.
Must not ask the database."""

from datetime import date, timedelta

FARTHEST = timedelta(days=800)
MOST_DIGITS = 18  # what every database takes as a key


def number(text: str) -> int | None:
    """The number that the text is; None for anything else, and for one that is longer than any key."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


def day(text: str, *, today: date) -> date:
    """The day that the text is; today for anything else, and for a day that is years away."""
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        return today
    return asked if abs(asked - today) <= FARTHEST else today
