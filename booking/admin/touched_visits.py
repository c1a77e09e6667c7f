"""The visits ahead that keep another value of a fact than the site has now. Must not change them: what was agreed stays
agreed until somebody talks with the patient."""

from dataclasses import dataclass
from datetime import datetime

from booking import visit_terms
from booking.models import Visit
from pages import facts
from pages.fact_list import FACTS, shown


@dataclass(frozen=True)
class Touched:
    """What a change of one fact means for visits ahead."""

    differing: list[tuple[Visit, str]]  # the visit, and the value that was agreed
    same: int  # visits that a change would put on the list


def by(key: str, *, now: datetime) -> Touched | None:
    """None for a fact that visits do not copy."""
    if key not in FACTS or not (key in visit_terms.COPIED_FACTS or key.endswith("_price")):
        return None
    ahead = Visit.objects.ahead(now=now).select_related("request", "service")
    current = facts.current().number(key) if FACTS[key].kind in {"money", "whole"} else None
    copies = [(visit, _agreed(visit, key)) for visit in ahead.order_by("starts_at")]
    kept = [(visit, value) for visit, value in copies if value is not None]
    differing = [(visit, shown(key, str(value))) for visit, value in kept if value != current]
    return Touched(differing, len(kept) - len(differing))


def _agreed(visit: Visit, key: str) -> int | None:
    if visit.service.price_fact == key:
        return visit.price_dollars
    value = visit.facts.get(key)
    return value if isinstance(value, int) else None
