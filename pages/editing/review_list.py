"""What is due for a check: pages and questions, late ones first. Must not mail the list (review_mail.py does) nor check
anything off (publishing does)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from pages.models import Page, Publication, Question

SOON = timedelta(days=30)


@dataclass(frozen=True)
class Due:
    """One page or question. Without `due_on` it is a live medical page that nobody has checked yet."""

    what: str
    name: str
    due_on: date | None
    is_late: bool
    owner: str
    checked_by: str
    admin_url: str


def due(*, today: date, within: timedelta = SOON) -> list[Due]:
    """Everything that is late or due soon, what was never checked first, then by date."""
    last = today + within
    pages = Page.objects.select_related("owner")
    live = Publication.objects.values("page")
    rows: list[Any] = [
        *pages.filter(medical=True, checked_on=None, pk__in=live),
        *pages.filter(due_on__lte=last),
        *Question.objects.filter(due_on__lte=last).select_related("owner"),
    ]
    return sorted((_due(row, today) for row in rows), key=lambda item: (item.due_on or date.min, item.what, item.name))


def words(item: Due) -> str:
    """When it is due, for people."""
    if item.due_on is None:
        return _("never checked")
    return (
        _("late since %(day)s") % {"day": item.due_on} if item.is_late else _("due on %(day)s") % {"day": item.due_on}
    )


def _due(row: Any, today: date) -> Due:
    due_on = row.due_on
    return Due(
        what=str(row._meta.verbose_name),
        name=str(row),
        due_on=due_on,
        is_late=due_on is None or due_on < today,
        owner=(row.owner.get_full_name() or row.owner.get_username()) if row.owner else "",
        checked_by=row.checked_by if isinstance(row, Page) else row.approved_by,
        admin_url=reverse(f"admin:pages_{row._meta.model_name}_change", args=[row.pk]),
    )
