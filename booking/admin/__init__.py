"""The staff's side of booking in the stock Django admin. Must not change a request or a message (lifecycle does)."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from booking.admin import (
    accesses,
    desk_verbs,
    doctor_calendars,
    messages,
    offer_verbs,
    outcome_verbs,
    queue,
    sign_in,
    timetable,
    wordings,
)

__all__ = [
    "accesses",
    "desk_verbs",
    "doctor_calendars",
    "messages",
    "offer_verbs",
    "outcome_verbs",
    "queue",
    "sign_in",
    "timetable",
    "wordings",
]

admin.site.site_header = _("Clinic desk")
admin.site.site_title = _("Clinic desk")
admin.site.index_title = _("Today at the desk")
admin.site.site_url = "/"
admin.site.login_form = sign_in.SignInForm
admin.site.login = sign_in.login  # type: ignore[assignment, method-assign]
