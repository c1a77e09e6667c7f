"""Signing in as staff: name, password and, where one is set up, the code of the phone; and setting it up. Must not
check a code itself (booking/sign_in.py does).

The session says which second step was passed. When that is no longer the one this person has, clinic_site/middleware.py
ends the session; and on a public site it lets nobody without one past the page that sets it up.
"""

from datetime import timedelta
from typing import Any

import segno
from django import forms
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from booking import links, sign_in
from booking.admin import rights
from booking.admin.read_only import ReadOnlyAdmin
from booking.models import SecondFactor
from pages import facts

_PENDING = "second_step_secret"
_MAY_REPLACE = "second_step_may_be_replaced"
CODE_ATTRS = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
LOCKED = gettext_lazy("Too many tries. Wait 15 minutes, then try again.")
# Said only to who gave the right password: whoever tries names and passwords learns nothing by it.
CANNOT_CHECK = gettext_lazy(
    "The site cannot check codes of your phone any more: it no longer has the key to what you set up. This is not your "
    "mistake. Type one of your recovery codes instead. If you have none, ask a colleague who manages the accounts to "
    "delete your “second step” (if nobody can sign in, whoever runs the server can). Then sign in without a code and "
    "set it up again."
)
# Who was let in to set it up and went away must not leave that open to whoever sits down next.
REPLACE_WITHIN = timedelta(minutes=10)
TOO_LATE = gettext_lazy(
    "That took more than 10 minutes, and your old phone still counts. Press “Set it up on another phone” again, with a "
    "new code of the old phone."
)


class SignInForm(AdminAuthenticationForm):
    """Both steps on one page, and one answer to every mistake: it does not say which of the three was wrong."""

    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": gettext_lazy("Name, password or code is not right. Capital letters count."),
    }
    code = forms.CharField(
        label=gettext_lazy("Code from your phone"),
        help_text=gettext_lazy("Six digits, or a recovery code. Leave it empty if you have not set it up yet."),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs=CODE_ATTRS),
    )

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        """Password, then code; a failure of either counts."""
        who = {"name": self.cleaned_data.get("username", ""), "network": _network(self.request)}
        now = timezone.now()
        if sign_in.is_locked(**who, now=now):
            raise ValidationError(LOCKED, code="locked")
        guessed_code = False
        try:
            cleaned = super().clean()
            user = self.get_user()
            factor = sign_in.factor_of(user) if isinstance(user, User) else None
            code = self.cleaned_data.get("code", "")
            if factor is not None and not sign_in.passes(factor=factor, code=code, now=now):
                guessed_code = bool(code)
                raise self.get_invalid_login_error()
        except sign_in.CannotCheck:  # counts as no failure: nothing was guessed
            self.user_cache = None
            raise ValidationError(CANNOT_CHECK, code="cannot_check") from None
        except ValidationError:
            self.user_cache = None
            sign_in.record_failure(**who, now=now, guessed_code=guessed_code)
            raise
        if isinstance(user, User):
            sign_in.record_success(user=user, network=who["network"], now=now)
        return cleaned


@never_cache
@sensitive_post_parameters()
def login(http: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """The stock page; who has a second step has just passed it."""
    response = admin.AdminSite.login(admin.site, http, extra_context)
    if http.method == "POST" and response.status_code == 302 and isinstance(http.user, User):
        http.session[sign_in.PASSED] = sign_in.which_step(http.user)
    return response


@admin.register(SecondFactor)
class SecondFactorAdmin(ReadOnlyAdmin):
    """Who has a second step. A superuser deletes one when somebody lost the phone and the recovery codes."""

    list_display = ("user", "made_at")
    fields = ("user", "made_at")
    readonly_fields = fields
    ordering = ("user",)

    def has_view_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        """Superusers."""
        return bool(request.user.is_active and request.user.is_superuser)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The same."""
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        """The same; the deletion is in the admin's log."""
        return self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        """The page on which everybody sets up their own."""
        own = path("mine/", self.admin_site.admin_view(mine), name="booking_secondfactor_mine")
        return [own, *super().get_urls()]


@never_cache
@sensitive_post_parameters()
@sensitive_variables()
def mine(http: HttpRequest) -> HttpResponse:
    """Set up the second step, get new recovery codes, or move it to another phone."""
    user = rights.member(http)
    factor = sign_in.factor_of(user)
    if http.method != "POST":
        return _page(http, user, factor)
    codes, error = _pressed(http, user, factor)
    return _page(http, user, sign_in.factor_of(user), codes=codes, error=error)


@sensitive_variables()
def _pressed(http: HttpRequest, user: User, factor: SecondFactor | None) -> tuple[list[str], str]:
    """What a press came to: recovery codes to show once, and what was wrong; neither where the page just goes on."""
    now, code = timezone.now(), http.POST.get("code", "")[:20]
    who = {"name": user.get_username(), "network": _network(http)}
    if sign_in.is_locked(**who, now=now):
        return [], str(LOCKED)
    if factor is None or _may_replace(http):
        secret = http.session.get(_PENDING, "")
        codes = sign_in.enrol(user=user, secret=secret, code=code, now=now) if secret else []
        if codes:
            _passed(http, user)
            return codes, ""
    elif not {"renew", "again"} & http.POST.keys():  # from a page that asked for a code of the new phone
        return [], str(TOO_LATE)
    else:
        try:
            if sign_in.passes(factor=factor, code=code, now=now):
                return _after_a_right_code(http, factor), ""
        except sign_in.CannotCheck:
            return [], str(CANNOT_CHECK)
    sign_in.record_failure(**who, now=now, guessed_code=True)
    return [], _("This code is not right. Wait for the next one and type it.")


def _after_a_right_code(http: HttpRequest, factor: SecondFactor) -> list[str]:
    """New recovery codes; or none, and the right to set up another phone."""
    if "again" not in http.POST:
        return sign_in.renew_recovery_codes(factor)
    http.session[_MAY_REPLACE] = int(timezone.now().timestamp())
    return []


def _may_replace(http: HttpRequest) -> bool:
    """Whether a code was typed lately that lets this session set up another phone. After REPLACE_WITHIN the right is
    gone, and so is the key that was shown for it."""
    since = http.session.get(_MAY_REPLACE)
    if since is None:
        return False
    if timezone.now().timestamp() - since <= REPLACE_WITHIN.total_seconds():
        return True
    for name in (_PENDING, _MAY_REPLACE):
        http.session.pop(name, None)
    return False


def _passed(http: HttpRequest, user: User) -> None:
    """This session goes on; all others of the same person end, because they passed another step or none."""
    for name in (_PENDING, _MAY_REPLACE):
        http.session.pop(name, None)
    http.session.cycle_key()
    http.session[sign_in.PASSED] = sign_in.which_step(user)


def _page(
    http: HttpRequest, user: User, factor: SecondFactor | None, *, codes: list[str] | None = None, error: str = ""
) -> HttpResponse:
    sets_up = not codes and (factor is None or _may_replace(http))
    context = {
        **admin.site.each_context(http),
        "title": _("Second step of your sign-in"),
        "factor": factor,
        "codes": codes or [],
        "error": error,
        "is_refused": bool(error),
        "left": factor.recovery_codes.filter(used_at__isnull=True).count() if factor is not None else 0,
    }
    if sets_up:
        secret = http.session.setdefault(_PENDING, sign_in.new_secret())
        address = sign_in.app_address(user, secret, issuer=facts.current().text("clinic_short_name"))
        # With a viewBox it fits whatever size it is shown in, with its white edge, which cameras need.
        square = segno.make(address, error="m").svg_inline(border=4, light="#fff", dark="#000", omitsize=True)
        context |= {"secret": secret, "address": address, "square": mark_safe(square)}  # noqa: S308 (made here)
    return TemplateResponse(http, "admin/booking/second_step.html", context, status=422 if error else 200)


def _network(http: HttpRequest | None) -> str:
    return links.network_hash(getattr(http, "client_ip", ""))
