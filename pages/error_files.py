"""Writes the error pages to files, in both languages and with the clinic's phone number, for the moments in which
nothing else works: nginx serves them when the site does not answer, the site itself when its database is gone.
Must not be needed while the site works.

`manage.py prepare` writes them after every update; the worker again when a fact or a menu changes.
"""

from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template.loader import render_to_string
from django.utils import translation

from pages import frame, publishing, whole_file

LANGUAGES = ("en", "es")
# Templates that stand on their own (templates/standalone.html). 404 is not among them: it needs menus.
NAMES = ("400", "403", "403_csrf", "405", "413", "429", "500", "503")
# What they look like also comes from a file then.
STATIC = ("css/site.css", "fonts/figtree-400-700.woff2", "favicon.svg")
_written: dict[Path, int] = {}


def folder() -> Path:
    """Where they lie: <language>/<name>.html, and static/ beside the languages."""
    return Path(settings.ERROR_PAGES)


def write() -> int:
    """Write all of them anew. How many there are."""
    for language in LANGUAGES:
        with translation.override(language):
            around, _index = frame.kept(language)
            for name in NAMES:
                _put(Path(language, f"{name}.html"), render_to_string(f"{name}.html", {"site": around}).encode())
    for name in STATIC:
        source = _static_source(name)
        if source is not None:
            _put(Path("static", staticfiles_storage.url(name).removeprefix(settings.STATIC_URL)), source.read_bytes())
    return len(NAMES) * len(LANGUAGES)


def refresh() -> None:
    """Write them if content changed since this process last did. One query when it did not."""
    generation = publishing.generation()
    if _written.get(folder()) != generation:
        _written[folder()] = generation  # a folder that cannot be written to is said once a change, not all day
        write()


def read(name: str, language: str) -> str:
    """One of them; empty where none was written."""
    file = folder() / language / f"{name}.html"
    try:
        return file.read_text()
    except OSError:
        return ""


def _static_source(name: str) -> Path | None:
    collected = Path(settings.STATIC_ROOT, staticfiles_storage.url(name).removeprefix(settings.STATIC_URL))
    if collected.exists():
        return collected
    found = finders.find(name)
    return Path(found) if isinstance(found, str) else None


def _put(path: Path, content: bytes) -> None:
    """Whole or not at all, and readable for nginx, whatever the umask: nothing in it is secret."""
    target = folder() / path
    for above in reversed([p for p in (target.parent, *target.parent.parents) if p.is_relative_to(folder())]):
        if not above.exists():
            above.mkdir(parents=True)
            above.chmod(0o755)
    whole_file.write(target, content, mode=0o644)
