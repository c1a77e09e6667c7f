"""In which order requests wait, as columns that the database works out itself, so that an index can answer the queue
however many requests there are. Must not know what a screen shows."""

from datetime import UTC, date, datetime

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce

from booking.models.states import CLINIC_CLOSED, WAITING_FOR_STAFF, Status

FIRST_OF_ALL, LAST_OF_ALL = date(2000, 1, 1), date(9999, 12, 31)

# 1 while only staff can move it on. A number and not a truth value: SQLite looks up `= 1` in an index.
STAFF_TURN = models.GeneratedField(
    expression=Case(When(status__in=[str(status) for status in WAITING_FOR_STAFF], then=Value(1)), default=Value(0)),
    output_field=models.SmallIntegerField(),
    db_persist=True,
)
# Never NULL, because the two databases sort NULL to different ends and SQLite then sorts the whole table.
LOSES_ON = models.GeneratedField(
    expression=Case(
        When(last_acceptable_day__isnull=False, then=F("last_acceptable_day")),
        # Who was put off to the next cycle, or whose day we closed, ranks above first-timers until she names days.
        When(
            Q(status=str(Status.NEXT_CYCLE)) | Q(status_reason=CLINIC_CLOSED),
            then=Value(FIRST_OF_ALL, models.DateField()),
        ),
        default=Value(LAST_OF_ALL, models.DateField()),
    ),
    output_field=models.DateField(),
    db_persist=True,
)
ANSWER_BY = models.GeneratedField(
    expression=Coalesce(F("promise_due_at"), Value(datetime(9999, 12, 30, tzinfo=UTC), models.DateTimeField())),
    output_field=models.DateTimeField(),
    db_persist=True,
)
ORDER = ("loses_on", "answer_by", "created_at", "id")
