"""The screens of staff, in the states they work in, made with the test client. Must not judge."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.test import Client
from django.urls import reverse

from booking import actors, changes, closings, held_time, lifecycle, outcomes, talking
from booking.messaging import inbound
from booking.models import AppointmentRequest, Closure, Visit, WeeklyHours
from pages.models import Fact, Page, PageVersion, Physician, Question, TextSection
from tests import factories
from tests.access.states import Shown, shown, undone
from tests.booking.test_sign_in import code_at

SCRIPT_WORDS = "words of scripts"
CALLER = {"name": "", "phone": "12", "sms_consent": "yes"}


def everything(*, now: datetime) -> Iterator[Shown]:
    """All screens. The rows made for them are undone."""
    with undone():
        yield from _signing_in()
        client, user = Client(), factories.a_staff_user("desk")
        client.force_login(user)
        yield from _errors(user)

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
        yield see("correct contact details", _verb(asked["late"], "correct"))
        yield see("correct contact details, errors", _verb(asked["late"], "correct"), post={"phone": "12", "seen": "x"})
        whole = {"name": "Late Example", "phone": "213 555 0143", "contact": "text", "voicemail": "no"}
        yield see("correct contact details, stale", _verb(asked["late"], "correct"), post=whole)
        yield see("new caller", "booking_appointmentrequest_caller")
        yield see("new caller, errors", "booking_appointmentrequest_caller", post=CALLER)
        yield from _texts(see, now, asked)
        yield from _timetable(see, now, user, asked)
        yield from _rest(see)
        yield from _wording(see)
        number = asked["new"].contact_number
        assert number is not None
        yield see("consent of one number", reverse("admin:booking_consentevent_number", args=[number.pk]))
        yield from _second_step(see, now)
        # The words of the admin's own scripts, which its pages ask for.
        yield see(SCRIPT_WORDS, "jsi18n")


def _verb(asked: AppointmentRequest, verb: str) -> str:
    return reverse(f"admin:booking_appointmentrequest_{verb}", args=[asked.pk])


def _signing_in() -> Iterator[Shown]:
    client, path = Client(), reverse("admin:login")
    yield shown("staff: sign in", "en", path, client.get(path))
    wrong = client.post(path, {"username": "desk", "password": "no"})
    yield shown("staff: sign in, wrong password", "en", path, wrong)


def _errors(user: Any) -> Iterator[Shown]:
    """What staff read when something went wrong."""
    client, login = Client(enforce_csrf_checks=True), reverse("admin:login")
    yield shown("staff: error, the sign-in page was old", "en", login, client.post(login))
    client.force_login(user)
    yield shown("staff: error, signed in in another tab", "en", login, client.post(login))
    yield shown("staff: error, not there", "en", "/admin/nowhere/", client.get("/admin/nowhere/"))


def _asked(now: datetime, user: Any) -> dict[str, AppointmentRequest]:
    """One request in each state that looks different. Each has a phone number of its own: many on one are put aside."""
    by, doctor = actors.staff(user), Physician.objects.get()

    def ask(name: str, *, at: datetime = now, **fields: Any) -> AppointmentRequest:
        phone = f"+121355501{AppointmentRequest.objects.count():02}"
        return factories.a_request(now=at, name=f"{name} Example", phone_e164=phone, **fields)

    def visit(name: str, clock: str) -> AppointmentRequest:
        starts_at = factories.at("2026-12-16", clock)
        return factories.a_visit(ask(name), physician=doctor, starts_at=starts_at, now=now, by=user).request

    late = ask("Late", at=now - timedelta(days=7), email="late@example.com")
    outcomes.log_call(request=late, outcome="no_answer", by=by, now=now)
    cancelled, offered, changed = ask("Cancelled"), ask("Offered"), visit("Changed", "15:00")
    lifecycle.cancel(request=cancelled, by=by, now=now)
    factories.an_offer(offered, ("2026-12-16", "13:00"), ("2026-12-18", "14:00"), physician=doctor, now=now, by=user)
    changes.ask(request=changed, keep=False, by=by, now=now)
    missed, unmarked = visit("Missed", "16:00"), visit("Unmarked", "17:00")
    past = {"starts_at": now - timedelta(hours=2), "ends_at": now - timedelta(hours=1)}
    Visit.objects.filter(request__in=(missed, unmarked)).update(**past)
    outcomes.no_show(request=missed, by=by, now=now)
    return {
        "new": ask("New", avoid="December 14 to 18", contact="phone", voicemail=True),
        "late": late,
        "offered": offered,
        "confirmed": visit("Confirmed", "10:00"),
        "change requested": changed,
        "quarantined": ask("Robot", quarantine_reason="honeypot"),
        "cancelled": cancelled,
        "missed": missed,
        "visit over": unmarked,
    }


def _texts(see: Any, now: datetime, asked: dict[str, AppointmentRequest]) -> Iterator[Shown]:
    """Texts that no request shows: one that may be a patient's, a sender of many, one whose request looks automated."""
    page, place = "booking_incomingtext_unplaced", "booking_incomingtext_place"
    yield see("texts we cannot place, none", page)
    with undone():
        robot = asked["quarantined"].contact_number
        assert robot is not None
        wrote = [("+12135550171", "It is Rosa on my husband's phone. I can't come tomorrow")]
        wrote += [("+12135550172", f"Buy {number} for you{'!' * 200}") for number in range(7)]
        wrote += [(robot.number, "Stop texting me please"), ("+12135550173", "")]
        texts = [
            inbound.receive(provider_id=f"SM{key}", from_number=number, body=body, keyword="", now=now)
            for key, (number, body) in enumerate(wrote)
        ]
        yield see("texts we cannot place", page)
        yield see("texts we cannot place, one number", page, query=f"?of={texts[1].contact_number_id}")
        yield see("texts we cannot place, wrong reference", place, post={"text": texts[0].pk, "reference": "x"})
        hers = {"text": texts[0].pk, "reference": asked["new"].reference}
        yield see("texts we cannot place, whose request", place, post=hers)
        yield see("new caller, for a text", "booking_appointmentrequest_caller", query=f"?text={texts[0].pk}")
        yield see("request, a text was put there", place, post={**hers, "sure": asked["new"].pk})


def _timetable(see: Any, now: datetime, user: Any, asked: dict[str, AppointmentRequest]) -> Iterator[Shown]:
    """The week with one of everything in it, its sheet on paper, blocking, freed times; then the day is closed."""
    doctor, day = Physician.objects.get(), factories.at("2026-12-16", "00:00").date()
    blocked = factories.at("2026-12-16", "11:30"), factories.at("2026-12-16", "12:30")
    held_time.block(physician=doctor, starts_at=blocked[0], ends_at=blocked[1], note="Meeting", by=user, now=now)
    held = factories.a_slot("2026-12-16", "09:00", physician=doctor)
    service = asked["late"].service
    talking.hold(request=asked["late"], service=service, slot=held, by=actors.staff(user), now=now)
    yield see("request, a time held", reverse("admin:booking_appointmentrequest_change", args=[asked["late"].pk]))
    yield see("week", "booking_heldtime_week", query=f"?day={day}")
    yield see("week, nothing in it", "booking_heldtime_week", query="?day=2027-11-03")
    yield see("day sheet", "booking_heldtime_day_sheet", query=f"?day={day}&office={asked['confirmed'].office_id}")
    yield see("day sheet, empty", "booking_heldtime_day_sheet", query=f"?day={day}&office=video")
    yield see("block", "booking_heldtime_block", query=f"?physician={doctor.pk}&day={day}&starts=09:00&ends=10:00")
    yield see("block, errors", "booking_heldtime_block", post={})
    over_a_visit = {"physician": doctor.pk, "day": day, "starts": "09:00", "ends": "14:00", "note": "Away"}
    yield see("block, a visit lies in it", "booking_heldtime_block", post=over_a_visit)
    yield see("freed times", "booking_appointmentrequest_freed")
    yield see("reports", "booking_appointmentrequest_reports")
    yield see("close a day", "booking_closure_close_day")
    yield see("close a day, errors", "booking_closure_close_day", query="?day=2020-01-01")
    yield see("close a day, whom it touches", "booking_closure_close_day", query=f"?day={day}")
    with undone():
        what: dict[str, Any] = {"day": day, "physician": None, "office": None}
        seen = [one.visit.pk for one in closings.touched(**what, now=now)]
        closing = closings.close(**what, seen=seen, note="", by=actors.staff(user), now=now)
        yield see("closed day, whom to reach", reverse("admin:booking_closure_closing", args=[closing.pk]))
        yield see("first page, a day was closed", "index")


def _wording(see: Any) -> Iterator[Shown]:
    """The words of one text and of one email, and what is said about words that must not be sent."""
    for channel, language in (("sms", "es"), ("email", "en")):
        path = reverse("admin:booking_wordingversion_words", args=["offered", channel, language])
        yield see(f"words, {channel}", path)
        yield see(f"words, {channel}, refused", path, post={"text": "Your HSG", "based_on": "0"})


def _second_step(see: Any, now: datetime) -> Iterator[Shown]:
    """Setting it up, from the square on."""
    page = "booking_secondfactor_mine"
    yield (asks := see("second step", page))
    yield see("second step, wrong code", page, post={"code": "000000"})
    secret = asks.html.split("secret=")[1].split("&")[0]
    yield see("second step, recovery codes", page, post={"code": code_at(secret, now)})
    yield see("second step, it is on", page)


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
    for screen_name in ("preview", "withdraw"):
        yield see(f"page, {screen_name}", reverse(f"admin:pages_{screen_name}", args=[page.pk, "en"]))
    version = PageVersion.objects.filter(page=page, language="en").latest("number")
    with undone():
        TextSection.objects.filter(parent=page, heading_en__gt="").update(heading_en="Another heading")
        compare = reverse("admin:pages_compare", args=[page.pk, "en"])
        yield see("page, compare", compare, query=f"?old={version.number}")
        yield see("page, restore", reverse("admin:pages_restore", args=[page.pk, version.pk]))
    yield see("approvals", "pages_approvals")
    yield see("all content as one file", "pages_transfer")
    yield see("all content as one file, errors", "pages_transfer", post={"how": "look"})
    yield see("reviews", "pages_reviews")
    fact = Fact.objects.get(key="hsg_price")
    yield see("fact, wrong value", reverse("admin:pages_fact_change", args=[fact.pk]), post={"value": "a lot"})
    yield see("fact, is this right", reverse("admin:pages_fact_change", args=[fact.pk]), post={"value": "0"})
