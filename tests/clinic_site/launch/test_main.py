"""What `python -m clinic_site.launch` does before it starts anything."""

import os

from clinic_site.launch.__main__ import main


def test_what_is_made_on_this_machine_is_for_its_owner_alone() -> None:
    before = os.umask(0o022)
    try:
        assert main(["nonsense"]) == 2
        assert os.umask(0o022) == 0o077
    finally:
        os.umask(before)
