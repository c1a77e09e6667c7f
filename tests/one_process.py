"""Which tests stay in one process when the suite runs in several. Must not decide what is tested.

pytest-xdist has `--dist loadgroup` for that, but its 3.8.0 does not group under pytest 9.2: it renames tests through a
private field that pytest no longer reads, and says nothing. The scope of a test is a hook that it documents.
"""

import pytest
from xdist.scheduler import LoadScopeScheduling

# Each of them makes something dear once: hundreds of page states, a running site, two racing servers.
TOGETHER = ("tests/access", "tests/journeys", "tests/races")


class OneProcessAFolder(LoadScopeScheduling):  # type: ignore[misc]
    """Keeps each folder of TOGETHER in one process and gives every other test to whoever is free."""

    def _split_scope(self, nodeid: str) -> str:
        folder = nodeid.partition("::")[0].rpartition("/")[0]
        return folder if folder in TOGETHER else nodeid


def scheduler(config: pytest.Config, log: object) -> OneProcessAFolder | None:
    """For runs in several processes that ask for no other way of dealing tests out."""
    return OneProcessAFolder(config, log) if config.getvalue("dist") == "load" else None
