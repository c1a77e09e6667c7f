"""The form's own counts in words."""

import re
from datetime import date
from pathlib import Path

import pytest

from booking import forms, reports
from booking.admin import asked_again
from booking.models import FlowCount
from tests.factories import NOW

# Django's own rules, which no field of ours can break.
UNUSED = {"invalid_list", "max_length", "min_length", "null_characters_not_allowed"}


def test_every_rule_of_every_step_has_words() -> None:
    fields = [field for form in asked_again.FORMS for field in form.base_fields.values()]
    rules = {rule for field in fields for rule in field.error_messages}
    for module in Path(forms.__file__).parent.glob("*.py"):
        rules |= set(re.findall(r'code="(\w+)"', module.read_text()))
    assert rules >= {"required", "too_long", "wrong", "letters", "stale"}
    assert rules - set(asked_again.RULES) <= UNUSED


def test_every_field_that_can_be_wrong_has_a_name() -> None:
    """All but the hidden mark of the check page, whose error is that of the whole page."""
    names = {name for form in asked_again.FORMS for name in form.base_fields} - {"form_id"}
    assert {"name", "days", "sms_consent"} <= names
    said = {name: asked_again.words(f"{name} required") for name in [*names, "__all__"]}
    assert [name for name, words in said.items() if words.startswith((f"{name}:", "None"))] == []


def test_a_field_is_called_as_on_the_page_without_what_is_in_brackets() -> None:
    assert asked_again.words("name required") == "Full name: no answer"
    assert asked_again.words("email invalid") == "Email address: could not be read"
    assert asked_again.words("visit required") == "What do you want to request: no answer"


def test_a_field_or_rule_of_an_older_form_stays_as_it_was_counted() -> None:
    assert asked_again.words("fax busy") == "fax: busy"


@pytest.mark.django_db
def test_rules_that_read_the_same_are_one_line() -> None:
    for name in ("error phone wrong", "error phone invalid"):
        FlowCount.add(name, day=date(2026, 12, 2))
    days = {"first": date(2026, 12, 1), "last": date(2026, 12, 31)}
    [found] = [r for r in reports.all_of(**days, now=NOW, say=asked_again.words) if r.key == "errors"]
    assert [(line.label, line.number) for line in found.lines] == [("Phone number: could not be read", 2)]
