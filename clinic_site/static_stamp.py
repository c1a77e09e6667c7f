"""Tells whether static sources changed since they were last collected. Must not collect them."""

import hashlib
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders


def current() -> str:
    """A hash over name, size and time of every static source, and over what else decides the result."""
    digest = hashlib.sha256(f"{django.__version__} {settings.STORAGES['staticfiles']}".encode())
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def stored() -> str:
    """The hash of the last collection; empty when there was none, or its result is gone."""
    complete = (Path(settings.STATIC_ROOT) / "staticfiles.json").exists()
    return _file().read_text().strip() if complete and _file().exists() else ""


def store(stamp: str) -> None:
    """Remember that `stamp` was collected."""
    _file().write_text(stamp + "\n")


def _file() -> Path:
    return Path(settings.STATIC_ROOT).with_suffix(".stamp")
