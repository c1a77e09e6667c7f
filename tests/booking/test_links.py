"""Private links."""

from datetime import timedelta

import pytest

from booking import actors, fresh_link, lifecycle, links
from booking.models import AppointmentRequest
from tests import factories
from tests.factories import NOW


def test_a_token_opens_its_own_request_and_no_other(clinic, now):
    first, second = factories.a_request(), factories.a_request(phone_e164="+12135550135")
    assert links.find(links.token(first), now=now) == first
    assert links.find(links.token(second), now=now) == second


def test_a_token_holds_128_bits_and_is_not_stored(clinic, now):
    request = factories.a_request()
    token = links.token(request)
    assert len(token) == 22
    assert token not in str(AppointmentRequest.objects.filter(pk=request.pk).values().get())


def test_an_unknown_token_finds_nothing(clinic, now):
    assert links.find("A" * 22, now=now) is None
    assert links.find("", now=now) is None
    assert links.find("x" * 5000, now=now) is None


def test_a_link_made_new_by_staff_closes_the_old_one(clinic, now, staff_user):
    request = factories.a_request()
    old = links.token(request)
    fresh_link.rotate(request=request, by=actors.staff(staff_user), now=now)
    assert links.find(old, now=now) is None
    assert links.find(links.token(request), now=now) == request


def test_a_link_expires_thirty_days_after_its_request_was_closed(clinic, now):
    request = factories.a_request()
    lifecycle.cancel(request=request, by=actors.PATIENT, now=NOW)
    token = links.token(request)
    assert links.find(token, now=NOW + timedelta(days=29)) == request
    assert links.find(token, now=NOW + timedelta(days=31)) is None


def test_network_addresses_are_kept_as_keyed_hashes_alone():
    assert "192.0.2.7" not in links.network_hash("192.0.2.7")
    assert links.network_hash("192.0.2.7") != links.network_hash("192.0.2.8")
    assert links.network_hash("2001:db8::1") == links.network_hash("2001:db8::2")
    assert links.network_hash("::ffff:192.0.2.7") == links.network_hash("192.0.2.7")
    assert links.network_hash("::ffff:192.0.2.7") != links.network_hash("::ffff:192.0.2.8")
    assert links.network_hash("not an address") == ""


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("::ffff:203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("not an address", ""),
    ],
)
def test_the_network_that_consent_came_from_is_too_wide_to_find_a_person(address, network):
    assert links.network_of(address) == network
