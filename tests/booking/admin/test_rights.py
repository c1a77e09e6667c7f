"""Who may do what at the desk."""

import re
from datetime import datetime
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from booking.admin import rights
from booking.messaging import consent
from booking.models import AppointmentRequest, ConsentEvent, RequestEvent
from tests import factories
from tests.booking.admin.desk import QUEUE, address, member_of, press, read, who_may, words

pytestmark = pytest.mark.usefixtures("now", "clinic")
VERBS = ("confirm", "decline", "cancel", "release", "note", "done", "stop", "consent", "link", "correct")


@pytest.fixture
def asked(clinic: None, now: datetime) -> AppointmentRequest:
    """A fresh request."""
    return factories.a_request()


def test_the_command_makes_three_groups_and_can_run_again() -> None:
    out = StringIO()
    call_command("setup_staff_groups", stdout=out)
    front = Group.objects.get(name="Front desk")
    before = set(front.permissions.values_list("codename", flat=True))
    front.permissions.add(Permission.objects.get(codename="delete_user"))
    call_command("setup_staff_groups", stdout=out)
    assert set(Group.objects.values_list("name", flat=True)) == {"Front desk", "Editors", "Managers"}
    assert set(front.permissions.values_list("codename", flat=True)) == before
    assert "Staff groups are ready: Front desk, Editors, Managers." in out.getvalue()


def test_every_verb_has_a_right_and_every_right_a_name() -> None:
    assert set(VERBS) <= set(rights.VERB_RIGHTS)
    assert set(rights.VERB_RIGHTS.values()) == set(rights.PERMISSIONS)


def test_nobody_may_delete_or_edit_requests_and_messages_through_a_group() -> None:
    rights.set_up()
    for group in Group.objects.all():
        held = set(group.permissions.filter(content_type__app_label="booking").values_list("codename", flat=True))
        for model in ("appointmentrequest", "outgoingmessage", "consentevent", "incomingtext", "heldtime"):
            assert not held & {f"add_{model}", f"change_{model}", f"delete_{model}"}


def test_the_front_desk_answers_requests(asked: AppointmentRequest) -> None:
    client = member_of("Front desk")
    page = read(client, address(asked))
    assert "Confirm and send" in page
    assert "Reason for a second visit" not in page
    assert "The request is declined." in words(press(client, asked, "decline", {"reason": "no_time"}))


def test_managers_may_overbook(asked: AppointmentRequest) -> None:
    assert "Reason for a second visit" in read(member_of("Managers"), address(asked))


@pytest.mark.parametrize("verb", VERBS)
def test_editors_cannot_act_on_requests(verb: str, asked: AppointmentRequest) -> None:
    client = member_of("Editors")
    assert client.post(address(asked, verb), {}).status_code == 403
    assert not RequestEvent.objects.filter(request=asked, actor__isnull=False).exists()


def test_editors_do_not_see_requests(asked: AppointmentRequest) -> None:
    client = member_of("Editors")
    assert client.get(QUEUE).status_code == 403
    assert client.get(address(asked)).status_code == 403
    assert client.get(f"{QUEUE}new-caller/").status_code == 403
    page = read(client, "/admin/")
    assert "Needs you now" not in page
    assert asked.name not in page


def test_looking_alone_gives_no_buttons(asked: AppointmentRequest) -> None:
    rights.set_up()
    user = get_user_model().objects.create_user("viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_appointmentrequest"))
    client = Client()
    client.force_login(user)
    page = read(client, address(asked))
    assert "Confirm and send" not in page
    assert "Save the note" not in page
    for verb in VERBS:
        assert client.post(address(asked, verb), {}).status_code == 403


@pytest.mark.parametrize(
    ("right", "paths"),
    [
        ("note_request", (f"{QUEUE}{{pk}}/change/", f"{QUEUE}{{pk}}/note/", f"{QUEUE}{{pk}}/call/")),
        ("answer_request", (f"{QUEUE}freed/", f"{QUEUE}{{pk}}/confirm/", f"{QUEUE}{{pk}}/correct/")),
        ("enter_caller", (f"{QUEUE}new-caller/",)),
        ("close_day", ("/admin/booking/closure/close-day/",)),
        ("print_day_sheet", ("/admin/booking/heldtime/day-sheet/",)),
        ("block_time", ("/admin/booking/heldtime/block/",)),
    ],
)
def test_a_right_to_act_alone_shows_no_patient(right: str, paths: tuple[str, ...], asked: AppointmentRequest) -> None:
    client = who_may(right)
    for path in paths:
        url = path.format(pk=asked.pk)
        assert client.get(url).status_code == 403, url
        assert client.post(url, {"note": ""}).status_code in (403, 405), url


def test_reports_show_nobody_and_need_their_own_right_alone() -> None:
    assert who_may("see_reports").get(f"{QUEUE}reports/").status_code == 200


def test_every_look_is_the_right_to_view_a_table() -> None:
    known = set(Permission.objects.filter(content_type__app_label="booking").values_list("codename", flat=True))
    assert set(rights.LOOKS.values()) <= known
    assert not set(rights.LOOKS) & set(rights.VERB_RIGHTS)


@pytest.mark.parametrize("path", ["", "new-caller/", "1/change/", "1/confirm/"])
def test_strangers_and_patients_are_sent_to_sign_in(path: str) -> None:
    stranger, patient = Client(), Client()
    patient.force_login(get_user_model().objects.create_user("patient"))
    for client in (stranger, patient):
        response = client.get(f"{QUEUE}{path}")
        assert response.status_code == 302
        assert response["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("name", ["booking_weeklyhours", "booking_doctorcalendar", "booking_consentevent"])
def test_the_front_desk_sees_no_link_that_it_may_not_open(asked: AppointmentRequest, name: str) -> None:
    client = member_of("Front desk")
    consent.stop(
        number=asked.contact_number,  # type: ignore[arg-type]
        source=ConsentEvent.Source.STAFF,
        now=factories.NOW,
        recorded_by=factories.a_staff_user("colleague"),
    )
    row = apps.get_model(*name.split("_")).objects.order_by("pk").last()
    page = read(client, reverse(f"admin:{name}_change", args=[row.pk]))
    assert "colleague" in page or name != "booking_consentevent"
    links = set(re.findall(r'href="(/admin/[^"?#]+)', page))
    assert links
    assert [link for link in links if client.get(link).status_code == 403] == []
