"""What is agreed when a visit is set: its price and preparation facts, copied. Must not set a visit, nor read one."""

from typing import Any

from booking.models import Service
from pages import facts

COPIED_FACTS = (
    "antibiotic_total_days",
    "antibiotic_start_days_before",
    "pain_relief_hours_before",
    "arrive_minutes_before",
    "prescription_fill_days",
)


def copied(service: Service) -> dict[str, Any]:
    """The columns of a visit that a later change of a fact leaves as they are."""
    known = facts.current()
    return {
        "price_dollars": known.number(service.price_fact) if service.price_fact else None,
        "facts": {key: known.number(key) for key in COPIED_FACTS if service.needs_preparation},
    }
