"""What is said about a doctor's own calendar: that somebody looked at it. Must not read a feed by itself."""

from datetime import datetime
from typing import Any

from booking.models import DoctorCalendar
from pages.models import Physician


def confirm(*, physician: Physician, by: Any, now: datetime) -> None:
    """Somebody looked at the doctor's calendar and it is right. `by` None: made-up data for trying out."""
    calendar, _created = DoctorCalendar.objects.get_or_create(physician=physician)
    DoctorCalendar.objects.filter(pk=calendar.pk).update(confirmed_at=now, confirmed_by=by)
