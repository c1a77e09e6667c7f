"""What has to be done between confirming and the visit."""

from datetime import date, timedelta

import pytest

from booking import actors, changes, closings, desk_work, lifecycle, offers, outcomes, readiness
from booking.admin import parts
from booking.availability import Slot
from booking.models import DeskTask, Readiness
from tests import factories
from tests.factories import NOW, at

pytestmark = pytest.mark.usefixtures("clinic", "now")


@pytest.fixture
def desk():
    return actors.staff(factories.a_staff_user())


def rows(request):
    return {row.kind: row for row in readiness.of(request)}


def test_confirming_opens_the_list_with_its_due_dates():
    request = factories.a_visit(starts_at=at("2026-12-16", "10:00")).request
    assert [(row.kind, row.due_on, row.ticked_at) for row in readiness.of(request)] == [
        ("estimate", date(2026, 12, 8), None),  # 7 business days ahead: within one
        ("safety", date(2026, 12, 12), None),  # 2 days to fill the prescription, 2 days of medicine before
        ("prescription", date(2026, 12, 12), None),
        ("price", date(2026, 12, 15), None),
        ("driver", date(2026, 12, 15), None),
    ]


def test_an_interpreter_is_on_the_list_only_where_she_wants_one():
    assert "interpreter" not in rows(factories.a_visit().request)
    wants = factories.a_request(interpreter=True, phone_e164="+12135550135")
    assert rows(factories.a_visit(wants, starts_at=at("2026-12-18", "10:00")).request)["interpreter"].due_on == date(
        2026, 12, 16
    )


def test_a_visit_by_video_needs_no_medicine_and_no_driver(desk):
    video = factories.a_service("video")
    request = factories.a_request(service=video, office=None)
    lifecycle.confirm(
        request=request,
        physician=factories.a_physician(),
        office=None,
        service=video,
        starts_at=at("2026-12-16", "17:00"),
        by=desk,
        now=NOW,
    )
    assert set(rows(request)) <= {"price", "estimate"}


def test_a_visit_so_near_that_no_estimate_is_due_has_none_and_its_dates_are_not_in_the_past():
    request = factories.a_visit(starts_at=at("2026-12-09", "10:00")).request
    assert "estimate" not in rows(request)
    assert rows(request)["prescription"].due_on == date(2026, 12, 7)


def test_a_moved_visit_keeps_its_ticks_and_the_clock_of_its_estimate(desk):
    request = factories.a_visit(starts_at=at("2026-12-16", "10:00")).request
    assert desk_work.tick(request=request, kind="prescription", done=True, by=desk, now=NOW)
    later = NOW + timedelta(days=1)
    factories.a_visit(request, starts_at=at("2027-01-06", "10:00"), now=later)
    found = rows(request)
    assert (found["prescription"].ticked_by, found["prescription"].visit_day) == (desk.user, date(2027, 1, 6))
    assert found["price"].due_on == date(2027, 1, 5)
    assert found["estimate"].due_on == date(2026, 12, 8)
    assert Readiness.objects.count() == 5


def test_after_a_visit_that_was_not_done_everything_has_to_be_done_again(desk):
    request = factories.a_visit(starts_at=at("2026-12-16", "10:00")).request
    desk_work.tick(request=request, kind="prescription", done=True, by=desk, now=NOW)
    outcomes.not_done(request=request, by=desk, now=at("2026-12-16", "11:00"))
    outcomes.rebook(request=request, by=desk, now=at("2026-12-16", "11:05"))
    factories.a_visit(request, starts_at=at("2027-01-13", "10:00"), now=at("2026-12-17", "12:00"))
    assert [row.ticked_at for row in readiness.of(request)] == [None] * 5
    assert rows(request)["estimate"].due_on == date(2026, 12, 22)


def a_kept_time_that(becomes, desk):
    """A visit whose request is no longer simply confirmed."""
    request = factories.a_visit(starts_at=at("2026-12-16", "10:00")).request
    changes.ask(request=request, keep=becomes != "given up", by=actors.PATIENT, now=NOW)
    if becomes == "waited with":
        outcomes.wait(request=request, until=date(2026, 12, 20), by=desk, now=NOW)
    elif becomes == "offered against":
        starts = at("2026-12-18", "10:00")
        slot = Slot(starts, starts + timedelta(minutes=45), factories.a_physician().pk, factories.an_office().pk)
        service, runs_out = request.service, offers.runs_out_at(now=NOW)
        offers.offer(request=request, service=service, slots=[slot], expires_at=runs_out, by=desk, now=NOW)
    elif becomes == "closed":
        seen = [request.current_visit().pk]
        closings.close(day=date(2026, 12, 16), physician=None, office=None, seen=seen, note="", by=desk, now=NOW)
    return request


@pytest.mark.parametrize(
    ("becomes", "is_due"),
    [("kept", 1), ("waited with", 1), ("offered against", 1), ("given up", 0), ("closed", 0)],
)
def test_what_has_to_be_done_goes_by_the_visit_and_not_by_where_the_request_stands(desk, becomes, is_due):
    request = a_kept_time_that(becomes, desk)
    near = at("2026-12-14", "10:00")
    assert parts.readiness_due("prescription", now=near).count() == is_due
    assert readiness.list_prescriptions(now=near) == is_due
    assert request.tasks.filter(kind="prescription").count() == is_due
    begun = at("2026-12-16", "10:01")
    assert not parts.readiness_due("prescription", now=begun).exists()
    readiness.list_prescriptions(now=begun)
    assert not request.tasks.filter(kind="prescription").exists()


class TestPrescriptions:
    def test_three_days_before_without_a_tick_it_is_a_task_once(self):
        request = factories.a_visit(starts_at=at("2026-12-16", "10:00")).request
        assert readiness.list_prescriptions(now=at("2026-12-12", "23:50")) == 0
        assert readiness.list_prescriptions(now=at("2026-12-13", "00:10")) == 1
        assert readiness.list_prescriptions(now=at("2026-12-13", "00:11")) == 0
        task = DeskTask.objects.get()
        assert (task.kind, task.request) == ("prescription", request)

    def test_a_tick_finishes_the_task_and_taking_it_back_is_written_down(self, desk):
        request = factories.a_visit(starts_at=at("2026-12-16", "10:00")).request
        readiness.list_prescriptions(now=at("2026-12-14", "10:00"))
        assert desk_work.tick(request=request, kind="prescription", done=True, by=desk, now=NOW)
        assert not desk_work.tick(request=request, kind="prescription", done=True, by=desk, now=NOW)
        assert not DeskTask.objects.open().exists()
        assert desk_work.tick(request=request, kind="prescription", done=False, by=desk, now=NOW)
        verbs = [event.verb for event in request.events.order_by("pk")][-2:]
        assert verbs == ["tick_prescription", "untick_prescription"]
        assert rows(request)["prescription"].ticked_by is None

    def test_a_task_that_staff_finished_by_hand_is_not_opened_again(self, desk):
        factories.a_visit(starts_at=at("2026-12-16", "10:00"))
        readiness.list_prescriptions(now=at("2026-12-13", "09:00"))
        DeskTask.objects.get().finish(by=desk.user, at=at("2026-12-13", "09:30"))
        assert readiness.list_prescriptions(now=at("2026-12-14", "09:00")) == 0

    def test_a_visit_that_she_gives_up_leaves_no_task(self):
        request = factories.a_visit(starts_at=at("2026-12-16", "10:00")).request
        readiness.list_prescriptions(now=at("2026-12-13", "09:00"))
        changes.ask(request=request, keep=False, by=actors.PATIENT, now=at("2026-12-13", "10:00"))
        readiness.list_prescriptions(now=at("2026-12-13", "10:01"))
        assert not DeskTask.objects.exists()

    def test_a_visit_that_was_cancelled_leaves_no_task(self):
        request = factories.a_visit(starts_at=at("2026-12-16", "10:00")).request
        readiness.list_prescriptions(now=at("2026-12-13", "09:00"))
        lifecycle.cancel(request=request, by=actors.PATIENT, now=at("2026-12-13", "10:00"))
        readiness.list_prescriptions(now=at("2026-12-13", "10:01"))
        assert not DeskTask.objects.exists()
