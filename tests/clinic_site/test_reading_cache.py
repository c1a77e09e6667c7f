"""Reading pages: answered from memory, the same for everybody, and new within half a second of a change."""

import gzip
from collections.abc import Callable
from typing import Any

import brotli
import pytest
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from clinic_site import reading_cache
from clinic_site.reading_cache import ReadingCacheMiddleware, encoding_for
from pages import publishing

HTML = "<!doctype html><title>HSG</title>" + "<p>What the test shows.</p>" * 50


class Site:
    """The stack below the cache: counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.html = HTML
        self.change: Callable[[HttpResponse], None] = lambda _response: None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.asked += 1
        response = HttpResponse(self.html)
        response.reading_page = True  # type: ignore[attr-defined]
        response.headers["Content-Security-Policy"] = "default-src 'none'"
        self.change(response)
        return response


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def cache(site: Site, db: None) -> ReadingCacheMiddleware:
    return ReadingCacheMiddleware(site)


def get(cache: ReadingCacheMiddleware, path: str = "/hsg/", method: str = "get", **headers: str) -> HttpResponse:
    return cache(getattr(RequestFactory(), method)(path, **headers))


def half_a_second_passes(cache: ReadingCacheMiddleware) -> None:
    cache.read_at -= reading_cache.REREAD_SECONDS


# From memory


def test_the_second_reader_is_answered_from_memory(cache: ReadingCacheMiddleware, site: Site) -> None:
    assert get(cache).content == get(cache).content == HTML.encode()
    assert site.asked == 1


def test_a_hit_asks_the_database_nothing(cache: ReadingCacheMiddleware, django_assert_num_queries: Any) -> None:
    get(cache)
    with django_assert_num_queries(0):
        get(cache)


@pytest.mark.parametrize(
    ("path", "method"), [("/hsg/?q=1", "get"), ("/hsg/", "post"), ("/hsg/", "put"), ("/hsg/", "options")]
)
def test_only_plain_reading_is_kept(cache: ReadingCacheMiddleware, site: Site, path: str, method: str) -> None:
    get(cache, path, method)
    get(cache, path, method)
    assert site.asked == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda response: setattr(response, "reading_page", False),
        lambda response: delattr(response, "reading_page"),
        lambda response: setattr(response, "status_code", 404),
        lambda response: response.set_cookie("session", "x"),
    ],
)
def test_what_is_not_declared_or_sets_a_cookie_is_never_kept(
    cache: ReadingCacheMiddleware, site: Site, change: Callable[[HttpResponse], None]
) -> None:
    site.change = change
    get(cache)
    get(cache)
    assert site.asked == 2
    assert cache.entries == {}


def test_hosts_and_schemes_do_not_share_pages(cache: ReadingCacheMiddleware, site: Site) -> None:
    get(cache, HTTP_HOST="testserver")
    get(cache, HTTP_HOST="localhost")
    get(cache, HTTP_HOST="testserver", HTTP_X_FORWARDED_PROTO="https")
    assert site.asked == len(cache.entries) == 3


def test_a_made_up_scheme_takes_no_memory(cache: ReadingCacheMiddleware) -> None:
    assert get(cache, HTTP_X_FORWARDED_PROTO="gopher").status_code == 200
    assert cache.entries == {}


@pytest.mark.parametrize("host", ["testserver:{}", "x{}.example", "TESTSERVER:{}", "testserver:x{}"])
def test_made_up_hosts_and_ports_take_no_memory(cache: ReadingCacheMiddleware, host: str) -> None:
    for number in range(3):
        assert get(cache, HTTP_HOST=host.format(number)).status_code == 200
    assert cache.entries == {}


def test_memory_has_a_bound(cache: ReadingCacheMiddleware, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_cache, "MOST_ENTRIES", 3)
    for number in range(10):
        assert get(cache, f"/{number}/").status_code == 200
    assert len(cache.entries) == 3


def test_a_page_ends_at_its_next_scheduled_instant(cache: ReadingCacheMiddleware, site: Site) -> None:
    site.change = lambda response: setattr(response, "reading_page_ends_at", 0.0)
    get(cache)
    get(cache)
    assert site.asked == 2


# The same for everybody


def test_no_cookie_and_nothing_varies_but_the_encoding(cache: ReadingCacheMiddleware, site: Site) -> None:
    site.change = lambda response: response.headers.setdefault("Vary", "Cookie, Accept-Language")
    for _ in range(2):
        answer = get(cache, HTTP_COOKIE="session=abc")
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert not answer.cookies
        assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'"


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        ("", ""),
        ("identity", ""),
        ("gzip", "gzip"),
        ("gzip, deflate, br", "br"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0, gzip; q=0.0", ""),
        ("BR", "br"),
        ("gzip;q=0.5, br;q=1.0", "br"),
        ("*", ""),
    ],
)
def test_the_best_encoding_that_the_browser_takes(accept: str, encoding: str) -> None:
    assert encoding_for(accept) == encoding


def test_each_encoding_opens_to_the_same_page(cache: ReadingCacheMiddleware) -> None:
    plain = get(cache)
    zipped = get(cache, HTTP_ACCEPT_ENCODING="gzip")
    small = get(cache, HTTP_ACCEPT_ENCODING="gzip, br")
    assert gzip.decompress(zipped.content) == brotli.decompress(small.content) == plain.content
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert small.headers["Content-Encoding"] == "br"
    assert "Content-Encoding" not in plain.headers
    assert int(small.headers["Content-Length"]) == len(small.content) < len(plain.content)


def test_the_etag_is_strong_and_of_the_very_bytes(cache: ReadingCacheMiddleware) -> None:
    tags = {get(cache, HTTP_ACCEPT_ENCODING=accept).headers["ETag"] for accept in ("", "gzip", "br")}
    assert len(tags) == 3
    assert all(tag.startswith('"') for tag in tags)


@pytest.mark.parametrize("shape", ["{}", "W/{}", '"other", {}', "*"])
def test_a_reader_who_has_the_page_gets_304_without_a_body(cache: ReadingCacheMiddleware, shape: str) -> None:
    tag = get(cache).headers["ETag"]
    answer = get(cache, HTTP_IF_NONE_MATCH=shape.format(tag))
    assert answer.status_code == 304
    assert answer.content == b""
    assert answer.headers["ETag"] == tag
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert "Content-Type" not in answer.headers


def test_a_reader_with_an_older_page_gets_the_new_one(cache: ReadingCacheMiddleware) -> None:
    assert get(cache, HTTP_IF_NONE_MATCH='"older"').status_code == 200


def test_head_has_the_headers_of_get(cache: ReadingCacheMiddleware, site: Site) -> None:
    head, full = get(cache, method="head"), get(cache)
    assert site.asked == 1
    for name in ("ETag", "Content-Length", "Content-Type", "Cache-Control", "Vary"):
        assert head.headers[name] == full.headers[name]


# New within half a second


def test_a_change_shows_within_half_a_second(cache: ReadingCacheMiddleware, site: Site) -> None:
    get(cache)
    site.html = HTML.replace("shows", "tells")
    publishing.bump()
    half_a_second_passes(cache)
    assert b"tells" in get(cache).content


def test_the_generation_is_read_at_most_every_half_second(
    cache: ReadingCacheMiddleware, django_assert_num_queries: Any
) -> None:
    get(cache)
    half_a_second_passes(cache)
    with django_assert_num_queries(1):
        for _ in range(20):
            get(cache)


def test_a_page_made_while_content_changed_is_not_kept(cache: ReadingCacheMiddleware, site: Site) -> None:
    def publish_meanwhile(_response: HttpResponse) -> None:
        if site.asked == 1:
            cache.generation += 1

    site.change = publish_meanwhile
    get(cache)
    get(cache)
    assert site.asked == 2


def test_pages_in_memory_outlive_a_database_that_is_gone(
    cache: ReadingCacheMiddleware, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> int:
        raise DatabaseError

    get(cache)
    monkeypatch.setattr(publishing, "generation", gone)
    half_a_second_passes(cache)
    assert get(cache).content == HTML.encode()
    assert site.asked == 1


# Through the whole stack


def test_robots_goes_through_the_real_stack_without_a_cookie(client: Client, db: None) -> None:
    client.cookies["session"] = "a" * 32
    answer = client.get("/robots.txt", HTTP_ACCEPT_LANGUAGE="es")
    assert answer.status_code == 200
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["ETag"].startswith('"')
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not answer.cookies


def test_the_answer_to_an_unknown_page_is_not_kept(client: Client, db: None) -> None:
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies
