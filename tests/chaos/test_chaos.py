"""The short run of `make chaos`, and a worker killed at each step, on the database of this suite."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings

from tests import migrated, running
from tests.chaos.__main__ import environment
from tests.chaos.kill_points import POINTS

pytestmark = pytest.mark.processes


@pytest.fixture
def database(settings: LazySettings) -> str:
    return "sqlite" if "sqlite" in str(settings.DATABASES["default"]["ENGINE"]) else "postgresql"


def test_nothing_is_lost_doubled_or_sent_after_a_stop_while_processes_are_killed(database: str) -> None:
    command = [sys.executable, "-m", "tests.chaos", "--database", database, "--json"]
    command += ["--messages", "45", "--kills", "7", "--between", "0.7", "--workers", "2"]
    (found,) = json.loads(output_of(command, dict(os.environ)))
    assert sum(found["kills"].values()) >= 7
    assert found["accepted"] > 20
    assert (found["lost"], found["doubled"], found["after_stop"], found["wrong_reminders"]) == (0, 0, 0, 0)
    assert found["not_finished"] == 0


def test_a_worker_killed_at_any_step_neither_loses_nor_doubles_a_text(database: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.chaos.kill_points", database]
    if database == "sqlite":
        migrated.copy_to(tmp_path / "clinic.sqlite3")
    found = json.loads(output_of(command, environment(tmp_path)))
    assert [text["point"] for text in found] == [point.words for point in POINTS]
    for text in found:
        assert text["sent"] == 1, text
        assert text["state"] in ("sent", "delivered"), text


def output_of(command: list[str], values: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=running.ROOT, env=values, capture_output=True, text=True, check=False, timeout=240
    )
    print(done.stdout, done.stderr[-4000:])  # pytest shows the seed with a test that failed
    assert done.returncode == 0
    return done.stdout.splitlines()[-1]
