"""Whose a time is, for screens that show times of several doctors. Must not decide who may be booked."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from booking.models import DateOverride, WeeklyHours
from booking.timetable import local_day
from pages.models import Physician


def to_tell_apart(shown: Iterable[int], *, now: datetime) -> dict[int, str]:
    """Key and short name of each doctor, where more than one has hours from today on; nobody in a clinic of one, where
    a name beside every time says nothing. `shown`: whose times are on the screen count in any case."""
    today, mine = local_day(now), Q(physician=OuterRef("pk"))
    weekly = WeeklyHours.objects.filter(mine, Q(valid_to__isnull=True) | Q(valid_to__gte=today))
    ahead = DateOverride.objects.filter(mine, day__gte=today, starts__isnull=False)
    counts = Q(Exists(weekly)) | Q(Exists(ahead)) | Q(pk__in=set(shown))
    found = {row.pk: row.short_name for row in Physician.objects.filter(counts)}
    return found if len(found) > 1 else {}
