"""What could identify a person does not reach a log line; what operations need does."""

import logging
import re
import sys

import pytest
from django.conf import settings
from django.urls import get_resolver

from clinic_site.log_format import NoPersonalDataFormatter, without_personal_data

TOKEN = "k3J9xQ-_0aBcDeFgHiJkLm"


@pytest.mark.parametrize(
    "personal",
    [
        "2135550134",
        "213-555-0134",
        "(213) 555-0134",
        "+1 213 555 0134",
        "+12135550134",
        "213.555.0134",
        "+52 55 1234 5678",
        "maria.lopez+clinic@example.com",
        "MARIA@mail.example.co.uk",
    ],
)
def test_a_number_or_address_in_any_spelling_is_replaced(personal: str) -> None:
    line = without_personal_data(f"To={personal}, next")
    assert personal not in line
    assert not any(part in line for part in ("555", "maria", "MARIA"))
    assert line.endswith(", next")


@pytest.mark.parametrize("path", [f"/r/{TOKEN}/", f"/r/{TOKEN}/plan/", f"https://clinic.example/r/{TOKEN}"])
def test_the_token_of_a_private_link_is_replaced(path: str) -> None:
    assert TOKEN not in without_personal_data(f"Not Found: {path}")


@pytest.mark.parametrize(
    "kept",
    [
        "2026-12-07T10:00:00+0000",
        "10:00:00",
        "message 4711 sent",
        "code 21610",
        "192.0.2.7",
        "took 12.5 ms",
        "/hsg/prepare/",
    ],
)
def test_what_operations_need_stays(kept: str) -> None:
    assert kept in without_personal_data(f"x {kept} y")


def record(message: str, *arguments: object, exception: bool = False) -> str:
    made = logging.LogRecord("clinic", logging.INFO, "f", 1, message, arguments, sys.exc_info() if exception else None)
    return NoPersonalDataFormatter().format(made)


def test_arguments_are_scrubbed_too() -> None:
    assert "0134" not in record("sent to %s", "+12135550134")


def fail() -> None:
    raise ValueError("The 'To' number +12135550134 is not valid for ana@example.com")


def test_a_traceback_is_scrubbed() -> None:
    try:
        fail()
    except ValueError:
        text = record("failed", exception=True)
    assert "Traceback" in text
    assert "0134" not in text
    assert "ana@" not in text


def test_nobody_can_forge_a_record_with_a_line_break() -> None:
    assert record("name=%s", "x\n2026-01-01 INFO root all fine\r").count("\n") == 0


@pytest.mark.parametrize("sign", ["\x1b", "\x85", "\u2028", "\x0b", "\x08", "\x9b"])
def test_nobody_can_steer_the_terminal_of_who_reads(sign: str) -> None:
    line = record("Not Found: %s", f"/a{sign}[2Jb/")
    assert sign not in line
    assert len(line.splitlines()) == 1


def test_the_text_of_an_exception_cannot_pass_for_a_record() -> None:
    try:
        int("x\n2026-01-01T00:00:00+0000 INFO root all fine")
    except ValueError:
        _first, *rest = record("failed", exception=True).split("\n")
    assert rest
    assert all(line.startswith("    ") for line in rest)


def test_a_stack_is_scrubbed() -> None:
    assert "0134" not in NoPersonalDataFormatter().formatStack("Stack:\n  to +12135550134")


@pytest.mark.timeout(60)  # what grows with the square of the length takes minutes
@pytest.mark.parametrize(
    "text", ["a" * 400_000, "1" * 400_000, "1-" * 200_000, "a@" * 200_000, "/r/" * 130_000, "(" * 399_999]
)
def test_a_long_line_takes_no_time_and_little_room(text: str) -> None:
    assert len(record("Not Found: %s", text)) < 3000


def test_the_token_of_a_shared_draft_is_replaced() -> None:
    assert "MTI:1vQ" not in without_personal_data("Not Found: /es/preview/MTI:1vQ:abc-_d/")


def test_no_secret_of_any_address_is_written_by_us_or_by_nginx() -> None:
    config = (settings.BASE_DIR / "deploy" / "nginx.conf.example").read_text()
    hidden = [re.compile(rule) for rule in re.findall(r"^    ~(\S+) +/\S*\.\.\.;$", config, re.MULTILINE)]
    listed = (found for entry in get_resolver().url_patterns[-2:] for found in entry.url_patterns)
    routes = [f"/{found.pattern}" for found in listed if "<str:" in str(found.pattern)]
    paths = [re.sub(r"<str:\w+>", TOKEN, route) for route in routes]
    assert any("calendar/" in path for path in paths)
    for path in paths:
        assert TOKEN not in without_personal_data(f"Not Found: {path}"), path
        assert any(rule.search(path) for rule in hidden), path


def test_the_line_says_when_how_bad_and_from_where() -> None:
    line = record("worker started")
    assert line.split()[1:] == ["INFO", "clinic", "worker", "started"]
