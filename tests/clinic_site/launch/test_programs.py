"""Programs that live and end together, with real processes."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from clinic_site.launch.programs import Program, Together

SLEEPS = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(60)",
]
ENDS = [sys.executable, "-c", "import sys, time; time.sleep(0.5); print('bye', flush=True); sys.exit(7)"]


def program(name: str, command: list[str]) -> Program:
    return Program(name, command, dict(os.environ))


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_when_one_ends_all_end_and_one_sentence_says_which(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    together = Together([program("web", SLEEPS), program("worker", ENDS)], folder=tmp_path)
    assert together.run(when_started=lambda _running: None) == 1
    assert all(process.poll() is not None for process in together.running.values())
    out, err = capfd.readouterr()
    assert err.strip() == "worker ended by itself (exit code 7), so the others were ended too."
    assert "web    | here" in out
    assert "worker | bye" in out


def test_a_program_that_was_killed_is_said_with_its_signal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    together = Together([program("web", SLEEPS)], folder=tmp_path)
    assert together.run(when_started=lambda running: running.running["web"].kill()) == 1
    assert "web ended by itself (signal SIGKILL)" in capfd.readouterr().err


def test_a_program_that_comes_back_is_started_again_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("clinic_site.launch.programs.SECONDS_TO_PROVE_ITSELF", 0.0)
    monkeypatch.setattr("clinic_site.launch.programs.FIRST_PAUSE", 0.1)
    worker = Program("worker", SLEEPS, dict(os.environ), comes_back=True)
    together = Together([program("web", SLEEPS), worker], folder=tmp_path)
    pids: list[int] = []

    def kill_twice() -> None:
        for _ in range(2):
            pids.append(together.running["worker"].pid)
            together.running["worker"].kill()
            while together.running["worker"].pid == pids[-1]:
                time.sleep(0.05)
        together.asked_to_end.set()

    assert together.run(when_started=lambda _running: threading.Thread(target=kill_twice).start()) == 0
    assert len(set(pids)) == 2
    assert capfd.readouterr().err.count("worker ended by itself (signal SIGKILL) and is started again.") == 2
    assert not any(is_alive(pid) for pid in pids)


def test_a_program_that_never_ran_is_not_started_again(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    together = Together([Program("worker", ENDS, dict(os.environ), comes_back=True)], folder=tmp_path)
    assert together.run(when_started=lambda _running: None) == 1
    assert "worker ended by itself (exit code 7), so the others were ended too." in capfd.readouterr().err


@pytest.mark.timeout(30)  # less than what it gives a program before it makes it end
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asking_it_to_end_ends_all_of_it_at_once(
    tmp_path: Path, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic_site.launch.programs.SECONDS_TO_END", 60)
    together = Together([program("web", SLEEPS), program("worker", SLEEPS)], folder=tmp_path)

    def ask(_running: Together) -> None:
        threading.Timer(0.3, os.kill, (os.getpid(), number)).start()

    assert together.run(when_started=ask) == 0
    assert not any(is_alive(process.pid) for process in together.running.values())


def test_a_program_that_does_not_want_to_end_is_made_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic_site.launch.programs.SECONDS_TO_END", 0.5)
    together = Together([program("web", STUBBORN)], folder=tmp_path)

    def ask(running: Together) -> None:
        time.sleep(0.5)
        running.asked_to_end.set()

    assert together.run(when_started=ask) == 0
    assert together.running["web"].returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tie a process to its parent")
def test_even_a_killed_launcher_leaves_nobody_behind(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from clinic_site.launch.programs import Program, Together\n"
        f"t = Together([Program('web', {SLEEPS!r}, dict(os.environ))], folder=Path('.'))\n"
        "t.run(when_started=lambda r: print(r.running['web'].pid, flush=True))"
    )
    root = Path(__file__).resolve().parents[3]
    launcher = subprocess.Popen([sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE, text=True)
    assert launcher.stdout is not None
    with launcher:
        pid = next(int(line) for line in launcher.stdout if line.strip().isdecimal())
        launcher.kill()
    deadline = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(pid)
