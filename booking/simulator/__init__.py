"""A local Twilio for one machine and for tests: standard library only. Must import nothing else of ours."""

from booking.simulator.server import Simulator

__all__ = ["Simulator"]
