"""Block the doctor's time and free it again, each by one press. Must not end a visit that lies in the block: it names
whom to call."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking import held_time
from booking.admin import access_log, rights, week_view, words
from booking.models import HeldTime
from booking.timetable_forms import BlockForm

TEMPLATE = "admin/booking/block.html"


@require_http_methods(["GET", "HEAD", "POST"])
def block(http: HttpRequest) -> HttpResponse:
    """The form. One press blocks; visits and offers that lie in the time are shown first, and a second press blocks."""
    user, now = rights.must(http, "block"), timezone.now()
    initial = {name: http.GET.get(name, "") for name in ("physician", "day", "starts", "ends")}
    form = BlockForm(http.POST if http.method == "POST" else None, initial=initial, now=now)
    inside: list[HeldTime] = []
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        inside = _inside(values, now=now)
        if not inside or http.POST.get("anyway") == _mark(values, inside):
            return _blocked(http, values, now=now)
    seen = [held.request_id for held in inside if held.request_id]
    access_log.listed(request_ids=seen, by=user, at=now)
    context = {
        **admin.site.each_context(http),
        "title": _("Block time"),
        "form": form,
        "inside": [(held, words.when(held.starts_at)) for held in inside],
        "mark": _mark(form.cleaned_data, inside) if inside else "",
    }
    return TemplateResponse(http, TEMPLATE, context)


@require_http_methods(["GET", "HEAD", "POST"])
def unblock(http: HttpRequest, pk: int) -> HttpResponse:
    """Free a block. A second press says the same; a visit is never freed here."""
    rights.must(http, "block")
    held = HeldTime.objects.filter(pk=pk, kind=HeldTime.Kind.BLOCK).select_related("physician").first()
    if http.method != "POST" or held is None:
        if http.method == "POST":
            messages.info(http, _("This time is not blocked any more."))
        return redirect("admin:booking_heldtime_week")
    held_time.unblock(pk=pk)
    messages.success(http, _("The time is free again: %(when)s") % {"when": _when(held.starts_at, held.ends_at)})
    return redirect(week_view.address(timezone.localtime(held.starts_at).date(), held.physician))


def _blocked(http: HttpRequest, values: dict[str, Any], *, now: datetime) -> HttpResponse:
    starts_at, ends_at = values["starts_at"], values["ends_at"]
    day = values["day"]
    try:
        held_time.block(
            physician=values["physician"],
            starts_at=starts_at,
            ends_at=ends_at,
            note=values["note"],
            by=rights.member(http),
            now=now,
        )
    except held_time.Taken:
        messages.warning(http, _("Somebody took time there in this very moment. Look at the week and press again."))
    else:
        messages.success(http, _("Blocked: %(when)s") % {"when": _when(starts_at, ends_at)})
    return redirect(week_view.address(day, values["physician"]))


def _inside(values: dict[str, Any], *, now: datetime) -> list[HeldTime]:
    """Visits and offers that lie in the time; they stay, and somebody has to call."""
    rows = HeldTime.objects.filter(physician=values["physician"], request__isnull=False).in_force(now=now)
    touched = rows.between(values["starts_at"], values["ends_at"])
    return list(touched.select_related("request", "office").order_by("starts_at"))


def _mark(values: dict[str, Any], inside: list[HeldTime]) -> str:
    """Which doctor and interval the shown list is for, and what was on it: nobody blocks over what was not shown."""
    shown = ",".join(str(held.pk) for held in inside)
    return f"{values['physician'].pk}:{values['starts_at']:%Y%m%d%H%M}-{values['ends_at']:%Y%m%d%H%M}:{shown}"


def _when(starts_at: datetime, ends_at: datetime) -> str:
    day = words.short_day(timezone.localtime(starts_at).date())
    return f"{day}, {week_view.between(starts_at, ends_at)}"
