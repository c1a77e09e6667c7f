"""What is known of a doctor's own calendar: when somebody last looked at it, the feed it is read from, the times that
it calls busy, and the secret link under which the doctor reads ours. Must not read a feed (booking/doctor_calendar.py
does)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from booking.encryption import EncryptedTextField

# A feed that was read in this time counts as looked at; an older one is called stale.
FEED_IS_FRESH = timedelta(hours=2)


class DoctorCalendar(models.Model):
    """One row for a doctor. Days are shown to patients only while the calendar is known to be right."""

    class Problem(models.TextChoices):
        """Why the feed could not be read the last time."""

        HOST = "host", _("The address is not one of the calendar services that are allowed here.")
        ADDRESS = "address", _("The address is not a secure public address (https).")
        NO_ANSWER = "no_answer", _("The calendar service did not answer.")
        REFUSED = "refused", _("The calendar service refused: the secret address may have changed.")
        MOVED = "moved", _("The address sends us elsewhere. Copy the secret address again.")
        TOO_LARGE = "too_large", _("The calendar is too large to read.")
        TOO_SLOW = "too_slow", _("The calendar service was too slow.")
        NOT_A_CALENDAR = "not_calendar", _("The answer is not a calendar. Copy the secret address again.")

    physician = models.OneToOneField(
        "pages.Physician", on_delete=models.CASCADE, related_name="calendar", verbose_name=_("doctor")
    )
    confirm_within = models.PositiveSmallIntegerField(
        _("how many business days “The calendar is right” counts"),
        default=1,
        help_text=_("After that patients see no days until somebody looks again. 0: nobody has to look."),
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    feed_url = EncryptedTextField(blank=True)
    feed_host = models.CharField(max_length=255, blank=True, help_text=_("The part of the address that is no secret."))
    feed_set_at = models.DateTimeField(null=True, blank=True)
    feed_tried_at = models.DateTimeField(null=True, blank=True)
    feed_good_at = models.DateTimeField(null=True, blank=True, help_text=_("When the feed was last read whole."))
    feed_problem = models.CharField(max_length=12, choices=Problem.choices, blank=True)

    link_version = models.PositiveIntegerField(default=0, help_text=_("0: there is no link."))
    link_hash = models.CharField(max_length=64, unique=True, null=True, blank=True)

    class Privacy:
        personal = ("feed_url",)

    class Meta:
        verbose_name = _("doctor’s calendar")
        verbose_name_plural = _("doctors’ calendars")
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True) | Q(confirmed_at__isnull=False),
                name="doctor_calendar_confirmed_by_goes_with_at",
            ),
            models.CheckConstraint(
                condition=Q(feed_host="", feed_set_at__isnull=True) | (~Q(feed_host="") & Q(feed_set_at__isnull=False)),
                name="doctor_calendar_feed_is_whole_or_absent",
            ),
            models.CheckConstraint(
                condition=Q(link_version=0, link_hash__isnull=True) | Q(link_version__gt=0, link_hash__isnull=False),
                name="doctor_calendar_link_has_a_hash",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.physician}"

    @property
    def has_feed(self) -> bool:
        """Whether busy times are read from somewhere."""
        return bool(self.feed_host)

    def is_feed_stale(self, *, now: datetime) -> bool:
        """Whether there is a feed that has not been read for too long."""
        known_at = self.feed_good_at or self.feed_set_at
        return self.has_feed and known_at is not None and now - known_at > FEED_IS_FRESH


class CalendarBusy(models.Model):
    """Time at which the doctor's own calendar says busy. Start and end only: what it is, is nobody's business here."""

    physician = models.ForeignKey("pages.Physician", on_delete=models.CASCADE, related_name="calendar_busy")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["starts_at"]
        indexes = [models.Index(fields=["physician", "ends_at"], name="busy_by_doctor_and_end")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="calendar_busy_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"busy {self.starts_at:%Y-%m-%d %H:%M}Z"
