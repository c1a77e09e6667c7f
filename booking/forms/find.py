"""The form that sends a lost link again. Must not say whether anything matched."""

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.forms.fields import PlainText, StepForm
from booking.forms.phone import WRONG, e164

_NO_REFERENCE = _("Enter your reference. It has 8 letters and numbers, like 7K4P-29XM")


class FindForm(StepForm):
    """Reference and phone."""

    reference = PlainText(
        label=_("Your reference"),
        help_text=_("8 letters and numbers, like 7K4P-29XM"),
        longest=40,
        too_long=_NO_REFERENCE,
        error_messages={"required": _NO_REFERENCE},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    phone = PlainText(
        label=_("Phone number"),
        help_text=_("The number you gave us"),
        longest=60,
        too_long=WRONG,
        error_messages={"required": _("Enter the phone number you gave us")},
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )

    def clean_reference(self) -> str:
        """Capitals, without the dash and spaces that people add."""
        reference = "".join(c for c in str(self.cleaned_data["reference"]).upper() if c.isalnum())
        if len(reference) != 8:
            raise forms.ValidationError(_NO_REFERENCE)
        return reference

    def clean_phone(self) -> str:
        """In its one spelling."""
        return e164(self.cleaned_data["phone"])
