"""When the doctor can be booked and what takes how long; the held time itself. Must not decide which slots are free
(booking/availability.py does) nor change a request."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Protocol, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from booking.encryption import EncryptedTextField
from pages.models import Weekday

GRAIN_MINUTES = 15
LONGEST_TRAVEL_MINUTES = 480


class Service(models.Model):
    """What can be asked for: the HSG, a video visit, or help to decide. Staff edit the rules of each."""

    class Setting(models.TextChoices):
        """Where the visit takes place."""

        OFFICE = "office", _("In an office")
        VIDEO = "video", _("By video")
        UNDECIDED = "undecided", _("Not decided yet")

    key = models.SlugField(max_length=40, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=80)
    name_es = models.CharField(_("name (Spanish)"), max_length=80, blank=True)
    setting = models.CharField(_("where"), max_length=12, choices=Setting.choices, default=Setting.OFFICE)
    minutes = models.PositiveSmallIntegerField(_("minutes held for a visit"), default=60)
    buffer_before = models.PositiveSmallIntegerField(_("minutes kept free before"), default=0)
    buffer_after = models.PositiveSmallIntegerField(_("minutes kept free after"), default=0)
    notice_hours = models.PositiveSmallIntegerField(_("shortest notice in hours"), default=24)
    horizon_days = models.PositiveSmallIntegerField(_("how many days ahead patients can choose"), default=90)
    cap_per_day = models.PositiveSmallIntegerField(_("most visits a day"), null=True, blank=True)
    needs_preparation = models.BooleanField(_("needs medicine before the visit"), default=False)
    price_fact = models.CharField(_("price fact"), max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_offered = models.BooleanField(_("shown to patients"), default=True)

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["position", "key"]
        verbose_name = _("visit type")
        verbose_name_plural = _("visit types")
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gte=GRAIN_MINUTES), name="service_minutes_at_least_one_grain"),
        ]

    def __str__(self) -> str:
        return self.name_en

    def name(self, language: str) -> str:
        """The name in `language`; English where the Spanish is still empty (a name cannot be left out)."""
        return (self.name_es if language == "es" else "") or self.name_en


class WeeklyHours(models.Model):
    """One interval in which the doctor sees patients, every week, at one office or (no office) by video."""

    physician = models.ForeignKey("pages.Physician", on_delete=models.PROTECT, related_name="weekly_hours")
    office = models.ForeignKey(
        "pages.Office", on_delete=models.PROTECT, null=True, blank=True, related_name="doctor_hours"
    )
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday.choices)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("to"))
    valid_from = models.DateField(_("first day"), null=True, blank=True)
    valid_to = models.DateField(_("last day"), null=True, blank=True)

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["weekday", "starts"]
        verbose_name = _("weekly hours")
        verbose_name_plural = _("weekly hours")
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="weekly_hours_end_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M}-{self.ends:%H:%M}"


class DateOverride(models.Model):
    """The doctor's hours on one date instead of the weekly ones. No times: not there that day."""

    physician = models.ForeignKey("pages.Physician", on_delete=models.PROTECT, related_name="date_overrides")
    office = models.ForeignKey("pages.Office", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    day = models.DateField(_("date"), db_index=True)
    starts = models.TimeField(_("from"), null=True, blank=True)
    ends = models.TimeField(_("to"), null=True, blank=True)

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["day", "starts"]
        verbose_name = _("hours on one date")
        verbose_name_plural = _("hours on one date")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts__isnull=True, ends__isnull=True)
                | Q(starts__isnull=False, ends__isnull=False, ends__gt=F("starts")),
                name="date_override_both_times_or_none",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}"


class Closure(models.Model):
    """Days on which nothing is offered. Doctor, office and visit type may be empty: then it counts for all. So may
    the days: without a first day it has begun, without a last day it goes on until somebody ends it."""

    physician = models.ForeignKey(
        "pages.Physician", on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("doctor")
    )
    office = models.ForeignKey("pages.Office", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    service = models.ForeignKey(Service, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    first_day = models.DateField(_("first day"), null=True, blank=True)
    last_day = models.DateField(_("last day"), null=True, blank=True)
    note = models.CharField(_("note for staff"), max_length=120, blank=True)

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = [F("first_day").asc(nulls_first=True), "pk"]
        verbose_name = _("closed days")
        verbose_name_plural = _("closed days")
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__isnull=True) | Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")),
                name="closure_last_day_not_before_first",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_day or '…'} to {self.last_day or '…'}"


class TravelTime(models.Model):
    """How long the doctor is on the way between two offices, in either direction. Kept once: the office with the
    smaller key comes first."""

    first = models.ForeignKey("pages.Office", on_delete=models.CASCADE, related_name="+", verbose_name=_("office"))
    second = models.ForeignKey("pages.Office", on_delete=models.CASCADE, related_name="+", verbose_name=_("and"))
    minutes = models.PositiveSmallIntegerField(_("minutes on the way"))

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["first_id", "second_id"]
        verbose_name = _("travel time")
        verbose_name_plural = _("travel times")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="one_travel_time_for_two_offices"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="travel_time_is_kept_once"),
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=LONGEST_TRAVEL_MINUTES), name="travel_time_is_possible"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} – {self.second}: {self.minutes} min"


class DoctorDay(models.Model):
    """One row for a doctor and local day. Every move that takes time updates it first, which puts the moves of a
    day in a line on SQLite and PostgreSQL alike (lifecycle depends on that)."""

    physician = models.ForeignKey("pages.Physician", on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    moves = models.PositiveIntegerField(default=0)

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["physician", "day"], name="one_row_per_doctor_and_day")]

    def __str__(self) -> str:
        return f"{self.day}"


class HeldTimeQuerySet(models.QuerySet["HeldTime"]):
    """Questions about taken time."""

    def between(self, start: datetime, end: datetime) -> Self:
        """Time, buffers included, that touches the half-open interval [start, end), in UTC."""
        return self.filter(busy_from__lt=end, busy_to__gt=start)

    def in_force(self, *, now: datetime) -> Self:
        """Without holds whose time has run out."""
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))


class HeldTime(models.Model):
    """Time of the doctor that is taken: by a confirmed visit, an offer, a hold while staff talk, or a block."""

    class Kind(models.TextChoices):
        """Why the time is taken."""

        VISIT = "visit", _("Confirmed visit")
        OFFER = "offer", _("Offered")
        TALKING = "talking", _("Held while talking")
        BLOCK = "block", _("Blocked")

    physician = models.ForeignKey("pages.Physician", on_delete=models.PROTECT, related_name="held_times")
    office = models.ForeignKey("pages.Office", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    request = models.ForeignKey(
        "booking.AppointmentRequest",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="held_times",
    )
    # For what: staff may set another visit type than she asked for, and the day's cap counts what is set.
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    busy_from = models.DateTimeField(help_text=_("Start less the buffer before, on a 15-minute grain."))
    busy_to = models.DateTimeField(help_text=_("End plus the buffer after, on a 15-minute grain."))
    lane = models.PositiveSmallIntegerField(default=0)
    overbooking_reason = models.CharField(max_length=200, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    note = EncryptedTextField(_("reason"), blank=True, help_text=_("Why the time is blocked; for staff."))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # What speaks against the time and is known to a person: seen when it was set, or on the list to call since.
    known_against = models.TextField(blank=True, default="", db_default="")

    objects = HeldTimeQuerySet.as_manager()

    class Privacy:
        personal = ("note",)

    class Meta:
        ordering = ["starts_at"]
        verbose_name = _("held time")
        verbose_name_plural = _("held times")
        indexes = [models.Index(fields=["physician", "busy_from"], name="held_time_by_doctor_and_start")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="held_time_ends_after_start"),
            models.CheckConstraint(
                condition=Q(busy_from__lte=F("starts_at"), busy_to__gte=F("ends_at")),
                name="held_time_busy_covers_visit",
            ),
            models.CheckConstraint(
                condition=Q(lane=0) | ~Q(overbooking_reason=""), name="held_time_overbooking_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["visit", "block"], expires_at__isnull=True)
                | Q(kind__in=["offer", "talking"], expires_at__isnull=False),
                name="held_time_only_offers_expire",
            ),
            models.CheckConstraint(
                condition=Q(kind="block", service__isnull=True) | (~Q(kind="block") & Q(service__isnull=False)),
                name="held_time_service_unless_blocked",
            ),
            models.CheckConstraint(
                condition=Q(kind="talking", made_by__isnull=False, request__isnull=False) | ~Q(kind="talking"),
                name="held_time_while_talking_names_both",
            ),
            models.UniqueConstraint(
                fields=["request", "made_by"],
                condition=Q(kind="talking"),
                name="one_time_held_while_talking_per_staff_and_request",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.starts_at:%Y-%m-%d %H:%M}Z"


class HeldGrain(models.Model):
    """One quarter of an hour of one doctor. The UNIQUE constraint is what makes double booking impossible."""

    held_time = models.ForeignKey(HeldTime, on_delete=models.CASCADE, related_name="grains")
    physician = models.ForeignKey("pages.Physician", on_delete=models.PROTECT, related_name="+")
    grain = models.BigIntegerField(help_text=_("Quarters of an hour since 1970-01-01 00:00 UTC."))
    lane = models.PositiveSmallIntegerField(default=0)

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["physician", "grain", "lane"], name="one_visit_per_doctor_grain_and_lane"),
        ]

    def __str__(self) -> str:
        return f"{self.grain}/{self.lane}"


class Closing(Protocol):
    """What a closure says, as a row of the table or as availability reads it."""

    @property
    def physician_id(self) -> int | None: ...
    @property
    def office_id(self) -> int | None: ...
    @property
    def service_id(self) -> int | None: ...
    @property
    def first_day(self) -> date | None: ...
    @property
    def last_day(self) -> date | None: ...


def closed_on(
    closures: Iterable[Closing], *, day: date, physician_id: int, office_id: int | None, service_id: int
) -> bool:
    """Whether any of `closures` covers this day, doctor, office and visit type."""
    return any(
        covers(closure, day=day, physician_id=physician_id, office_id=office_id, service_id=service_id)
        for closure in closures
    )


def covers(closure: Closing, *, day: date, physician_id: int, office_id: int | None, service_id: int) -> bool:
    """Whether this closure does."""
    return (
        (closure.first_day or day) <= day <= (closure.last_day or day)
        and closure.physician_id in (None, physician_id)
        and closure.office_id in (None, office_id)
        and closure.service_id in (None, service_id)
    )
