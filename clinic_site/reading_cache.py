"""Answers reading pages from memory, before anything else runs. Must not know what a page is: a view says that its
answer may be kept by setting `response.reading_page = True`.

The store is a dictionary of this process. One database row, the generation, is raised by every transaction that
changes content; it is read at most every half second, so that a publish in another process shows within that time.
Entries hold the compressed bytes, so a hit does no work but a look-up. Compressing with the best (slow) setting is
affordable because it happens once per page and generation; it is safe against BREACH because reading pages hold no
secret: no cookie, no token, no echo of the query string.
"""

import gzip
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import brotli
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import ResponseHeaders

from pages import publishing

REREAD_SECONDS = 0.5
MOST_ENTRIES = 2000
CACHE_CONTROL = "public, max-age=0, must-revalidate"


@dataclass(frozen=True, slots=True)
class Entry:
    """One page in one encoding, ready to be sent."""

    body: bytes
    etag: str
    # Shared by all answers: checking a dozen headers anew took a quarter of the time. Nothing above changes them.
    headers: ResponseHeaders
    headers_unchanged: ResponseHeaders  # of a 304, which has no body
    ends_at: float  # time.time(); the next instant at which the page changes by itself


def encoding_for(accept: str) -> str:
    """The best encoding that an Accept-Encoding header allows: "br", "gzip" or "" (none)."""
    offered = {}
    for part in accept.split(","):
        name, _, quality = part.strip().partition(";")
        offered[name.lower()] = quality.replace(" ", "").lower() not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return "br" if offered.get("br") else "gzip" if offered.get("gzip") else ""


def compressed(body: bytes, encoding: str) -> bytes:
    """`body` in one of the encodings of encoding_for()."""
    if encoding == "br":
        return bytes(brotli.compress(body, quality=11))
    if encoding == "gzip":
        return gzip.compress(body, compresslevel=9, mtime=0)
    return body


def _hosts() -> frozenset[str]:
    """The Host headers of ordinary visitors. Django allows any port behind an allowed host, and a pattern allows any
    name: 65,000 keys for one page would leave no room for the others."""
    names = [host for host in settings.ALLOWED_HOSTS if not host.startswith(("*", "."))]
    ours = {urlsplit(settings.SITE_URL).netloc, settings.SITE_HOST, *names}
    return frozenset(["", *ours, *(f"{name}:{settings.PORT}" for name in names)])


class ReadingCacheMiddleware:
    """The outermost middleware. A miss runs the whole stack below and keeps what it returns."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.entries: dict[tuple[str, str, str, str], Entry] = {}
        self.hosts = _hosts()
        self.generation = -1
        self.read_at = float("-inf")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """A kept page, or the answer of the stack below."""
        if request.method not in {"GET", "HEAD"} or request.META.get("QUERY_STRING") or settings.DEBUG:
            return self.get_response(request)
        if request.path_info == "/healthz":
            return self.get_response(request)  # says that the process lives, whatever the database does
        meta = request.META
        encoding = encoding_for(meta.get("HTTP_ACCEPT_ENCODING", ""))
        # Scheme and host are part of the key, so that the redirect to TLS and the check of the Host header, which
        # happen further down, cannot be skipped by a page that somebody else warmed.
        claimed, host = meta.get("HTTP_X_FORWARDED_PROTO", ""), meta.get("HTTP_HOST", "")
        if claimed not in {"", "http", "https"} or host not in self.hosts:
            return self.get_response(request)  # made-up values must not fill the memory
        key = (f"{claimed} {request.scheme}", host, request.path_info, encoding)
        self._forget_if_content_changed()
        entry = self.entries.get(key)
        if entry is None or time.time() >= entry.ends_at:
            generation = self.generation
            response = self.get_response(request)
            kept = self._entry(response, encoding)
            if kept is None:
                return response
            entry = kept
            # A publish while the page was made: answer with it, do not keep it.
            if generation == self.generation and len(self.entries) < MOST_ENTRIES:
                self.entries[key] = entry
        return self._answer(request, entry)

    def _forget_if_content_changed(self) -> None:
        now = time.monotonic()
        if now - self.read_at < REREAD_SECONDS:
            return
        self.read_at = now
        try:
            generation = publishing.generation()
        except DatabaseError:
            return  # the pages in memory are still the best answer there is
        if generation != self.generation:
            self.entries = {}
            self.generation = generation

    def _entry(self, response: HttpResponse, encoding: str) -> Entry | None:
        if response.status_code != 200 or not getattr(response, "reading_page", False) or response.cookies:
            return None
        body = compressed(response.content, encoding)
        etag = '"' + hashlib.sha256(body).hexdigest()[:24] + '"'
        headers = ResponseHeaders(response.headers)
        headers["Cache-Control"] = CACHE_CONTROL
        headers["Vary"] = "Accept-Encoding"
        headers["ETag"] = etag
        headers["Content-Length"] = str(len(body))
        headers.pop("Expires", None)
        if encoding:
            headers["Content-Encoding"] = encoding
        without_body = {"content-length", "content-type"}
        unchanged = ResponseHeaders({n: v for n, v in headers.items() if n.lower() not in without_body})
        return Entry(body, etag, headers, unchanged, getattr(response, "reading_page_ends_at", float("inf")))

    @staticmethod
    def _answer(request: HttpRequest, entry: Entry) -> HttpResponse:
        known = request.META.get("HTTP_IF_NONE_MATCH", "")
        if known and (known == "*" or entry.etag in [tag.strip().removeprefix("W/") for tag in known.split(",")]):
            response = HttpResponse(status=304)
            response.headers = entry.headers_unchanged
        else:
            response = HttpResponse(entry.body)
            response.headers = entry.headers
        return response
