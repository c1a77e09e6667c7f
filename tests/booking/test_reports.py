"""How well the clinic answers, in counts."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking import actors, desk_work, lifecycle, outcomes, reports
from booking.models import FlowCount
from tests import factories
from tests.factories import NOW, at

pytestmark = pytest.mark.usefixtures("clinic", "now")
DAYS = {"first": date(2026, 12, 1), "last": date(2026, 12, 31)}


@pytest.fixture
def desk():
    return actors.staff(factories.a_staff_user())


def table(key, *, now=NOW, **days):
    [found] = [report for report in reports.all_of(**{**DAYS, **days}, now=now, say=str) if report.key == key]
    return {line.label: line.number for line in found.lines}


def test_time_to_the_first_contact_is_counted_and_its_middle_is_told(desk):
    for hours in (1, 3, 30):
        request = factories.a_request(phone_e164=f"+12135550{hours:03}")
        outcomes.log_call(request=request, outcome="spoke", by=desk, now=NOW + timedelta(hours=hours))
    factories.a_request(phone_e164="+12135550999")
    assert table("contact") == {"Within 4 hours": 2, "Within 1 day": 0, "Within 2 days": 1, "Later": 0}
    [report] = [found for found in reports.all_of(**DAYS, now=NOW, say=str) if found.key == "contact"]
    assert report.middle == timedelta(hours=3)


def test_a_promise_is_kept_late_open_or_ended_before_it_was_due(desk):
    kept, late, gone, waits = (factories.a_request(phone_e164=f"+1213555010{n}") for n in range(4))
    outcomes.log_call(request=kept, outcome="no_answer", by=desk, now=NOW)
    outcomes.log_call(request=late, outcome="spoke", by=desk, now=NOW + timedelta(days=3))
    lifecycle.cancel(request=gone, by=actors.PATIENT, now=NOW)
    factories.a_request(phone_e164="+12135550199", timing="later", days=())
    assert waits.promise_due_at
    names = (
        "Answered in time",
        "Answered late, or late now",
        "Ended before an answer was due",
        "Waiting, still in time",
    )
    assert table("promise") == dict(zip(names, (1, 1, 1, 1), strict=True))
    assert table("promise", now=NOW + timedelta(days=9))["Answered late, or late now"] == 2


def test_what_was_lost_says_why(desk):
    requests = [factories.a_request(phone_e164=f"+1213555020{n}") for n in range(4)]
    lifecycle.decline(request=requests[0], reason="no_time", by=desk, now=NOW)
    lifecycle.cancel(request=requests[1], by=actors.PATIENT, now=NOW)
    lifecycle.cancel(request=requests[2], by=desk, now=NOW)
    factories.a_visit(requests[3])
    assert table("lost") == {
        "We have no time on the days you can come.": 1,
        "Cancelled by the patient": 1,
        "Cancelled by us": 1,
    }
    assert table("confirmed") == {"Got a time": 1, "No time so far, or lost": 3}


def test_programs_are_nobody_and_a_person_who_asked_twice_is_one(desk):
    robot = factories.a_request(phone_e164="+12135550301", quarantine_reason="website")
    lifecycle.cancel(request=robot, by=desk, now=NOW)
    factories.a_request(phone_e164="+12135550302", quarantine_reason="website")
    keeps, ends = factories.a_request(), factories.a_request()
    desk_work.join(request=keeps, other=ends, by=desk, now=NOW)
    assert table("confirmed") == {"Got a time": 0, "No time so far, or lost": 1}
    assert table("lost") == {}


def test_days_are_the_clinics_own_and_both_ends_count():
    factories.a_request(now=at("2026-12-07", "23:59"))
    factories.a_request(now=at("2026-12-08", "00:00"), phone_e164="+12135550401")
    seventh = date(2026, 12, 7)
    assert sum(table("confirmed", first=seventh, last=seventh).values()) == 1
    assert sum(table("confirmed", first=seventh, last=date(2026, 12, 8)).values()) == 2


def test_the_day_on_which_the_clocks_change_is_whole():
    factories.a_request(now=at("2027-03-14", "23:30"))
    assert sum(table("confirmed", first=date(2027, 3, 14), last=date(2027, 3, 14)).values()) == 1


def test_steps_and_errors_of_the_form_are_summed_over_the_days():
    for day, name, times in ((1, "began", 3), (2, "began", 2), (2, "visit", 4), (2, "error phone required", 2)):
        for _ in range(times):
            FlowCount.add(name, day=date(2026, 12, day))
    FlowCount.add("began", day=date(2026, 11, 30))
    assert table("steps")["Opened the form"] == 5
    assert table("steps")["Answered what and where"] == 4
    assert table("errors") == {"phone required": 2}


def test_nothing_is_no_division_by_zero():
    assert all(line.share == 0 for report in reports.all_of(**DAYS, now=NOW, say=str) for line in report.lines)


def test_a_hundred_requests_cost_as_many_queries_as_one():
    def queries():
        with CaptureQueriesContext(connection) as seen:
            reports.all_of(**DAYS, now=NOW, say=str)
        return len(seen.captured_queries)

    factories.a_request()
    one = queries()
    for number in range(20):
        factories.a_request(phone_e164=f"+1213555{1000 + number}")
    assert queries() == one == 2
