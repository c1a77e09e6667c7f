"""`python -m tests.bench.webhooks`: how many signed delivery reports a second the real server takes, and whether one is
missing afterwards. DATABASE_URL chooses the database (default: SQLite of its own). Must not be part of the suite."""

import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from multiprocessing.queues import Queue
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from booking.simulator.webhooks import signature
from tests import running
from tests.bench import Row, print_table
from tests.bench.__main__ import environment, served

CALLBACKS, CLIENTS, TARGET = 10_000, 4, 1000
TOKEN = "bench-auth-token"
PATH = "/twilio/status/"
TEXTS = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "TWILIO_MESSAGING_SERVICE_SID": "MG" + "0" * 32,
    "TWILIO_API_URL": "http://127.0.0.1:9",
}
TEXTS_SENT = CALLBACKS // 2
MESSAGES = f"""
import uuid
from datetime import timedelta
from django.utils import timezone
from booking.models import OutgoingMessage
from tests import factories
now = timezone.now()
factories.clinic()
request = factories.a_request(now=now)
OutgoingMessage.objects.update(state="cancelled")
OutgoingMessage.objects.bulk_create([
    OutgoingMessage(
        request=request, channel="sms", contact_number=request.contact_number, kind="help", occasion=f"bench-{{n}}",
        state="sending", claimed_at=now, next_attempt_at=now + timedelta(hours=1), created_at=now, body="x",
        callback_key=uuid.UUID(int=n + 1),
    )
    for n in range({TEXTS_SENT})
], batch_size=500)
"""
COUNT = """
from booking.models import DeliveryReport, OutgoingMessage
unread = DeliveryReport.objects.filter(read_at=None).count()
print(DeliveryReport.objects.count(), unread, OutgoingMessage.objects.filter(state="delivered").count())
"""


def main() -> int:
    """One run; fails when a report is missing or the rate is under the target."""
    with tempfile.TemporaryDirectory(prefix="clinic-bench-") as name:
        values = {**environment(Path(name)), **TEXTS}
        if "DATABASE_URL" in os.environ:
            values["DATABASE_URL"] = os.environ["DATABASE_URL"]
        manage(values, "prepare")
        manage(values, "shell", "-v", "0", "-c", MESSAGES)
        with served(values):
            rows = measure(f"http://localhost:{values['PORT']}", values)
    return print_table(rows)


def measure(site: str, values: dict[str, str]) -> list[Row]:
    """The load, then the count of what was kept and how long the worker takes to read it."""
    requests = [report(site, number) for number in range(CALLBACKS)]
    began = time.perf_counter()
    taken, best = spread(site, requests)
    seconds = time.perf_counter() - began
    kept, unread, _ = stored(values)
    rate, lost = CALLBACKS / seconds, CALLBACKS - kept
    while unread and time.perf_counter() - began < 600:
        time.sleep(1)
        _, unread, _ = stored(values)
    read = time.perf_counter() - began
    delivered = stored(values)[2]
    return [
        (f"Signed reports taken a second, {CLIENTS} connections", f"{rate:,.0f}", f">= {TARGET:,}", rate >= TARGET),
        ("  in its best second (other work on the machine slows it)", f"{best:,}", "", True),
        (f"Answered 204, of {CALLBACKS:,}", f"{taken:,}", f"{CALLBACKS:,}", taken == CALLBACKS),
        ("Lost", f"{lost:,}", "0", lost == 0),
        (f"Texts that they made delivered, of {TEXTS_SENT:,}", f"{delivered:,}", "all", delivered == TEXTS_SENT),
        ("All read by the worker, seconds after the first", f"{read:,.0f}", "", unread == 0),
    ]


def report(site: str, number: int) -> bytes:
    """One signed call as Twilio makes it, as bytes on the wire."""
    form = {
        "AccountSid": TEXTS["TWILIO_ACCOUNT_SID"],
        "ApiVersion": "2010-04-01",
        "From": "+15005550006",
        "To": f"+1213555{number % 10_000:04d}",
        "MessageSid": f"SM{number // 2:032x}",
        "MessageStatus": ("sent", "delivered")[number % 2],
        "SmsSid": f"SM{number // 2:032x}",
        "SmsStatus": ("sent", "delivered")[number % 2],
        "MessagingServiceSid": TEXTS["TWILIO_MESSAGING_SERVICE_SID"],
    }
    path = f"{PATH}?m={uuid.UUID(int=number // 2 + 1)}"
    body = urlencode(form).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {urlsplit(site).netloc}\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\nUser-Agent: TwilioProxy/1.1\r\n"
        f"X-Twilio-Signature: {signature(site + path, form, TOKEN)}\r\n\r\n"
    )
    return head.encode() + body


def spread(site: str, requests: list[bytes]) -> tuple[int, int]:
    """Send all of them over kept connections, each in a process of its own; how many were answered 204, and how many
    of them in the best second."""
    context = multiprocessing.get_context("fork")
    done = context.Queue()
    address = ("127.0.0.1", int(urlsplit(site).port or 80))
    clients = [
        context.Process(target=_one_client, args=(address, requests[n::CLIENTS], done), daemon=True)
        for n in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    seconds: Counter[int] = Counter()
    for _ in clients:
        seconds.update(done.get(timeout=300))
    for client in clients:
        client.join()
    return seconds.total(), max(seconds.values(), default=0)


def _one_client(address: tuple[str, int], requests: list[bytes], done: "Queue[dict[int, int]]") -> None:
    taken: Counter[int] = Counter()
    with socket.create_connection(address, timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in requests:
            connection.sendall(request)
            answer = b""
            while not answer.endswith(b"\r\n\r\n"):
                answer += connection.recv(65536)
            taken[int(time.time())] += answer.startswith(b"HTTP/1.1 204")
    done.put(taken)


def stored(values: dict[str, str]) -> tuple[int, int, int]:
    """How many reports the database has, how many nobody has read yet, and how many texts are delivered."""
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", COUNT]
    done = subprocess.run(command, cwd=running.ROOT, env=values, check=True, capture_output=True, text=True)
    kept, unread, delivered = map(int, done.stdout.split())
    return kept, unread, delivered


def manage(values: dict[str, str], *arguments: str) -> None:
    """A management command that says nothing."""
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=running.ROOT, env=values, check=True, capture_output=True)


if __name__ == "__main__":
    sys.exit(main())
