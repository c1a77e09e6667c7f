"""What every response needs and the framework does not set: trust in proxies, headers, policy, language, idle staff.
Must not hold rules of pages or booking."""

import ipaddress
import time
from collections.abc import Callable
from http import HTTPStatus

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import resolve, reverse
from django.utils import translation

from booking import sign_in
from clinic_site import kept_form

GetResponse = Callable[[HttpRequest], HttpResponse]
STAFF_PATH = "/admin/"
_SEEN = "staff_seen_at"


def _networks() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    found = []
    for proxy in settings.TRUSTED_PROXIES:
        try:
            found.append(ipaddress.ip_network(proxy, strict=False))
        except ValueError:
            continue  # clinic_site.checks reports it
    return found


class TrustedProxyMiddleware:
    """Sets request.client_ip, believing X-Forwarded-* only when the peer is one of TRUSTED_PROXIES."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.networks = _networks()

    def _is_trusted(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(ip in network for network in self.networks)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Walk the forwarded chain from the right, past our own proxies, to the first stranger."""
        address = request.META.get("REMOTE_ADDR", "")
        if self._is_trusted(address):
            for hop in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
                if hop.strip():
                    address = hop.strip()
                if not self._is_trusted(address):
                    break
        else:
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
            request.META.pop("HTTP_X_FORWARDED_HOST", None)
        request.client_ip = address  # type: ignore[attr-defined]
        return self.get_response(request)


class PublicSizeMiddleware:
    """Refuses what no form of the public site holds before anything reads it; staff may send more."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """By the length that is announced; the server reads no more than that."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        most = settings.PUBLIC_UPLOAD_MOST
        if not request.path_info.startswith(STAFF_PATH) and (not length.isdecimal() or int(length) > most):
            raise RequestDataTooBig("Larger than any form of the public site.")
        return self.get_response(request)


class HeadersMiddleware:
    """Isolation headers everywhere; `no-store` on every dynamic answer that does not say otherwise."""

    PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Private unless a view declares a page public: forgetting to think about it must be the safe case."""
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", self.PERMISSIONS)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class MachinesMiddleware:
    """Answers what only machines call before anything that is there for people: session, language, policy, sign-in. A
    crowd of calls then costs a fifth less; and there is no way for one of them to become a redirect or get a cookie."""

    PATHS = frozenset({"/twilio/status/", "/twilio/inbound/"})
    MOST_BYTES = 64 * 1024  # a text is 1,600 letters at most, a report a few hundred

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The view's own answer."""
        if request.path_info not in self.PATHS:
            return self.get_response(request)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > self.MOST_BYTES:
            return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        request.resolver_match = match = resolve(request.path_info)
        answer: HttpResponseBase = match.func(request)
        return answer


class PolicyMiddleware(CSPMiddleware):
    """The Content-Security-Policy: for pages that hold answers, for reading pages, and with a nonce for the admin."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """The admin's directives under /admin/, those of reading pages by their mark, the strictest elsewhere."""
        parts = super().get_policy_parts(request=request, response=response, report_only=report_only)
        if not report_only and request.path_info.startswith(STAFF_PATH):
            parts.config = settings.ADMIN_CONTENT_SECURITY_POLICY
        elif not report_only and getattr(response, "reading_page", False):
            parts.config = settings.READING_CONTENT_SECURITY_POLICY
        return parts


class LanguageFromPathMiddleware:
    """Spanish under /es/, English elsewhere. Never by cookie or Accept-Language, which would vary the cache."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Activate the language for this request alone."""
        path = request.path_info
        language = "es" if path == "/es" or path.startswith("/es/") else "en"
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or language)
        return response


class StaffSecondFactorMiddleware:
    """Ends a session of staff that did not pass the second step its owner has now: one that is older than a new or
    another step, or than its deletion. On a public site lets nobody past the page that sets it up."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at staff paths only; without a query of its own."""
        if not request.path_info.startswith(STAFF_PATH):
            return self.get_response(request)
        own_page = reverse("admin:booking_secondfactor_mine")
        is_free = request.path_info in {reverse(f"admin:{name}") for name in ("login", "logout", "jsi18n")}
        user = request.user
        if not is_free and isinstance(user, User):
            step = sign_in.step_at_request(user)
            if request.session.get(sign_in.PASSED, "") != step:
                logout(request)
                return redirect_to_login(request.get_full_path(), reverse("admin:login"))
            if not step and settings.STAFF_NEEDS_SECOND_FACTOR and user.is_staff and request.path_info != own_page:
                return redirect(own_page)
        return self.get_response(request)


class StaffIdleMiddleware:
    """Signs staff out after STAFF_IDLE_SECONDS without a request, and keeps what they were about to send. Looks at
    staff paths only, so that reading pages never touch the session."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Compare with the last staff request; write the time at most once a minute."""
        if request.path_info.startswith(STAFF_PATH) and request.user.is_authenticated:
            now = int(time.time())
            seen = request.session.get(_SEEN, now)
            if now - seen > settings.STAFF_IDLE_SECONDS:
                typed = kept_form.of(request)
                logout(request)
                kept_form.keep(request, typed)
            elif now - seen >= 60 or _SEEN not in request.session:
                request.session[_SEEN] = now
            kept = kept_form.answer(request) if request.user.is_authenticated else None
            if kept is not None:
                return kept
        return self.get_response(request)
