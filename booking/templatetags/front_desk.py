"""Gives the admin's first page what the desk needs now. Must not change anything but the access log."""

from typing import Any

from django import template
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

from booking.admin import access_log, calendar_checks, closing_day, rights, touched_visits, words
from booking.admin.counters import counters, visits_soon
from booking.messaging import pause
from booking.models import Heartbeat
from booking.moves import MOVES

register = template.Library()


register.filter("person", words.person)


@register.simple_tag(takes_context=True)
def front_desk(context: dict[str, Any]) -> dict[str, Any] | None:
    """Counters, visits of today and tomorrow, and what this person may do; None for people without the queue."""
    http: HttpRequest = context["request"]
    user = http.user
    if not isinstance(user, User) or not rights.may(user, "look"):
        return None
    now = timezone.now()
    today = timezone.localtime(now).date()
    visits = visits_soon(now=now)
    access_log.listed(request_ids=[visit.request_id for visit in visits], by=user, at=now)
    can = rights.all_of(user)
    return {
        "counters": counters(now=now),
        "now": now,
        "visits": [
            (
                visit,
                timezone.localtime(visit.starts_at).date() == today,
                words.clock(visit.starts_at),
                can["came"] and visit.ends_at <= now and visit.request.status in MOVES["complete"].sources,
            )
            for visit in visits
        ],
        "worker_is_silent": Heartbeat.worker_is_silent(now=now),
        "paused": [(stopped.channel, words.code_reason(stopped.code)) for stopped in pause.running()],
        "calendars": calendar_checks.checks(now=now),
        "closings": closing_day.open_closings(),
        "can": can,
    }


@register.simple_tag(takes_context=True)
def visits_with_other_fact(context: dict[str, Any], key: str) -> dict[str, Any] | None:
    """The visits ahead that keep another value of a fact; people without the queue learn only how many."""
    user, now = context["request"].user, timezone.now()
    touched = touched_visits.by(key, now=now)
    if touched is None:
        return None
    may_see = rights.may(user, "look")
    if may_see:
        access_log.listed(request_ids=[visit.request_id for visit, _value in touched.differing], by=user, at=now)
    rows = [(visit, words.when(visit.starts_at), value) for visit, value in touched.differing]
    return {"rows": rows if may_see else [], "count": len(rows), "same": touched.same}
