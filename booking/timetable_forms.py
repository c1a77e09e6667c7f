"""The forms about the doctor's time that belong to no single request: block it, close a day. Must not save anything."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from booking.staff_forms import LONGEST_AHEAD, ClockInput, DayInput, wall_to_utc
from booking.timetable import day_bounds
from pages.models import Office, Physician

REASON_LENGTH = 120


class BlockForm(forms.Form):
    """A doctor, a day, from and to, and why. `starts_at` and `ends_at` are the answer in UTC."""

    physician = forms.ModelChoiceField(
        label=_("Doctor"),
        queryset=Physician.objects.none(),
        empty_label=None,
        error_messages={"required": _("Choose a doctor")},
    )
    day = forms.DateField(label=_("Date"), widget=DayInput, error_messages={"required": _("Choose a date")})
    starts = forms.TimeField(label=_("From"), widget=ClockInput, error_messages={"required": _("Choose a time")})
    ends = forms.TimeField(label=_("To"), widget=ClockInput, error_messages={"required": _("Choose a time")})
    note = forms.CharField(
        label=_("Reason"),
        help_text=_("For staff, for example “Meeting”. No names of patients."),
        max_length=REASON_LENGTH,
        error_messages={"required": _("Enter a reason")},
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "block_%s", **kwargs})
        self.now = now
        self.fields["physician"].queryset = Physician.objects.all()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The end after the start, both real times of that day, and not all of it past."""
        cleaned: dict[str, Any] = super().clean() or {}
        day, starts, ends = cleaned.get("day"), cleaned.get("starts"), cleaned.get("ends")
        if day is None or starts is None or ends is None:
            return cleaned
        if ends <= starts:
            self.add_error("ends", _("The end has to be after the start"))
            return cleaned
        try:
            cleaned["ends_at"] = wall_to_utc(datetime.combine(day, ends), now=self.now)
        except ValidationError as error:
            self.add_error("ends", error)
        try:
            # A block may have begun already: only its end has to be ahead.
            before = day_bounds(day)[0] - timedelta(seconds=1)
            cleaned["starts_at"] = wall_to_utc(datetime.combine(day, starts), now=min(self.now, before))
        except ValidationError as error:
            self.add_error("starts", error)
        return cleaned


class CloseDayForm(forms.Form):
    """Which day, of whom, where."""

    day = forms.DateField(label=_("Day"), widget=DayInput, error_messages={"required": _("Choose a date")})
    physician = forms.ModelChoiceField(
        label=_("Doctor"), queryset=Physician.objects.none(), required=False, empty_label=_("All doctors")
    )
    office = forms.ModelChoiceField(
        label=_("Office"), queryset=Office.objects.none(), required=False, empty_label=_("All offices, and video")
    )
    note = forms.CharField(
        label=_("Note (optional)"),
        help_text=_("For staff. Patients read only that we are closed."),
        required=False,
        max_length=REASON_LENGTH,
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "close_%s", **kwargs})
        self.today = timezone.localtime(now).date()
        self.fields["physician"].queryset = Physician.objects.all()  # type: ignore[attr-defined]
        self.fields["office"].queryset = Office.objects.all()  # type: ignore[attr-defined]

    def clean_day(self) -> date:
        """Today or ahead, within a year."""
        day: date = self.cleaned_data["day"]
        if day < self.today:
            raise ValidationError(_("This day is past"))
        if day > self.today + LONGEST_AHEAD:
            raise ValidationError(_("This day is more than a year ahead. Check the year"))
        return day

    def what(self) -> dict[str, Any]:
        """Day, doctor and office, as booking/closings.py asks for them."""
        return {name: self.cleaned_data[name] for name in ("day", "physician", "office")}
