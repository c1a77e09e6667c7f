"""The picture of a week: where each stretch of time lies in an SVG. Must not know what may be done with it; colours and
patterns stand in the stylesheet, because the policy allows no style in a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from booking.admin import words
from booking.week import Day, Span

AXIS, HEAD, COLUMN, HOUR = 40, 26, 136, 34
GAP, LANE = 3, 14
USUAL = (8, 18)
SMALLEST_WITH_WORDS = 14
LETTER = 7  # about as wide as a letter


@dataclass(frozen=True)
class Box:
    """One stretch of time."""

    kind: str
    x: int
    y: int
    width: int
    height: int
    label: str
    label_y: int


@dataclass(frozen=True)
class Column:
    """One day."""

    label: str
    x: int
    middle: int
    is_today: bool
    is_closed: bool
    boxes: list[Box]


@dataclass(frozen=True)
class Mark:
    """One full hour."""

    label: str
    y: int


@dataclass(frozen=True)
class Drawing:
    """Everything the template draws, in units of the view box."""

    width: int
    height: int
    head: int
    axis: int
    column: int
    columns: list[Column]
    marks: list[Mark]


def draw(days: list[Day], *, names: dict[int, str], today: date) -> Drawing:
    """The week on one sheet: hours downwards, days to the right."""
    first, last = _hours(span for day in days for span in day.spans)
    height = HEAD + (last - first) * HOUR
    columns = [
        Column(
            label=words.short_day(day.day),
            x=AXIS + n * COLUMN,
            middle=AXIS + n * COLUMN + COLUMN // 2,
            is_today=day.day == today,
            is_closed=day.is_closed,
            boxes=[_box(span, day=day.day, x=AXIS + n * COLUMN, first=first, names=names) for span in _free_first(day)],
        )
        for n, day in enumerate(days)
    ]
    marks = [
        Mark(f"{(hour - 1) % 12 + 1} {'am' if hour % 24 < 12 else 'pm'}", HEAD + (hour - first) * HOUR)
        for hour in range(first, last + 1)
    ]
    return Drawing(AXIS + len(days) * COLUMN, height + 8, HEAD, AXIS, COLUMN, columns, marks)


def _free_first(day: Day) -> list[Span]:
    """Free time lies below what is taken, and the first lane below the second."""
    return sorted(day.spans, key=lambda span: (span.kind != "free", span.held.lane if span.held else 0))


def _hours(spans: Iterable[Span]) -> tuple[int, int]:
    first, last = USUAL
    for span in spans:
        start, end = timezone.localtime(span.starts_at), timezone.localtime(span.ends_at)
        first = min(first, start.hour)
        last = max(last, 24 if end.date() > start.date() else end.hour + (end.minute > 0))
    return first, last


def _box(span: Span, *, day: date, x: int, first: int, names: dict[int, str]) -> Box:
    top, bottom = _y(span.starts_at, day=day, first=first), _y(span.ends_at, day=day, first=first)
    shift = LANE * (span.held.lane if span.held else 0)
    width = max(COLUMN - 2 * GAP - shift, LANE)
    label = ""
    if bottom - top >= SMALLEST_WITH_WORDS and span.kind != "free":
        local = timezone.localtime(span.starts_at)
        label = f"{(local.hour - 1) % 12 + 1}:{local.minute:02d} {names.get(span.office_id or 0, '')}".rstrip()
        most = width // LETTER
        label = label if len(label) <= most else f"{label[: most - 1].rstrip()}…"
    return Box(span.kind, x + GAP + shift, top, width, max(bottom - top - 1, 2), label, top + 11)


def _y(instant: datetime, *, day: date, first: int) -> int:
    """By the clock on the wall, so that nine o'clock is at one height on every day of the year."""
    local = timezone.localtime(instant)
    minutes = 24 * 60 if local.date() > day else local.hour * 60 + local.minute
    return HEAD + (minutes - first * 60) * HOUR // 60
