"""The screens of staff, in the states they work in, made with the test client. Must not judge."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.test import Client
from django.urls import reverse

from booking import lifecycle, outcomes
from booking.models import AppointmentRequest, Closure, WeeklyHours
from pages.models import Fact, Office, Page, PageVersion, Physician, Question
from tests import factories
from tests.access.states import Shown, shown, undone

SCRIPT_WORDS = "words of scripts"
CALLER = {"name": "", "phone": "12", "sms_consent": "yes"}


def everything(*, now: datetime) -> Iterator[Shown]:
    """All screens. The rows made for them are undone."""
    with undone():
        yield from _signing_in()
        client, user = Client(), factories.a_staff_user("desk")
        client.force_login(user)

        def see(name: str, address: str, post: Any = None, query: str = "") -> Shown:
            path = (address if address.startswith("/") else reverse(f"admin:{address}")) + query
            response = client.get(path) if post is None else client.post(path, post, follow=True)
            return shown(f"staff: {name}", "en", path, response)

        yield see("queue, empty", "booking_appointmentrequest_changelist")
        asked = _asked(now, user)
        yield see("first page", "index")
        yield see("queue", "booking_appointmentrequest_changelist")
        yield see("queue, nothing found", "booking_appointmentrequest_changelist", query="?q=nobody")
        for name, hers in asked.items():
            yield see(f"request, {name}", reverse("admin:booking_appointmentrequest_change", args=[hers.pk]))
        yield see("confirm, not filled in", _verb(asked["new"], "confirm"), post={"seen": "new:0"})
        yield see("decline, not filled in", _verb(asked["new"], "decline"), post={"seen": "new:0"})
        yield see("new caller", "booking_appointmentrequest_caller")
        yield see("new caller, errors", "booking_appointmentrequest_caller", post=CALLER)
        yield from _rest(see)
        # The words of the admin's own scripts, which its pages ask for.
        yield see(SCRIPT_WORDS, "jsi18n")


def _verb(asked: AppointmentRequest, verb: str) -> str:
    return reverse(f"admin:booking_appointmentrequest_{verb}", args=[asked.pk])


def _signing_in() -> Iterator[Shown]:
    client, path = Client(), reverse("admin:login")
    yield shown("staff: sign in", "en", path, client.get(path))
    wrong = client.post(path, {"username": "desk", "password": "no"})
    yield shown("staff: sign in, wrong password", "en", path, wrong)


def _asked(now: datetime, user: Any) -> dict[str, AppointmentRequest]:
    """One request in each state that looks different."""
    by = lifecycle.staff(user)
    late = factories.a_request(now=now - timedelta(days=7), name="Late Example", email="late@example.com")
    outcomes.log_call(request=late, outcome="no_answer", by=by, now=now)
    confirmed = factories.a_request(now=now, name="Confirmed Example")
    lifecycle.confirm(
        request=confirmed,
        physician=Physician.objects.get(),
        office=Office.objects.get(slug="los-angeles"),
        service=confirmed.service,
        starts_at=factories.at("2026-12-16", "10:00"),
        by=by,
        now=now,
    )
    quarantined = factories.a_request(now=now, name="Robot Example", quarantine_reason="honeypot")
    cancelled = factories.a_request(now=now, name="Cancelled Example")
    lifecycle.cancel(request=cancelled, by=by, now=now)
    new = factories.a_request(now=now, name="New Example", avoid="December 14 to 18", contact="phone", voicemail=True)
    return {"new": new, "late": late, "confirmed": confirmed, "quarantined": quarantined, "cancelled": cancelled}


def _rest(see: Any) -> Iterator[Shown]:
    """Every list and form of the admin, then the screens of the editors."""
    Closure.objects.create(first_day="2026-12-24", last_day="2026-12-26")
    for model in sorted(admin.site._registry, key=lambda model: model._meta.label):
        opts, screen = model._meta, admin.site._registry[model]
        names = f"{opts.app_label}_{opts.model_name}"
        yield see(f"list of {opts.verbose_name_plural}", f"{names}_changelist")
        row = model._default_manager.order_by("pk").first()
        if row is not None and model is not AppointmentRequest:
            yield see(f"one of {opts.verbose_name_plural}", reverse(f"admin:{names}_change", args=[row.pk]))
        if model in {WeeklyHours, Closure, Question} and screen:
            yield see(f"new {opts.verbose_name}", f"{names}_add")
            yield see(f"new {opts.verbose_name}, errors", f"{names}_add", post={"first_day": "x", "weekday": "x"})
    page = Page.objects.get(key="hsg")
    for screen_name in ("publish", "share", "versions"):
        yield see(f"page, {screen_name}", reverse(f"admin:pages_{screen_name}", args=[page.pk]))
    for screen_name in ("compare", "preview", "withdraw"):
        yield see(f"page, {screen_name}", reverse(f"admin:pages_{screen_name}", args=[page.pk, "en"]))
    version = PageVersion.objects.filter(page=page).first()
    if version is not None:
        yield see("page, restore", reverse("admin:pages_restore", args=[page.pk, version.pk]))
    yield see("approvals", "pages_approvals")
    yield see("reviews", "pages_reviews")
    fact = Fact.objects.get(key="hsg_price")
    yield see("fact, wrong value", reverse("admin:pages_fact_change", args=[fact.pk]), post={"value": "a lot"})
