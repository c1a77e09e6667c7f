"""Tests that share something dear really run in one process."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONFTEST = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests import one_process
one_process.TOGETHER = ("dear",)
pytest_xdist_make_scheduler = one_process.scheduler
"""
TESTS = """
import os, pathlib, pytest
@pytest.mark.parametrize("number", range(6))
def test_it(number, request):
    with pathlib.Path(request.config.rootpath, "seen.txt").open("a") as file:
        file.write(f"{request.node.path.parent.name} {os.environ['PYTEST_XDIST_WORKER']}\\n")
"""


def test_a_dear_folder_stays_in_one_process_while_the_other_has_work_too(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "conftest.py").write_text(CONFTEST)
    for folder, names in (("dear", ("test_a.py", "test_b.py")), ("cheap", ("test_c.py", "test_d.py"))):
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / name).write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:django", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "24 passed" in done.stdout, done.stdout + done.stderr
    seen = {tuple(line.split()) for line in (tmp_path / "seen.txt").read_text().splitlines()}
    assert len([process for folder, process in seen if folder == "dear"]) == 1
    assert len({process for _folder, process in seen}) == 2
