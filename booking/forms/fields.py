"""Fields that the steps share: plain text, radios, checkboxes, the exact tick. Must not know a step.

No field puts `required` or `maxlength` on the page: a browser's own message is in the browser's words, and a cut
paste is worse than a sentence that says what is too long.
"""

import unicodedata
from collections.abc import Mapping
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.forms.utils import ErrorDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

NOT_ON_THIS_PAGE = _("Select one of the options on this page")
# Joiners shape letters in some scripts and belong to names; every other invisible sign is dropped.
_JOINERS = {"\u200c", "\u200d"}
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
# Composing letters costs the square of a run of accents: a megabyte of them would stop the server for minutes. Every
# field is far shorter, so what is cut here is refused as too long.
LOOKED_AT = 4000


def plain(text: str) -> str:
    """One line of visible text: control and direction signs out, composed letters, single spaces."""
    spaced = "".join(" " if sign.isspace() else sign for sign in text)
    seen = "".join(c for c in spaced if c in _JOINERS or unicodedata.category(c) not in _INVISIBLE)
    return " ".join(unicodedata.normalize("NFC", seen).split())


# Buttons that leave a page without sending it, and take along what stands on it.
IN_LANGUAGE = "in_language"  # to the same page in the other language
GO_BACK = "go_back"  # to the page before
LATER_DAYS = "show"  # to the same page with this many days
_LEAVING = (IN_LANGUAGE, GO_BACK, LATER_DAYS)


class Unfinished(MultiValueDict[str, str]):
    """Answers that she has not sent: she went elsewhere with one of these. Shown as they are, judged by nobody."""


class StepForm(forms.Form):
    """A form of ours inside a <form> of ours: no `required` attributes, no tag, no token of crispy's."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    @property
    def is_unfinished(self) -> bool:
        """Whether she is not done with the page. Then it has no errors, and is not valid either."""
        return isinstance(self.data, Unfinished) or any(button in self.data for button in _LEAVING)

    def is_valid(self) -> bool:
        """Whether the answers can be kept."""
        return not self.is_unfinished and super().is_valid()

    def full_clean(self) -> None:
        """Judge what was sent, not what is only carried over."""
        if self.is_unfinished:
            self._errors, self.cleaned_data = ErrorDict(), {}
        else:
            super().full_clean()


class PlainText(forms.CharField):
    """A line of text as typed, without what cannot be seen. `longest` is judged after cleaning."""

    def __init__(self, *, longest: int, too_long: Any = "", **kwargs: Any) -> None:
        self.longest = longest
        super().__init__(**kwargs)
        self.error_messages["too_long"] = too_long

    def to_python(self, value: Any) -> str:
        """The cleaned line."""
        return plain(str(super().to_python(value) or "")[:LOOKED_AT])

    def validate(self, value: str) -> None:
        """Required, and not longer than `longest`."""
        super().validate(value)
        if len(value) > self.longest:
            raise forms.ValidationError(self.error_messages["too_long"], code="too_long")


class _HintedRadios(forms.RadioSelect):
    """Radios of which each may have a hint of its own, by its value."""

    hints: Mapping[str, str] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The option as the template of radios reads it."""
        return {**super().create_option(name, value, *args, **kwargs), "hint": self.hints.get(str(value), "")}


class Radios(forms.ChoiceField):
    """One of a few; nothing is chosen beforehand. `missing` is the message of a required group."""

    def __init__(self, *, missing: Any = "", **kwargs: Any) -> None:
        kwargs.setdefault("required", bool(missing))
        messages = {"required": missing, "invalid_choice": NOT_ON_THIS_PAGE}
        widget = _HintedRadios(attrs=kwargs.pop("attrs", None))
        super().__init__(widget=widget, error_messages=messages, **kwargs)


class Ticks(forms.MultipleChoiceField):
    """Any of a few, none by default."""

    def __init__(self, **kwargs: Any) -> None:
        messages = {"invalid_choice": NOT_ON_THIS_PAGE, "invalid_list": NOT_ON_THIS_PAGE}
        kwargs.setdefault("required", False)
        super().__init__(widget=forms.CheckboxSelectMultiple(), error_messages=messages, **kwargs)


TICKED = "yes"


class _ExactCheckbox(forms.CheckboxInput):
    """Ticked only by the very value that the page holds."""

    def __init__(self) -> None:
        super().__init__(attrs={"value": TICKED})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> bool:
        """Anything else that a script may post is not a tick."""
        return bool(data.get(name) == TICKED)


class ExactTick(forms.BooleanField):
    """A single box whose tick is an agreement."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=_ExactCheckbox(), **kwargs)
