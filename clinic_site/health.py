"""/healthz and /readyz for whoever watches the site. Must not answer with anything personal.

Only a database that cannot be used makes the site not ready; a stopped worker is `degraded`, because patients can
still read and send requests, and nothing they send is lost.
"""

from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from booking.messaging import pause
from booking.models import DoctorCalendar, Heartbeat, OutgoingMessage

MESSAGE_OVERDUE_AFTER = timedelta(minutes=5)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process lives."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether requests can be served, and what is wrong. 503 only for database or migrations."""
    try:
        missing = _migrations_missing()
        answer: dict[str, Any] = {"status": "ok", "database": "ok", "migrations": "ok"}
        if missing:
            return JsonResponse({**answer, "status": "unavailable", "migrations": f"{missing} not applied"}, status=503)
        reasons = _degraded()
    except DatabaseError:
        return JsonResponse({"status": "unavailable", "database": "cannot be used"}, status=503)
    if reasons:
        answer |= {"status": "degraded", "reasons": reasons}
    return JsonResponse(answer)


def _migrations_missing() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _degraded() -> list[str]:
    now = timezone.now()
    reasons = []
    beat = Heartbeat.objects.filter(name="worker").first()
    if beat is None:
        reasons.append("worker: has never run")
    elif now - beat.at > Heartbeat.SILENT_AFTER:
        reasons.append(f"worker: silent for {_words(now - beat.at)}")
    elif beat.at - now > Heartbeat.SILENT_AFTER:
        reasons.append("clock: this machine is behind the worker's")
    for stopped in pause.running():
        since = _words(now - stopped.began_at)
        reasons.append(f"{stopped.channel}: paused since {since}, set-up refused (code {stopped.code})")
    for calendar in DoctorCalendar.objects.exclude(feed_host="").order_by("pk"):
        known_at = calendar.feed_good_at or calendar.feed_set_at
        if calendar.is_feed_stale(now=now) and known_at is not None:
            reasons.append(f"calendar: the feed of a doctor was last read {_words(now - known_at)} ago")
    overdue = OutgoingMessage.objects.overdue(before=now - MESSAGE_OVERDUE_AFTER).order_by("next_attempt_at").first()
    if overdue is not None:
        reasons.append(f"messages: the oldest unsent one is {_words(now - overdue.next_attempt_at)} late")
    return reasons


def _words(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
