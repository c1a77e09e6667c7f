"""She learns what staff decided: by a message, on the phone, or because somebody has a task to call."""

import pytest

from booking import actors, desk_work, lifecycle, offers, outcomes, reports
from booking.messaging import consent
from booking.models import ConsentEvent, DeskTask, RequestEvent, Status
from tests import factories
from tests.factories import NOW, at

pytestmark = pytest.mark.usefixtures("clinic", "now")


@pytest.fixture
def desk():
    return actors.staff(factories.a_staff_user())


@pytest.fixture
def silent():
    """A caller who agreed to no texts and has no email."""
    return factories.a_request(sms_consent=False, contact="phone", voicemail=True)


def set_a_time(request, desk, clock="10:00", **more):
    return lifecycle.confirm(
        request=request,
        physician=factories.a_physician(),
        office=factories.an_office(),
        service=request.service,
        starts_at=at("2026-12-16", clock),
        by=desk,
        now=NOW,
        **more,
    )


def to_do(request):
    return [task.kind for task in request.tasks.open()]


def heard_at(request):
    request.refresh_from_db()
    return request.promise_met_at


def promises():
    first = NOW.date()
    [report] = [found for found in reports.all_of(first=first, last=first, now=NOW, say=str) if found.key == "promise"]
    return {line.label: line.number for line in report.lines if line.number}


class TestATimeThatNoMessageTells:
    def test_is_a_task_and_no_answer_yet(self, desk, silent):
        set_a_time(silent, desk)
        assert to_do(silent) == ["tell_time"]
        assert heard_at(silent) is None
        assert promises() == {"Waiting, still in time": 1}

    def test_is_a_task_after_a_stop_too(self, desk):
        request = factories.a_request()
        consent.stop(number=request.contact_number, source=ConsentEvent.Source.TEXT, now=NOW)
        set_a_time(request, desk)
        assert to_do(request) == ["tell_time"]

    def test_is_told_by_speaking_with_her(self, desk, silent):
        set_a_time(silent, desk)
        outcomes.log_call(request=silent, outcome="spoke", by=desk, now=NOW)
        assert to_do(silent) == []
        assert heard_at(silent) == NOW
        assert promises() == {"Answered in time": 1}

    def test_is_told_when_somebody_says_done(self, desk, silent):
        set_a_time(silent, desk)
        assert desk_work.finish(silent.tasks.get(), about=0, by=desk.user, now=NOW)
        assert heard_at(silent) == NOW

    def test_is_told_in_the_same_press_when_she_is_on_the_line(self, desk, silent):
        set_a_time(silent, desk, told=True)
        assert to_do(silent) == []
        assert heard_at(silent) == NOW
        assert RequestEvent.objects.filter(request=silent, verb="told_by_phone", actor=desk.user).exists()

    def test_is_still_one_task_after_it_was_moved(self, desk, silent):
        set_a_time(silent, desk)
        set_a_time(silent, desk, clock="13:00")
        assert to_do(silent) == ["tell_time"]

    def test_takes_no_answer_back_that_she_had_before(self, desk, silent):
        outcomes.log_call(request=silent, outcome="voicemail", by=desk, now=NOW)
        set_a_time(silent, desk)
        assert heard_at(silent) == NOW

    def test_is_no_task_any_more_once_a_message_tells_the_next_one(self, desk, silent):
        set_a_time(silent, desk)
        consent.grant(
            number=silent.contact_number,
            request=silent,
            language="en",
            page="/admin/",
            form_version="1",
            network="",
            source=ConsentEvent.Source.STAFF,
            now=NOW,
            recorded_by=desk.user,
        )
        set_a_time(silent, desk, clock="13:00")
        assert to_do(silent) == []

    def test_is_over_when_the_visit_was_cancelled_and_that_is_to_be_told_instead(self, desk, silent):
        set_a_time(silent, desk)
        lifecycle.cancel(request=silent, by=desk, now=NOW)
        assert to_do(silent) == ["tell_end"]

    def test_is_over_when_she_came(self, desk, silent):
        set_a_time(silent, desk)
        outcomes.came(request=silent, by=desk, now=at("2026-12-16", "11:00"))
        assert to_do(silent) == []


def test_what_a_message_tells_is_no_task(desk):
    request = factories.a_request()
    set_a_time(request, desk)
    assert to_do(request) == []
    assert heard_at(request) == NOW


def test_what_she_did_herself_is_no_task(desk, silent):
    set_a_time(silent, desk, told=True)
    lifecycle.cancel(request=silent, by=actors.PATIENT, now=NOW)
    assert to_do(silent) == []


def test_an_offer_that_no_message_tells_is_a_task_until_it_is_over(desk, silent):
    factories.an_offer(silent)
    assert to_do(silent) == ["tell_offer"]
    assert heard_at(silent) is None
    offers.withdraw(request=silent, by=desk, now=NOW)
    assert to_do(silent) == []


def test_a_decline_that_no_message_tells_is_a_task(desk, silent):
    lifecycle.decline(request=silent, reason="no_time", by=desk, now=NOW)
    assert to_do(silent) == ["tell_end"]
    assert heard_at(silent) is None


def test_a_cancellation_told_on_the_phone_is_no_task(desk, silent):
    set_a_time(silent, desk, told=True)
    silent.refresh_from_db()
    lifecycle.cancel(request=silent, by=desk, now=NOW, told=True)
    assert (silent.status, to_do(silent)) == (Status.CANCELLED, [])
    assert not DeskTask.objects.exists()
