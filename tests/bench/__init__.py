"""`make bench`: ratios within one run, on one machine. Must not be part of the suite: it needs a quiet machine."""

Row = tuple[str, str, str, bool]  # what, measured, target, whether it was kept


def print_table(rows: list[Row]) -> int:
    """One line for each row; the exit code says whether a target was missed."""
    print(f"\n{'What':<58}{'Measured':>14}{'Target':>12}")
    for what, measured, target, kept in rows:
        print(f"{what:<58}{measured:>14}{target:>12}{'' if kept else '  MISSED'}")
    return 0 if all(row[3] for row in rows) else 1
