"""`python -m tests.races.server PORT`: one web process as in production, on the database of the race. Must not start a
worker: nothing is sent while people race."""

import os
import subprocess
import sys

from clinic_site.launch import environment
from clinic_site.launch.__main__ import MANAGE, production_server


def main(port: str) -> None:
    """Become the server; with "prepare" instead of a port, make the database and go."""
    values = environment.for_programs(debug=False)
    if port == "prepare":
        sys.exit(subprocess.run([*MANAGE, "prepare"], env=values, check=False).returncode)
    referee = [sys.executable, "-m", "tests.races.referee"]
    command = referee if port == "referee" else production_server(int(port))
    os.execve(command[0], command, values)


if __name__ == "__main__":
    main(sys.argv[1])
