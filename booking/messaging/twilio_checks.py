"""System checks of the text settings: what is missing or cannot work, with a hint. Must not call Twilio.

booking/apps.py registers CHECKS. Shapes are errors in production and warnings on one machine, where a local
server may take any name.
"""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "::1"}
_SHAPES = {
    "TWILIO_ACCOUNT_SID": (re.compile(r"AC[0-9a-fA-F]{32}"), "AC and 32 hexadecimal digits"),
    "TWILIO_API_KEY_SID": (re.compile(r"SK[0-9a-fA-F]{32}"), "SK and 32 hexadecimal digits"),
    "TWILIO_MESSAGING_SERVICE_SID": (re.compile(r"MG[0-9a-fA-F]{32}"), "MG and 32 hexadecimal digits"),
    "TWILIO_FROM_NUMBER": (
        re.compile(r"\+[1-9][0-9]{6,14}"),
        "+ and the number with country code, no spaces",
    ),
}
_NAMES = (*_SHAPES, "TWILIO_API_KEY_SECRET")


def credentials_are_whole(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """All of what sending needs, or none of it."""
    if not any(getattr(settings, name) for name in (*_NAMES, "TWILIO_AUTH_TOKENS")):
        return _texts_are_off()
    found: list[CheckMessage] = []
    if not settings.TWILIO_ACCOUNT_SID:
        found.append(
            Error(
                "TWILIO_ACCOUNT_SID is missing.",
                hint="Copy it from the Twilio console, or unset all TWILIO_ variables to switch texts off.",
                id="booking.E010",
            )
        )
    if bool(settings.TWILIO_API_KEY_SID) != bool(settings.TWILIO_API_KEY_SECRET):
        found.append(
            Error(
                "Only one of TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET is set.",
                hint="Set both, or neither: then the auth token sends.",
                id="booking.E011",
            )
        )
    if not settings.TWILIO_AUTH_TOKENS:
        found.append(
            Error(
                "TWILIO_AUTH_TOKEN is missing.",
                hint="Without it nobody can tell whether a webhook comes from Twilio: every one is refused.",
                id="booking.E012",
            )
        )
    return found


def sender_is_set(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """Somebody the texts come from."""
    if not settings.TWILIO_ACCOUNT_SID:
        return []
    if not settings.TWILIO_MESSAGING_SERVICE_SID and not settings.TWILIO_FROM_NUMBER:
        return [
            Error(
                "No sender for texts is set.",
                hint="Set TWILIO_MESSAGING_SERVICE_SID (US numbers need one) or TWILIO_FROM_NUMBER.",
                id="booking.E013",
            )
        ]
    if settings.IS_PRODUCTION and not settings.TWILIO_MESSAGING_SERVICE_SID:
        return [
            Warning(
                "Texts are sent from a bare number.",
                hint="Registered US traffic needs a messaging service: set TWILIO_MESSAGING_SERVICE_SID.",
                id="booking.W011",
            )
        ]
    return []


def names_have_their_shape(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """Each id looks like what it is, so that two swapped values are found here and not at the first text."""
    kind, id_ = (Error, "booking.E014") if settings.IS_PRODUCTION else (Warning, "booking.W014")
    return [
        kind(f"{name} does not look right.", hint=f"Expected: {words}.", id=id_)
        for name, (shape, words) in _SHAPES.items()
        if getattr(settings, name) and not shape.fullmatch(getattr(settings, name))
    ]


def api_address_is_safe(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """Credentials and numbers travel encrypted, except to this machine itself."""
    parts = urlsplit(settings.TWILIO_API_URL)
    hint = "Leave it out to use https://api.twilio.com."
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        return [Error("TWILIO_API_URL is not an address like https://api.twilio.com.", hint=hint, id="booking.E015")]
    is_loopback = parts.hostname in LOOPBACK_HOSTS
    if settings.IS_PRODUCTION and (parts.scheme != "https" or is_loopback):
        return [Error("TWILIO_API_URL is not a safe address for production.", hint=hint, id="booking.E016")]
    if parts.scheme != "https" and not is_loopback:
        return [Warning("TWILIO_API_URL sends numbers unencrypted.", hint=hint, id="booking.W016")]
    return []


def callbacks_can_reach_us(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """Twilio refuses a callback address whose host has an underscore."""
    if settings.TWILIO_ACCOUNT_SID and "_" in (urlsplit(settings.SITE_URL).hostname or ""):
        hint = "Twilio does not call back hosts with an underscore. Use another name."
        return [Error("SITE_URL has an underscore in its host.", hint=hint, id="booking.E017")]
    return []


def _texts_are_off() -> list[CheckMessage]:
    if not settings.IS_PRODUCTION:
        return []
    hint = "Set the TWILIO_ variables, or keep it so: patients then get email and calls only."
    return [Warning("No text service is configured.", hint=hint, id="booking.W010")]


CHECKS = [
    credentials_are_whole,
    sender_is_set,
    names_have_their_shape,
    api_address_is_safe,
    callbacks_can_reach_us,
]
