"""What the worker does by the clock."""

from datetime import timedelta

import pytest
from django_tasks_db.models import DBTaskResult

from booking import clockwork
from booking.models import Heartbeat, Status
from tests import factories
from tests.factories import NOW, at

pytestmark = pytest.mark.usefixtures("clinic", "now")


def test_a_beat_shows_that_the_worker_lives():
    clockwork.tick(now=NOW)
    assert Heartbeat.objects.get(name="worker").at == NOW


def test_of_many_workers_one_does_the_work_of_a_beat():
    assert clockwork.tick(now=NOW)
    assert not clockwork.tick(now=NOW + timedelta(seconds=1))
    assert clockwork.tick(now=NOW + clockwork.TICK)


def test_a_beat_wakes_lost_messages_and_completes_past_visits():
    request = factories.a_visit().request
    DBTaskResult.objects.all().delete()
    clockwork.tick(now=at("2026-12-24", "10:00"))
    request.refresh_from_db()
    assert request.status == Status.COMPLETED
    assert DBTaskResult.objects.count() == 2


def test_one_part_that_fails_does_not_stop_the_others(monkeypatch, caplog):
    def broken(*, now):
        raise ValueError("213-555-0134")

    request = factories.a_visit().request
    monkeypatch.setattr("booking.messaging.outbox.sweep", broken)
    clockwork.tick(now=at("2026-12-24", "10:00"))
    request.refresh_from_db()
    assert request.status == Status.COMPLETED
    assert "ValueError" in caplog.text
    assert "0134" not in caplog.text


def test_finished_wake_ups_and_those_of_killed_workers_are_tidied():
    factories.a_request()
    row = DBTaskResult.objects.get()
    DBTaskResult.objects.filter(pk=row.pk).update(status="RUNNING", started_at=NOW - timedelta(hours=2))
    clockwork.tidy_tasks(now=NOW)
    assert DBTaskResult.objects.count() == 0


def test_a_wake_up_that_waits_is_left_alone():
    factories.a_request()
    clockwork.tidy_tasks(now=NOW + timedelta(days=30))
    assert DBTaskResult.objects.count() == 1
