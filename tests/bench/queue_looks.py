"""Looks at the desk's queue as a signed-in member of the front desk, through the whole stack of middleware, while
requests grow; prints one table. Must run in a process in which Django is set up (tests/bench/queue.py starts it)."""

import os
import time
from datetime import UTC, datetime
from statistics import quantiles
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.test import Client

from booking.admin import rights
from tests import factories
from tests.bench import many

MOST = 1.5
ROUNDS = 31
QUEUE = "/admin/booking/appointmentrequest/"
LISTS = {
    "the queue": QUEUE,
    "new": f"{QUEUE}?show=new",
    "late": f"{QUEUE}?show=late",
    "to call back": f"{QUEUE}?show=call_back",
    "visits to mark": f"{QUEUE}?show=over",
    "with a task": f"{QUEUE}?show=tasks",
    "confirmed": f"{QUEUE}?show=confirmed",
    "closed": f"{QUEUE}?show=closed",
    "all": f"{QUEUE}?show=all",
    "Spanish speakers": f"{QUEUE}?speaks=es",
    "all, page 3": f"{QUEUE}?show=all&p=3",
    "texts not placed": "/admin/booking/incomingtext/unplaced/",
    "first page": "/admin/",
}
SEARCHES = {"last 4 digits": many.LAST_FOUR, "a name word": many.NAME_WORD, "a reference": "00000777"}


def main() -> int:
    """What to fill in comes in the environment."""
    sizes = [int(size) for size in os.environ["BENCH_SIZES"].split()]
    return measure(sizes=sizes, mix=many.ALL_WAIT if os.environ["BENCH_ALL_WAITING"] else many.USUAL)


def measure(*, sizes: list[int], mix: dict[str, int]) -> int:
    """A database for each size, all looked at in turns: what else the machine does then hits every size alike."""
    print(f"\n{connection.vendor}: out of 1000 requests {mix}, the rest completed", flush=True)
    base, desks = str(connection.settings_dict["NAME"]), {}
    for size in sizes:
        began = time.perf_counter()
        _make_database(base, size)
        desks[size] = _a_desk()
        many.fill(size, mix=mix, now=datetime.now(UTC), staff_id=desks[size][1])
        print(f"{size:>9,} requests written in {time.perf_counter() - began:.0f} s", flush=True)
    print(f"{'':<20}" + "".join(f"{size:>22,}" for size in sizes) + f"{'last / first':>14}", flush=True)
    ratios = {}
    for name in (*LISTS, *SEARCHES):
        looks = _in_turns(name, {size: client for size, (client, _staff) in desks.items()}, base=base)
        cells = "".join(f"{queries:>11} q {ms:>6.1f} ms" for queries, ms in looks)
        ratios[name] = looks[-1][1] / looks[0][1]
        print(f"{name:<20}{cells}{ratios[name]:>14.2f}", flush=True)
    ratio = ratios["the queue"]
    print(f"queue, last / first: {ratio:.2f} (at most {MOST}){'' if ratio <= MOST else '  MISSED'}")
    return int(ratio > MOST)


def _in_turns(name: str, clients: dict[int, Client], *, base: str) -> list[tuple[int, float]]:
    """Queries of one look, and the lower quartile of many in milliseconds, for each size."""
    addresses, queries, times = {}, {}, {size: list[float]() for size in clients}
    for size, client in clients.items():
        _use(base, size)
        addresses[size] = LISTS.get(name) or client.post(f"{QUEUE}search/", {"q": SEARCHES[name]})["Location"]
        client.get(addresses[size])
        queries[size] = _queries(client, addresses[size])
    for _ in range(ROUNDS):
        for size, client in clients.items():
            _use(base, size)
            connection.ensure_connection()
            began = time.perf_counter()
            answer = client.get(addresses[size])
            times[size].append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, addresses[size]
    return [(queries[size], quantiles(times[size], n=4)[0]) for size in clients]


def _queries(client: Client, address: str) -> int:
    seen: list[str] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        seen.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        client.get(address)
    return len(seen)


def _make_database(base: str, size: int) -> None:
    if connection.vendor == "postgresql":
        connection.settings_dict["NAME"] = base
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{_name(base, size)}"')
    _use(base, size)


def _use(base: str, size: int) -> None:
    connection.close()
    connection.settings_dict["NAME"] = _name(base, size)


def _name(base: str, size: int) -> str:
    return f"{base}_{size}"


def _a_desk() -> tuple[Client, int]:
    """An empty clinic and somebody of the front desk who is signed in."""
    ContentType.objects.clear_cache()
    call_command("migrate", verbosity=0)
    rights.set_up()
    factories.clinic()
    user = User.objects.create_user("desk", password="x", is_staff=True)
    user.groups.add(Group.objects.get(name="Front desk"))
    client = Client()
    client.force_login(user)
    return client, user.pk
