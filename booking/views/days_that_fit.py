"""What a page on which she chooses days says about the cycle: the same in the request and on her own page. Must not
know anything about her."""

from typing import Any

from booking.models import Service
from pages import facts


def days_that_fit(service: Service) -> dict[str, Any]:
    """For booking/fields/days_that_fit.html: the doctor's window, and whether the visit needs one."""
    known = facts.current()
    return {
        "is_video": service.setting == Service.Setting.VIDEO,
        "cycle_first_day": known.number("cycle_first_day"),
        "cycle_last_day": known.number("cycle_last_day"),
    }
