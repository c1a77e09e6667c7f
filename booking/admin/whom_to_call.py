"""Says which visits stay in hours that were just taken away, so that somebody calls. Must not end a visit: neither a
closure nor a day off cancels one by itself."""

from datetime import date, datetime

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking import hours_gone
from booking.admin import access_log, rights, screen, week_view, words
from booking.models import Visit, VisitQuerySet
from booking.timetable import day_bounds

NAMED = 20


def say(http: HttpRequest, rows: VisitQuerySet, *, first: date | None, last: date | None, now: datetime) -> None:
    """The visits ahead on these local days, by reference: a message may travel in a cookie, so it holds no name and no
    number. A long list names the first, and says where the others are."""
    ahead = rows.ahead(now=now)
    if first is not None:
        ahead = ahead.filter(starts_at__gte=day_bounds(first)[0])
    if last is not None:
        ahead = ahead.filter(starts_at__lt=day_bounds(last)[1])
    named = list(ahead.select_related("request").order_by("starts_at", "pk")[:NAMED])
    if not named:
        return
    access_log.listed(request_ids=[visit.request_id for visit in named], by=rights.member(http), at=now)
    lines: SafeString = format_html_join(
        "; ",
        '<a href="{}">{}</a> {}',
        ((screen.url(v.request), v.request.spaced_reference, words.when(v.starts_at)) for v in named),
    )
    lead = _("These visits stay confirmed. Call the patients:")
    messages.warning(http, format_html("{} {}{}", lead, lines, _others(ahead)))


def list_calls(http: HttpRequest, *, now: datetime) -> None:
    """Put those whose time is in hours that are gone on the list, without waiting for the clock, and say how many."""
    opened = hours_gone.list_calls(now=now)
    if opened:
        text = ngettext(
            "%(number)d patient has a time in hours that are gone. Until somebody called, she stays under",
            "%(number)d patients have a time in hours that are gone. Until somebody called, they stay under",
            opened,
        ) % {"number": opened}
        url = reverse("admin:booking_appointmentrequest_changelist") + "?show=tasks"
        messages.warning(http, format_html('{} <a href="{}">{}</a>.', text, url, _("Open tasks")))


def _others(ahead: VisitQuerySet) -> SafeString | str:
    """How many are not named, and the week in which the first of them is."""
    more = ahead.count() - NAMED
    if more <= 0:
        return ""
    unnamed: Visit = ahead.select_related("physician").order_by("starts_at", "pk")[NAMED]
    day = timezone.localtime(unnamed.starts_at).date()
    said = _("and %(number)d more from %(day)s on") % {"number": more, "day": words.short_day(day)}
    return format_html('; <a href="{}">{}</a>', week_view.address(day, unnamed.physician), said)
