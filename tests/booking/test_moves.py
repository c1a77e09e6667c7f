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


@pytest.mark.parametrize("verb", sorted(MOVES))
@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("actor", ActorKind.values)
def test_only_the_moves_of_the_specification_are_allowed(verb, status, actor):
    assert is_allowed(verb, source=status, actor=actor) == ((verb, status, actor) in ALLOWED)


def test_a_closed_request_stays_closed():
    assert not [verb for verb, move in MOVES.items() if move.sources & set(CLOSED)]


def test_only_staff_let_a_request_out_of_quarantine_and_a_patient_can_still_withdraw():
    leaving = {verb for verb, move in MOVES.items() if Status.QUARANTINED in move.sources}
    assert leaving == {"discard", "release"}
    assert MOVES["release"].actors == {ActorKind.STAFF}
    assert MOVES["discard"].target == Status.CANCELLED
