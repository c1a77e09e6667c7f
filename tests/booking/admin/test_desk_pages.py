"""What all pages of the desk share: the head, a title that says when something was wrong, people named as people."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from booking import actors, closings, talking
from booking.availability import Slot
from booking.messaging import wording_versions
from booking.models import AppointmentRequest
from tests import factories
from tests.booking.admin.desk import QUEUE, address, press, read, words
from tests.factories import NOW, a_physician, a_service, an_office, at

pytestmark = pytest.mark.usefixtures("now", "clinic")
WORDING = "/admin/booking/wordingversion/confirmed/sms/en/"
REPORTS = f"{QUEUE}reports/"


def title(page: str) -> str:
    """The words of the browser's tab."""
    found = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    assert found is not None
    return " ".join(found[1].split())


@pytest.mark.parametrize(
    ("path", "data"),
    [
        (WORDING, {"text": "", "based_on": "0"}),
        (WORDING, {"text": "Nothing of what is needed.", "based_on": "0"}),
        ("/admin/booking/secondfactor/mine/", {"code": "1"}),
        (f"{QUEUE}new-caller/", {"phone": "12"}),
        ("/admin/booking/heldtime/block/", {}),
    ],
)
def test_a_title_says_first_that_something_was_wrong(path: str, data: dict[str, str], staff_client: Client) -> None:
    staff_client.get(path)
    assert title(words(staff_client.post(path, data))).startswith("Error: ")


def test_a_range_that_ends_before_it_begins_is_an_error_in_the_title(staff_client: Client) -> None:
    page = read(staff_client, f"{REPORTS}?first=2026-12-02&last=2026-12-01")
    assert title(page).startswith("Error: Reports")


def test_a_form_of_a_request_that_was_refused_is_an_error_in_the_title(staff_client: Client) -> None:
    asked = factories.a_request()
    assert title(read(staff_client, address(asked))).startswith(asked.spaced_reference)
    assert title(words(press(staff_client, asked, "decline"))).startswith(f"Error: {asked.spaced_reference}")


@pytest.mark.parametrize("path", [f"{QUEUE}freed/", REPORTS, WORDING, "/admin/booking/wordingversion/"])
def test_no_page_of_the_desk_has_the_list_of_all_tables_beside_it(path: str, staff_client: Client) -> None:
    assert 'id="nav-sidebar"' not in read(staff_client, path)


def test_colleagues_are_named_as_people_and_not_by_their_account() -> None:
    ana = factories.a_staff_user("login-of-ana", first_name="Ana", last_name="Example")
    by, asked = actors.staff(ana), factories.a_request()
    slot = Slot(at("2026-12-16", "14:00"), at("2026-12-16", "14:45"), a_physician().pk, an_office().pk)
    talking.hold(request=asked, service=a_service(), slot=slot, by=by, now=timezone.now())
    kind = {"channel": "sms", "language": "en"}
    older = wording_versions.built_in("confirmed", **kind)
    changed = [*older.sentences[:-1], f"{older.sentences[-1]} Bye."]
    wording_versions.add("confirmed", **kind, sentences=changed, subject="", based_on=0, by=ana, now=NOW)
    visit = factories.a_visit(factories.a_request(phone_e164="+12135550135"))
    day = at("2026-12-16", "12:00").date()
    closing = closings.close(day=day, physician=None, office=None, seen=[visit.pk], note="", by=by, now=NOW)
    colleague, herself = Client(), Client()
    colleague.force_login(factories.a_staff_user("ben"))
    herself.force_login(ana)
    number = AppointmentRequest.objects.get(pk=asked.pk).contact_number_id
    pages = [
        read(colleague, address(asked)),
        read(colleague, WORDING),
        read(colleague, "/admin/booking/wordingversion/"),
        read(colleague, reverse("admin:booking_closure_closing", args=[closing.pk])),
        read(herself, "/admin/booking/heldtime/day-sheet/"),
        read(herself, reverse("admin:booking_consentevent_number", args=[number])),
    ]
    for page in pages:
        assert "Ana Example" in page
        assert "login-of-ana" not in page
