"""The waits of the product and those of the chaos run: shorter, but in the same order."""

from datetime import timedelta
from importlib import import_module

import pytest

from tests.chaos.__main__ import TEXTS
from tests.chaos.waits import SHORT


def real(module: str, name: str) -> timedelta:
    value = getattr(import_module(module), name)
    assert isinstance(value, timedelta)
    return value


WAITS = {name: (module, name) for module, waits in SHORT.items() for name in waits}


@pytest.mark.parametrize("is_short", [False, True])
def test_a_claim_outlives_the_call_and_nobody_asks_before_the_call_has_ended(is_short: bool) -> None:
    def wait(name: str) -> timedelta:
        module, name = WAITS[name]
        return timedelta(seconds=SHORT[module][name]) if is_short else real(module, name)

    call = 2 * timedelta(seconds=int(TEXTS["TWILIO_TIMEOUT_SECONDS"]) if is_short else 10)  # to connect, and to read
    # The last moment at which a call can begin, and its end, lie before anybody thinks that it was never made.
    assert wait("SEND_WITHIN") + call <= wait("LEASE")
    assert wait("LEASE") + wait("FIRST_LOOK") <= wait("SECOND_LOOK_AFTER")
    assert wait("FIRST_LOOK") < wait("SECOND_LOOK_AFTER") < wait("ASK_AT_MOST")
    assert wait("FIRST_PAUSE") < wait("LONGEST_PAUSE")
    assert wait("GLANCE") < wait("TICK") < wait("EACH_MINUTE")
    assert wait("SILENCE") < wait("LAST_WORD")


def test_each_wait_is_shorter_than_the_real_one() -> None:
    for module, waits in SHORT.items():
        for name, seconds in waits.items():
            assert timedelta(seconds=seconds) < real(module, name), name
