"""Every known way in which installing fails is one sentence that says what to do."""

import subprocess
import sys
from pathlib import Path

import pytest

from clinic_site.launch import install

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("error: command 'x86_64-linux-gnu-gcc' failed: No such file or directory\n", "no compiler"),
        ("Error: pg_config executable not found.\n", "no compiler"),
        ("OSError: [Errno 28] No space left on device\n", "disk is full"),
        ("WARNING: Retrying ... NewConnectionError: Failed to establish a new connection\n", "could not be downloaded"),
        ("ERROR: No matching distribution found for django==5.2.19\n", "could not be downloaded"),
        ("Temporary failure in name resolution\n", "could not be downloaded"),
        ("error: [Errno 13] Permission denied: '/x'\n", "could not be written"),
        ("first\nsomething nobody has seen before\n\n", "something nobody has seen before"),
        ("", "no reason was given"),
    ],
)
def test_what_the_installer_prints_becomes_one_sentence(output: str, said: str) -> None:
    sentence = install.explain(output)
    assert said in sentence
    assert "\n" not in sentence


def test_a_folder_without_the_right_to_write_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install.os, "access", lambda *_: False)
    with pytest.raises(install.CannotInstall, match="cannot be written to"):
        install.check_folder(tmp_path)


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with pytest.raises(install.CannotInstall, match="var cannot be written to"):
        install.check_folder(tmp_path)


def test_a_python_without_venv_is_told_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "PYTHON", tmp_path / "python")
    monkeypatch.setattr(install.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(install.CannotInstall, match="venv module is missing"):
        install.make_environment()


def test_nothing_is_installed_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Path] = []

    def run(requirements: Path, _total: int) -> None:
        ran.append(requirements)

    monkeypatch.setattr(install, "VENV", tmp_path)
    monkeypatch.setattr(install, "_run_installer", run)
    pins = tmp_path / "requirements.txt"
    pins.write_text("django==5.2.19\n")
    install.install(pins)
    install.install(pins)
    assert len(ran) == 1
    pins.write_text("django==5.2.20\n")
    install.install(pins)
    assert len(ran) == 2


def test_a_failed_installation_is_tried_again_and_its_output_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "VENV", tmp_path / ".venv")
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(install, "_run_installer", lambda *_: "Network is unreachable\n")
    pins = tmp_path / "requirements.txt"
    pins.write_text("django==5.2.19\n")
    for _ in range(2):
        with pytest.raises(install.CannotInstall, match=r"could not be downloaded.*\.venv/install\.log"):
            install.install(pins)
    assert "unreachable" in (tmp_path / ".venv" / "install.log").read_text()


def test_it_runs_on_a_bare_python() -> None:
    # -S: without site-packages, so that nothing but the standard library can be imported.
    subprocess.run([sys.executable, "-S", "-c", "import clinic_site.launch.install"], cwd=ROOT, check=True)


@pytest.mark.parametrize("target", ["run", "dev", "test", "check", "bench"])
def test_without_a_python_make_says_what_is_missing(tmp_path: Path, target: str) -> None:
    for name in ("sh", "sed"):
        (tmp_path / name).symlink_to(f"/bin/{name}")
    done = subprocess.run(
        ["/usr/bin/make", target],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "Python 3.11 or newer was not found" in done.stderr
    assert "Traceback" not in done.stderr


def test_make_help_lists_every_command() -> None:
    # Started from another make, it would also say which folder it enters.
    command = ["make", "--no-print-directory", "help"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    commands = ["help", "run", "dev", "test", "check", "chaos", "bench", "race"]
    assert [line.split()[1] for line in listed.splitlines()] == commands
