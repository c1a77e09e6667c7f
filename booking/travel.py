"""How long the doctor is on the way between two offices. Must not decide what is free: it only says how far apart two
visits have to be. A visit by video is held from wherever the doctor is, so it needs no way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from booking.models import TravelTime


@dataclass(frozen=True)
class Travel:
    """Minutes by pair of offices, the smaller key first. Offices without an entry are next door to each other."""

    minutes: Mapping[tuple[int, int], int] = field(default_factory=dict)

    def between(self, one: int | None, other: int | None) -> timedelta:
        """What has to lie between a visit at one place and a visit at the other, besides their buffers."""
        if one is None or other is None:
            return timedelta(0)
        return timedelta(minutes=self.minutes.get((min(one, other), max(one, other)), 0))

    def longest(self, office: int | None) -> timedelta:
        """The longest way from here: farther away nothing can be too near."""
        return timedelta(minutes=max((length for pair, length in self.minutes.items() if office in pair), default=0))


def read() -> Travel:
    """The travel times as they are now."""
    return Travel({(first, second): length for first, second, length in _rows()})


def _rows() -> list[tuple[int, int, int]]:
    return list(TravelTime.objects.order_by().values_list("first_id", "second_id", "minutes"))
