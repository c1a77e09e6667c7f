"""Reading delivery reports: a crowd of them costs little, and none stands before the others."""

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from booking.messaging import reports
from booking.models import DeliveryReport, OutgoingMessage
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("clinic", "now")
SID = "SM" + "1" * 32


def store(number, *, callback_key=""):
    reports.store(provider_id=f"SM{number:032d}", status="sent", error="", callback_key=callback_key, now=NOW)


def test_reports_about_nothing_of_ours_are_set_aside_together():
    for number in range(40):
        store(number, callback_key=f"00000000-0000-4000-8000-{number:012d}")
    with CaptureQueriesContext(connection) as asked:
        assert reports.read(now=NOW) == 40
    assert len(asked) <= 4, [query["sql"] for query in asked]
    assert not DeliveryReport.objects.exclude(read_at=NOW).exists()


def test_a_report_of_ours_is_found_among_them_by_its_id_or_by_our_key():
    factories.a_request()
    by_key = OutgoingMessage.objects.get()
    factories.a_request(phone_e164="+12135550177")
    by_id = OutgoingMessage.objects.exclude(pk=by_key.pk).get()
    OutgoingMessage.objects.update(state="sending", claimed_at=NOW)
    OutgoingMessage.objects.filter(pk=by_id.pk).update(provider_id=SID)
    store(1)
    store(2, callback_key=str(by_key.callback_key))
    store(3)
    reports.store(provider_id=SID, status="delivered", error="", callback_key="", now=NOW)
    assert reports.read(now=NOW) == 4
    assert OutgoingMessage.objects.get(pk=by_key.pk).state == "sent"
    assert OutgoingMessage.objects.get(pk=by_id.pk).state == "delivered"
    assert list(DeliveryReport.objects.order_by("pk").values_list("message", flat=True)) == [
        None,
        by_key.pk,
        None,
        by_id.pk,
    ]


def test_a_key_that_is_none_stands_before_nobody():
    DeliveryReport.objects.create(provider_id=SID, status="sent", callback_key="no key", received_at=NOW)
    store(2)
    assert reports.read(now=NOW) == 2
    assert reports.read(now=NOW) == 0


def test_what_a_report_says_and_that_it_was_read_are_kept_together(monkeypatch):
    """A worker may be killed between the two."""
    factories.a_request()
    message = OutgoingMessage.objects.get()
    OutgoingMessage.objects.filter(pk=message.pk).update(state="sending", claimed_at=NOW)
    store(1, callback_key=str(message.callback_key))

    class Killed(BaseException):
        """Nothing of ours catches it."""

    mark = QuerySet.update

    def killed(rows, **columns):
        if rows.model is DeliveryReport:
            raise Killed
        return mark(rows, **columns)

    with monkeypatch.context() as broken:
        broken.setattr(QuerySet, "update", killed)
        with pytest.raises(Killed):
            reports.read(now=NOW)
    assert OutgoingMessage.objects.get().state == "sending"
    assert DeliveryReport.objects.get().read_at is None
    assert reports.read(now=NOW) == 1
    assert OutgoingMessage.objects.get().state == "sent"


def test_all_that_a_report_says_is_stored():
    reports.store(
        provider_id=SID,
        status="undelivered",
        error="30006",
        callback_key="7C9E6679-7425-40DE-944B-E07FC1F90AE7",
        now=NOW,
    )
    reports.store(provider_id=SID, status="undelivered", error="", callback_key="", now=NOW)
    row = DeliveryReport.objects.get()
    assert (row.provider_id, row.status, row.error) == (SID, "undelivered", 30006)
    assert row.callback_key == "7c9e6679-7425-40de-944b-e07fc1f90ae7"
    assert (row.received_at, row.read_at, row.message) == (NOW, None, None)
