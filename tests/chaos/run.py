"""One run on one database, in an environment that tests/chaos/__main__.py made; prints its figures as JSON. Must not be
started without it."""

import json
import os
import random
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from tests import running
from tests.chaos.machine import Database, Machine, PostgresDatabase, wait_until
from tests.chaos.provider import LyingTwilio

MESSAGES_OF_A_PATIENT = 1.7  # on average: the first text, times, changes, reminders
LONGEST_REST = 150


@dataclass(frozen=True)
class Plan:
    """How much of everything."""

    database: str
    messages: int
    kills: int
    between: float
    workers: int
    seed: int


def main(plan: Plan) -> None:
    """Prepare, let it rage, let it rest, judge."""
    folder = Path(os.environ["CLINIC_VAR"])
    database = PostgresDatabase(folder) if plan.database == "postgresql" else Database(folder)
    os.environ["DATABASE_URL"] = database.url
    try:
        with LyingTwilio(plan.seed, **account()) as provider:
            os.environ["TWILIO_API_URL"] = provider.url
            subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=running.ROOT, check=True)
            figures = rage(plan, provider, database)
    finally:
        database.end()
    print(json.dumps(figures))


def account() -> dict[str, str]:
    """The provider's customer, as the site knows itself."""
    return {
        "account_sid": os.environ["TWILIO_ACCOUNT_SID"],
        "auth_token": os.environ["TWILIO_AUTH_TOKEN"],
        "service_sid": os.environ["TWILIO_MESSAGING_SERVICE_SID"],
        "inbound_url": f"http://localhost:{os.environ['PORT']}/twilio/inbound/",
    }


def rage(plan: Plan, provider: LyingTwilio, database: Database) -> dict[str, object]:
    """Patients come and say stop while processes are killed; then all faults end, and what is left has to end, too."""
    import django

    django.setup()
    from tests.chaos import judge
    from tests.chaos.patients import Patients

    patients = Patients(plan.seed, provider, how_many=round(plan.messages / MESSAGES_OF_A_PATIENT))
    patients.open_the_clinic()
    busy = [threading.Thread(target=work) for work in (patients.come, patients.say_stop)]
    with Machine(dict(os.environ), database, workers=plan.workers) as machine:
        for thread in busy:
            thread.start()
        try:
            chance = random.Random(plan.seed)
            while sum(machine.kills.values()) < plan.kills:
                time.sleep(chance.expovariate(1 / plan.between))
                machine.kill(chance)
                _say(plan, done=sum(machine.kills.values()), taken=len(provider.accepted))
        except BaseException:
            patients.over.set()
            raise
        for thread in busy:
            thread.join(900)
        patients.over.set()
        provider.board.calm.set()
        wait_until(_has_come_to_rest, seconds=LONGEST_REST, every=0.5)
        time.sleep(2)  # whatever would still be sent after the rest
        verdict = judge.judge(provider.accepted, patients.diary)
    faults = dict(sorted(provider.board.injected.items()))
    more = {"kills": dict(machine.kills), "ended_by_itself": dict(machine.ended_by_itself), "injected": faults}
    return {**verdict.as_dict(), **more}


def _say(plan: Plan, *, done: int, taken: int) -> None:
    """How far it is, for whoever waits."""
    if done % 20 == 0:
        print(f"{plan.database}: {done} of {plan.kills} kills, {taken:,} texts taken", file=sys.stderr, flush=True)


def _has_come_to_rest() -> bool:
    from django.db import Error, connection

    from booking.models import DeliveryReport, IncomingText, OutgoingMessage

    try:
        moving = OutgoingMessage.objects.filter(channel="sms", finished_at__isnull=True).exists()
        unread = DeliveryReport.objects.filter(read_at__isnull=True).exists()
        return not (moving or unread or IncomingText.objects.filter(handled_at__isnull=True).exists())
    except Error:
        connection.close()
        return False


if __name__ == "__main__":
    main(Plan(**json.loads(sys.argv[1])))
