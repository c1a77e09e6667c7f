"""A file is written whole or not at all. Must not know what is in it."""

import os
import tempfile
from pathlib import Path


def write(target: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Put `content` at `target`, with these rights whatever the umask. Raises OSError, for example on a full disk;
    then the old file is as it was and nothing half-written stays beside it."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
