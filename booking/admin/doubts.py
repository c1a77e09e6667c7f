"""What speaks against a typed time, in words for staff; they read it before they can set it. Must not refuse a time."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import formats
from django.utils.translation import gettext as _

from booking import unusual_time
from booking.admin.times import DayTimes
from booking.models import Service
from booking.timetable import Hours
from pages.models import Office


def of(
    *,
    service: Service,
    physician_id: int,
    office_id: int | None,
    starts_at: datetime,
    shown: Sequence[DayTimes],
    now: datetime,
) -> list[str]:
    """Nothing for a time that is `shown` as free; it is not asked about again."""
    free = {(one.starts_at, one.office_id, one.physician_id) for day in shown for one in (*day.options, *day.more)}
    if (starts_at, office_id, physician_id) in free:
        return []
    found = unusual_time.doubts(
        service=service, physician_id=physician_id, office_id=office_id, starts_at=starts_at, now=now
    )
    said = []
    if found.is_closed:
        said.append(_("A closure covers this day."))
    if found.is_outside:
        said.append(
            _("The doctor is not there at this time. Hours that day: %(hours)s") % {"hours": _hours(found.hours)}
        )
    if found.is_busy:
        said.append(_("The doctor’s own calendar says busy at this time."))
    return said


def _hours(hours: Sequence[Hours]) -> str:
    if not hours:
        return _("none")
    names = {office.pk: office.name for office in Office.objects.all()}
    return "; ".join(
        _("%(place)s from %(start)s to %(end)s")
        % {
            "place": names.get(one.office_id or 0, _("video")),
            "start": formats.time_format(one.starts, "P"),
            "end": formats.time_format(one.ends, "P"),
        }
        for one in hours
        if one.starts is not None and one.ends is not None
    )
