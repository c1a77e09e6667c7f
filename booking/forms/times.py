"""Step 2: on which days she could come. Must not read the database; the view hands in the open days.

Choosing a day holds nothing, so a day may fill up between two pages: it is named and the others are kept.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from crispy_forms.layout import Field, Layout
from django import forms
from django.utils import formats, timezone
from django.utils.datastructures import MultiValueDict
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from booking.availability import OpenDay
from booking.forms.fields import LATER_DAYS, NOT_ON_THIS_PAGE, PlainText, Radios, StepForm, Ticks
from booking.models import AppointmentRequest, Service
from pages import cycle_script

# The space between a word and the number after it, and before the Spanish “de” of a date.
_BESIDE_A_NUMBER = re.compile(r"(?<=[^\W\d_]) (?=\d{1,2}\b)|(?<=\d) (?=de\b)")
MOST_DAYS = 3
SHOWN_AT_FIRST = 12
Timing = AppointmentRequest.Timing
DayPart = AppointmentRequest.DayPart


def unbroken(words: str) -> str:
    """The number of a day stays on the line of its month (“December 8”, “martes 8 de diciembre”). For pages alone: in
    a text message this space would cost a second segment."""
    return _BESIDE_A_NUMBER.sub("\N{NO-BREAK SPACE}", words)


def day_words(day: date) -> str:
    """“Thursday, December 10” in the active language, for a page."""
    return unbroken(formats.date_format(day, pgettext("date format", "l, F j")))


def _label(open_day: OpenDay) -> str:
    short = capfirst(formats.date_format(open_day.day, pgettext("date format", "D, M j")))
    if open_day.morning and open_day.afternoon:
        return short  # twelve rows that say the same make a phone's page a third of a screen longer
    return (_("%(day)s: morning only") if open_day.morning else _("%(day)s: afternoon only")) % {"day": short}


def shown_days(query: Mapping[str, str]) -> int:
    """How many days the list shows: 12, or more by “Show later days”."""
    asked = query.get(LATER_DAYS, "")
    return min(int(asked), 366) if asked.isascii() and asked.isdecimal() and len(asked) < 5 else SHOWN_AT_FIRST


class _Days(Ticks):
    """Days by their ISO date. Which of them are open is judged by the form, which can name them."""

    def validate(self, value: Any) -> None:
        """Nothing here: see DayChoice.clean_days."""


class DayChoice(StepForm):
    """Up to three of the open days, and the time of day."""

    days = _Days(
        label=_("Which days could you come? Choose up to 3"),
        help_text=_(
            "Choosing a day does not hold it. Wait until we set a time with you before you take time off or start the "
            "medicine we prescribe."
        ),
    )
    daypart = Radios(
        label=_("What time of day? (optional)"),
        choices=[(DayPart.MORNING, _("Morning")), (DayPart.AFTERNOON, _("Afternoon")), (DayPart.ANY, _("Any time"))],
    )

    class Media:
        js = [cycle_script.ELEMENT]

    def __init__(self, *args: Any, open_days: Sequence[OpenDay], now: datetime, shown: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._open = {open_day.day: open_day for open_day in open_days}
        self._today = timezone.localtime(now).date()
        self.shown = shown
        if not open_days:
            del self.fields["days"]
            return
        self.helper.layout = Layout(
            *(Field(n, template="booking/fields/days.html") if n == "days" else n for n in self.fields)
        )
        # A day that she ticked stays on the page, however far down the list it stands.
        kept = self.data.getlist("days") if isinstance(self.data, MultiValueDict) else self.initial.get("days", [])
        ticked = set(kept)
        listed = [d for n, d in enumerate(open_days) if n < shown or d.day.isoformat() in ticked]
        by_month = groupby(listed, key=lambda d: formats.date_format(d.day, pgettext("date format", "F Y")))
        self.fields["days"].choices = [  # type: ignore[attr-defined]
            (capfirst(month), [(d.day.isoformat(), _label(d)) for d in days]) for month, days in by_month
        ]

    @property
    def later_days(self) -> int:
        """How many days “Show later days” shows; 0 where the list is at its end."""
        return self.shown + SHOWN_AT_FIRST if len(self._open) > self.shown else 0

    def wants_days(self) -> bool:
        """Whether days have to be chosen."""
        return True

    def clean_days(self) -> tuple[date, ...]:
        """One to three days, each still open."""
        if not self.wants_days():
            return ()
        days = sorted({self._parsed(text) for text in self.cleaned_data["days"]})
        gone = [day for day in days if day not in self._open]
        if gone:
            named = _("%(day)s is no longer free. Choose another day")
            raise forms.ValidationError(
                [forms.ValidationError(named, code="gone", params={"day": day_words(d)}) for d in gone]
            )
        if len(days) > MOST_DAYS:
            too_many = _("You chose %(number)s days, and 3 is the most. Select 1, 2 or 3 days")
            raise forms.ValidationError(too_many, code="days", params={"number": len(days)})
        if not days:
            raise forms.ValidationError(_("Select 1, 2 or 3 days"), code="days")
        return tuple(days)

    def _parsed(self, text: str) -> date:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise forms.ValidationError(NOT_ON_THIS_PAGE, code="invalid_choice") from None
        # A day that filled up was on this page within the last hours; anything else was never ours.
        if not self._today - timedelta(days=7) <= day <= self._today + timedelta(days=400):
            raise forms.ValidationError(NOT_ON_THIS_PAGE, code="invalid_choice")
        return day

    def chosen_daypart(self) -> str:
        """Not answered means any time."""
        return str(self.cleaned_data["daypart"] or DayPart.ANY)


class TimesForm(DayChoice):
    """Whether she can choose now, the days, the time of day, and what does not work."""

    timing = Radios(label=_("Can you choose days now?"), missing=_("Select when you can come"))
    avoid = PlainText(
        label=_("Dates you cannot come (optional)"),
        help_text=_("For example: December 14 to 18. Do not write health details."),
        required=False,
        longest=120,
        too_long=_("Dates you cannot come must be 120 characters or fewer"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )
    field_order = ["timing", "days", "daypart", "avoid"]

    def __init__(self, *args: Any, service: Service, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["timing"].choices = self._timings(service)  # type: ignore[attr-defined]

    def _timings(self, service: Service) -> list[tuple[str, Any]]:
        by_video = service.setting == Service.Setting.VIDEO
        if by_video:
            pick = [(Timing.DAYS.value, _("Choose days"))] if self._open else []
            return [*pick, (Timing.ANY.value, _("Any time"))]
        pick = [
            (Timing.DAYS.value, _("Yes, I can choose days")),
            (Timing.NONE_WORK.value, _("None of these days work for me")),
        ]
        return [
            *(pick if self._open else []),
            (Timing.LATER.value, _("I cannot choose days yet. Give me a private link to choose later")),
            (Timing.HELP.value, _("I am not sure. Help me")),
        ]

    def wants_days(self) -> bool:
        """Only with “yes”."""
        return self.cleaned_data.get("timing") == Timing.DAYS

    def answers(self) -> dict[str, Any]:
        """This step's part of submission.Answers."""
        values = self.cleaned_data
        return {
            "timing": values["timing"],
            "days": values.get("days", ()),
            "daypart": self.chosen_daypart(),
            "avoid": values["avoid"],
        }


class DaysForm(DayChoice):
    """The same days on the patient's own page."""
