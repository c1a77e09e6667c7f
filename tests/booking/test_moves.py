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
)


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


@pytest.mark.parametrize("verb", sorted(MOVES))
@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("actor", ActorKind.values)
def test_only_the_moves_of_the_specification_are_allowed(verb, status, actor):
    assert is_allowed(verb, source=status, actor=actor) == ((verb, status, actor) in ALLOWED)


def test_a_closed_request_stays_closed_but_for_who_comes_again():
    assert [verb for verb, move in MOVES.items() if move.sources & set(CLOSED)] == ["rebook"]


def test_only_staff_let_a_request_out_of_quarantine_and_a_patient_can_still_withdraw():
    leaving = {verb for verb, move in MOVES.items() if Status.QUARANTINED in move.sources}
    assert leaving == {"discard", "release"}
    assert MOVES["release"].actors == {ActorKind.STAFF}
    assert MOVES["discard"].target == Status.CANCELLED
