"""Looks at the desk's queue as a signed-in member of the front desk, through the whole stack of middleware, while
requests grow; prints one table. Must run in a process in which Django is set up (tests/bench/queue.py starts it)."""

import os
import time
from datetime import UTC, datetime
from statistics import quantiles
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection
from django.test import Client

from booking.admin import rights
from tests import factories
from tests.bench import many

MOST = 1.5
ROUNDS = 41
QUEUE = "/admin/booking/appointmentrequest/"
LISTS = {
    "the queue": QUEUE,
    "new": f"{QUEUE}?show=new",
    "late": f"{QUEUE}?show=late",
    "to call back": f"{QUEUE}?show=call_back",
    "with a task": f"{QUEUE}?show=tasks",
    "confirmed": f"{QUEUE}?show=confirmed",
    "closed": f"{QUEUE}?show=closed",
    "all": f"{QUEUE}?show=all",
    "Spanish speakers": f"{QUEUE}?speaks=es",
    "all, page 3": f"{QUEUE}?show=all&p=3",
}
SEARCHES = {"last 4 digits": many.LAST_FOUR, "a name word": many.NAME_WORD, "a reference": "00000777"}


def main() -> int:
    """What to fill in comes in the environment."""
    sizes = [int(size) for size in os.environ["BENCH_SIZES"].split()]
    return measure(sizes=sizes, mix=many.ALL_WAIT if os.environ["BENCH_ALL_WAITING"] else many.USUAL)


def measure(*, sizes: list[int], mix: dict[str, int]) -> int:
    """Fill, look, fill more, look again; then one table."""
    client, staff_id = _a_desk()

    print(f"\n{connection.vendor}: out of 1000 requests {mix}, the rest completed", flush=True)
    found: dict[str, list[tuple[int, float]]] = {}
    for size in sizes:
        began = time.perf_counter()
        many.fill(size, mix=mix, now=datetime.now(UTC), staff_id=staff_id)
        print(f"{size:>9,} requests written in {time.perf_counter() - began:.0f} s", flush=True)
        for name, address in _addresses(client).items():
            found.setdefault(name, []).append(_look(client, address))
    print(f"{'':<20}" + "".join(f"{size:>22,}" for size in sizes) + f"{'last / first':>14}")
    for name, looks in found.items():
        cells = "".join(f"{queries:>11} q {ms:>6.1f} ms" for queries, ms in looks)
        print(f"{name:<20}{cells}{looks[-1][1] / looks[0][1]:>14.2f}")
    ratio = found["the queue"][-1][1] / found["the queue"][0][1]
    print(f"queue, last / first: {ratio:.2f} (at most {MOST}){'' if ratio <= MOST else '  MISSED'}")
    return int(ratio > MOST)


def _a_desk() -> tuple[Client, int]:
    """An empty clinic and somebody of the front desk who is signed in."""
    call_command("migrate", verbosity=0)
    rights.set_up()
    factories.clinic()
    user = User.objects.create_user("desk", password="x", is_staff=True)
    user.groups.add(Group.objects.get(name="Front desk"))
    client = Client()
    client.force_login(user)
    return client, user.pk


def _addresses(client: Client) -> dict[str, str]:
    searches = {}
    for name, typed in SEARCHES.items():
        searches[name] = client.post(f"{QUEUE}search/", {"q": typed})["Location"]
    return {**LISTS, **searches}


def _look(client: Client, address: str) -> tuple[int, float]:
    """Queries, and the lower quartile of many looks in milliseconds: what else the machine does only adds to it."""
    queries: list[str] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        queries.append(sql)
        return execute(sql, *rest)

    for _ in range(3):
        assert client.get(address).status_code == 200, address
    with connection.execute_wrapper(count):
        client.get(address)
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        client.get(address)
        times.append((time.perf_counter() - began) * 1000)
    return len(queries), quantiles(times, n=4)[0]
