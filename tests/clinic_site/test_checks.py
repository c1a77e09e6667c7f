"""Each wrong setting is a system check with a hint; a complete production environment has none."""

from typing import Any

import pytest
from django.core.checks import CheckMessage

from clinic_site import checks, env


def ids(found: list[CheckMessage]) -> list[str | None]:
    assert all(problem.hint for problem in found)
    return [problem.id for problem in found]


def test_each_problem_of_the_environment_is_an_error_with_its_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(env, "PROBLEMS", [env.Problem("LINK_KEY", "LINK_KEY is missing.", "Make one.")])
    [error] = checks.environment_is_complete(None)
    assert (error.id, error.msg, error.hint, error.is_serious()) == (
        "clinic_site.E001",
        "LINK_KEY is missing.",
        "Make one.",
        True,
    )


def test_proxies_have_to_be_addresses_or_networks(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1", "10.0.0.0/8", "::1"]
    assert checks.proxies_are_addresses(None) == []
    settings.TRUSTED_PROXIES = ["127.0.0.1", "nginx.internal"]
    [error] = checks.proxies_are_addresses(None)
    assert "Entry 2" in error.msg
    assert "nginx.internal" not in error.msg


def test_a_public_site_without_tls_is_an_error(settings: Any) -> None:
    settings.IS_PRODUCTION, settings.USES_TLS = True, False
    assert ids(checks.production_uses_tls(None)) == ["clinic_site.E003"]
    settings.IS_PRODUCTION = False
    assert checks.production_uses_tls(None) == []


def test_a_public_site_that_sends_no_mail_or_tells_nobody_is_warned(settings: Any) -> None:
    settings.IS_PRODUCTION, settings.STAFF_EMAIL = True, []
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert ids(checks.staff_can_be_written_to(None)) == ["clinic_site.W004", "clinic_site.W005"]
    settings.EMAIL_BACKEND, settings.STAFF_EMAIL = "django.core.mail.backends.smtp.EmailBackend", ["desk@x.example"]
    assert checks.staff_can_be_written_to(None) == []


@pytest.mark.parametrize(
    "hosts", [["https://clinic.example"], ["clinic.example/"], ["clinic.example:443"], ["other.example"]]
)
def test_hosts_that_would_refuse_every_visitor_are_an_error(settings: Any, hosts: list[str]) -> None:
    settings.ALLOWED_HOSTS, settings.SITE_HOST = hosts, "clinic.example"
    assert ids(checks.hosts_fit_the_address(None)) == ["clinic_site.E006"]


@pytest.mark.parametrize("hosts", [["clinic.example"], [".example"], ["CLINIC.example", "www.clinic.example"]])
def test_hosts_that_fit_are_fine(settings: Any, hosts: list[str]) -> None:
    settings.ALLOWED_HOSTS, settings.SITE_HOST = hosts, "clinic.example"
    assert checks.hosts_fit_the_address(None) == []


def test_any_host_on_a_public_site_is_an_error(settings: Any) -> None:
    settings.ALLOWED_HOSTS, settings.SITE_HOST, settings.IS_PRODUCTION = ["*"], "clinic.example", True
    assert ids(checks.hosts_fit_the_address(None)) == ["clinic_site.E007"]


def test_a_cache_whose_client_is_not_installed_is_an_error(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache"}}
    monkeypatch.setattr(checks, "find_spec", lambda _name: None)
    assert ids(checks.cache_client_is_installed(None)) == ["clinic_site.E008"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert checks.cache_client_is_installed(None) == []
