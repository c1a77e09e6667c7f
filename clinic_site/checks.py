"""System checks over the environment: every wrong or missing value, with a hint. Must not print a value."""

import ipaddress
import re
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.http.request import validate_host

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


@register(Tags.security)
def feed_hosts_are_hosts(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """CALENDAR_FEED_HOSTS names hosts, and none of them is a pattern for everything."""
    if all(re.fullmatch(r"\.?[a-z\d-]+(\.[a-z\d-]+)+", host, re.IGNORECASE) for host in settings.CALENDAR_FEED_HOSTS):
        return []
    hint = "Host names only, for example CALENDAR_FEED_HOSTS=calendar.google.com,.icloud.com"
    return [Error("CALENDAR_FEED_HOSTS holds something that is no host name.", hint=hint, id="clinic_site.E009")]


@register(Tags.security)
def hosts_fit_the_address(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """ALLOWED_HOSTS lets the site's own address in, and on a public site not everything."""
    hosts = settings.ALLOWED_HOSTS
    if settings.IS_PRODUCTION and "*" in hosts:
        hint = "Name the hosts, for example ALLOWED_HOSTS=clinic.example,www.clinic.example"
        return [Error("ALLOWED_HOSTS lets any host in.", hint=hint, id="clinic_site.E007")]
    well_formed = all(re.fullmatch(r"\*|\.?[\w.-]+|\[[\da-fA-F:]+\]", host) for host in hosts)
    if well_formed and validate_host(settings.SITE_HOST, hosts):
        return []
    hint = "Host names only, no scheme, port or path, and the host of SITE_URL among them. Or leave it out."
    return [Error("ALLOWED_HOSTS does not fit SITE_URL.", hint=hint, id="clinic_site.E006")]


@register(Tags.caches)
def cache_client_is_installed(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Redis needs a package that the embedded default does without."""
    uses_redis = "redis" in str(settings.CACHES["default"]["BACKEND"]).lower()
    if not uses_redis or find_spec("redis") is not None:
        return []
    hint = "Install it into the virtual environment, or leave CACHE_URL out."
    return [Error("CACHE_URL needs the package redis.", hint=hint, id="clinic_site.E008")]
