"""Blocking the doctor's time and freeing it again."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from booking import availability, held_time
from booking.models import AccessEvent, HeldGrain, HeldTime
from tests import factories
from tests.booking.admin.desk import words
from tests.factories import a_physician, a_service, an_office, at

pytestmark = pytest.mark.usefixtures("now", "clinic")
BLOCK = "/admin/booking/heldtime/block/"
DAY = "2026-12-16"


def form(**changes: Any) -> dict[str, Any]:
    usual = {"physician": a_physician().pk, "day": DAY, "starts": "13:00", "ends": "15:00", "note": "Meeting"}
    return {**usual, **changes}


def shown(client: Client, **changes: Any) -> str:
    """The mark of the list that a first press shows."""
    found = re.search(r'name="anyway" value="([^"]+)"', words(client.post(BLOCK, form(**changes))))
    assert found is not None
    return found[1]


def starts() -> list[str]:
    slots = availability.free_slots(
        service=a_service(), office=an_office(), day=at(DAY, "12:00").date(), now=factories.NOW, for_staff=True
    )
    return [slot.starts_at.astimezone(availability.zone()).strftime("%H:%M") for slot in slots]


def test_free_time_is_blocked_by_one_press_and_offered_to_nobody(staff_client: Client, staff_user: Any) -> None:
    answer = staff_client.post(BLOCK, form(), follow=True)
    assert "Blocked: Wed, Dec 16, 1 p.m. to 3 p.m." in words(answer)
    held = HeldTime.objects.get()
    assert (held.kind, held.note, held.made_by, held.lane) == ("block", "Meeting", staff_user, 0)
    assert not {"12:15", "13:00", "14:45"} & set(starts())
    assert {"12:00", "15:00"} <= set(starts())


def test_the_week_links_to_the_form_filled_in_for_the_free_time(staff_client: Client) -> None:
    page = staff_client.get(f"{BLOCK}?physician={a_physician().pk}&day={DAY}&starts=09:00&ends=17:00").content.decode()
    assert 'value="2026-12-16"' in page
    assert 'value="09:00"' in page


def test_a_block_over_a_visit_shows_whom_to_call_and_needs_a_second_press(staff_client: Client) -> None:
    visit = factories.a_visit(starts_at=at(DAY, "13:30"))
    answer = words(staff_client.post(BLOCK, form()))
    mark = shown(staff_client)
    assert visit.request.spaced_reference in answer
    assert visit.request.name not in answer
    assert not HeldTime.objects.filter(kind="block").exists()
    staff_client.post(BLOCK, form(anyway=mark))
    block = HeldTime.objects.get(kind="block")
    assert (block.lane, HeldTime.objects.filter(kind="visit").count()) == (1, 1)
    assert AccessEvent.objects.filter(request=visit.request, what="listed").exists()


def test_a_second_press_for_another_time_is_shown_first(staff_client: Client) -> None:
    factories.a_visit(starts_at=at(DAY, "13:30"))
    staff_client.post(BLOCK, form(anyway=shown(staff_client), ends="16:00"))
    assert not HeldTime.objects.filter(kind="block").exists()


def test_a_second_press_for_another_doctor_shows_her_visits_first(staff_client: Client) -> None:
    factories.a_visit(starts_at=at(DAY, "13:30"))
    other = a_physician(slug="second", short_name="Dr. Second")
    hers = factories.a_visit(starts_at=at(DAY, "14:00"), physician=other)
    answer = words(staff_client.post(BLOCK, form(anyway=shown(staff_client), physician=other.pk)))
    assert hers.request.spaced_reference in answer
    assert not HeldTime.objects.filter(kind="block").exists()


def test_a_visit_that_came_meanwhile_is_shown_before_the_time_is_blocked(staff_client: Client) -> None:
    factories.a_visit(starts_at=at(DAY, "13:30"))
    mark = shown(staff_client)
    late = factories.a_visit(starts_at=at(DAY, "14:30"))
    assert late.request.spaced_reference in words(staff_client.post(BLOCK, form(anyway=mark)))
    assert not HeldTime.objects.filter(kind="block").exists()


def test_a_visit_in_a_block_that_is_cancelled_leaves_the_time_blocked(staff_client: Client) -> None:
    visit = factories.a_visit(starts_at=at(DAY, "13:30"))
    staff_client.post(BLOCK, form(anyway=shown(staff_client)))
    held_time.free(visit.held_time)
    assert "13:30" not in starts()


def test_a_double_press_makes_one_block(staff_client: Client) -> None:
    for _press in range(2):
        staff_client.post(BLOCK, form())
    assert HeldTime.objects.count() == 1
    assert HeldGrain.objects.count() == 8


def test_one_press_frees_a_block_and_a_second_says_so(staff_client: Client) -> None:
    staff_client.post(BLOCK, form())
    free_it = f"/admin/booking/heldtime/{HeldTime.objects.get().pk}/unblock/"
    assert "The time is free again" in words(staff_client.post(free_it, follow=True))
    assert "13:00" in starts()
    assert "This time is not blocked any more." in words(staff_client.post(free_it, follow=True))


def test_a_visit_is_never_freed_by_that_press(staff_client: Client) -> None:
    held = factories.a_visit().held_time
    assert held is not None
    staff_client.post(f"/admin/booking/heldtime/{held.pk}/unblock/")
    assert HeldTime.objects.filter(pk=held.pk).exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ends": "13:00"}, "The end has to be after the start"),
        ({"note": ""}, "Enter a reason"),
        ({"day": ""}, "Choose a date"),
        ({"day": "2026-12-06"}, "This time is past"),
        ({"day": "2028-12-16"}, "more than a year ahead"),
        ({"day": "2027-03-14", "starts": "02:30", "ends": "04:00"}, "This time does not exist on that day"),
        ({"physician": "999"}, "Select a valid choice"),
    ],
)
def test_a_block_that_cannot_be_is_refused_in_words(
    changes: dict[str, str], sentence: str, staff_client: Client
) -> None:
    assert sentence in words(staff_client.post(BLOCK, form(**changes)))
    assert not HeldTime.objects.exists()


def test_a_block_may_have_begun_already(staff_client: Client) -> None:
    staff_client.post(BLOCK, form(day="2026-12-07", starts="09:00", ends="11:00"))
    assert HeldTime.objects.get().starts_at == at("2026-12-07", "09:00")


def test_people_without_the_right_block_nothing(client: Client) -> None:
    client.force_login(factories.a_staff_user(is_superuser=False))
    assert client.post(BLOCK, form()).status_code == 403
    assert client.post("/admin/booking/heldtime/1/unblock/").status_code == 403


def test_a_block_across_midnight_takes_both_days(now: Any, staff_user: Any) -> None:
    held = held_time.block(
        physician=a_physician(),
        starts_at=at(DAY, "23:00"),
        ends_at=at(DAY, "23:00") + timedelta(hours=2),
        note="Travel",
        by=staff_user,
        now=now,
    )
    assert held.grains.count() == 8


def test_the_reason_stands_in_no_log_and_no_readable_cell(staff_client: Client) -> None:
    staff_client.post(BLOCK, form(note="Maripos"))
    assert not LogEntry.objects.filter(change_message__contains="Maripos").exists()


def test_a_block_that_ended_long_ago_is_forgotten_and_a_visit_is_not(staff_client: Client) -> None:
    staff_client.post(BLOCK, form())
    visit = factories.a_visit(starts_at=at(DAY, "10:00"))
    assert held_time.forget_blocks(now=at(DAY, "15:00") + timedelta(days=90)) == 0
    assert held_time.forget_blocks(now=at(DAY, "15:00") + timedelta(days=91)) == 1
    assert [held.pk for held in HeldTime.objects.all()] == [visit.held_time_id]
