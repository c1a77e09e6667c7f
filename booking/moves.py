"""The moves that a request may make, as data: verb, from, to, and who may make it. Must not make any
(booking/standing.py does). A test walks the whole square of pairs."""

from dataclasses import dataclass

from booking.models import OPEN, ActorKind, Status

PATIENT, STAFF, SYSTEM = ActorKind.PATIENT, ActorKind.STAFF, ActorKind.SYSTEM


@dataclass(frozen=True)
class Move:
    """One verb: from which statuses it starts, where it ends (or STAYS), who may do it. `or_to`: where else it may
    end, when the one who makes it says so (a request goes back to where it came from)."""

    sources: frozenset[str]
    target: str
    actors: frozenset[str]
    or_to: frozenset[str] = frozenset()


def _move(sources: tuple[str, ...], target: str, *actors: str, or_to: tuple[str, ...] = ()) -> Move:
    return Move(frozenset(sources), target, frozenset(actors), frozenset(or_to))


STAYS = ""  # the move leaves the status as it is
# A visit can be in force while she is asked, or asks, for another time, or we wait for her answer.
_WITH_A_VISIT = (Status.CONFIRMED, Status.CHANGE_REQUESTED, Status.OFFERED, Status.WAITING)
_BACK = (Status.NEXT_CYCLE, Status.CHANGE_REQUESTED)

MOVES: dict[str, Move] = {
    "confirm": _move(OPEN, Status.CONFIRMED, STAFF),
    "move": _move((Status.CONFIRMED,), Status.CONFIRMED, STAFF),
    "decline": _move(OPEN, Status.DECLINED, STAFF),
    "cancel": _move((*OPEN, Status.CONFIRMED), Status.CANCELLED, PATIENT, STAFF),
    "discard": _move((Status.QUARANTINED,), Status.CANCELLED, PATIENT, STAFF),
    "release": _move((Status.QUARANTINED,), Status.NEW, STAFF),
    # Who still has her old time goes back to asking for another one.
    "choose_days": _move((Status.NEW, Status.WAITING), Status.NEW, PATIENT, STAFF, or_to=(Status.CHANGE_REQUESTED,)),
    # Whoever waits for the next cycle, or for another time, keeps her place.
    "change_days": _move(_BACK, STAYS, PATIENT, STAFF),
    "offer": _move((Status.NEW, Status.WAITING, *_BACK), Status.OFFERED, STAFF),
    "accept": _move((Status.OFFERED,), Status.CONFIRMED, PATIENT),
    "turn_down": _move((Status.OFFERED,), Status.NEW, PATIENT, STAFF, or_to=_BACK),
    "withdraw_offer": _move((Status.OFFERED,), Status.NEW, STAFF, or_to=_BACK),
    "offer_expired": _move((Status.OFFERED,), Status.NEW, SYSTEM, or_to=_BACK),
    "ask_change": _move((Status.CONFIRMED,), Status.CHANGE_REQUESTED, PATIENT, STAFF),
    "keep_time": _move((Status.CHANGE_REQUESTED,), Status.CONFIRMED, PATIENT, STAFF),
    "complete": _move(_WITH_A_VISIT, Status.COMPLETED, SYSTEM, STAFF),
    "no_show": _move(_WITH_A_VISIT, Status.NO_SHOW, STAFF),
    "not_done": _move(_WITH_A_VISIT, Status.NOT_DONE, STAFF),
    # The clinic took the visit away: she is owed another time.
    "close_day": _move(_WITH_A_VISIT, STAYS, STAFF, or_to=(Status.CHANGE_REQUESTED,)),
    # Out of a closed request: somebody who came, or meant to, keeps her place;
    "rebook": _move((Status.NO_SHOW, Status.NOT_DONE), Status.NEXT_CYCLE, STAFF),
    # and what staff pressed by mistake never was: she stands where she stood (booking/outcomes.py says how long).
    "take_back": _move(
        (Status.COMPLETED, Status.NO_SHOW, Status.NOT_DONE), Status.CONFIRMED, STAFF, or_to=(Status.CHANGE_REQUESTED,)
    ),
    "next_cycle": _move((Status.NEW, Status.WAITING, Status.CHANGE_REQUESTED), Status.NEXT_CYCLE, STAFF),
    # The same person asked twice; the other request goes on.
    "join": _move((Status.NEW, Status.WAITING, Status.NEXT_CYCLE), Status.DECLINED, STAFF),
    "wait": _move((Status.NEW, Status.NEXT_CYCLE, Status.CHANGE_REQUESTED), Status.WAITING, STAFF, SYSTEM),
    "return": _move((Status.WAITING,), Status.NEW, STAFF, SYSTEM, or_to=(Status.CHANGE_REQUESTED,)),
    "expire": _move((Status.NEW, Status.WAITING, Status.NEXT_CYCLE), Status.EXPIRED, SYSTEM),
}


def is_allowed(verb: str, *, source: str, actor: str, target: str | None = None) -> bool:
    """Whether somebody of this kind may make this move from this status (and to this one)."""
    move = MOVES[verb]
    ends = {move.target or source, *move.or_to}
    return source in move.sources and actor in move.actors and (target is None or target in ends)
