"""Every page that a patient can meet, in every state it can have, in both languages, made with the test client on the
starter content. Must not judge what it shows.

A state is added here once; what `tests/access/` asks is then asked of it, too.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.management import call_command
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import translation

from booking import actors, changes, lifecycle, links, offers, outcomes
from booking.forms import traps
from booking.models import OPEN, AppointmentRequest, Closure, DeclineReason, Service, Status
from pages import error_files
from pages.models import Office, Physician
from pages.paths import FIXED_PATHS, OFFICE_ROOTS
from tests import factories
from tests.booking.views import flow

LANGUAGES = ("en", "es")
PHONE_TYPED = "(213) 555-0134"


@dataclass(frozen=True)
class Shown:
    """A page as it went over the wire."""

    name: str
    language: str
    path: str
    status: int
    html: str
    cookies: tuple[str, ...]
    headers: dict[str, str]

    @property
    def kind(self) -> str:
        """public, request, patient or error: what its name begins with."""
        return self.name.split(":")[0]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


def shown(name: str, language: str, path: str, response: Any) -> Shown:
    """What a response is to the tests."""
    html = response.content.decode()
    return Shown(name, language, path, response.status_code, html, tuple(response.cookies), dict(response.headers))


def named(pages: list[Shown], name: str) -> list[Shown]:
    """The state of this name in each language; a test that asks about it fails when it is not among the pages."""
    found = [shown for shown in pages if shown.name == name]
    assert [shown.language for shown in found] == list(LANGUAGES), f"{name}: found {[*map(str, found)]}"
    return found


def load_clinic() -> None:
    """The starter content, made-up facts and hours, as `make run` shows them."""
    call_command("load_starter_content", demo=True, verbosity=0)
    call_command("load_demo_clinic", verbosity=0)


def everything(*, now: datetime) -> Iterator[Shown]:
    """All states of all pages of patients."""
    for language in LANGUAGES:
        for part in (_public, _request, _patient, _errors):
            yield from part(language, now)


@contextmanager
def undone() -> Iterator[None]:
    """What happens in here has not happened afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def url(name: str, language: str) -> str:
    """A page of the flow in a language."""
    with translation.override(language):
        return reverse(f"booking:{name}")


def _public(language: str, now: datetime) -> Iterator[Shown]:
    client, place = Client(), LANGUAGES.index(language)
    paths = {key: pair[place] for key, pair in FIXED_PATHS.items()}
    for office in Office.objects.all():
        paths[f"office {office.slug}"] = OFFICE_ROOTS[language] + office.slug + "/"
    for key, path in paths.items():
        yield shown(f"public: {key}", language, path, client.get(path))
    word = {"en": "pain", "es": "dolor"}[language]
    for name, query in (("found", word), ("found nothing", "xyzxyz")):
        yield shown(f"public: faq, {name}", language, paths["faq"], client.get(paths["faq"], {"q": query}))


class Walk:
    """One visitor on her way through the request, in one language."""

    def __init__(self, language: str) -> None:
        self.language, self.client = language, Client()

    def get(self, state: str, step: str, query: str = "") -> Shown:
        path = url(step, self.language) + query
        return shown(f"request: {state}", self.language, path, self.client.get(path))

    def post(self, state: str, step: str, values: dict[str, Any], query: str = "", **hidden: str) -> Shown:
        path = url(step, self.language) + query
        kept = {**flow.hidden(self.client.get(path)), **hidden}
        response = self.client.post(path, {**kept, **values})
        while response.status_code in {301, 302}:
            path = response.headers["Location"]
            response = self.client.get(path)
        return shown(f"request: {state}", self.language, path, response)


def _days(walk: Walk) -> list[str]:
    page = walk.client.get(url("times", walk.language)).content.decode()
    return [part.split('value="')[1].split('"')[0] for part in page.split('name="days"')[1:3]]


def _request(language: str, now: datetime) -> Iterator[Shown]:
    walk = Walk(language)
    visit = {"visit": "hsg", "office": "los-angeles"}
    who = {"name": "Ana Example López", "phone": PHONE_TYPED, "contact": "text", "sms_consent": "yes"}
    yield walk.get("visit", "request")
    yield walk.get("visit, session ended", "request", "?expired=1")
    yield walk.post("visit, errors", "request", {})
    yield walk.post("times", "request", visit)
    yield walk.get("times, later days", "times", "?show=24")
    yield walk.post("times, errors", "times", {"avoid": "x" * 121})
    days = {"timing": "days", "days": _days(walk), "daypart": "morning", "avoid": "December 14"}
    yield walk.post("contact", "times", days)
    yield walk.post("contact, all empty", "contact", {})
    wrong = {"name": "x" * 101, "phone": "12", "email": "ana", "contact": "email", "language": "other"}
    yield walk.post("contact, all wrong", "contact", {**wrong, "sms_consent": "yes"})
    yield walk.post("check", "contact", who)
    yield walk.get("visit, to change", "request", "?return=check")
    typo = {**who, "email": "ana@gmial.com", "language": "other", "other_language": "Mam", "help": ["interpreter"]}
    yield walk.post("check, email typo", "contact", typo, "?return=check")
    yield walk.post("check, stale", "check", {"form_id": "another"})
    yield from _unusual(walk, now)
    yield walk.post("sent", "check", {})
    yield from _other_ways(language, now)


def _unusual(walk: Walk, now: datetime) -> Iterator[Shown]:
    """What happens to few: an old page, a full day, a busy network."""
    old = traps.stamp(now=now - timedelta(hours=25))
    yield walk.post("open too long", "check", {}, ts=old)
    with undone(), override_settings(REQUEST_LIMIT_PER_HOUR=1):
        earlier = factories.a_request(now=now)
        AppointmentRequest.objects.filter(pk=earlier.pk).update(network_hash=links.network_hash("127.0.0.1"))
        yield walk.post("too many", "check", {})
    with undone():
        first = datetime.fromisoformat(_days(walk)[0]).date()
        Closure.objects.create(first_day=first, last_day=first)
        yield walk.post("times, a day filled up", "check", {})


def _other_ways(language: str, now: datetime) -> Iterator[Shown]:
    """Other answers on the first page, and the pages around the flow."""
    video = Walk(language)
    yield video.post("times, video", "request", {"visit": "video", "office": "any"})
    yield video.post("contact, video", "times", {"timing": "any"})
    later = Walk(language)
    later.post("", "request", {"visit": "hsg", "office": "any"})
    later.post("", "times", {"timing": "later"})
    later.post("", "contact", {"name": "Ana", "phone": PHONE_TYPED, "contact": "phone", "voicemail": "no"})
    yield later.post("sent, chooses later", "check", {})
    with undone():
        Closure.objects.create(first_day=now.date(), last_day=now.date() + timedelta(days=400))
        none = Walk(language)
        yield none.post("times, no open days", "request", {"visit": "hsg", "office": "los-angeles"})
    with undone():
        Service.objects.update(is_offered=False)
        yield Walk(language).get("closed", "request")
    find = Walk(language)
    yield find.get("find", "find")
    yield find.post("find, errors", "find", {})
    yield find.post("find, answered", "find", {"reference": "7K4P-29XM", "phone": PHONE_TYPED})


def _her_request(language: str, now: datetime, **fields: Any) -> AppointmentRequest:
    return factories.a_request(now=now, page_language=language, phone_e164="+12135550199", **fields)


def _patient(language: str, now: datetime) -> Iterator[Shown]:
    client, staff = Client(), actors.staff(factories.a_staff_user())

    def see(state: str, hers: AppointmentRequest, page: str = "status", post: Any = None) -> Shown:
        path = reverse(f"booking:{page}", args=[links.token(hers)])
        response = client.get(path) if post is None else client.post(path, post)
        return shown(f"patient: {state}", language, path, response)

    if language == "en":  # of an unknown link the language is not known: there is one page
        path = reverse("booking:status", args=["k3J9xQ-_0aBcDeFgHiJkLm"])
        yield shown("patient: unknown link", language, path, client.get(path))
    new = _her_request(language, now)
    yield see("new", new)
    yield see("days to change", new, "days")
    yield see("days, errors", new, "days", post={})
    yield see("cancel a request?", new, "cancel")
    late = _her_request(language, now - timedelta(days=7))
    yield see("late", late)
    outcomes.log_call(request=late, outcome="no_answer", by=staff, now=now)
    yield see("called", late)
    outcomes.wait(request=late, until=now.date() + timedelta(days=3), by=staff, now=now)
    yield see("waiting", late)
    yield see("chooses later", _her_request(language, now, timing="later", days=()))
    yield from _offers(language, now, see, staff)
    with undone():
        yield from _visits(language, now, see, staff)
    yield see("texts stopped", new, "stop_texts", post={})


def _offers(language: str, now: datetime, see: Callable[..., Shown], staff: actors.Actor) -> Iterator[Shown]:
    doctor = Physician.objects.get()
    with undone():
        hers = _her_request(language, now)
        factories.an_offer(hers, ("2026-12-18", "10:00"), physician=doctor, now=now)
        yield see("offered one time", hers)
        offers.turn_down(request=hers, number=1, by=actors.PATIENT, now=now)
        yield see("offer turned down", hers)
    with undone():
        hers = _her_request(language, now)
        factories.an_offer(hers, physician=doctor, now=now)
        yield see("offered", hers)
        offers.withdraw(request=hers, by=staff, now=now)
        yield see("offer over", hers, "accept", post={"offer": "1", "time": "1"})


def _visits(language: str, now: datetime, see: Callable[..., Shown], staff: actors.Actor) -> Iterator[Shown]:
    hers, doctor = _her_request(language, now), Physician.objects.get()
    lifecycle.confirm(
        request=hers,
        physician=doctor,
        office=Office.objects.get(slug="los-angeles"),
        service=hers.service,
        starts_at=factories.at("2026-12-16", "10:00"),
        by=staff,
        now=now,
    )
    yield see("confirmed", hers)
    yield see("plan", hers, "plan")
    yield see("cancel a visit?", hers, "cancel")
    yield see("another time?", hers, "change")
    yield see("another time?, no button pressed", hers, "change", post={"old_time": ""})
    yield see("changed meanwhile", hers, "release", post={})
    yield see("changed meanwhile, with the time she has now", hers, "cancel", post={"seen": "0"})
    with undone():
        changes.ask(request=hers, keep=True, by=actors.PATIENT, now=now)
        yield see("another time, old one kept", hers)
        factories.an_offer(hers, ("2026-12-18", "14:00"), physician=doctor, now=now)
        yield see("another time, offered", hers)
    hers.refresh_from_db()
    with undone():
        changes.ask(request=hers, keep=False, by=actors.PATIENT, now=now)
        yield see("another time, old one released", hers)
    hers.refresh_from_db()
    shown_before = {Status.NEW, Status.OFFERED, Status.WAITING, Status.CONFIRMED, Status.QUARANTINED}
    for status in Status.values:
        if status not in shown_before:
            closed_at = None if status in OPEN else now
            reason = DeclineReason.values[0] if status == Status.DECLINED else ""
            row = AppointmentRequest.objects.filter(pk=hers.pk)
            row.update(status=status, closed_at=closed_at, status_reason=reason)
            yield see(status, hers)


def _errors(language: str, now: datetime) -> Iterator[Shown]:
    client, prefix = Client(enforce_csrf_checks=True), "/es" if language == "es" else ""
    people = {"HTTP_ACCEPT": "text/html"}
    lost, hsg, contact = f"{prefix}/not-a-page/", f"{prefix}/hsg/", url("contact", language)
    yield shown("error: 400", language, hsg, client.get(hsg, HTTP_HOST="evil.example"))
    yield shown("error: 403 csrf", language, contact, client.post(contact, {"name": "Ana"}))
    kept = client.post(contact, {"name": "Ana"}, HTTP_SEC_FETCH_SITE="same-origin")
    yield shown("error: 403 csrf, kept", language, contact, kept)
    yield shown("error: 404", language, lost, client.get(lost))
    yield shown("error: 405", language, hsg, client.put(hsg, **people))
    client.get(contact)
    yield shown("error: 413", language, contact, client.post(contact, {"name": "x" * 1_100_000}))
    error_files.write()
    for name in error_files.NAMES:
        answer = HttpResponse(error_files.read(name, language), status=int(name[:3]))
        yield shown(f"error: file {name}", language, f"/{language}/{name}.html", answer)
