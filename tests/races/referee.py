"""Knows the database of the race: makes the people and their requests, says what each presses, and judges what came of
it. Speaks JSON lines with the one who started it. Must not press anything itself."""

import json
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model  # noqa: E402
from django.middleware.csrf import _get_new_csrf_string  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from booking import actors, held_time, lifecycle, links, offers, submission  # noqa: E402
from booking.admin import offering, screen  # noqa: E402
from booking.admin.setting_time import Choice, against  # noqa: E402
from booking.availability import Slot  # noqa: E402
from booking.models import (  # noqa: E402
    AppointmentRequest,
    DeskTask,
    HeldGrain,
    HeldTime,
    Offer,
    OfferedTime,
    OutgoingMessage,
    Service,
    Status,
    TravelTime,
    Visit,
)
from clinic_site.session_store import SessionStore  # noqa: E402
from pages.models import Office, Physician  # noqa: E402

LA = ZoneInfo("America/Los_Angeles")
CAP = 3
SENTENCES = (
    "This time is no longer free",
    "was changed meanwhile",
    "Nothing was changed",
    "This time cannot be taken any more",
    "Your request was changed",
    "Nothing is offered yet",
)
NEXT_TIMES = "next free times"


@dataclass
class People:
    """Staff with a session each, and patients with a request each."""

    staff: list[tuple[Any, dict[str, str]]]
    requests: list[AppointmentRequest]


def people(rivals: int) -> People:
    """As many of both as there are rivals."""
    staff = []
    for number in range(rivals):
        user = get_user_model().objects.create_superuser(f"rival{number}-{secrets.token_hex(4)}", password=None)
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        staff.append((user, {"session": str(session.session_key)}))
    service, office = Service.objects.get(key="hsg"), offices()[0]
    requests = []
    for number in range(rivals):
        answers = submission.Answers(
            service=service,
            office=office,
            timing=AppointmentRequest.Timing.ANY,
            name=f"Rival {number}",
            phone_typed="",
            phone_e164=f"+1213555{number:04d}",
            contact=AppointmentRequest.Contact.TEXT,
            sms_consent=True,
        )
        evidence = submission.Evidence(page="/request/contact/", form_version="race")
        by, form_id = actors.staff(staff[0][0]), secrets.token_urlsafe(24)
        requests.append(
            lifecycle.submit(answers=answers, evidence=evidence, form_id=form_id, by=by, now=timezone.now())
        )
    return People(staff, requests)


def offices() -> list[Office]:
    """Two of them, with an hour of way between."""
    first, second = Office.objects.order_by("pk")[:2]
    TravelTime.objects.get_or_create(first=first, second=second, defaults={"minutes": 60})
    return [first, second]


def at(round_number: int, clock: str) -> datetime:
    """A wall time on a Monday to Friday ahead, another day for each round."""
    day: date = timezone.localdate() + timedelta(days=20 + round_number % 200)
    day += timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=LA).astimezone(UTC)


def start_again(everybody: People) -> None:
    """Every request is new, nothing is taken or told."""
    Service.objects.filter(key="hsg").update(cap_per_day=None)
    OfferedTime.objects.all().delete()
    Offer.objects.all().delete()
    Visit.objects.all().delete()
    HeldTime.objects.all().delete()
    OutgoingMessage.objects.all().delete()
    DeskTask.objects.all().delete()
    AppointmentRequest.objects.update(status=Status.NEW, status_reason="", closed_at=None, promise_met_at=None)
    for asked in everybody.requests:
        asked.refresh_from_db()


def shot(path: str, cookies: dict[str, str], **form: Any) -> dict[str, Any]:
    """One press, with a token of the same browser."""
    token = _get_new_csrf_string()
    values = {name: str(value) for name, value in form.items()}
    return {"path": path, "form": {**values, "csrfmiddlewaretoken": token}, "cookies": {**cookies, "csrf": token}}


def confirms(asked: AppointmentRequest, cookies: dict[str, str], when: datetime, office: Office) -> dict[str, Any]:
    """Staff press “Confirm and send” for this time."""
    local, doctor = when.astimezone(LA), Physician.objects.order_by("pk")[0].pk
    chosen = Choice(when.astimezone(UTC), office.pk, asked.service, doctor)
    return shot(
        reverse("admin:booking_appointmentrequest_confirm", args=[asked.pk]),
        cookies,
        seen=screen.seen_mark(asked),
        shown=chosen.mark,
        against=against(chosen),
        day=f"{local:%Y-%m-%d}",
        time=f"{local:%H:%M}",
        office=office.pk,
        service=asked.service_id,
        physician=doctor,
    )


def slot_of(when: datetime, office: Office) -> Slot:
    """The time as a slot."""
    minutes = Service.objects.get(key="hsg").minutes
    return Slot(when, when + timedelta(minutes=minutes), Physician.objects.order_by("pk")[0].pk, office.pk)


def offer_to(asked: AppointmentRequest, everybody: People, when: datetime) -> Offer:
    """An offer that was sent before the race."""
    now = timezone.now()
    return offers.offer(
        request=asked,
        service=asked.service,
        slots=[slot_of(when, offices()[0])],
        expires_at=offers.runs_out_at(now=now),
        by=actors.staff(everybody.staff[0][0]),
        now=now,
    )


def accepts(asked: AppointmentRequest, number: int = 1) -> dict[str, Any]:
    """The patient presses “Take this time”."""
    return shot(f"{links.path(asked)}accept/", {}, offer=number, time=1)


# The races: each says what is pressed. All rivals press in the same moment.


def one_time(everybody: People, number: int) -> list[dict[str, Any]]:
    """Each of the staff confirms another patient for one and the same time."""
    when, office = at(number, "10:00"), offices()[0]
    return [
        confirms(asked, cookies, when, office)
        for asked, (_user, cookies) in zip(everybody.requests, everybody.staff, strict=True)
    ]


def days_cap(everybody: People, number: int) -> list[dict[str, Any]]:
    """Different times on a day that takes CAP visits."""
    Service.objects.filter(key="hsg").update(cap_per_day=CAP)
    clocks = [f"{hour:02d}:00" for hour in range(6, 22)]
    pairs = zip(everybody.requests, everybody.staff, strict=True)
    return [
        confirms(asked, cookies, at(number, clocks[turn % len(clocks)]), offices()[0])
        for turn, (asked, (_user, cookies)) in enumerate(pairs)
    ]


def two_offices(everybody: People, number: int) -> list[dict[str, Any]]:
    """10 am here, 11:15 am there, and an hour of way between: one of both."""
    pairs = zip(everybody.requests, everybody.staff, strict=True)
    return [
        confirms(asked, cookies, at(number, ("10:00", "11:15")[turn % 2]), offices()[turn % 2])
        for turn, (asked, (_user, cookies)) in enumerate(pairs)
    ]


def one_offer(everybody: People, number: int) -> list[dict[str, Any]]:
    """Each of the staff offers one and the same time to another patient."""
    until, mark = (
        int(offers.runs_out_at(now=timezone.now()).timestamp()),
        offering.mark(slot_of(at(number, "10:00"), offices()[0])),
    )
    return [
        shot(
            reverse("admin:booking_appointmentrequest_offer", args=[asked.pk]),
            cookies,
            seen=screen.seen_mark(asked),
            until=until,
            time=mark,
        )
        for asked, (_user, cookies) in zip(everybody.requests, everybody.staff, strict=True)
    ]


def accept_and_others(everybody: People, number: int) -> list[dict[str, Any]]:
    """One patient takes her offered time while staff confirm everybody else for it."""
    offer_to(everybody.requests[0], everybody, at(number, "10:00"))
    rest = zip(everybody.requests[1:], everybody.staff[1:], strict=True)
    others = [confirms(asked, cookies, at(number, "10:00"), offices()[0]) for asked, (_user, cookies) in rest]
    return [accepts(everybody.requests[0]), *others]


def accept_or_confirm(everybody: People, number: int) -> list[dict[str, Any]]:
    """She takes the offered time while staff set another one for her."""
    asked = everybody.requests[0]
    offer_to(asked, everybody, at(number, "10:00"))
    return [accepts(asked), confirms(asked, everybody.staff[1][1], at(number, "14:00"), offices()[0])]


def confirm_or_cancel(everybody: People, number: int) -> list[dict[str, Any]]:
    """Staff set a time while she withdraws."""
    asked = everybody.requests[0]
    cancels = shot(f"{links.path(asked)}cancel/", {})
    return [confirms(asked, everybody.staff[1][1], at(number, "10:00"), offices()[0]), cancels]


def two_staff(everybody: People, number: int) -> list[dict[str, Any]]:
    """Two members of staff set different times for one patient."""
    asked, office = everybody.requests[0], offices()[0]
    clocks = ("10:00", "14:00")
    return [confirms(asked, everybody.staff[n][1], at(number, clocks[n]), office) for n in range(2)]


def double_press(everybody: People, number: int) -> list[dict[str, Any]]:
    """The same press of the same person, four times."""
    asked = everybody.requests[0]
    return [confirms(asked, everybody.staff[0][1], at(number, "10:00"), offices()[0])] * 4


def double_accept(everybody: People, number: int) -> list[dict[str, Any]]:
    """She presses “Take this time” again and again."""
    asked = everybody.requests[0]
    offer_to(asked, everybody, at(number, "10:00"))
    return [accepts(asked)] * len(everybody.requests)


RACES: dict[str, tuple[Callable[[People, int], list[dict[str, Any]]], int]] = {
    # name: what is pressed, how many may win
    "one_time": (one_time, 1),
    "days_cap": (days_cap, CAP),
    "two_offices": (two_offices, 1),
    "one_offer": (one_offer, 1),
    "accept_and_others": (accept_and_others, 1),
    "accept_or_confirm": (accept_or_confirm, 1),
    "confirm_or_cancel": (confirm_or_cancel, 1),
    "two_staff": (two_staff, 1),
    "double_press": (double_press, 1),
    "double_accept": (double_accept, 1),
}


def judge(name: str, answers: list[dict[str, Any]]) -> dict[str, Any]:
    """What is wrong with the outcome; and how many won and lost."""
    winners = Visit.objects.filter(ended_at__isnull=True).count() + Offer.objects.open().count()
    cancelled = AppointmentRequest.objects.filter(status=Status.CANCELLED).count()
    wrong = [f"status {a['status']}" for a in answers if a["status"] not in (200, 409)]
    told = [a for a in answers if any(sentence in a["words"] for sentence in SENTENCES)]
    expected = RACES[name][1]
    if name == "confirm_or_cancel":
        wrong += [] if winners + cancelled == 1 else [f"{winners} set and {cancelled} cancelled"]
    elif winners != expected:
        wrong.append(f"{winners} won")
    if name not in ("double_accept", "confirm_or_cancel", "double_press") and len(told) != len(answers) - expected:
        wrong.append(f"{len(told)} of {len(answers) - expected} losers read a sentence")
    taken = [a for a in told if SENTENCES[0] in a["words"]]
    wrong += ["a loser saw no next times" for a in taken if NEXT_TIMES not in a["words"].lower()]
    wrong += _database_problems()
    return {"winners": winners, "losers": len(told), "with_times": len(taken), "wrong": wrong}


def _database_problems() -> list[str]:
    held = list(HeldTime.objects.order_by("busy_from"))
    found = ["two held times overlap" for a, b in pairwise(held) if b.busy_from < a.busy_to]
    needed = sum(len(held_time.grains(row.busy_from, row.busy_to)) for row in held)
    if HeldGrain.objects.count() != needed:
        found.append("grains do not cover what is held")
    if Visit.objects.filter(ended_at__isnull=True, held_time__isnull=True).exists():
        found.append("a visit without its time")
    if (
        AppointmentRequest.objects.filter(status=Status.CONFIRMED).count()
        != Visit.objects.filter(ended_at=None).count()
    ):
        found.append("confirmed requests and visits differ")
    told = OutgoingMessage.objects.filter(kind__in=("confirmed", "moved"), channel="sms").count()
    if told != Visit.objects.count():
        found.append(f"{told} messages for {Visit.objects.count()} visits")
    return found


def main() -> None:
    """Answer questions until there are no more."""
    everybody = people(int(json.loads(sys.stdin.readline())["rivals"]))
    print(json.dumps({"races": list(RACES)}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["do"] == "prepare":
            start_again(everybody)
            answer: dict[str, Any] = {"shots": RACES[asked["race"]][0](everybody, asked["round"])}
        else:
            answer = judge(asked["race"], asked["answers"])
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
