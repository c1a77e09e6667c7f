"""Which of her times a press on the patient's own pages was made for, and the page for one that came too late. Must not
change anything."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from booking.models import AppointmentRequest, Visit
from booking.views.her_page import common
from booking.views.state_words import visit_rows

NO_TIME = 0
NEVER_SHOWN = -1


def mark(visit: Visit | None) -> int:
    """What a form carries as `seen`: the version of the time that its page shows. A visit is never edited, so the
    version says which time it is."""
    return visit.version if visit else NO_TIME


def seen(request: HttpRequest, hers: AppointmentRequest) -> int:
    """The mark that a press carries.

    A page that was opened before forms carried one says nothing. It counts as long as her time was never moved: then
    there is no other one that it could have shown. Refusing it always would cost her a press for nothing.
    """
    carried = request.POST.get("seen")
    if carried is None:
        return min(mark(hers.current_visit()), 1)
    return int(carried) if carried.isdecimal() and len(carried) < 9 else NEVER_SHOWN


def too_late(request: HttpRequest, hers: AppointmentRequest) -> HttpResponse:
    """Nothing was changed. Where she has another time than the one she pressed for, it is shown."""
    visit = hers.current_visit()
    is_another = visit is not None and visit.starts_at > timezone.now() and mark(visit) != seen(request, hers)
    rows = visit_rows(visit) if visit is not None and is_another else []
    return render(request, "booking/patient/changed.html", {**common(hers), "visit_rows": rows}, status=409)
