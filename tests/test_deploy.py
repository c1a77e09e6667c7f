"""The examples in deploy/ fit the code: nginx reads them, units start what `make run` starts, every name is real."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from clinic_site.launch.__main__ import production_server

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_nginx_understands_its_example(tmp_path: Path) -> None:
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=clinic.example"]
    subprocess.run([*made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    example = (DEPLOY / "nginx.conf.example").read_text()
    example = example.replace("/etc/clinic/tls", str(tmp_path)).replace("/var/log/nginx", str(tmp_path))
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid; events {{}}\nhttp {{\n{example}\n}}\n")
    done = subprocess.run(
        [str(NGINX), "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_name_in_the_environment_example_is_read_by_the_settings() -> None:
    names = re.findall(r"^([A-Z_]+)=", (DEPLOY / "clinic.env.example").read_text(), flags=re.MULTILINE)
    read = (ROOT / "clinic_site" / "settings.py").read_text() + (ROOT / "clinic_site" / "env.py").read_text()
    assert len(names) > 12
    assert [name for name in names if f'"{name}"' not in read] == []


def test_every_name_that_the_settings_read_is_explained_in_the_readme() -> None:
    read = (ROOT / "clinic_site" / "settings.py").read_text() + (ROOT / "clinic_site" / "env.py").read_text()
    names = set(re.findall(r'(?:env\.\w+|text|_parsed)\("([A-Z_]{4,})"', read))
    readme = (ROOT / "README.md").read_text()
    assert len(names) > 15
    assert sorted(name for name in names if f"`{name}`" not in readme) == []


def test_the_unit_starts_the_server_that_make_run_starts() -> None:
    unit = (DEPLOY / "clinic-web@.service").read_text().replace("\\\n", " ")
    [line] = re.findall(r"^ExecStart=(.*)$", unit, flags=re.MULTILINE)
    ours = {word for word in production_server(8000) if word.startswith("--")}
    assert ours <= set(line.split())
    assert line.split()[-1] == production_server(8000)[-1]
