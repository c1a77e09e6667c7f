"""/healthz and /readyz say the truth to whoever watches, and nothing about anybody."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from booking.models import Heartbeat, OutgoingMessage
from clinic_site import health
from tests import factories


def beat(at: datetime) -> None:
    Heartbeat.objects.update_or_create(name="worker", defaults={"at": at})


def ready(client: Client) -> tuple[int, dict[str, Any]]:
    answer = client.get("/readyz")
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.json()


def test_the_process_lives_without_asking_the_database(
    client: Client, db: None, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_all_is_well_while_the_worker_beats(client: Client, db: None, now: datetime) -> None:
    beat(now)
    assert ready(client) == (200, {"status": "ok", "database": "ok", "migrations": "ok"})


def test_a_worker_that_never_ran_is_degraded_but_patients_are_served(client: Client, db: None, now: datetime) -> None:
    code, body = ready(client)
    assert (code, body["status"], body["reasons"]) == (200, "degraded", ["worker: has never run"])


def test_a_silent_worker_is_degraded(client: Client, db: None, now: datetime) -> None:
    beat(now - timedelta(minutes=3))
    code, body = ready(client)
    assert (code, body["status"], body["reasons"]) == (200, "degraded", ["worker: silent for 3 min"])


def test_a_clock_behind_the_workers_is_said(client: Client, db: None, now: datetime) -> None:
    beat(now + timedelta(minutes=10))
    assert ready(client)[1]["reasons"] == ["clock: this machine is behind the worker's"]


def test_an_old_unsent_message_is_said_without_its_content(client: Client, clinic: None, now: datetime) -> None:
    beat(now)
    factories.a_request(now=now)
    OutgoingMessage.objects.update(next_attempt_at=now - timedelta(minutes=6))
    code, body = ready(client)
    assert (code, body["status"]) == (200, "degraded")
    assert body["reasons"] == ["messages: the oldest unsent one is 6 min late"]


def test_a_database_that_is_gone_is_503(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> int:
        raise DatabaseError("could not connect to host db.internal as user clinic")

    monkeypatch.setattr(health, "_migrations_missing", gone)
    assert ready(client) == (503, {"status": "unavailable", "database": "cannot be used"})


def test_a_migration_that_is_not_applied_is_503(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrations_missing", lambda: 2)
    code, body = ready(client)
    assert (code, body["status"], body["migrations"]) == (503, "unavailable", "2 not applied")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_nobody_can_post_to_it(client: Client, db: None, path: str) -> None:
    assert client.post(path).status_code == 405
