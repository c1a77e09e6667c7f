"""Rows for tests, built in the open. Each takes what a test cares about and fills the rest with plain values."""

import secrets
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model

from booking import actors, lifecycle, offers, submission
from booking.availability import Slot
from booking.models import AppointmentRequest, DoctorCalendar, Offer, Service, Visit, WeeklyHours
from pages.fact_list import FACTS
from pages.models import Fact, Office, OpeningHours, Physician

LA = ZoneInfo("America/Los_Angeles")
NOW = datetime(2026, 12, 7, 10, 0, tzinfo=LA).astimezone(UTC)  # a Monday
PHONE = "+12135550134"
_numbers = count(1)


def at(day: date | str, clock: str) -> datetime:
    """A wall time of the clinic as an instant in UTC."""
    on = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime.combine(on, time.fromisoformat(clock), tzinfo=LA).astimezone(UTC)


def an_office(slug: str = "los-angeles", **fields: Any) -> Office:
    """An office that takes requests."""
    names = {"los-angeles": "Los Angeles", "orange-county": "Orange County", "san-diego": "San Diego"}
    name = names.get(slug, slug.title())
    values = {"name": name, "nickname": name, "street": "100 Example Street", "city": name, "state": "CA"}
    return Office.objects.get_or_create(slug=slug, defaults={**values, "postal_code": "90001", **fields})[0]


def a_physician(slug: str = "allaei", **fields: Any) -> Physician:
    """The doctor, whose calendar nobody has to confirm."""
    values = {"name": "Atabak Allaei, MD", "short_name": "Dr. Allaei", **fields}
    physician, created = Physician.objects.get_or_create(slug=slug, defaults=values)
    if created:
        DoctorCalendar.objects.create(physician=physician, confirm_within=0)
    return physician


def a_service(key: str = "hsg", **fields: Any) -> Service:
    """A visit type: "hsg", "video" or "unsure"."""
    known: dict[str, dict[str, Any]] = {
        "hsg": {
            "name_en": "HSG test",
            "name_es": "Prueba HSG",
            "setting": Service.Setting.OFFICE,
            "minutes": 45,
            "buffer_after": 15,
            "needs_preparation": True,
            "price_fact": "hsg_price",
            "position": 1,
        },
        "video": {
            "name_en": "Video visit to ask questions",
            "name_es": "Visita por video para hacer preguntas",
            "setting": Service.Setting.VIDEO,
            "minutes": 30,
            "position": 2,
        },
        "unsure": {
            "name_en": "I am not sure yet",
            "name_es": "Aún no estoy segura",
            "setting": Service.Setting.UNDECIDED,
            "minutes": 30,
            "position": 3,
        },
    }
    return Service.objects.get_or_create(key=key, defaults={**known.get(key, {"name_en": key}), **fields})[0]


def weekly_hours(
    *, office: Office | None, weekdays: tuple[int, ...] = (0, 1, 2, 3, 4), starts: str = "09:00", ends: str = "17:00"
) -> None:
    """The doctor's hours at one office (None: by video) on these days of every week."""
    hours = {"office": office, "starts": time.fromisoformat(starts), "ends": time.fromisoformat(ends)}
    physician = a_physician()
    WeeklyHours.objects.bulk_create(WeeklyHours(physician=physician, weekday=day, **hours) for day in weekdays)


def facts(**values: str) -> None:
    """The facts that the source gives (price, preparation), and any others by name."""
    known = {key: spec.default for key, spec in FACTS.items() if spec.default}
    rows = [Fact(key=key, value=value) for key, value in {**known, **values}.items()]
    Fact.objects.bulk_create(rows, update_conflicts=True, unique_fields=["key"], update_fields=["value", "changed_at"])


def clinic() -> None:
    """Everything that the request flow needs: services, three offices, the doctor's hours, the clinic's hours.

    Monday, Wednesday, Friday in Los Angeles; Tuesday in Orange County; Thursday in San Diego; video on Friday
    afternoon is left to the tests that need it.
    """
    facts()
    for key in ("hsg", "video", "unsure"):
        a_service(key)
    weekly_hours(office=an_office("los-angeles"), weekdays=(0, 2, 4))
    weekly_hours(office=an_office("orange-county"), weekdays=(1,))
    weekly_hours(office=an_office("san-diego"), weekdays=(3,))
    weekly_hours(office=None, weekdays=(0, 1, 2, 3, 4), starts="17:00", ends="18:00")
    known = set(
        OpeningHours.objects.filter(office=None, opens=time(9), closes=time(17)).values_list("weekday", flat=True)
    )
    OpeningHours.objects.bulk_create(
        OpeningHours(office=None, weekday=day, opens=time(9), closes=time(17)) for day in range(5) if day not in known
    )


def answers(**fields: Any) -> submission.Answers:
    """What a patient answered: an HSG in Los Angeles on two days, by text."""
    values: dict[str, Any] = {
        "service": a_service("hsg"),
        "office": an_office(),
        "timing": AppointmentRequest.Timing.DAYS,
        "days": (date(2026, 12, 16), date(2026, 12, 18)),
        "name": "María Example López",
        "phone_typed": "(213) 555-0134",
        "phone_e164": PHONE,
        "contact": AppointmentRequest.Contact.TEXT,
        "sms_consent": True,
    }
    return submission.Answers(**{**values, **fields})


def a_request(*, now: datetime = NOW, by: Any = None, quarantine_reason: str = "", **fields: Any) -> AppointmentRequest:
    """A request as the web form sends it; `fields` change the answers."""
    return lifecycle.submit(
        answers=answers(**fields),
        evidence=submission.Evidence(page="/request/contact/", form_version="test", network="192.0.2.0/24"),
        form_id=secrets.token_urlsafe(24),
        by=by or actors.PATIENT,
        now=now,
        quarantine_reason=quarantine_reason,
    )


def a_staff_user(username: str = "", **fields: Any) -> Any:
    """A member of staff who may do everything."""
    name = username or f"staff{next(_numbers)}"
    values = {"is_staff": True, "is_superuser": True, **fields}
    return get_user_model().objects.create_user(username=name, password="a long test password", **values)


def a_slot(day: str, clock: str, *, physician: Physician | None = None, minutes: int = 45) -> Slot:
    """A stretch of time in Los Angeles."""
    starts = at(day, clock)
    return Slot(starts, starts + timedelta(minutes=minutes), (physician or a_physician()).pk, an_office().pk)


def an_offer(
    request: AppointmentRequest | None = None,
    *times: tuple[str, str],
    physician: Physician | None = None,
    now: datetime = NOW,
    by: Any = None,
) -> Offer:
    """Times in Los Angeles held for her: Wednesday, December 16, 10 am and Friday, 2 pm, unless others are named."""
    wanted = request or a_request(now=now)
    asked = times or (("2026-12-16", "10:00"), ("2026-12-18", "14:00"))
    return offers.offer(
        request=wanted,
        service=wanted.service,
        slots=[a_slot(*one, physician=physician, minutes=wanted.service.minutes) for one in asked],
        expires_at=offers.runs_out_at(now=now),
        by=actors.staff(by or a_staff_user()),
        now=now,
    )


def a_visit(
    request: AppointmentRequest | None = None,
    *,
    starts_at: datetime | None = None,
    physician: Physician | None = None,
    now: datetime = NOW,
    by: Any = None,
) -> Visit:
    """A confirmed visit in Los Angeles on Wednesday, December 16, 10 am."""
    wanted = request or a_request(now=now)
    return lifecycle.confirm(
        request=wanted,
        physician=physician or a_physician(),
        office=wanted.office or an_office(),
        service=wanted.service,
        starts_at=starts_at or at("2026-12-16", "10:00"),
        by=actors.staff(by or a_staff_user()),
        now=now,
    )
