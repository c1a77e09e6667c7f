"""The short races: a few rivals, a few rounds, each with one winner. `make race` runs the long ones."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.db import connection

from tests import migrated, running
from tests.races.course import Course, course

RIVALS, ROUNDS = 12, 1
RACES = (
    *("one_time", "days_cap", "two_offices", "one_offer", "accept_and_others"),
    *("accept_or_confirm", "confirm_or_cancel", "two_staff", "double_press", "double_accept"),
)

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """Two web processes on the kind of database of this run."""
    with ExitStack() as stack:
        folder, address = tmp_path_factory.mktemp("race"), ""
        if connection.vendor == "postgresql":
            server = os.environ["TEST_DATABASE_URL"]
            copy = running.postgres_database(server, template=migrated.template(server))
            address = stack.enter_context(copy)
        else:
            migrated.copy_to(folder / "clinic.sqlite3")
        yield stack.enter_context(course(folder, rivals=RIVALS, database=address))


def test_every_race_is_run(here: Course) -> None:
    assert set(here.races) == set(RACES)


@pytest.mark.parametrize("race", RACES)
def test_one_wins_and_the_others_read_a_sentence(here: Course, race: str) -> None:
    tally = here.run(race, rounds=ROUNDS)
    assert tally.wrong == []
    assert tally.rounds == ROUNDS
