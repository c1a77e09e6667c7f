"""The table of moves: the whole square of (verb, status, actor)."""

import pytest

from booking.models import CLOSED, OPEN, ActorKind, Status
from booking.moves import MOVES, is_allowed

ALLOWED = (
    {("confirm", status, "staff") for status in OPEN}
    | {
        ("move", "confirmed", "staff"),
        ("discard", "quarantined", "staff"),
        ("discard", "quarantined", "patient"),
        ("release", "quarantined", "staff"),
        ("complete", "confirmed", "staff"),
        ("complete", "confirmed", "system"),
    }
    | {("decline", status, "staff") for status in OPEN}
    | {("cancel", status, actor) for status in (*OPEN, "confirmed") for actor in ("staff", "patient")}
    | {("choose_days", status, actor) for status in ("new", "waiting") for actor in ("staff", "patient")}
    | {
        ("change_days", status, actor)
        for status in ("next_cycle", "change_requested")
        for actor in ("staff", "patient")
    }
)
# While another time is asked for or offered, or we wait for her, the old visit may be in force and take place.
OLD_TIME = ("change_requested", "offered", "waiting")
ALLOWED |= {("complete", status, actor) for status in OLD_TIME for actor in ("staff", "system")}
ALLOWED |= {(verb, status, "staff") for verb in ("no_show", "not_done") for status in OLD_TIME}
ALLOWED |= {("close_day", status, "staff") for status in ("confirmed", *OLD_TIME)}
ALLOWED |= {("offer", status, "staff") for status in ("new", "waiting", "next_cycle", "change_requested")}
ALLOWED |= {
    ("accept", "offered", "patient"),
    ("turn_down", "offered", "patient"),
    ("turn_down", "offered", "staff"),
    ("withdraw_offer", "offered", "staff"),
    ("offer_expired", "offered", "system"),
    ("ask_change", "confirmed", "patient"),
    ("ask_change", "confirmed", "staff"),
    ("keep_time", "change_requested", "patient"),
    ("keep_time", "change_requested", "staff"),
}


ALLOWED |= {
    ("no_show", "confirmed", "staff"),
    ("not_done", "confirmed", "staff"),
    ("return", "waiting", "staff"),
    ("return", "waiting", "system"),
}
ALLOWED |= {("rebook", status, "staff") for status in ("no_show", "not_done")}
ALLOWED |= {("next_cycle", status, "staff") for status in ("new", "waiting", "change_requested")}
ALLOWED |= {
    ("wait", status, actor) for status in ("new", "next_cycle", "change_requested") for actor in ("staff", "system")
}
ALLOWED |= {("expire", status, "system") for status in ("new", "waiting", "next_cycle")}
ALLOWED |= {("take_back", status, "staff") for status in ("completed", "no_show", "not_done")}
ALLOWED |= {("join", status, "staff") for status in ("new", "waiting", "next_cycle")}


@pytest.mark.parametrize("verb", sorted(MOVES))
def test_only_the_moves_of_the_specification_are_allowed(verb):
    pairs = {(status, actor) for status in Status.values for actor in ActorKind.values}
    allowed = {(status, actor) for status, actor in pairs if is_allowed(verb, source=status, actor=actor)}
    assert allowed == {(status, actor) for name, status, actor in ALLOWED if name == verb}


# Which status can follow which, whoever acts: the whole square of (from, to).
FOLLOWS = {
    "new": {
        *("offered", "confirmed", "declined", "cancelled", "next_cycle", "waiting", "expired", "new"),
        "change_requested",  # she chose days and still has an old time: no request comes here with one
    },
    "offered": {
        *("new", "next_cycle", "change_requested", "confirmed", "declined", "cancelled"),
        *("completed", "no_show", "not_done"),
        "offered",  # the clinic closed the day of the old visit while she was being asked
    },
    "waiting": {
        *("new", "offered", "confirmed", "declined", "cancelled", "next_cycle", "expired"),
        "change_requested",  # it waited while she kept her old time
        *("completed", "no_show", "not_done"),  # which then took place, or not
        "waiting",
    },
    "next_cycle": {
        *("offered", "confirmed", "declined", "cancelled", "waiting", "expired", "next_cycle"),
    },
    "confirmed": {"confirmed", "change_requested", "cancelled", "completed", "no_show", "not_done"},
    "change_requested": {
        *("offered", "confirmed", "declined", "cancelled", "next_cycle", "waiting", "change_requested"),
        *("completed", "no_show", "not_done"),
    },
    "quarantined": {"new", "cancelled"},
    # Pressed on the wrong patient: she goes back to where she stood.
    "completed": {"confirmed", "change_requested"},
    "no_show": {"next_cycle", "confirmed", "change_requested"},
    "not_done": {"next_cycle", "confirmed", "change_requested"},
}


@pytest.mark.parametrize("source", Status.values)
def test_only_these_statuses_follow_each_other(source):
    ways = [(verb, actor) for verb in MOVES for actor in ActorKind.values]
    following = {
        target
        for target in Status.values
        if any(is_allowed(verb, source=source, actor=actor, target=target) for verb, actor in ways)
    }
    assert following == FOLLOWS.get(source, set())


def test_a_closed_request_stays_closed_but_for_who_comes_again_and_for_what_was_pressed_by_mistake():
    assert [verb for verb, move in MOVES.items() if move.sources & set(CLOSED)] == ["rebook", "take_back"]


def test_only_staff_let_a_request_out_of_quarantine_and_a_patient_can_still_withdraw():
    leaving = {verb for verb, move in MOVES.items() if Status.QUARANTINED in move.sources}
    assert leaving == {"discard", "release"}
    assert MOVES["release"].actors == {ActorKind.STAFF}
    assert MOVES["discard"].target == Status.CANCELLED
