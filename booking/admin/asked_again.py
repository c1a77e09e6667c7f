"""What the form asked again for, in words: readers of the reports know no field names and no codes. Must not count."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking.forms import CheckForm, ContactForm, TimesForm, VisitForm

FORMS = (VisitForm, TimesForm, ContactForm, CheckForm)
# Fields without a label of their own: the consent box takes its words from the published wording.
NAMES: dict[str, str | Promise] = {"sms_consent": _("Text messages"), "__all__": _("Check your answers")}
RULES: dict[str, str | Promise] = {
    "required": _("no answer"),
    "days": _("no day, or more than 3"),
    "gone": _("a day that was no longer free"),
    "invalid": _("could not be read"),
    "invalid_choice": _("not one of the choices"),
    "letters": _("letters in a number"),
    "other": _("does not fit another answer"),
    "stale": _("changed in another window"),
    "too_long": _("too long"),
    "wrong": _("could not be read"),
}


def words(counted: str) -> str:
    """“name required” as “Full name: no answer”; a field or rule of an older form stays as it was counted."""
    field, _space, rule = counted.partition(" ")
    labels = [form.base_fields[field].label for form in FORMS if field in form.base_fields]
    label = NAMES.get(field) or str(next(filter(None, labels), field)).partition(" (")[0].rstrip("?")
    return f"{label}: {RULES.get(rule, rule)}"
