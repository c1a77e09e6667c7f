"""What patients and staff do meanwhile: ask, get times, have them moved or cancelled, say stop. Everything goes through
the product's own verbs, and again when the database was killed under it. Must not send or judge anything."""

import random
import threading
import time as clock
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import Error, close_old_connections, connection
from django.utils import timezone

from booking import actors, lifecycle, submission
from booking.messaging import quiet_hours
from booking.models import AppointmentRequest, Visit
from pages.models import Physician
from tests import factories
from tests.chaos.provider import LyingTwilio

T = TypeVar("T")
VISITS_OF_A_DOCTOR = 6
STOPS = ("STOP", "please stop texting me", "no más mensajes", "Stop.", "unsubscribe")


@dataclass
class Diary:
    """What was promised by a commit: the judge compares it with the provider's list."""

    acknowledged: set[str] = field(default_factory=set)  # form ids
    # (request, version of the visit) → when the commit that ended it had come back
    ended_at: dict[tuple[int, int], datetime] = field(default_factory=dict)
    stopped_at: dict[str, datetime] = field(default_factory=dict)  # number → when the site said that it has it
    again: int = 0


class Patients:
    """The clinic's day, at random but repeatable."""

    def __init__(self, seed: int, provider: LyingTwilio, *, how_many: int) -> None:
        self.diary = Diary()
        self.how_many = how_many
        self._random = random.Random(seed)
        self.over = threading.Event()
        self._provider = provider
        self._staff: Any = None
        self._doctors = 0

    def open_the_clinic(self) -> None:
        """Offices, services, hours, somebody at the desk."""
        factories.clinic()
        self._staff = factories.a_staff_user("chaos")

    def come(self) -> None:
        """One after the other, until all came or the run is over."""
        for number in range(self.how_many):
            if self.over.is_set():
                return
            self._one(number)

    def say_stop(self) -> None:
        """Some of those who came, at random times."""
        left = list(range(self.how_many))
        self._random.shuffle(left)
        left = left[: self.how_many // 6]
        while left and not self.over.is_set():
            clock.sleep(self._random.uniform(0.05, 0.6))
            here = [number for number in left if form_id(number) in self.diary.acknowledged]
            if here:
                left.remove(here[0])
                at = self._provider.says_stop(phone(here[0]), self._random.choice(STOPS))
                if at is not None:
                    self.diary.stopped_at[phone(here[0])] = at

    def _one(self, number: int) -> None:
        now = timezone.now()
        # Reminders wait an hour after the text that set the time.
        gets_reminded = number % 5 == 0
        asked = now - timedelta(hours=2) if gets_reminded else now
        request = self._certainly(lambda: self._submit(number, now=asked))
        self.diary.acknowledged.add(form_id(number))
        if number % 5 > 1:
            return
        day = quiet_hours.local(now).date() + timedelta(days=1 if gets_reminded else 12)
        starts_at = quiet_hours.at(day, datetime.min.time().replace(hour=9 + self._doctors % VISITS_OF_A_DOCTOR))
        self._doctors += 1
        self._certainly(lambda: self._confirm(request, starts_at, now=asked))
        if number % 3 == 0:
            clock.sleep(self._random.uniform(0, 0.3))
            self._certainly(lambda: self._confirm(request, starts_at + timedelta(days=7), now=timezone.now()))
            self.diary.ended_at[request.pk, 1] = timezone.now()
        elif number % 3 == 1 and number % 2:
            clock.sleep(self._random.uniform(0, 0.3))
            self._certainly(lambda: self._cancel(request))
            self.diary.ended_at[request.pk, 1] = timezone.now()

    def _submit(self, number: int, *, now: datetime) -> AppointmentRequest:
        days = (quiet_hours.local(now).date() + timedelta(days=12),)
        return lifecycle.submit(
            answers=factories.answers(
                name=f"Chaos Example {number}", phone_e164=phone(number), phone_typed=phone(number), days=days
            ),
            evidence=submission.Evidence(page="/request/contact/", form_version="chaos", network="192.0.2.0/24"),
            form_id=form_id(number),
            by=actors.staff(self._staff),
            now=now,
        )

    def _confirm(self, request: AppointmentRequest, starts_at: datetime, *, now: datetime) -> None:
        if Visit.objects.filter(request=request, starts_at=starts_at, ended_at__isnull=True).exists():
            return  # the commit arrived, its answer did not
        request.refresh_from_db()
        name = f"chaos-{self._doctors // VISITS_OF_A_DOCTOR}"
        doctor, _ = Physician.objects.get_or_create(slug=name, defaults={"name": name, "short_name": name})
        lifecycle.confirm(
            request=request, physician=doctor, office=factories.an_office(), service=request.service,
            starts_at=starts_at, by=actors.staff(self._staff), now=now, overbooking_reason="chaos",
        )  # fmt: skip

    def _cancel(self, request: AppointmentRequest) -> None:
        request.refresh_from_db()
        if request.status != "cancelled":
            lifecycle.cancel(request=request, by=actors.staff(self._staff), now=timezone.now())

    def _certainly(self, work: Callable[[], T]) -> T:
        """Like a person who presses again. A verb whose answer was lost must not do it twice."""
        for _ in range(100):
            try:
                close_old_connections()
                return work()
            except Error:
                self.diary.again += 1
                connection.close()
                if self.over.is_set():
                    break
                clock.sleep(0.2)
        raise AssertionError("The database did not come back.")


def phone(number: int) -> str:
    """A number of one patient."""
    return f"+1213{2_000_000 + number}"


def form_id(number: int) -> str:
    """The id that makes sending a form twice harmless."""
    return f"chaos-{number:08d}"
