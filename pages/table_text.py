"""A table as an editor writes it: one row in each line, with | between the cells. Must not mark anything up."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

FEWEST, MOST = 3, 4  # the names of the rows, and two or three things to compare


def cells(text: str) -> list[list[str]]:
    """The cells of each line that has any."""
    return [_split(line) for line in text.splitlines() if line.strip()]


def whole_table(text: str | None) -> None:
    """A validator: the same number of cells in each line, none of them empty but the first of all."""
    rows = cells(text or "")
    if not rows:
        return
    if len(rows) < 2:
        raise ValidationError(_("Write a line with the names of the columns, then at least one row."), code="no_rows")
    if not FEWEST <= len(rows[0]) <= MOST:
        raise ValidationError(_("Compare two or three things: | First | Second"), code="columns")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise ValidationError(
                _("Line %(number)d has %(count)d cells; the first line has %(wanted)d."),
                params={"number": number, "count": len(row), "wanted": len(rows[0])},
                code="cells",
            )
        if not all(row[1:] if number == 1 else row):
            raise ValidationError(_("Line %(number)d has an empty cell."), params={"number": number}, code="empty")


def _split(line: str) -> list[str]:
    # A table copied from elsewhere may also end its lines with the sign.
    line = line.strip()
    inner = line[:-1] if line.endswith("|") and line.count("|") > 1 else line
    return [cell.strip() for cell in inner.split("|")]
