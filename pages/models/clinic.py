"""The public facts of the clinic that are lists: doctors, offices, hours, closures, prices, sources. Must not hold the
doctor's bookable hours (booking does)."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pages.fact_list import checked, known_tokens

# Nicknames go into text messages, where one other letter halves the length of a message.
plain_ascii = RegexValidator(r"^[A-Za-z0-9 .'-]+$", _("Use plain letters without accents."))


class Weekday(models.IntegerChoices):
    """Monday is 0, as in Python's date.weekday()."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class Physician(models.Model):
    """A doctor as the site presents her or him."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("full name"), max_length=120)
    short_name = models.CharField(_("name in sentences"), max_length=60, help_text=_("For example “Dr. Allaei”."))
    role = models.CharField(_("role"), max_length=160, blank=True)
    certificates = models.TextField(
        _("certificates"), max_length=600, blank=True, help_text=_("One in each line. Facts only.")
    )
    summary = models.TextField(_("about"), max_length=600, blank=True, validators=[known_tokens])
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects: ClassVar[models.Manager["Physician"]]

    class Privacy:
        personal: tuple[str, ...] = ()  # what a clinic publishes about its doctors is public

    class Meta:
        ordering = ["position", "slug"]
        verbose_name = _("doctor")
        verbose_name_plural = _("doctors")

    def __str__(self) -> str:
        return self.name


class Office(models.Model):
    """A place where patients are seen. Blank fields are not known yet and are left out."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)
    nickname = models.CharField(
        _("name in text messages"),
        max_length=16,
        validators=[plain_ascii],
        help_text=_("At most 16 plain letters."),
    )
    street = models.CharField(_("street"), max_length=120, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    state = models.CharField(_("state"), max_length=2, blank=True, default="CA")
    postal_code = models.CharField(
        _("ZIP code"),
        max_length=10,
        blank=True,
        validators=[RegexValidator(r"^\d{5}(-\d{4})?$", _("Like 90001."))],
    )
    phone = models.CharField(
        _("phone"), max_length=20, blank=True, help_text=_("Leave it empty to show the phone of the clinic.")
    )
    description = models.TextField(_("introduction"), max_length=600, blank=True, validators=[known_tokens])
    parking = models.TextField(_("parking"), max_length=600, blank=True, validators=[known_tokens])
    access = models.TextField(_("getting in"), max_length=600, blank=True, validators=[known_tokens])
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_open_for_requests = models.BooleanField(_("patients can choose it"), default=True)
    is_placeholder = models.BooleanField(
        _("made up"), default=False, help_text=_("An address for trying things out. A live site refuses it.")
    )

    objects: ClassVar[models.Manager["Office"]]

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["position", "slug"]
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        constraints = [
            models.CheckConstraint(
                condition=Q(street="") | (~Q(city="") & ~Q(state="") & ~Q(postal_code="")),
                name="office_address_is_whole_or_absent",
                violation_error_message=_("Enter the whole address: street, city, state and ZIP code."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Store the phone in one spelling. Names and addresses are no texts: a fact in one would empty it."""
        for name in ("name", "street", "city"):
            if "{{" in getattr(self, name):
                raise ValidationError({name: _("No fact can stand here.")})
        try:
            self.phone = checked("clinic_phone", self.phone)
        except ValidationError as error:
            raise ValidationError({"phone": error}) from error

    @property
    def address_lines(self) -> list[str]:
        """The address as it is written on a letter; empty while it is not known."""
        return [self.street, f"{self.city}, {self.state} {self.postal_code}"] if self.street else []


class OpeningHours(models.Model):
    """One interval of one weekday, wall time in Los Angeles. Without an office: the clinic's hours, in which the
    promise of an answer counts."""

    office = models.ForeignKey(
        Office,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="hours",
        verbose_name=_("office"),
    )
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday.choices)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))
    is_placeholder = models.BooleanField(
        _("made up"), default=False, help_text=_("Hours for trying things out. A live site refuses them.")
    )

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["office_id", "weekday", "opens"]
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        constraints = [
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="opening_hours_close_after_they_open"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="opening_hours_weekday_exists"),
            models.UniqueConstraint(fields=["office", "weekday", "opens"], name="opening_hours_once"),
        ]

    def __str__(self) -> str:
        return f"{Weekday(self.weekday).label} {self.opens:%H:%M}–{self.closes:%H:%M}"


class ClinicClosure(models.Model):
    """Days on which the whole clinic is closed; they do not count for the promise of an answer."""

    first_day = models.DateField(_("first day"))
    last_day = models.DateField(
        _("last day"),
        help_text=_(
            "No time is offered on these days, and they do not count for the promise of an answer. The front desk "
            "gets a task for each patient who has a time on them."
        ),
    )
    name = models.CharField(_("reason"), max_length=80, help_text=_("For example “Thanksgiving”."))

    objects: ClassVar[models.Manager["ClinicClosure"]]

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["first_day"]
        verbose_name = _("holiday of the clinic")
        verbose_name_plural = _("holidays of the clinic")
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="clinic_closure_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.first_day:%Y-%m-%d}"


class PriceLine(models.Model):
    """One thing that the price of a service covers, or does not."""

    service = models.SlugField(
        _("service"),
        max_length=40,
        help_text=_("Its price is the fact of the same name: “hsg” goes with hsg_price."),
    )
    included = models.BooleanField(_("included in the price"), default=True)
    label = models.CharField(_("what"), max_length=200, validators=[known_tokens])
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects: ClassVar[models.Manager["PriceLine"]]

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["service", "-included", "position", "id"]
        verbose_name = _("price line")
        verbose_name_plural = _("price lines")

    def __str__(self) -> str:
        return self.label


class Reference(models.Model):
    """A source that medical pages rely on; shown only after the doctor approved it."""

    key = models.SlugField(max_length=60, unique=True)
    citation = models.CharField(_("citation"), max_length=400)
    url = models.URLField(_("address"), max_length=300, blank=True)
    supports = models.TextField(_("what it supports"), max_length=600, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    approved_by = models.CharField(_("approved by"), max_length=120, blank=True)
    approved_on = models.DateField(_("approved on"), null=True, blank=True)

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["position", "key"]
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by="", approved_on__isnull=True)
                | (~Q(approved_by="") & Q(approved_on__isnull=False)),
                name="reference_approval_is_whole",
                violation_error_message=_("Enter both who approved it and when."),
            ),
        ]

    def __str__(self) -> str:
        return self.citation
