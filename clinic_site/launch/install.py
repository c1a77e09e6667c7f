"""Makes the virtual environment and installs the exact pins. Must run on a bare Python 3.11 with nothing installed,
and must answer every known failure with one sentence."""

import hashlib
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"

# What pip prints, and what it means. The first match counts.
FAILURES = (
    (r"No space left on device", "The disk is full."),
    (
        r"command '[^']*(?:gcc|cc|clang|g\+\+)[^']*' failed|unable to execute '[^']*cc'|C compiler|pg_config",
        """A package had to be compiled and this machine has no compiler. Install one (on Debian or Ubuntu: apt-get
        install build-essential python3-dev), then try again.""",
    ),
    (
        r"""(?x) ConnectionError | Connection\ refused | Name\ or\ service\ not\ known | Temporary\ failure\ in\ name
        | timed\ out | Network\ is\ unreachable | ProxyError | SSLError | No\ matching\ distribution | dns\ error""",
        """The packages could not be downloaded. Check the network (or the package index that pip is set up to use),
        then try again.""",
    ),
    (r"Permission denied|Read-only file system", "A file in .venv could not be written."),
)


class CannotInstall(Exception):
    """Why it did not work, as one sentence for the person at the keyboard."""


def main(wanted: list[str]) -> int:
    """Install requirements.txt, and requirements-dev.txt when `dev` is wanted."""
    names = ["requirements.txt", *(["requirements-dev.txt"] if "dev" in wanted else [])]
    try:
        check_folder(ROOT)
        make_environment()
        for name in names:
            install(ROOT / name)
    except CannotInstall as why:
        print(why, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def check_folder(folder: Path) -> None:
    """Everything is installed and stored below the project's folder."""
    for place in (folder, folder / ".venv", folder / "var"):
        if place.exists() and not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
            raise CannotInstall(
                f"{place} cannot be written to. Give yourself the right, or clone the project elsewhere."
            )


def make_environment() -> None:
    """A working .venv of this project; one that was moved or belongs to an older Python is made anew."""
    if _works(PYTHON):
        return
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise CannotInstall(
            "Python's venv module is missing. Install it (on Debian or Ubuntu: apt-get install python3-venv), "
            "then try again."
        )
    print("Making a virtual environment in .venv", flush=True)
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise CannotInstall(f"The virtual environment could not be made: {last_line(made.stdout + made.stderr)}")


def install(requirements: Path) -> None:
    """Bring .venv in step with one file of exact pins; nothing to do when the stamp says that it is."""
    stamp = VENV / f".installed-{requirements.name}"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text().strip() == wanted:
        return
    stamp.unlink(missing_ok=True)
    total = len(re.findall(r"^[\w.-]+(?:\[[^]]*])?==", requirements.read_text(), flags=re.MULTILINE))
    print(f"Installing {total} packages of {requirements.name} (the first time takes a minute or two)", flush=True)
    output = _run_installer(requirements, total)
    if output is not None:
        log = VENV / "install.log"
        log.write_text(output)
        raise CannotInstall(f"{explain(output)} The whole output is in {log.relative_to(ROOT)}.")
    stamp.write_text(wanted + "\n")


def _run_installer(requirements: Path, total: int) -> str | None:
    """None when all went well, otherwise what the installer printed."""
    uv = VENV / "bin" / "uv"
    if uv.exists():
        command = [str(uv), "pip", "install", "--python", str(PYTHON), "-r", str(requirements)]
    else:
        command = [str(PYTHON), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
        command += ["-r", str(requirements)]
    lines: list[str] = []
    seen = 0
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT)
    with process:
        for line in process.stdout or ():
            lines.append(line)
            if line.startswith(("Collecting ", "Requirement already ")):
                seen += 1
                if sys.stdout.isatty():
                    print(f"\r  {min(seen, total)} of {total}", end="", flush=True)
    if seen and sys.stdout.isatty():
        print("\r" + " " * 20 + "\r", end="")
    return None if process.returncode == 0 else "".join(lines)


def explain(output: str) -> str:
    """One sentence for what an installer printed."""
    for pattern, sentence in FAILURES:
        if re.search(pattern, output):
            return " ".join(sentence.split())
    return f"The packages could not be installed: {last_line(output)}"


def last_line(output: str) -> str:
    """The last line that says something."""
    said = [line.strip() for line in output.splitlines() if line.strip()]
    return said[-1] if said else "no reason was given."


def _works(python: Path) -> bool:
    """Whether this interpreter starts, is new enough, and has a way to install."""
    if not python.exists():
        return False
    code = (
        "import sys, importlib.util as u; "
        f"sys.exit(sys.version_info < (3, 11) or sys.prefix != {str(VENV)!r} or u.find_spec('pip') is None)"
    )
    try:
        return subprocess.run([str(python), "-c", code], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
