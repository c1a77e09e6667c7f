"""The examples in deploy/ fit the code: nginx reads them, units start what `make run` starts, every name is real."""

import http.client
import re
import shutil
import ssl
import subprocess
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from clinic_site.launch.__main__ import production_server
from pages import error_files, frame
from tests import factories, running

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_nginx_understands_its_example(tmp_path: Path) -> None:
    _make_certificate(tmp_path)
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


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
@pytest.mark.django_db
def test_nginx_serves_our_error_pages_while_the_site_does_not_answer(tmp_path: Path, settings: Any) -> None:
    # Given the example, on ports of its own, and a site that is down
    settings.ERROR_PAGES = tmp_path / "errors"
    factories.facts(clinic_phone="+12135550100")
    frame.forget()
    error_files.write()
    _make_certificate(tmp_path)
    port, closed = running.free_port(), running.free_port()
    example = (DEPLOY / "nginx.conf.example").read_text()
    example = re.sub(r"listen \[::\].*", "", example).replace("listen 80;", f"listen 127.0.0.1:{running.free_port()};")
    example = example.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port} ssl;")
    example = re.sub(r"server 127\.0\.0\.1:\d+;", f"server 127.0.0.1:{closed};", example)
    for there, here in (("/etc/clinic/tls", tmp_path), ("/var/log/nginx", tmp_path), ("/var/cache/clinic", tmp_path)):
        example = example.replace(there, str(here))
    own = "".join(
        f"{name}_temp_path {tmp_path}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    types = "types { text/html html; text/css css; }"
    config = f"pid {tmp_path}/pid; daemon off; master_process off; events {{}}\nhttp {{ {own} {types}\n{example}\n}}\n"
    (tmp_path / "nginx.conf").write_text(config)
    command = [str(NGINX), "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "start.log")]
    with subprocess.Popen(command) as server:
        try:
            ask = partial(_answer_of, port)
            # Then people get a page in the language of the address, with the number
            for path, words in (("/hsg/", "closed for a short time"), ("/es/hsg/", "cerrado por poco tiempo")):
                status, headers, page = ask("GET", path)
                assert (status, headers["Retry-After"]) == (503, "120")
                assert words in page
                assert "tel:+12135550100" in page
            # And what it needs to be read
            sheet = re.search(r'href="(/static/css/[^"]+)"', page)
            assert sheet is not None
            status, headers, page = ask("GET", sheet[1])
            assert (status, headers["Content-Type"]) == (200, "text/css")
            # And a page too large is refused in words
            status, _headers, page = ask("POST", "/request/", length=2_000_000)
            assert status == 413
            assert "too much to send" in page
            assert ask("GET", "/en/500.html")[0] == 404
        finally:
            server.terminate()


def _make_certificate(folder: Path) -> None:
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=clinic.example"]
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run([*made, *files], check=True, capture_output=True)


def _answer_of(port: int, method: str, path: str, length: int = 0) -> tuple[int, Any, str]:
    """One exchange over TLS; the certificate was made a moment ago. Waits until the server listens."""
    trusting = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=trusting)
    deadline = time.monotonic() + 10
    while True:
        try:
            connection.connect()
            break
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", "clinic.example")
    if length:
        connection.putheader("Content-Length", str(length))
    connection.endheaders()
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, page


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
