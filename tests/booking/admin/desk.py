"""What the tests of the desk share: addresses, reading a page, pressing a button as a browser would."""

from html import unescape
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from booking.admin import rights, screen
from booking.admin.setting_time import Choice
from booking.models import AppointmentRequest
from pages.models import Office, Physician
from tests.factories import at

QUEUE = "/admin/booking/appointmentrequest/"


def address(asked: AppointmentRequest, verb: str = "change") -> str:
    """The address of a request's screen, or of one verb."""
    return reverse(f"admin:booking_appointmentrequest_{verb}", args=[asked.pk])


def read(client: Client, url: str) -> str:
    """The page as text, entities resolved."""
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    return unescape(response.content.decode())


def look_for(client: Client, typed: str, **query: str) -> Any:
    """Type into the search box, press Search, and see the list (with `query`, a part of it)."""
    there = client.post(f"{QUEUE}search/", {"q": typed})
    assert there.status_code == 302
    return client.get(there["Location"], query) if query else client.get(there["Location"])


def a_time(asked: AppointmentRequest, *, day: str = "2026-12-16", time: str = "10:00", **more: Any) -> dict[str, Any]:
    """What the confirm form posts once the text for this time was shown."""
    office = more.pop("office", Office.objects.get(slug="los-angeles"))
    doctor = more.get("physician", Physician.objects.values_list("pk", flat=True).first())
    return {
        "day": day,
        "time": time,
        "office": office.pk,
        "service": asked.service_id,
        "physician": doctor,
        "seen": screen.seen_mark(asked),
        "shown": Choice(at(day, time), office.pk, asked.service, doctor).mark,
        **more,
    }


def press(client: Client, asked: AppointmentRequest, verb: str, data: dict[str, Any] | None = None) -> Any:
    """Post a verb from a fresh screen and follow to the answer."""
    seen = screen.seen_mark(AppointmentRequest.objects.get(pk=asked.pk))
    return client.post(address(asked, verb), {"seen": seen, **(data or {})}, follow=True)


def words(response: Any) -> str:
    """The text of an answer, entities resolved."""
    return unescape(response.content.decode())


def who_may(*codenames: str) -> Client:
    """A browser in which somebody is signed in who has these permissions of booking alone."""
    rights.set_up()
    user: User = get_user_model().objects.create_user("of-no-group", password="x", is_staff=True)
    found = Permission.objects.filter(content_type__app_label="booking", codename__in=codenames)
    assert found.count() == len(codenames)
    user.user_permissions.set(found)
    client = Client()
    client.force_login(user)
    return client


def member_of(group: str) -> Client:
    """A browser in which a member of this group is signed in."""
    rights.set_up()
    user: User = get_user_model().objects.create_user(
        f"of-{group.lower().replace(' ', '-')}", password="x", is_staff=True
    )
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client
