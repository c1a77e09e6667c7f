"""The open tasks above the list that the front desk works down."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking.admin.counters import OPEN_TASKS_SHOWN, open_tasks
from booking.messaging import inbound
from booking.models import AccessEvent, AppointmentRequest, DeskTask
from tests import factories
from tests.booking.admin.desk import QUEUE, address, look_for, member_of, press, read
from tests.plans import many_like, plan

pytestmark = pytest.mark.usefixtures("now", "clinic")
BOX = 'id="open-tasks-head"'


def writes(number: str, words: str, *, at: datetime) -> None:
    """A text comes in."""
    inbound.receive(provider_id=f"SM{number}", from_number=number, body=words, keyword="", now=at)


def tasks(number: int, *, now: datetime) -> list[DeskTask]:
    """As many open tasks, the oldest first, each of a request of its own."""
    return [
        DeskTask.objects.create(
            request=factories.a_request(name=f"Nr {one:03}", phone_e164=f"+1213555{1000 + one}"),
            kind=DeskTask.Kind.MESSAGE_FAILED,
            opened_at=now - timedelta(minutes=number - one),
        )
        for one in range(number)
    ]


def test_what_a_patient_with_a_time_wrote_stands_above_the_list_that_staff_work_down(
    staff_client: Client, now: datetime
) -> None:
    asked = factories.a_visit(factories.a_request(name="Set Example")).request
    writes("+12135550134", "I can't make it", at=now - timedelta(minutes=20))
    page = read(staff_client, QUEUE)
    box = page.split(BOX)[1].split("</section>")[0]
    assert "Set Example" in box
    assert "Wrote a text: read it" in box
    assert "9:40 a.m." in box
    assert f'href="{address(asked)}"' in box


def test_what_she_wrote_while_we_wait_for_her_stands_there_too(staff_client: Client, now: datetime) -> None:
    factories.a_request(name="Later Example", timing="later", days=())
    writes("+12135550134", "Which days do you have?", at=now)
    assert "Later Example" in read(staff_client, QUEUE).split(BOX)[1].split("</section>")[0]


def test_the_longest_open_stands_first_and_a_finished_one_nowhere(staff_client: Client, now: datetime) -> None:
    first, second, third = tasks(3, now=now)
    press(staff_client, second.request, "done", {"task": second.pk})
    assert [task.pk for task in open_tasks()] == [first.pk, third.pk]


def test_ten_are_shown_and_a_link_leads_to_all(staff_client: Client, now: datetime) -> None:
    all_of_them = tasks(OPEN_TASKS_SHOWN + 2, now=now)
    AppointmentRequest.objects.update(status="offered")  # nothing else on the page names them
    box = read(staff_client, QUEUE).split(BOX)[1].split("</section>")[0]
    assert [name in box for name in ("Nr 000", "Nr 009", "Nr 010")] == [True, True, False]
    assert 'href="/admin/booking/appointmentrequest/?show=tasks"' in box
    assert f"All open tasks: {len(all_of_them)}" in box


def test_as_many_as_are_shown_need_no_link_to_all(staff_client: Client, now: datetime) -> None:
    tasks(2, now=now)
    box = read(staff_client, QUEUE).split(BOX)[1].split("</section>")[0]
    assert "All open tasks" not in box


def test_without_a_task_there_is_no_box(staff_client: Client, now: datetime) -> None:
    factories.a_request()
    assert BOX not in read(staff_client, QUEUE)


@pytest.mark.parametrize("query", ["show=tasks", "show=confirmed", "show=waiting&p=2"])
def test_other_lists_and_further_pages_are_left_alone(query: str, staff_client: Client, now: datetime) -> None:
    tasks(51, now=now)
    assert BOX not in read(staff_client, f"{QUEUE}?{query}")


def test_a_search_is_left_alone(staff_client: Client, now: datetime) -> None:
    tasks(1, now=now)
    assert BOX not in look_for(staff_client, "1000").content.decode()


def test_whoever_is_named_in_the_box_is_in_the_access_log(staff_client: Client, staff_user: Any, now: datetime) -> None:
    asked = factories.a_visit().request
    writes("+12135550134", "I can't make it", at=now)
    staff_client.get(QUEUE)
    assert list(AccessEvent.objects.filter(user=staff_user).values_list("request_id", "what")) == [(asked.pk, "listed")]


def test_a_name_that_was_deleted_leaves_the_reference(staff_client: Client, now: datetime) -> None:
    [task] = tasks(1, now=now)
    AppointmentRequest.objects.update(name="")
    assert task.request.spaced_reference in read(staff_client, QUEUE).split(BOX)[1].split("</section>")[0]


def test_the_box_costs_one_query_however_many_tasks_there_are(now: datetime) -> None:
    client = member_of("Front desk")
    factories.a_request()
    client.get(QUEUE)
    without = _queries(client)
    tasks(1, now=now)
    few = _queries(client)
    DeskTask.objects.bulk_create(
        DeskTask(request=asked, kind=kind, opened_at=now)
        for asked in AppointmentRequest.objects.all()
        for kind in (DeskTask.Kind.READ_TEXT, DeskTask.Kind.NOT_DELIVERED, DeskTask.Kind.WANTS_TO_CANCEL)
    )
    assert (few - without, _queries(client) - few) == (1, 0)


def test_the_box_is_read_from_an_index_in_its_order(now: datetime) -> None:
    [task] = tasks(1, now=now)
    finished = {"done_at": now, "done_by_id": factories.a_staff_user().pk}
    many_like(
        task,
        2000,
        lambda one: {"kind": f"kind-{one}", "opened_at": now - timedelta(hours=one), **(finished if one % 10 else {})},
    )
    found = plan(open_tasks)
    assert "task_open_oldest" in found
    assert not re.search("TEMP B-TREE|Sort", found)


def _queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(QUEUE).status_code == 200
    return len([query for query in seen.captured_queries if "pages_generation" not in query["sql"]])
