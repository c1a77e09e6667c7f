"""Trust in proxies, headers on every answer, the policy of each part, language by path, idle staff."""

from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from clinic_site.middleware import HeadersMiddleware, MachinesMiddleware, TrustedProxyMiddleware
from pages import cycle_script
from tests import factories

PUBLIC_POLICY = {
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    f"script-src {cycle_script.SOURCE}",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


def seen(settings: Any, *, peer: str, proxies: list[str], **headers: str) -> HttpRequest:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **headers)
    TrustedProxyMiddleware(lambda _request: HttpResponse())(request)
    return request


def client_ip(request: HttpRequest) -> str:
    return request.client_ip  # type: ignore[attr-defined, no-any-return]


# Proxies


def test_a_stranger_cannot_say_who_she_is(settings: Any) -> None:
    request = seen(
        settings,
        peer="203.0.113.9",
        proxies=["127.0.0.1"],
        HTTP_X_FORWARDED_FOR="192.0.2.1",
        HTTP_X_FORWARDED_PROTO="https",
    )
    assert client_ip(request) == "203.0.113.9"
    assert "HTTP_X_FORWARDED_PROTO" not in request.META


def test_our_proxy_says_who_asked(settings: Any) -> None:
    request = seen(
        settings,
        peer="127.0.0.1",
        proxies=["127.0.0.1"],
        HTTP_X_FORWARDED_FOR="192.0.2.1",
        HTTP_X_FORWARDED_PROTO="https",
    )
    assert client_ip(request) == "192.0.2.1"
    assert request.META["HTTP_X_FORWARDED_PROTO"] == "https"


def test_the_first_stranger_from_the_right_counts(settings: Any) -> None:
    forwarded = "1.1.1.1, 192.0.2.1, 10.0.0.5"
    request = seen(settings, peer="10.0.0.1", proxies=["10.0.0.0/8"], HTTP_X_FORWARDED_FOR=forwarded)
    assert client_ip(request) == "192.0.2.1"


@pytest.mark.parametrize("forwarded", ["", " , ,", "rubbish", "10.0.0.7"])
def test_odd_chains_do_no_harm(settings: Any, forwarded: str) -> None:
    assert client_ip(seen(settings, peer="10.0.0.1", proxies=["10.0.0.0/8"], HTTP_X_FORWARDED_FOR=forwarded))


def test_without_proxies_nothing_forwarded_is_believed(client: Client, db: None, settings: Any) -> None:
    assert settings.SECURE_PROXY_SSL_HEADER is None
    answer = client.get("/healthz", HTTP_X_FORWARDED_HOST="evil.example")
    assert "evil" not in answer.content.decode()


# Headers


def test_every_dynamic_answer_is_private_unless_it_says_otherwise() -> None:
    answer = HeadersMiddleware(lambda _request: HttpResponse())(RequestFactory().get("/"))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "geolocation=()" in answer.headers["Permissions-Policy"]


def test_a_declared_lifetime_stays() -> None:
    kept = HeadersMiddleware(lambda _request: HttpResponse(headers={"Cache-Control": "public"}))
    assert kept(RequestFactory().get("/")).headers["Cache-Control"] == "public"


@pytest.mark.parametrize("path", ["/request/", "/nowhere/", "/r/AAAAAAAAAAAAAAAAAAAAAA/", "/healthz"])
def test_the_public_policy_is_exact_and_without_unsafe(client: Client, clinic: None, path: str) -> None:
    answer = client.get(path)
    assert set(answer.headers["Content-Security-Policy"].split("; ")) == PUBLIC_POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store" or "no-store" in answer.headers["Cache-Control"]


@pytest.fixture
def machine(db: None, settings: Any) -> Client:
    """Something that calls; over plain HTTP, where people are led to TLS."""
    settings.SECURE_SSL_REDIRECT = True
    return Client(enforce_csrf_checks=True)


def test_what_machines_call_is_never_a_redirect_and_gets_no_cookie(machine: Client) -> None:
    assert {reverse("booking:twilio_status"), reverse("booking:twilio_inbound")} == MachinesMiddleware.PATHS
    for path in MachinesMiddleware.PATHS:
        answer = machine.post(path, {"MessageSid": "SM1"}, headers={"Host": "elsewhere.example"})
        assert answer.status_code == 403
        assert not answer.cookies
        assert answer.headers["Cache-Control"] == "no-store"
        assert machine.get(path).status_code == 405


def test_what_machines_send_is_held_to_what_machines_send(machine: Client) -> None:
    assert machine.post("/twilio/inbound/", {"Body": "x" * 70_000}).status_code == 413
    odd = machine.generic("POST", "/twilio/inbound/", b"", CONTENT_LENGTH="many")
    assert odd.status_code == 413


def test_an_address_beside_theirs_is_a_page_like_any_other(client: Client, clinic: None) -> None:
    answer = client.get("/twilio/other/")
    assert answer.status_code == 404
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_reading_page_may_be_inspected_in_its_own_name(client: Client, db: None) -> None:
    answer = client.get("/robots.txt")
    assert set(answer.headers["Content-Security-Policy"].split("; ")) == {*PUBLIC_POLICY, "connect-src 'self'"}


def test_a_static_file_carries_the_policy_too(client: Client, db: None, settings: Any, tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    settings.STATIC_ROOT = tmp_path
    answer = client.get("/static/a.svg")
    assert b"svg" in b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    answer.close()
    assert set(answer.headers["Content-Security-Policy"].split("; ")) == PUBLIC_POLICY
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "no-store" not in answer.headers["Cache-Control"]


def test_the_way_to_tls_carries_the_policy_too(client: Client, db: None, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/request/")
    assert answer.status_code == 301
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_policy_of_the_admin_allows_no_inline_script_either(staff_client: Client) -> None:
    answer = staff_client.get("/admin/")
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "no-store" in answer.headers["Cache-Control"]


# Language


@pytest.mark.parametrize(("path", "language"), [("/nowhere/", "en"), ("/es/nada/", "es"), ("/especial/", "en")])
def test_the_path_alone_decides_the_language(client: Client, db: None, path: str, language: str) -> None:
    answer = client.get(path, HTTP_ACCEPT_LANGUAGE="es", HTTP_COOKIE="django_language=es")
    assert answer.headers["Content-Language"] == language
    assert f'<html lang="{language}"' in answer.content.decode()
    assert "Accept-Language" not in answer.headers.get("Vary", "")


# Idle staff


def test_staff_are_signed_out_after_half_an_hour_without_a_request(staff_user: Any, client: Client) -> None:
    with time_machine.travel(factories.NOW, tick=False) as clock:
        client.force_login(staff_user)
        assert client.get("/admin/").status_code == 200
        clock.shift(29 * 60)
        assert client.get("/admin/").status_code == 200
        clock.shift(29 * 60)
        assert client.get("/admin/").status_code == 200
        clock.shift(31 * 60)
        answer = client.get("/admin/")
    assert answer.status_code == 302
    assert "/admin/login/" in answer.headers["Location"]


def test_public_pages_never_look_at_the_session(client: Client, db: None, django_assert_num_queries: Any) -> None:
    client.cookies["session"] = "x" * 32
    with django_assert_num_queries(0):
        client.get("/healthz")
