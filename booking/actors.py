"""Who makes a move of a request. Must not know whether she, or they, may make it (booking/moves.py does)."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from booking.models import ActorKind


@dataclass(frozen=True)
class Actor:
    """Who makes a move. Staff are named, patients and the system are not."""

    kind: ActorKind
    user: AbstractBaseUser | None = None


PATIENT = Actor(ActorKind.PATIENT)
SYSTEM = Actor(ActorKind.SYSTEM)


def staff(user: Any) -> Actor:
    """The actor for a member of staff."""
    return Actor(ActorKind.STAFF, user)
