"""Goes through the request up to its last step, many times, so that the last step can be measured alone. Must not know
more of a page than its forms."""

import http.client
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from urllib.parse import urlencode, urlsplit

HIDDEN = re.compile(r"<input[^>]*type=\"hidden\"[^>]*>")
STEPS = (
    ("/request/", {"visit": "hsg", "office": "any"}),
    ("/request/times/", {"timing": "help"}),
)


class Visitor:
    """A browser's cookies and its connection."""

    def __init__(self, site: str) -> None:
        self.origin = site
        parts = urlsplit(site)
        self.connection = http.client.HTTPConnection("127.0.0.1", int(parts.port or 80), timeout=30)
        self.host = parts.netloc
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, Location and body of one answer."""
        headers = {"Host": self.host, "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if form is not None:
            body = urlencode(form)
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.origin}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        html = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        self.connection.close()  # the server closes idle connections itself, some time later
        return answer.status, answer.headers.get("Location", ""), html

    def fill(self, path: str, answers: dict[str, str]) -> None:
        """Show a page, then send its form."""
        status, where, html = self.ask("POST", path, {**hidden(self.ask("GET", path)[2]), **answers})
        assert status == 302, f"{path}: {status} {where}\n{re.sub(r'<[^>]+>', ' ', html)[:2000]}"


def hidden(html: str) -> dict[str, str]:
    """The hidden inputs of a page's form."""
    found = {}
    for tag in HIDDEN.findall(html):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            found[name[1]] = unescape(value[1]) if value else ""
    return found


def ready_to_send(site: str, number: int) -> tuple[Visitor, dict[str, str]]:
    """A visitor on the check page, and what her Send button posts."""
    visitor = Visitor(site)
    for path, answers in STEPS:
        visitor.fill(path, answers)
    box = re.search(r'<input[^>]*name="sms_consent"[^>]*>', visitor.ask("GET", "/request/contact/")[2])
    words_shown = re.search(r'value="([^"]*)"', box[0]) if box else None
    assert words_shown is not None
    contact = {"name": "Bench Example", "phone": f"213555{number % 10000:04d}", "contact": "text"}
    visitor.fill("/request/contact/", {**contact, "sms_consent": words_shown[1]})
    return visitor, hidden(visitor.ask("GET", "/request/check/")[2])


def rate(work: Callable[[int], None], *, times: int, threads: int) -> float:
    """Calls a second over some threads."""
    with ThreadPoolExecutor(threads) as pool:
        began = time.perf_counter()
        list(pool.map(work, range(times)))
        return times / (time.perf_counter() - began)
