"""What the worker does by the clock: show that it lives, wake messages, queue reminders, list people to call, read
doctors' calendars, complete past visits, tidy the task table.
Runs once however many workers there are. Must not hold rules of its own."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.core.management import call_command
from django.db.models import Q
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from booking import (
    call_today,
    doctor_calendar,
    held_time,
    hours_gone,
    offers,
    outcomes,
    readiness,
    reminders,
    retention,
    sign_in,
    staff_alert,
    talking,
)
from booking.messaging import inbound, outbox, reports, silence
from booking.models import Heartbeat
from pages import error_files
from pages.editing import review_mail

logger = logging.getLogger("booking.clockwork")

TICK = timedelta(seconds=10)
GLANCE = timedelta(seconds=1)  # how soon a delivery report is read
RUNNING_TOO_LONG = timedelta(hours=1)
KEEP_TASKS = timedelta(days=7)
DAILY = timedelta(hours=20)
EACH_MINUTE = timedelta(seconds=55)


def tick(*, now: datetime) -> bool:
    """One beat of the clock. Whether this worker was the one to do the work of this beat."""
    beat(name="worker", now=now)
    _run("write error pages", error_files.refresh)  # on every machine: each has files of its own
    if not _is_my_turn("clock", now=now, every=TICK * 0.8):
        return False
    _run("wake messages", lambda: outbox.sweep(now=now))
    _run("read texts", lambda: inbound.sweep(now=now))
    _run("complete visits", lambda: outcomes.complete_past_visits(now=now))
    _run("end offers", lambda: offers.sweep(now=now))
    _run("end holds", lambda: talking.sweep(now=now))
    _run("end waits", lambda: outcomes.sweep(now=now))
    if _is_my_turn("minute", now=now, every=EACH_MINUTE):
        _run("queue reminders", lambda: reminders.queue_due(now=now))
        _run("ask about texts", lambda: silence.ask(now=now))
        _run("read a doctor's calendar", lambda: doctor_calendar.read_next(now=now))
        _run("list calls", lambda: call_today.list_undelivered(now=now))
        _run("list hours that are gone", lambda: hours_gone.list_calls(now=now))
        _run("list prescriptions", lambda: readiness.list_prescriptions(now=now))
        _run("tell staff", lambda: staff_alert.tell(now=now))
    if _is_my_turn("daily", now=now, every=DAILY):
        _run("tidy tasks", lambda: tidy_tasks(now=now))
        _run("forget blocks", lambda: held_time.forget_blocks(now=now))
        _run("forget people", lambda: retention.forget(now=now))
        _run("mail what is due for a check", lambda: review_mail.send(now=now))
        _run("tidy sign-ins", lambda: sign_in.tidy(now=now))
        _run("clear sessions", lambda: call_command("clearsessions"))
    return True


def glance(*, now: datetime) -> None:
    """What should not wait for a beat: reports that came in. One query while there are none."""
    _run("read reports", lambda: reports.read(now=now))


def beat(*, name: str, now: datetime) -> None:
    """Write down that a part lives; /readyz reads it."""
    if not Heartbeat.objects.filter(name=name).update(at=now):
        Heartbeat.objects.get_or_create(name=name, defaults={"at": now})


def tidy_tasks(*, now: datetime) -> None:
    """Delete finished wake-ups, and those that a killed worker left running: the message rows wake themselves."""
    finished = Q(status__in=(TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED), finished_at__lt=now - KEEP_TASKS)
    limbo = Q(status=TaskResultStatus.RUNNING, started_at__lt=now - RUNNING_TOO_LONG)
    DBTaskResult.objects.filter(finished | limbo).delete()


def _is_my_turn(name: str, *, now: datetime, every: timedelta) -> bool:
    """Claim the beat by a conditional UPDATE, so that of many workers one does the work."""
    if Heartbeat.objects.filter(name=name, at__lte=now - every).update(at=now) == 1:
        return True
    _, created = Heartbeat.objects.get_or_create(name=name, defaults={"at": now})
    return created


def _run(what: str, work: Callable[[], object]) -> None:
    """One part that fails must not stop the others; its exception text may hold personal data, its type does not."""
    try:
        work()
    except Exception as error:  # whatever it is, the clock goes on
        logger.error("The clock could not %s: %s", what, type(error).__name__)  # noqa: TRY400
