"""The forms of the request, one module per step. Must not change anything: they turn what was typed into values."""

from booking.forms.check import CheckForm
from booking.forms.contact import FORM_VERSION, ContactForm
from booking.forms.find import FindForm
from booking.forms.times import DaysForm, TimesForm
from booking.forms.visit import VisitForm

__all__ = ["FORM_VERSION", "CheckForm", "ContactForm", "DaysForm", "FindForm", "TimesForm", "VisitForm"]
