"""Step 3: who she is and how to reach her. Must not store anything."""

from typing import Any

from crispy_forms.layout import Field, Layout
from django import forms
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from booking.forms.fields import ExactTick, PlainText, Radios, StepForm, Ticks
from booking.forms.phone import WRONG, e164
from booking.messaging.consent import BoxWording
from booking.models import AppointmentRequest

# Goes into the consent ledger with each tick. Raise it when the fields around the box change.
FORM_VERSION = "2026-11"

Contact = AppointmentRequest.Contact
BestTime = AppointmentRequest.BestTime
Speaks = AppointmentRequest.Speaks

WRONG_EMAIL = _("Enter an email address with an @ sign and a domain, like name@example.com")
# Slips of the finger in the mail hosts that most people use: a warning, never a refusal.
TYPOS = {
    "gmial.com": "gmail.com",
    "gmai.com": "gmail.com",
    "gmal.com": "gmail.com",
    "gmail.co": "gmail.com",
    "gmail.con": "gmail.com",
    "hotmial.com": "hotmail.com",
    "hotmai.com": "hotmail.com",
    "hotmail.con": "hotmail.com",
    "yaho.com": "yahoo.com",
    "yahooo.com": "yahoo.com",
    "yahoo.con": "yahoo.com",
    "outlok.com": "outlook.com",
    "iclod.com": "icloud.com",
    "icloud.con": "icloud.com",
}


def likely_email(email: str) -> str:
    """The address that was probably meant, or nothing."""
    name, _at, host = email.rpartition("@")
    meant = TYPOS.get(host.lower()) or ("" if "." in host else TYPOS.get(f"{host.lower()}.com", ""))
    return f"{name}@{meant}" if name and meant else ""


class ContactForm(StepForm):
    """Name, phone, consent to texts, email, wishes."""

    asks_for_consent = True  # who wants texts has to agree to them on this very form
    name = PlainText(
        label=_("Full name"),
        help_text=_("The name you want us to use when we call"),
        longest=100,
        too_long=_("Full name must be 100 characters or fewer"),
        error_messages={"required": _("Enter your full name")},
        widget=forms.TextInput(attrs={"autocomplete": "name", "autocapitalize": "words", "spellcheck": "false"}),
    )
    phone = PlainText(
        label=_("Phone number"),
        help_text=_("A number we can call"),
        required=False,
        longest=60,
        too_long=WRONG,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    sms_consent = ExactTick()
    email = PlainText(
        label=_("Email address (optional, unless you want an email)"),
        help_text=_("We send a link so you can see your request"),
        required=False,
        longest=254,
        too_long=WRONG_EMAIL,
        widget=forms.TextInput(
            attrs={"type": "email", "autocomplete": "email", "inputmode": "email", "spellcheck": "false"}
        ),
    )
    contact = Radios(
        label=_("How do you want us to contact you?"),
        missing=_("Select how we contact you"),
        choices=[
            (Contact.PHONE, _("Phone call")),
            (Contact.TEXT, _("Text with a link")),
            (Contact.EMAIL, _("Email")),
        ],
    )
    best_time = Radios(
        label=_("Best time to call (optional)"),
        choices=[
            (BestTime.MORNING, _("Morning")),
            (BestTime.MIDDAY, _("Midday")),
            (BestTime.LATE_AFTERNOON, _("Late afternoon")),
            (BestTime.ANY, _("Any time")),
        ],
    )
    voicemail = Radios(
        label=_("Can we leave a voice message?"),
        help_text=_("We only say our name and number"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
    )
    language = Radios(
        label=_("Which language do you want to speak? (optional)"),
        choices=[("en", "English"), ("es", "Español"), ("other", _("Another language"))],
    )
    other_language = PlainText(
        label=_("If another language, which one? (optional)"),
        required=False,
        longest=40,
        too_long=_("The language must be 40 characters or fewer"),
        widget=forms.TextInput(attrs={"autocomplete": "language"}),
    )
    help = Ticks(
        label=_("Do you need anything for your visit? (optional)"),
        help_text=_("We use this to get ready for you"),
        choices=[
            ("interpreter", _("Interpreter")),
            ("step_free", _("Step-free access")),
            ("call", _("Something else, please call me")),
        ],
    )

    def __init__(self, *args: Any, box: BoxWording | None = None, page_language: str = "en", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._page_language = page_language
        self.phone_e164 = ""
        if box is not None:  # what is shown is what the ledger stores
            self.fields["sms_consent"].label = box.label
            self.fields["sms_consent"].help_text = box.disclosure
        self.helper.layout = Layout(
            *(Field(n, template="booking/fields/consent.html") if n == "sms_consent" else n for n in self.fields)
        )

    def clean_name(self) -> str:
        """Any letters. A name without a single letter is no name."""
        name: str = self.cleaned_data["name"]
        if not any(sign.isalpha() for sign in name):
            raise forms.ValidationError(self.fields["name"].error_messages["required"], code="required")
        return name

    def clean_phone(self) -> str:
        """As typed; phone_e164 is its one spelling."""
        phone: str = self.cleaned_data["phone"]
        if phone:
            self.phone_e164 = e164(phone)
        return phone

    def clean_email(self) -> str:
        """One message, whatever is wrong."""
        email: str = self.cleaned_data["email"]
        if email:
            EmailValidator(message=WRONG_EMAIL)(email)
        return email

    def clean(self) -> dict[str, Any]:
        """What one answer asks of another."""
        values = super().clean() or self.cleaned_data
        contact, phone, email = values.get("contact"), values.get("phone"), values.get("email")
        if phone == "" and contact != Contact.EMAIL:
            self.add_error("phone", _("Enter a phone number we can call"))
        elif phone == "" and values.get("sms_consent"):
            self.add_error("sms_consent", _("Enter a phone number to get texts, or remove the tick"))
        if contact == Contact.TEXT and self.asks_for_consent and not values.get("sms_consent"):
            self.add_error("sms_consent", _("Tick this box to get texts, or choose phone call or email"))
        if contact == Contact.EMAIL and email == "":
            self.add_error("email", _("Enter your email address so we can write to you"))
        # Asked of who did not choose yet, too: most choose a call, and would meet a second round of errors.
        may_call = contact in (None, Contact.PHONE)
        if may_call and not values.get("voicemail") and "voicemail" not in self.errors:
            self.add_error("voicemail", _("Select yes or no for a voice message"))
        if values.get("language") == Speaks.OTHER and values.get("other_language") == "":
            self.add_error("other_language", _("Enter the language you want to speak"))
        return values

    def reached_by(self) -> dict[str, Any]:
        """Who she is and how to reach her."""
        values = self.cleaned_data
        other = values["other_language"]
        speaks = values["language"] or (Speaks.OTHER if other else self._page_language)
        return {
            "name": values["name"],
            "phone_typed": values["phone"],
            "phone_e164": self.phone_e164,
            "email": values["email"],
            "contact": values["contact"],
            "best_time": values["best_time"] or BestTime.ANY,
            "voicemail": {"yes": True, "no": False}.get(values["voicemail"]),
            "speaks": speaks,
            "other_language": other if speaks == Speaks.OTHER else "",
        }

    def answers(self) -> dict[str, Any]:
        """This step's part of submission.Answers."""
        values = self.cleaned_data
        return {
            **self.reached_by(),
            "sms_consent": values["sms_consent"],
            "interpreter": "interpreter" in values["help"],
            "step_free": "step_free" in values["help"],
            "call_about_needs": "call" in values["help"],
        }
