"""What the form asked again for, in words: readers of the reports know no field names and no codes. Must not count."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking.forms import CheckForm, ContactForm, TimesForm, VisitForm

FORMS = (VisitForm, TimesForm, ContactForm, CheckForm)
RULES: dict[str, str | Promise] = {
    "required": _("no answer"),
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
    labels = [str(form.base_fields[field].label) for form in FORMS if field in form.base_fields]
    label = labels[0].partition(" (")[0].rstrip("?") if labels else field
    return f"{label}: {RULES.get(rule, rule)}"
