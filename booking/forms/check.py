"""The form of the check page: one hidden id that belongs to the very answers shown. Must not hold the answers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.forms.fields import StepForm


class CheckForm(StepForm):
    """Fails when the answers were changed after this page was shown."""

    form_id = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._expected = expected

    def clean(self) -> dict[str, Any]:
        """The id is of this moment's answers."""
        if self.cleaned_data.get("form_id") != self._expected:
            raise forms.ValidationError(
                _("Your answers were changed in another window. Check them and send again"), code="stale"
            )
        return self.cleaned_data
