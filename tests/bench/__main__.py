"""Starts the site as `make run` does, measures it against bare views in the same process, and prints one table."""

import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urljoin

import brotli

from clinic_site.launch import ports
from clinic_site.launch.__main__ import production_server
from clinic_site.launch.environment import local_keys
from tests import running
from tests.bench import Row, flow, load, print_table

ROOT = running.ROOT
PAGE = "/hsg/"
ROUNDS, SECONDS = 6, 1.5
SENDS, THREADS = 80, 4


def main() -> int:
    """All measurements; fails when a target is missed."""
    with tempfile.TemporaryDirectory(prefix="clinic-bench-") as name:
        folder = Path(name)
        values = environment(folder)
        print("Preparing a site of its own …", flush=True)
        subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, env=values, check=True, capture_output=True)
        site = f"http://localhost:{values['PORT']}"
        with served(values):
            (folder / "page.html").write_bytes(fetch(site + PAGE, "identity"))
            pages = subprocess.run([sys.executable, "-m", "tests.bench.page_table"], cwd=ROOT, env=values, check=False)
            rows = [
                ("Every page keeps its grade and queries", "", "", pages.returncode == 0),
                *reading(site),
                *sizes(site),
                cold(values),
                *sending(site),
                *memory(values),
            ]
    return print_table(rows)


def environment(folder: Path) -> dict[str, str]:
    """A machine with local keys, no limit on requests, and the bench's two more addresses."""
    values = running.environment(folder, REQUEST_LIMIT_PER_HOUR="0", BENCH_PAGE=str(folder / "page.html"))
    values |= {"DJANGO_SETTINGS_MODULE": "tests.bench.settings", "PYTHONUNBUFFERED": "1"}
    return {**local_keys(folder / "local.env"), **values}


@contextmanager
def served(values: dict[str, str]) -> Iterator[None]:
    """The server of `make run` with the bench's application."""
    port = int(values["PORT"])
    command = [*production_server(port)[:-1], "tests.bench.wsgi:application"]
    server = subprocess.Popen(command, cwd=ROOT, env=values)
    worker = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=ROOT, env=values)
    values["WEB"], values["WORKER"] = str(server.pid), str(worker.pid)
    try:
        assert ports.answers(port, host="localhost", within=30, goes_on=lambda: server.poll() is None)
        yield
    finally:
        for process in (server, worker):
            process.terminate()
            process.wait(15)


def reading(site: str) -> list[Row]:
    """The page against the bare view, in turns, so that what else the machine does hits both."""
    browser = {"Accept-Encoding": "gzip, deflate, br", "Accept-Language": "en"}
    pairs = []
    for _ in range(ROUNDS):
        bare = load.per_second(site + "/bench/page/", seconds=SECONDS, headers=browser)
        page = load.per_second(site + PAGE, seconds=SECONDS, headers=browser)
        pairs.append((page, bare))
    ratio = median(page / bare for page, bare in pairs)
    page, bare = (median(values) for values in zip(*pairs, strict=True))
    return [
        ("HSG page, answers a second", f"{page:,.0f}", "", True),
        ("Bare view with the same page uncompressed, a second", f"{bare:,.0f}", "", True),
        ("HSG page / bare view", f"{ratio:.2f}", ">= 1.0", ratio >= 1.0),
    ]


def sizes(site: str) -> list[Row]:
    """What a first visit loads before it can be read."""
    html = fetch(site + PAGE, "br")
    text = brotli.decompress(html).decode()
    sheets = re.findall(r'<link[^>]*rel="stylesheet"[^>]*href="([^"]+)"', text)
    css = [fetch(site + address, "br") for address in sheets]
    styles = "".join(brotli.decompress(sheet).decode() for sheet in css)
    fonts = set(re.findall(r'url\("?([^")]+\.woff2)"?\)', styles))
    font = sum(len(fetch(urljoin(site + sheets[0], address), "identity")) for address in fonts)
    total = len(html) + sum(map(len, css)) + font
    return [
        ("HSG page, compressed bytes", f"{len(html):,}", "", True),
        (f"First view, bytes: HTML + {len(css)} CSS + {len(fonts)} font", f"{total:,}", "<= 40,000", total <= 40_000),
    ]


def cold(values: dict[str, str]) -> Row:
    """Queries of the page in a new process."""
    command = [sys.executable, "-m", "tests.bench.cold", PAGE]
    done = subprocess.run(command, cwd=ROOT, env=values, check=True, capture_output=True, text=True)
    queries = int(done.stdout)
    return ("HSG page, queries when cold", str(queries), "<= 4", queries <= 4)


def sending(site: str) -> list[Row]:
    """The last step of the request, with everything it stores, against a bare view that writes one row."""
    print(f"Filling in {SENDS} requests …", flush=True)
    with ThreadPoolExecutor(THREADS) as pool:
        ready = list(pool.map(lambda number: flow.ready_to_send(site, number), range(SENDS)))
    time.sleep(6)  # sent sooner than anybody can fill it in, a request is set aside

    def send(number: int) -> None:
        visitor, form = ready[number]
        status, where, _html = visitor.ask("POST", "/request/check/", form)
        assert (status, where) == (302, "/request/sent/"), (status, where)

    def write(number: int) -> None:
        assert ready[number][0].ask("POST", "/bench/write/", {})[0] == 200

    sent = flow.rate(send, times=SENDS, threads=THREADS)
    bare = flow.rate(write, times=SENDS, threads=THREADS)
    return [
        ("Sending a request, a second", f"{sent:,.0f}", "", True),
        ("Bare view that writes one row, a second", f"{bare:,.0f}", "", True),
        ("Sending a request / bare write", f"{sent / bare:.2f}", "", True),
    ]


def memory(values: dict[str, str]) -> list[Row]:
    """Resident and proportional memory of each process after the load."""
    web = values["WEB"]
    children = Path(f"/proc/{web}/task/{web}/children")
    if not children.exists():
        return [("Memory (only measured on Linux)", "-", "<= 130 MB", True)]
    found = [("web, first process", web), *(("web, serving", pid) for pid in children.read_text().split())]
    rows = []
    for name, pid in [*found, ("worker", values["WORKER"])]:
        if "resource_tracker" in Path(f"/proc/{pid}/cmdline").read_text():
            continue
        facts = Path(f"/proc/{pid}/smaps_rollup").read_text()
        rss, pss = (int(re.search(rf"^{key}:\s+(\d+)", facts, re.MULTILINE)[1]) / 1024 for key in ("Rss", "Pss"))
        rows.append((f"Memory, {name}: RSS (PSS)", f"{rss:.0f} ({pss:.0f}) MB", "<= 130 MB", rss <= 130))
    return rows


def fetch(url: str, encoding: str) -> bytes:
    """The body as it goes over the wire."""
    asked = urllib.request.Request(url, headers={"Accept-Encoding": encoding})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return bytes(answer.read())


if __name__ == "__main__":
    sys.exit(main())
