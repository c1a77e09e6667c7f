"""The moves that a request may make, as data: verb, from, to, and who may make it. Must not make any
(booking/lifecycle.py does). A test walks the whole square of pairs."""

from dataclasses import dataclass

from booking.models import OPEN, ActorKind, Status

PATIENT, STAFF, SYSTEM = ActorKind.PATIENT, ActorKind.STAFF, ActorKind.SYSTEM


@dataclass(frozen=True)
class Move:
    """One verb: from which statuses it starts, where it ends, who may do it."""

    sources: frozenset[str]
    target: str
    actors: frozenset[str]


def _move(sources: tuple[str, ...], target: str, *actors: str) -> Move:
    return Move(frozenset(sources), target, frozenset(actors))


MOVES: dict[str, Move] = {
    "confirm": _move(OPEN, Status.CONFIRMED, STAFF),
    "move": _move((Status.CONFIRMED,), Status.CONFIRMED, STAFF),
    "decline": _move(OPEN, Status.DECLINED, STAFF),
    "cancel": _move((*OPEN, Status.CONFIRMED), Status.CANCELLED, PATIENT, STAFF),
    "discard": _move((Status.QUARANTINED,), Status.CANCELLED, PATIENT, STAFF),
    "release": _move((Status.QUARANTINED,), Status.NEW, STAFF),
    "choose_days": _move((Status.NEW, Status.WAITING), Status.NEW, PATIENT, STAFF),
    "complete": _move((Status.CONFIRMED,), Status.COMPLETED, SYSTEM, STAFF),
    "no_show": _move((Status.CONFIRMED,), Status.NO_SHOW, STAFF),
    "not_done": _move((Status.CONFIRMED,), Status.NOT_DONE, STAFF),
    # The one way out of a closed request: somebody who came, or meant to, keeps her place.
    "rebook": _move((Status.NO_SHOW, Status.NOT_DONE), Status.NEXT_CYCLE, STAFF),
    "next_cycle": _move((Status.NEW, Status.WAITING, Status.CHANGE_REQUESTED), Status.NEXT_CYCLE, STAFF),
    "wait": _move((Status.NEW, Status.NEXT_CYCLE, Status.CHANGE_REQUESTED), Status.WAITING, STAFF, SYSTEM),
    "return": _move((Status.WAITING,), Status.NEW, STAFF, SYSTEM),
    "expire": _move((Status.NEW, Status.WAITING, Status.NEXT_CYCLE), Status.EXPIRED, SYSTEM),
}


def is_allowed(verb: str, *, source: str, actor: str) -> bool:
    """Whether somebody of this kind may make this move from this status."""
    move = MOVES[verb]
    return source in move.sources and actor in move.actors
