"""Our field templates, through the real crispy-forms: names, hints and errors that assistive technology can follow."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template.loader import render_to_string


class DayBoxes(forms.CheckboxSelectMultiple):
    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().create_option(*args, **kwargs), "hint": "Morning"}


class VisitForm(forms.Form):
    use_required_attribute = False
    office = forms.ChoiceField(
        label="Which office is best for you?",
        help_text="For a video visit, choose the one closest to you",
        choices=[("la", "Los Angeles"), ("any", "Any office")],
        widget=forms.RadioSelect,
        error_messages={"required": "Select an office, or select any office"},
    )
    days = forms.MultipleChoiceField(
        label="Which days could you come?",
        choices=[("December", [("1", "December 10"), ("2", "December 11")]), ("January", [("3", "January 4")])],
        widget=DayBoxes,
        error_messages={"required": "Select 1, 2 or 3 days"},
    )
    name = forms.CharField(
        label="Full name", help_text="The name to use", error_messages={"required": "Enter your full name"}
    )
    email = forms.EmailField(label="Email address (optional)", required=False)
    texts = forms.BooleanField(label="Yes, text me (optional)", help_text="Reply STOP to opt out.", required=False)
    language = forms.ChoiceField(label="Language", choices=[("en", "English")])
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


class Tags(HTMLParser):
    """Every start tag with its attributes, and the ids of the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.ids = [str(attrs["id"]) for _tag, attrs in self.tags if "id" in attrs]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def of(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [a for t, a in self.tags if t == tag and all(a.get(key) == value for key, value in wanted.items())]


def rendered(data: dict[str, Any] | None = None) -> tuple[str, VisitForm]:
    form = VisitForm(data)
    helper = FormHelper(form)
    helper.form_tag = False
    return render_crispy_form(form, helper), form


@pytest.fixture
def fresh() -> Tags:
    return Tags(rendered()[0])


@pytest.fixture
def failed() -> Tags:
    return Tags(rendered({"office": "", "name": "", "email": "x"})[0])


def test_ids_are_unique(fresh: Tags, failed: Tags) -> None:
    assert len(fresh.ids) == len(set(fresh.ids))
    assert len(failed.ids) == len(set(failed.ids))


def test_a_group_is_a_fieldset_with_its_question_as_legend() -> None:
    html, _form = rendered()
    assert re.search(r'<fieldset id="id_office"[^>]*>\s*<legend>Which office is best for you\?</legend>', html)
    assert html.count("<fieldset") == 2


def test_every_input_has_a_label_of_its_own(fresh: Tags) -> None:
    labelled = {attrs["for"] for attrs in fresh.of("label")}
    inputs = [attrs for attrs in fresh.of("input") + fresh.of("select") if attrs.get("type") != "hidden"]
    assert len(inputs) == 2 + 3 + 4
    assert {attrs["id"] for attrs in inputs} == labelled


def test_radios_and_boxes_are_not_chosen_in_advance(fresh: Tags) -> None:
    assert [attrs["id"] for attrs in fresh.of("input", type="radio")] == ["id_office_0", "id_office_1"]
    assert not [attrs for attrs in fresh.of("input") if "checked" in attrs]


def test_what_was_chosen_stays_chosen() -> None:
    tags = Tags(rendered({"office": "any", "days": ["2"]})[0])
    assert [attrs["value"] for attrs in tags.of("input") if "checked" in attrs] == ["any", "2"]


@pytest.mark.parametrize("which", ["fresh", "failed"])
def test_what_describes_a_field_exists(which: str, request: pytest.FixtureRequest) -> None:
    tags: Tags = request.getfixturevalue(which)
    named = [attrs["aria-describedby"] or "" for _tag, attrs in tags.tags if "aria-describedby" in attrs]
    assert named
    for names in named:
        assert set(names.split()) <= set(tags.ids), names


def test_the_hint_comes_before_the_error_and_both_before_the_input() -> None:
    html, _form = rendered({"name": ""})
    places = [
        html.index(part) for part in ('for="id_name"', 'id="id_name_helptext"', 'id="id_name_error"', 'id="id_name"')
    ]
    assert places == sorted(places)
    assert 'aria-describedby="id_name_helptext id_name_error"' in html


def test_a_group_is_described_by_its_hint_and_its_error(failed: Tags) -> None:
    (office,) = failed.of("fieldset", id="id_office")
    assert office["aria-describedby"] == "id_office_helptext id_office_error"


def test_only_a_field_with_an_error_is_invalid(fresh: Tags, failed: Tags) -> None:
    assert not [attrs for _tag, attrs in fresh.tags if "aria-invalid" in attrs]
    assert [attrs["id"] for _tag, attrs in failed.tags if "aria-invalid" in attrs] == [
        "id_name",
        "id_email",
        "id_language",
    ]


def test_an_error_says_that_it_is_one() -> None:
    html, _form = rendered({"name": ""})
    assert '<span class="vh">Error: </span>Enter your full name' in html


def test_nothing_is_marked_as_required(fresh: Tags) -> None:
    html, _form = rendered()
    assert "*" not in html
    assert not [attrs for _tag, attrs in fresh.tags if "required" in attrs]


def test_options_are_grouped_and_may_have_a_hint(fresh: Tags) -> None:
    groups = fresh.of("div", role="group")
    assert [attrs["aria-labelledby"] in fresh.ids for attrs in groups] == [True, True]
    assert [attrs["aria-describedby"] for attrs in fresh.of("input", type="checkbox", name="days")] == [
        "id_days_0_0_hint",
        "id_days_0_1_hint",
        "id_days_1_0_hint",
    ]


def test_the_summary_links_to_each_field_with_an_error() -> None:
    html, form = rendered({"office": "", "name": "", "email": "x"})
    form.add_error(None, "Your answers were changed in another window.")
    summary = render_to_string("components/error_summary.html", {"form": form})
    ids = Tags(html).ids
    targets = re.findall(r'href="#([^"]*)"', summary)
    assert targets == ["id_office_0", "id_days_0_0", "id_name", "id_email", "id_language"]
    assert set(targets) <= set(ids)
    assert "<li>Your answers were changed in another window.</li>" in summary


def test_the_summary_takes_focus_without_a_script() -> None:
    _html, form = rendered({"name": ""})
    summary = render_to_string("components/error_summary.html", {"form": form})
    assert 'class="errors" id="errors" tabindex="-1" autofocus><div role="alert">' in summary
    assert "answers need fixing" in summary


def test_the_summary_counts_one_answer_as_one() -> None:
    form = VisitForm({"office": "la", "days": ["1"], "name": "", "language": "en"})
    assert "1 answer needs fixing" in render_to_string("components/error_summary.html", {"form": form})


def test_hostile_input_is_escaped() -> None:
    html, _form = rendered({"name": '"><b>x</b>', "office": "<i>"})
    assert "<b>x</b>" not in html
    assert "<i>" not in html
