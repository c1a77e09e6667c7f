"""What all tests share: a frozen clock, closed sockets, clients, the local Twilio, and running the queued tasks."""

import gc
import ipaddress
import os
import socket
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.test import Client

from tests import factories, migrated, one_process

_real_connect = socket.socket.connect

pytest_xdist_make_scheduler = one_process.scheduler
gc.set_threshold(20_000, 20, 20)  # collecting 6,000 tests makes much that lives to the end; looking through it is slow


def pytest_collection_finish() -> None:
    """What is there now stays: modules, models, tests. The collector need not look at it again."""
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The last of a run's processes tidies up."""
    if not hasattr(session.config, "workerinput") and "TEST_DATABASE_URL" in os.environ:
        migrated.drop_template(os.environ["TEST_DATABASE_URL"])


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The database of this process begins as a copy; Django then finds nothing left to migrate."""
    migrated.use_for(connections["default"].settings_dict)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Django would delete the copy before it makes its database; on PostgreSQL it makes the copy itself."""
    return "sqlite" in connections["default"].settings_dict["ENGINE"]


def _only_loopback(self: socket.socket, address: Any) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6):
        host = address[0]
        try:
            allowed = host == "localhost" or ipaddress.ip_address(host).is_loopback
        except ValueError:
            allowed = False
        if not allowed:
            raise AssertionError(f"A test tried to reach {host}.")
    _real_connect(self, address)


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Nothing in the suite may leave this machine."""
    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", _only_loopback)
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def _nobody_asks_by_the_real_clock() -> Iterator[None]:
    """Every half second of real time a page costs one query more: on a busy machine counts would differ."""
    patch = pytest.MonkeyPatch()
    patch.setattr("clinic_site.reading_cache.REREAD_SECONDS", 3600)
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def _emptying_may_delete_histories() -> Iterator[None]:
    """A test with real transactions empties all tables at its end, which the triggers of the histories refuse on
    SQLite: they are taken away for that moment and put back."""
    operations: Any = DatabaseWrapper.ops_class
    real = operations.execute_sql_flush

    def flush(self: Any, sql_list: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _sql in triggers:
                cursor.execute(f'DROP TRIGGER "{name}"')
        real(self, sql_list)
        with self.connection.cursor() as cursor:
            for _name, sql in triggers:
                cursor.execute(sql)

    patch = pytest.MonkeyPatch()
    patch.setattr(operations, "execute_sql_flush", flush)
    yield
    patch.undo()


@pytest.fixture
def now() -> Iterator[datetime]:
    """Monday, December 7, 2026, 10 am in Los Angeles; the clock stands still."""
    with time_machine.travel(factories.NOW, tick=False):
        yield factories.NOW


@pytest.fixture
def clinic(db: None) -> None:
    """Services, offices, hours."""
    factories.clinic()


@pytest.fixture
def staff_user(db: None) -> Any:
    """A member of staff with all rights."""
    return factories.a_staff_user("desk")


@pytest.fixture
def staff_client(staff_user: Any) -> Client:
    """A browser in which staff are signed in."""
    client = Client()
    client.force_login(staff_user)
    return client


@pytest.fixture
def deliver_all(db: None) -> Callable[[], int]:
    """Run every task that is due, as the worker would, until none is left; returns how many ran."""
    from django_tasks_db.models import DBTaskResult

    def run() -> int:
        ran = 0
        while True:
            due = DBTaskResult.objects.ready().first()
            if due is None:
                return ran
            due.claim("test-worker")
            task = due.task
            task.func(*due.args_kwargs["args"], **due.args_kwargs["kwargs"])
            DBTaskResult.objects.filter(pk=due.pk).delete()
            ran += 1
            assert ran < 500, "Tasks keep enqueueing themselves."

    return run


@pytest.fixture
def simulator(settings: LazySettings) -> Iterator[Any]:
    """The local Twilio over real HTTP, and the settings that point the real SDK at it."""
    from booking.simulator import Simulator

    with Simulator(
        port=0,
        account_sid=settings.TWILIO_ACCOUNT_SID,
        auth_token=settings.TWILIO_AUTH_TOKENS[0],
        api_keys={settings.TWILIO_API_KEY_SID: settings.TWILIO_API_KEY_SECRET},
    ) as running:
        settings.TWILIO_API_URL = running.url
        yield running
