"""What only a real server with several processes shows: a change made elsewhere, the wire, and no log of anybody."""

import http.client
import re
import time
from urllib.parse import urlsplit

import brotli

from tests.running import Site

SECRET_TOKEN = "k3J9xQ-_0aBcDeFgHiJkLm"
READ = """
from pages.models import Fact
print(Fact.objects.get(key="hsg_price").value)
"""
CHANGE = """
from django.db import transaction
from pages import publishing
from pages.models import Fact
with transaction.atomic():
    Fact.objects.filter(key="hsg_price").update(value="{price}")
    publishing.bump()
"""


def ask(site: Site, method: str, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    """One exchange as it goes over the wire; nothing is decompressed."""
    parts = urlsplit(site.url)
    connection = http.client.HTTPConnection("127.0.0.1", int(parts.port or 80), timeout=10)
    connection.request(method, path, headers={"Host": parts.netloc, **headers})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def test_a_change_in_another_process_shows_in_a_moment(site: Site) -> None:
    before = site.manage(READ).split()[-1]
    after = str(int(before) + 7)
    assert f"${before}".encode() in ask(site, "GET", "/pricing/")[1]
    try:
        site.manage(CHANGE.format(price=after))
        committed = time.monotonic()
        while f"${after}".encode() not in ask(site, "GET", "/pricing/")[1]:
            assert time.monotonic() - committed < 10, "The old price still shows."
            time.sleep(0.02)
    finally:
        site.manage(CHANGE.format(price=before))


def test_the_page_on_the_wire_is_compressed_strongly_tagged_and_the_same_for_all(site: Site) -> None:
    answer, body = ask(site, "GET", "/hsg/", **{"Accept-Encoding": "gzip, br", "Cookie": "session=" + "a" * 32})
    assert answer.headers["Content-Encoding"] == "br"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Set-Cookie"] is None
    assert brotli.decompress(body).lstrip().startswith(b"<!doctype html>")
    tag = str(answer.headers["ETag"])
    assert re.fullmatch(r'"[0-9a-f]{24}"', tag)
    again, nothing = ask(site, "GET", "/hsg/", **{"Accept-Encoding": "gzip, br", "If-None-Match": tag})
    assert (again.status, nothing) == (304, b"")


def test_head_sends_no_body_and_says_how_long_it_would_be(site: Site) -> None:
    head, nothing = ask(site, "HEAD", "/hsg/")
    full, body = ask(site, "GET", "/hsg/")
    assert nothing == b""
    assert head.headers["Content-Length"] == full.headers["Content-Length"] == str(len(body))


def test_static_files_may_be_kept_for_ever_because_their_names_change(site: Site) -> None:
    html = ask(site, "GET", "/hsg/")[1].decode()
    sheet = re.search(r'href="(/static/css/site\.[0-9a-f]+\.css)"', html)
    assert sheet is not None
    answer, _body = ask(site, "GET", sheet[1], **{"Accept-Encoding": "br"})
    assert "immutable" in str(answer.headers["Cache-Control"])
    assert answer.headers["Content-Encoding"] == "br"


def test_an_unknown_link_is_not_found_and_its_token_not_logged(site: Site) -> None:
    answer, _body = ask(site, "GET", f"/r/{SECRET_TOKEN}/")
    assert answer.status == 404
    assert SECRET_TOKEN not in site.output


def test_the_site_is_ready_while_its_worker_runs(site: Site) -> None:
    deadline = time.monotonic() + 20
    while b'"status": "ok"' not in ask(site, "GET", "/readyz")[1]:
        assert time.monotonic() < deadline, ask(site, "GET", "/readyz")[1]
        time.sleep(0.2)


def test_a_foreign_host_name_is_refused(site: Site) -> None:
    assert ask(site, "GET", "/hsg/", Host="evil.example")[0].status == 400
