"""What a patient tells us stays between her and the clinic: not in a log line, not readable in a table."""

import logging
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.test import Client

from booking import links
from booking.encryption import EncryptedTextField
from booking.messaging import inbound
from booking.models import AppointmentRequest, OutgoingMessage
from clinic_site.log_format import NoPersonalDataFormatter
from tests import factories
from tests.booking.admin.desk import QUEUE

NAME, WORDS = "Mariposa Quetzalcoatl", ("mariposa", "quetzalcoatl")
TYPED, NUMBER, DIGITS = "(213) 555-0134", "+12135550134", "2135550134"
EMAIL = "mariposa.q@example.com"
AVOID = "not while my sister Xochitl visits"
SAID = "stop, this is Mariposa, my number is private"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Everything logged so far, as it is written out."""
    caplog.set_level(logging.DEBUG)
    formatter = NoPersonalDataFormatter()
    return lambda: "\n".join(formatter.format(record) for record in caplog.records)


def cells() -> str:
    """Every cell of every table, as somebody with a copy of the database reads it."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += [f"{table}: {cell}" for row in cursor.fetchall() for cell in row if cell is not None]
    return "\n".join(found)


def personal_values(text: str, *more: str) -> list[str]:
    """Which of the patient's values stand in `text`."""
    plain = text.casefold()
    spelled = [word for word in (*WORDS, EMAIL, TYPED, NUMBER, AVOID.casefold(), "xochitl") if word in plain]
    return spelled + [f"…{m}" for m in re.findall(DIGITS, plain)] + [value for value in more if value in text]


def hidden(html: str) -> dict[str, str]:
    inputs = re.findall(r'<input[^>]*type="hidden"[^>]*>', html)
    names = [(re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in inputs]
    return {name[1]: value[1] if value else "" for name, value in names if name}


def step(client: Client, path: str, **answers: Any) -> None:
    page = client.get(path)
    answer = client.post(path, {**hidden(page.content.decode()), **answers})
    assert answer.status_code == 302, path


def fills_in_the_request(client: Client) -> None:
    step(client, "/request/", visit="hsg", office="los-angeles")
    step(client, "/request/times/", timing="help", avoid=AVOID)
    contact = {"name": NAME, "phone": TYPED, "email": EMAIL, "contact": "text", "sms_consent": box_value(client)}
    step(client, "/request/contact/", **contact, language="other", other_language="Nahuatl of Xochitl")


def box_value(client: Client) -> str:
    """What the tick of the consent box sends: which words were shown."""
    html = client.get("/request/contact/").content.decode()
    [tag] = re.findall(r'<input[^>]*name="sms_consent"[^>]*>', html)
    found = re.search(r'value="([^"]*)"', tag)
    assert found is not None
    return found[1]


def test_a_half_filled_request_cannot_be_read_in_the_database(
    client: Client, clinic: None, now: datetime, lines: Callable[[], str]
) -> None:
    fills_in_the_request(client)
    assert NAME in client.get("/request/check/").content.decode()
    assert personal_values(cells()) == []
    assert personal_values(lines()) == []


@pytest.mark.usefixtures("clinic")
def test_a_whole_request_leaves_nothing_readable(
    client: Client, staff_user: Any, simulator: Any, deliver_all: Callable[[], int], lines: Callable[[], str]
) -> None:
    staff_client = Client()
    with time_machine.travel(factories.NOW, tick=False) as clock:
        fills_in_the_request(client)
        clock.shift(60)
        step(client, "/request/check/")
        client.get("/request/sent/")
        deliver_all()
        asked = AppointmentRequest.objects.get()
        token = links.token(asked)
        # The site knows all of it …
        assert (asked.name, asked.email, asked.avoid) == (NAME, EMAIL, AVOID)
        assert [message.to for message in simulator.messages] == [NUMBER]
        body = OutgoingMessage.objects.get(channel="sms").body
        # … she looks at her page, and at one that does not exist …
        assert client.get(f"/r/{token}/").status_code == 200
        assert client.get(f"/r/{token[:-1]}x/").status_code == 404
        # … staff look her up and confirm …
        staff_client.force_login(staff_user)
        assert NAME in staff_client.post(QUEUE + "search/", {"q": DIGITS}, follow=True).content.decode()
        staff_client.get(f"/admin/booking/appointmentrequest/{asked.pk}/change/")
        factories.a_visit(asked, now=factories.NOW)
        deliver_all()
        # … and she writes back.
        later = factories.NOW + timedelta(minutes=5)
        inbound.receive(provider_id="SM" + "1" * 32, from_number=NUMBER, body=SAID, keyword="", now=later)
        assert personal_values(cells(), token, body, SAID) == []
        assert personal_values(lines(), token, body, SAID) == []


def test_no_personal_value_stands_in_an_address_of_the_flow(client: Client, clinic: None, now: datetime) -> None:
    step(client, "/request/", visit="hsg", office="los-angeles")
    step(client, "/request/times/", timing="help", avoid=AVOID)
    page = client.get("/request/contact/")
    contact = {"name": NAME, "phone": TYPED, "contact": "phone", "voicemail": "yes"}
    answer = client.post("/request/contact/", {**hidden(page.content.decode()), **contact})
    assert answer.headers["Location"] == "/request/check/"


def test_personal_fields_without_encryption_are_only_hashes_dates_networks_and_browsers() -> None:
    allowed = {
        "AppointmentRequest.network_hash",
        "ConsentEvent.network",
        "ConsentEvent.browser",
        "NameWord.word_hash",
        "SignInFailure.name_hash",
        "SignInFailure.network_hash",
        "RequestedDay.day",
        "OfferedTime.starts_at",
        "OfferedTime.ends_at",
        "Visit.starts_at",
        "Visit.ends_at",
    }
    plain = {
        f"{model.__name__}.{name}"
        for model in apps.get_app_config("booking").get_models()
        for name in model.Privacy.personal  # type: ignore[attr-defined]
        if not isinstance(model._meta.get_field(name), EncryptedTextField)
    }
    assert plain <= allowed


def test_a_readable_cell_or_line_would_be_found() -> None:
    assert personal_values("Hello MARIPOSA")
    assert personal_values("number 12135550134 here")
    assert personal_values("/r/abc/", "abc")
    assert personal_values("all fine 2026-12-07") == []
