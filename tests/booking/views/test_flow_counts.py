"""The form counts its steps and its errors, and nothing about the visitor."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking.models import AppointmentRequest, FlowCount
from tests.booking.views import flow
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("clinic")


def counts() -> dict[str, int]:
    return dict(FlowCount.objects.values_list("name", "number"))


def test_each_step_counts_once_for_a_visitor_however_often_she_goes_back(client: Client) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        client.get("/request/")
        client.get("/request/")
        flow.fill(client)
        flow.answer(client, "/request/times/", {**flow.TIMES, "daypart": "afternoon"})
        clock.shift(timedelta(minutes=1))
        flow.send(client)
        flow.send(client)
    assert AppointmentRequest.objects.count() == 1
    assert counts() == {"began": 1, "visit": 1, "times": 1, "contact": 1, "sent": 1}


def test_who_leaves_is_seen_as_a_step_that_is_missing(client: Client, now: Any) -> None:
    flow.answer(client, "/request/", flow.VISIT)
    Client().get("/request/")
    assert counts() == {"began": 2, "visit": 1}


def test_an_error_counts_its_field_and_rule_and_never_what_was_typed(client: Client, now: Any) -> None:
    flow.answer(client, "/request/", flow.VISIT)
    flow.answer(client, "/request/times/", flow.TIMES)
    flow.answer(client, "/request/contact/", {**flow.CONTACT, "phone": "555 Mariposa", "name": ""})
    found = {name: number for name, number in counts().items() if name.startswith("error ")}
    assert found["error name required"] == 1
    assert [name.rsplit(" ", 1)[0] for name in found] == ["error name", "error phone"]
    assert "Mariposa" not in str(found)


def test_a_reading_page_counts_nothing(client: Client, now: Any) -> None:
    client.get("/hsg/")
    assert counts() == {}


@pytest.mark.parametrize(("timing", "asks"), [("help", False), ("later", False), ("none_work", True), ("days", True)])
def test_sending_asks_the_timetable_only_where_days_were_looked_at(timing: str, asks: bool, client: Client) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        flow.fill(client, times={**flow.TIMES, "timing": timing} if timing == "days" else {"timing": timing})
        clock.shift(timedelta(minutes=1))
        form = flow.hidden(client.get("/request/check/"))
        with CaptureQueriesContext(connection) as seen:
            assert client.post("/request/check/", form)["Location"] == "/request/sent/"
    assert any("weeklyhours" in query["sql"] for query in seen.captured_queries) == asks
