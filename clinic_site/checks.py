"""System checks over the environment: every wrong or missing value, with a hint. Must not print a value."""

import ipaddress
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from clinic_site import env


@register(Tags.security)
def environment_is_complete(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Values that could not be used. In production each is an error; on one's own machine too, since nothing that
    was written with a passing key could be read after a restart."""
    return [Error(p.message, hint=p.hint, id="clinic_site.E001", obj=p.name) for p in env.PROBLEMS]


@register(Tags.security)
def proxies_are_addresses(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """TRUSTED_PROXIES holds addresses or networks."""
    found: list[CheckMessage] = []
    for number, proxy in enumerate(settings.TRUSTED_PROXIES, start=1):
        try:
            ipaddress.ip_network(proxy, strict=False)
        except ValueError:
            found.append(
                Error(
                    f"Entry {number} of TRUSTED_PROXIES is not an address or network.",
                    hint="For example TRUSTED_PROXIES=127.0.0.1,10.0.0.0/8",
                    id="clinic_site.E002",
                )
            )
    return found


@register(Tags.security, deploy=True)
def production_uses_tls(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Strangers reach the site only through TLS."""
    if settings.IS_PRODUCTION and not settings.USES_TLS:
        return [
            Error("SITE_URL is public and starts with http://.", hint="Use https://.", id="clinic_site.E003"),
        ]
    return []


@register(deploy=True)
def staff_can_be_written_to(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Mail leaves the machine, and somebody of the clinic gets it."""
    found: list[CheckMessage] = []
    if settings.IS_PRODUCTION and "smtp" not in settings.EMAIL_BACKEND:
        found.append(
            Warning(
                "EMAIL_URL does not send mail.",
                hint="For example EMAIL_URL=smtp+tls://user:password@host:587",
                id="clinic_site.W004",
            )
        )
    if settings.IS_PRODUCTION and not settings.STAFF_EMAIL:
        found.append(
            Warning("STAFF_EMAIL is empty.", hint="The front desk's address, for alerts.", id="clinic_site.W005")
        )
    return found
