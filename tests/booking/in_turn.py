"""Two moves that meet: the first has done its part and not committed yet when the second begins. Must not know what
they do."""

import threading
import time
from collections.abc import Callable

from django.db import connection, transaction

from booking import lifecycle, standing

SECONDS = 30
Work = Callable[[], object]


def meet(first: Work, second: Work, *, at_last: Work = lambda: None) -> list[str]:
    """How each ended. `second` runs while the transaction of `first` is open; when `second` waits for it, or is done,
    that one does what it does `at_last` and is committed. On SQLite a second writer does not begin, so they only follow
    each other."""
    is_inside, may_commit = threading.Event(), threading.Event()
    ended, pids = ["", ""], [0]

    def hold_open() -> None:
        with transaction.atomic():
            first()
            is_inside.set()
            may_commit.wait(SECONDS)
            at_last()

    def come_second() -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids[0] = cursor.fetchone()[0]
        second()

    threads = [threading.Thread(target=_run, args=(work, n, ended)) for n, work in enumerate((hold_open, come_second))]
    threads[0].start()
    while not is_inside.wait(0.01) and not ended[0]:
        pass
    threads[1].start()
    until = time.monotonic() + SECONDS
    while connection.vendor == "postgresql" and not ended[1] and not _waits(pids[0]) and time.monotonic() < until:
        time.sleep(0.01)
    may_commit.set()
    for thread in threads:
        thread.join(SECONDS)
    return ended


def _run(work: Work, number: int, ended: list[str]) -> None:
    try:
        work()
        ended[number] = "done"
    except (lifecycle.TimeTaken, standing.StaleRequest) as lost:
        ended[number] = type(lost).__name__
    except Exception as error:  # whatever it is, the test must see it
        ended[number] = repr(error)
    finally:
        connection.close()


def _waits(pid: int) -> bool:
    """Whether the database lets this connection wait for another one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'", [pid])
        return cursor.fetchone() is not None
