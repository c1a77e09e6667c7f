"""The forms of the desk: set a time, say no, note, spoken consent. Must not save anything or call the lifecycle."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from booking.forms.contact import ContactForm
from booking.forms.fields import PlainText, Radios
from booking.models import AppointmentRequest, DeclineReason, Service
from pages.models import Office, Physician

NOTE_LENGTH = 500
LONGEST_AHEAD = timedelta(days=366)
USUAL_WAIT = timedelta(days=7)
DAY_FIELDS = ("day_1", "day_2", "day_3")
Timing = AppointmentRequest.Timing


class DayInput(forms.DateInput):
    """The browser's own date field."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class ClockInput(forms.TimeInput):
    """The browser's own time field, in steps of five minutes."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(attrs={"step": 300}, format="%H:%M")


def note_field(label: Any, hint: Any = "", *, required: bool = False) -> forms.CharField:
    """A few lines of text for the record."""
    widget = forms.Textarea(attrs={"rows": 2})
    field = forms.CharField(label=label, help_text=hint, required=required, max_length=NOTE_LENGTH, widget=widget)
    field.error_messages["required"] = _("Write something first")
    return field


class ConfirmForm(forms.Form):
    """Date, time, office, visit type and doctor. `starts_at` is the answer in UTC after cleaning."""

    day = forms.DateField(label=_("Date"), widget=DayInput, error_messages={"required": _("Choose a date")})
    time = forms.TimeField(label=_("Time"), widget=ClockInput, error_messages={"required": _("Choose a time")})
    office = forms.ModelChoiceField(
        label=_("Office"), queryset=Office.objects.none(), required=False, empty_label=_("Choose an office")
    )
    service = forms.ModelChoiceField(label=_("Visit"), queryset=Service.objects.none(), empty_label=None)
    physician = forms.ModelChoiceField(label=_("Doctor"), queryset=Physician.objects.none(), empty_label=None)
    overbooking_reason = forms.CharField(
        label=_("Reason for a second visit at this time (optional)"),
        help_text=_("Only when the time is taken and two visits are meant."),
        required=False,
        max_length=200,
    )

    def __init__(self, *args: Any, now: datetime, may_overbook: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "confirm_%s", **kwargs})
        self.now = now
        self.fields["office"].queryset = Office.objects.all()  # type: ignore[attr-defined]
        bookable = Service.objects.exclude(setting=Service.Setting.UNDECIDED)
        self.fields["service"].queryset = bookable  # type: ignore[attr-defined]
        by_video = {str(pk) for pk in bookable.filter(setting=Service.Setting.VIDEO).values_list("pk", flat=True)}
        if str(self["service"].value()) in by_video:  # anywhere else, no office is an answer that is missing
            self.fields["office"].empty_label = _("By video: no office")  # type: ignore[attr-defined]
        self.fields["physician"].queryset = Physician.objects.all()  # type: ignore[attr-defined]
        if not may_overbook:
            del self.fields["overbooking_reason"]

    def clean(self) -> dict[str, Any]:
        """The place fits the visit, the time exists and is ahead."""
        cleaned: dict[str, Any] = super().clean() or {}
        service, office = cleaned.get("service"), cleaned.get("office")
        if service is not None and service.setting == Service.Setting.VIDEO:
            cleaned["office"] = None
        elif service is not None and office is None and "office" not in self.errors:
            self.add_error("office", _("Choose an office"))
        day, clock = cleaned.get("day"), cleaned.get("time")
        if day and clock:
            try:
                cleaned["starts_at"] = wall_to_utc(datetime.combine(day, clock), now=self.now)
            except ValidationError as error:
                self.add_error("time", error)
        return cleaned


def wall_to_utc(naive: datetime, *, now: datetime) -> datetime:
    """The instant of a time on the clinic's wall. Refuses the past, a far year, and the hour that spring takes."""
    if naive.date() > (now + LONGEST_AHEAD).date():
        raise ValidationError(_("This day is more than a year ahead. Check the year"))
    instant = timezone.make_aware(naive, ZoneInfo(settings.TIME_ZONE)).astimezone(UTC)
    if timezone.localtime(instant, ZoneInfo(settings.TIME_ZONE)).replace(tzinfo=None) != naive:
        raise ValidationError(_("This time does not exist on that day: the clocks change. Choose another time"))
    if instant <= now:
        raise ValidationError(_("This time is past. Choose a time ahead"))
    return instant


class DeclineForm(forms.Form):
    """Why not, in words the patient reads."""

    reason = forms.ChoiceField(
        label=_("Reason. The patient reads these words"),
        choices=DeclineReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason")},
    )
    note = note_field(_("Note for us (optional)"), _("Part of the record. The patient does not see it."))


class CancelForm(forms.Form):
    """An end with a note."""

    note = note_field(_("Who asked for it, and why (optional)"), _("Part of the record. The patient does not see it."))


class WaitForm(forms.Form):
    """Until which day it is the patient's turn: a week, but never past the last day that works for her."""

    until = forms.DateField(
        label=_("Wait for the patient until"), widget=DayInput, error_messages={"required": _("Choose a date")}
    )

    def __init__(self, *args: Any, last_day: date | None, now: datetime, **kwargs: Any) -> None:
        self.today = timezone.localtime(now).date()
        # After her last day the request ends: a later day would promise a wait that never comes.
        self.last_day = last_day if last_day and last_day > self.today else None
        until = min(self.today + USUAL_WAIT, self.last_day or date.max)
        super().__init__(*args, **{"auto_id": "wait_%s", "initial": {"until": until}, **kwargs})

    def clean_until(self) -> date:
        """Ahead, within a year, and not past her last day."""
        until: date = self.cleaned_data["until"]
        if until <= self.today:
            raise ValidationError(_("Choose a day after today"))
        if until > self.today + LONGEST_AHEAD:
            raise ValidationError(_("Choose a day within a year"))
        if self.last_day and until > self.last_day:
            last = formats.date_format(self.last_day, "l, F j")
            raise ValidationError(_("The last day that works for the patient is %(day)s") % {"day": last})
        return until


class NoteForm(forms.Form):
    """A note for the record."""

    note = note_field(_("Note"), _("Part of the record. The patient does not see it."), required=True)


class SpeakWithForm(forms.Form):
    """A name the patient gave; empty takes it back."""

    name = PlainText(
        label=_("May speak with"),
        help_text=_("A name alone, as the patient said it. Leave it empty to take it back."),
        required=False,
        longest=80,
        too_long=_("The name must be 80 characters or fewer"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "speak_%s", **kwargs})


class SpokenStopForm(forms.Form):
    """The patient said that texts must stop."""

    said = note_field(_("What the patient said (optional)"), _("For example “Stop texting me”."))


class SpokenConsentForm(forms.Form):
    """The patient agreed to texts after the script was read."""

    agreed = forms.BooleanField(
        label=_("I read these words and the patient agreed"),
        error_messages={"required": _("Tick the box after you read the words and the patient agreed")},
    )


class PlaceTextForm(forms.Form):
    """The request that a text is about. `found` is it after cleaning."""

    reference = PlainText(
        label=_("Reference of the request"),
        help_text=_("8 letters and numbers, like 7K4P-29XM"),
        longest=40,
        too_long=_("Enter a reference. It has 8 letters and numbers, like 7K4P-29XM"),
        error_messages={"required": _("Enter a reference. It has 8 letters and numbers, like 7K4P-29XM")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    found: AppointmentRequest

    def clean_reference(self) -> str:
        """Capitals alone, of a request that there is and that is not forgotten."""
        reference = "".join(c for c in str(self.cleaned_data["reference"]).upper() if c.isalnum())
        asked = AppointmentRequest.objects.select_related("service")
        found = asked.filter(reference=reference, forgotten_at__isnull=True).first()
        if found is None:
            raise ValidationError(_("No request has this reference. Look for it in the queue"))
        self.found = found
        return reference


class CorrectionForm(ContactForm):
    """Name and ways to reach her as they should have been, by the rules of the request's own form. `seen` says what
    the page showed."""

    asks_for_consent = False  # the number may have agreed before: the ledger knows
    new_link = forms.BooleanField(
        label=_("Make the link that was sent open nothing"),
        help_text=_(
            "It counts only when you change the phone or the email. Leave the tick, unless the old one is the "
            "patient’s own: whoever holds the link sees the visit and can cancel it."
        ),
        required=False,
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    field_order = (
        *("name", "phone", "sms_consent", "email", "contact", "best_time", "voicemail", "language", "other_language"),
        *("new_link", "seen"),
    )
    WORDS: ClassVar[dict[str, tuple[Any, Any]]] = {
        "name": (_("Full name"), ""),
        "phone": (_("Phone"), _("Texts go to another number only after the patient has agreed to them there.")),
        "sms_consent": (_("Patient agreed to texts to this number after I read this"), ""),
        "email": (_("Email (optional, unless the patient wants an email)"), ""),
        "contact": (_("How do we get back to the patient?"), ""),
        "voicemail": (_("May we leave a voice message?"), _("Ask again for another number.")),
        "language": (_("Speaks (optional)"), ""),
    }

    def __init__(self, *args: Any, may_consent: bool, has_link: bool, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "correct_%s", **kwargs})
        for name, (label, hint) in self.WORDS.items():
            self.fields[name].label = label
            self.fields[name].help_text = hint
        left_out = {"help": True, "sms_consent": not may_consent, "new_link": not has_link}
        for name in (name for name, is_out in left_out.items() if is_out):
            del self.fields[name]

    @staticmethod
    def shown(asked: AppointmentRequest) -> dict[str, Any]:
        """What stands there now."""
        yes_no = {True: "yes", False: "no", None: ""}
        number = asked.contact_number
        return {
            "name": asked.name,
            "phone": asked.phone_typed or (number.number if number else ""),
            "email": asked.email,
            "contact": asked.contact,
            "best_time": asked.best_time,
            "voicemail": yes_no[asked.voicemail],
            "language": asked.speaks,
            "other_language": asked.other_language,
            "new_link": True,
        }


class CallerForm(ContactForm):
    """The web form's answers on one page, in words for staff. Rules and answers are the web form's own."""

    source = Radios(
        label=_("Came by"),
        missing=_("Select phone call or walk-in"),
        choices=[
            (AppointmentRequest.Source.PHONE, _("Phone call")),
            (AppointmentRequest.Source.WALK_IN, _("Walk-in")),
        ],
    )
    visit = forms.ModelChoiceField(
        label=_("Wants"),
        queryset=Service.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("Select what the patient wants")},
    )
    office = Radios(label=_("Office"), missing=_("Select an office, or any office"))
    timing = Radios(
        label=_("Days"),
        missing=_("Select what the patient said about days"),
        choices=[
            (Timing.DAYS, _("Named days")),
            (Timing.HELP, _("Wants help to choose")),
            (Timing.LATER, _("Gets a private link to choose later")),
            (Timing.ANY, _("Any time")),
        ],
    )
    day_1 = forms.DateField(label=_("First day (optional)"), required=False, widget=DayInput)
    day_2 = forms.DateField(label=_("Second day (optional)"), required=False, widget=DayInput)
    day_3 = forms.DateField(label=_("Third day (optional)"), required=False, widget=DayInput)
    daypart = Radios(label=_("Time of day (optional)"), choices=AppointmentRequest.DayPart.choices)
    avoid = PlainText(
        label=_("Dates that do not work (optional)"),
        help_text=_("No health details."),
        required=False,
        longest=120,
        too_long=_("Dates that do not work must be 120 characters or fewer"),
    )
    form_id = forms.RegexField(r"^[\w-]{20,43}$", widget=forms.HiddenInput)
    field_order = (
        *("source", "name", "phone", "visit", "office", "timing", *DAY_FIELDS, "daypart", "avoid"),
        *("contact", "best_time", "voicemail", "email", "language", "other_language", "help", "sms_consent"),
    )
    WORDS: ClassVar[dict[str, tuple[Any, Any]]] = {
        "name": (_("Full name"), ""),
        "phone": (_("Phone"), ""),
        "sms_consent": (_("Patient agreed to texts after I read this"), ""),
        "email": (_("Email (optional, unless the patient wants an email)"), ""),
        "contact": (_("How do we get back to the patient?"), ""),
        "voicemail": (_("May we leave a voice message?"), _("We say our name and number, nothing else.")),
        "language": (_("Speaks (optional)"), ""),
        "help": (_("Needs (optional)"), ""),
    }

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "caller_%s", **kwargs})
        self.today = timezone.localtime(now).date()
        for name, (label, hint) in self.WORDS.items():
            self.fields[name].label = label
            self.fields[name].help_text = hint
        self.fields["visit"].queryset = Service.objects.filter(is_offered=True)  # type: ignore[attr-defined]
        self.fields["name"].widget.attrs["autofocus"] = not self.is_bound
        offices = [(str(office.pk), office.name) for office in Office.objects.all()]
        self.fields["office"].choices = [*offices, ("any", _("Any office"))]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Named days are there when they are said to be, ahead, and within the year."""
        values = super().clean()
        named = [name for name in ("day_1", "day_2", "day_3") if values.get(name)]
        for name in named:
            if not self.today <= values[name] <= self.today + timedelta(days=366):
                self.add_error(name, _("Choose a day from today on, within a year"))
        if values.get("timing") == Timing.DAYS and not named and not any(n in self.errors for n in DAY_FIELDS):
            self.add_error("day_1", _("Enter at least one day, or choose another answer"))
        return values

    def answers(self) -> dict[str, Any]:
        """Everything that submission.Answers holds."""
        values, chosen = self.cleaned_data, self.cleaned_data["office"]
        named = {values[name] for name in DAY_FIELDS if values.get(name)}
        return {
            **super().answers(),
            "service": values["visit"],
            "office": None if chosen == "any" else Office.objects.get(pk=chosen),
            "timing": values["timing"],
            "days": tuple(sorted(named)) if values["timing"] == Timing.DAYS else (),
            "daypart": values["daypart"] or AppointmentRequest.DayPart.ANY,
            "avoid": values["avoid"],
            "page_language": "es" if values["language"] == AppointmentRequest.Speaks.SPANISH else "en",
        }
