"""`make check`: lint, format, types, templates, migrations, deployment, message files. Must not change a file."""

import gettext
import io
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tests import production

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
MANAGE = [sys.executable, "manage.py"]


def main() -> int:
    """Every check, even after one failed; then which failed."""
    with tempfile.TemporaryDirectory(prefix="clinic-check-") as folder:
        (Path(folder) / "static").mkdir()
        environment = production.environment(Path(folder))
        failed = [name for name, command in commands() if not passes(name, command, environment)]
    stale = stale_messages(ROOT)
    if stale:
        print(f"\n===== Message files\nNot compiled since the last change: {', '.join(stale)}. See README.md.")
        failed.append("Message files")
    print("\n" + (f"FAILED: {', '.join(failed)}" if failed else "All checks passed."))
    return 1 if failed else 0


def commands() -> list[tuple[str, list[str]]]:
    """Name and command of each check."""
    templates = sorted(str(file.relative_to(ROOT)) for file in (ROOT / "templates").rglob("*.html"))
    return [
        ("Lint", [str(BIN / "ruff"), "check", "."]),
        ("Format", [str(BIN / "ruff"), "format", "--check", "."]),
        ("Types", [str(BIN / "mypy"), "pages", "booking", "clinic_site"]),
        ("Templates", [str(BIN / "djade"), "--target-version", "5.2", "--check", *templates]),
        ("Migrations in step with models", [*MANAGE, "makemigrations", "--check", "--dry-run"]),
        ("Settings for production", [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"]),
    ]


def passes(name: str, command: list[str], environment: dict[str, str]) -> bool:
    """Run one check with its output."""
    print(f"\n===== {name}", flush=True)
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def stale_messages(root: Path) -> list[str]:
    """Catalogues whose committed .mo is not what their .po compiles to."""
    stale = []
    for app in ("clinic_site", "pages", "booking"):
        for source in sorted((root / app).glob("locale/*/LC_MESSAGES/*.po")):
            compiled, target = io.BytesIO(), source.with_suffix(".mo")
            with source.open("rb") as file:
                write_mo(compiled, read_po(file))
            if not target.exists() or words(target.read_bytes()) != words(compiled.getvalue()):
                stale.append(str(source.relative_to(root)))
    return stale


def words(compiled: bytes) -> dict[object, str]:
    """What a compiled catalogue says; the header differs between compilers."""
    catalogue: dict[object, str] = dict(vars(gettext.GNUTranslations(io.BytesIO(compiled)))["_catalog"])
    catalogue.pop("", None)
    return catalogue


if __name__ == "__main__":
    sys.exit(main())
