"""The starter content fills an empty site, and never touches what staff did."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from pages.models import Fact, Generation, Office, OpeningHours, Page, PageVersion, PriceLine, Publication, TextSection

pytestmark = pytest.mark.django_db

PAGE = """
key = "hsg"
path = "/hsg/"
medical = true
references = ["swart"]
[en]
title = "The test"
nav_title = "Test"
description = "What it is."
[[sections]]
kind = "text"
[sections.en]
heading = "Why"
body = "<p>Because.<script>x</script></p>"
[[sections]]
kind = "care"
urgency = "urgent"
doctor_must_approve = true
[sections.en]
heading = "Call us"
body = "<p>Now.</p>"
[[sections]]
kind = "topic"
topic = "cost"
"""
LISTS = {
    "facts": '[[facts]]\nkey = "hsg_price"\nvalue = "950"\nnote = "J1"\n',
    "offices": '[[offices]]\nslug = "los-angeles"\nname = "Los Angeles"\nnickname = "Los Angeles"\n',
    "prices": '[[lines]]\nservice = "hsg"\nincluded = true\n[lines.en]\nlabel = "The test"\n',
    "questions": (
        '[[topics]]\nkey = "cost"\nen = "Cost"\n'
        '[[questions]]\nkey = "price"\ntopic = "cost"\nsynonyms = ["money"]\n'
        '[questions.en]\nquestion = "How much?"\nanswer = "<p>{{hsg_price}}</p>"\n'
    ),
    "references": '[[references]]\nkey = "swart"\ncitation = "Swart 1995"\n',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small starter content."""
    for name, text in {**LISTS, "hsg": PAGE}.items():
        (tmp_path / f"{name}.toml").write_text(text)
    return tmp_path


def load(folder: Path, *options: str) -> str:
    out = StringIO()
    call_command("load_starter_content", *options, folder=folder, stdout=out)
    return out.getvalue()


def test_it_creates_and_publishes_pages(folder: Path) -> None:
    load(folder)
    page = Page.objects.get()
    assert (page.key, page.medical, page.place) == ("hsg", True, "nav")
    assert Publication.objects.get().path == "/hsg/"
    assert [s["kind"] for s in PageVersion.objects.get().content["sections"]] == ["text", "care", "topic"]
    assert PageVersion.objects.get().published_by is None


def test_what_it_brings_is_cleaned(folder: Path) -> None:
    load(folder)
    assert TextSection.objects.get().body_en == "<p>Because.</p>"  # type: ignore[attr-defined]


def test_a_second_run_changes_nothing(folder: Path) -> None:
    load(folder)
    generation = Generation.objects.get().number
    assert "0 things" in load(folder)
    assert Generation.objects.get().number == generation
    assert PageVersion.objects.count() == 1


def test_a_second_run_keeps_what_staff_changed_and_deleted(folder: Path) -> None:
    load(folder)
    Page.objects.update(title_en="Ours")
    TextSection.objects.all().delete()
    Fact.objects.filter(key="hsg_price").update(value="1000")
    Publication.objects.all().delete()
    load(folder, "--demo")
    assert Page.objects.values_list("title_en", flat=True).get() == "Ours"
    assert not TextSection.objects.exists()
    assert Fact.objects.get(key="hsg_price").value == "1000"
    assert not Publication.objects.exists()
    assert PriceLine.objects.count() == 1


def test_the_hours_of_the_clinic_are_marked_as_made_up(folder: Path) -> None:
    load(folder)
    assert OpeningHours.objects.filter(office=None, is_placeholder=True).count() == 5


def test_a_demonstration_fills_blanks_with_values_marked_as_made_up(folder: Path) -> None:
    load(folder, "--demo")
    phone = Fact.objects.get(key="clinic_phone")
    assert (phone.value, phone.is_placeholder) == ("+12135550100", True)
    assert not Fact.objects.get(key="hsg_price").is_placeholder
    office = Office.objects.get()
    assert (office.street, office.is_placeholder) == ("100 Example Street", True)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("hsg", PAGE.replace('kind = "text"', 'kind = "film"'), r"hsg\.toml, section 1: kind is 'film'"),
        ("hsg", PAGE.replace("medical", "medikal"), r"hsg\.toml: there is no key 'medikal'"),
        ("hsg", PAGE.replace('title = "The test"', ""), r"hsg\.toml, en: the key 'title' is missing"),
        ("hsg", PAGE.replace('urgency = "urgent"', 'urgency = "soon"'), r"hsg\.toml, section 2 \(care\): urgency"),
        ("hsg", PAGE.replace('topic = "cost"', 'topic = "none"'), r"section 3 \(topic\): there is no topic .* 'none'"),
        ("hsg", PAGE.replace("Because", "{{no_such}}"), r"section 1 \(text\): body.*\{\{no_such\}\}"),
        ("hsg", PAGE.replace('"/hsg/"', '"/test/"'), r"hsg\.toml: the path of hsg is /hsg/"),
        ("hsg", PAGE.replace('"swart"', '"else"'), r"hsg\.toml: there is no source .* 'else'"),
        ("hsg", "key = ", r"hsg\.toml cannot be read"),
        ("facts", '[[facts]]\nkey = "hsg_prize"\nvalue = "1"\n', r"facts\.toml, facts 1: there is no fact 'hsg_prize'"),
        ("facts", '[[facts]]\nkey = "hsg_price"\nvalue = "lots"\n', r"facts\.toml, facts 1: value"),
        ("references", LISTS["references"] + "approved = true\n", "only the doctor approves"),
    ],
)
def test_a_mistake_names_its_file_and_key_and_leaves_nothing_behind(
    folder: Path, file: str, text: str, message: str
) -> None:
    (folder / f"{file}.toml").write_text(text)
    with pytest.raises(CommandError, match=message):
        load(folder)
    assert not Page.objects.exists()
    assert not Fact.objects.exists()


def test_an_empty_folder_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no starter content"):
        load(tmp_path)


def test_the_real_starter_content_loads() -> None:
    call_command("load_starter_content", "--demo", stdout=StringIO())
    assert Publication.objects.filter(language="en").count() == Page.objects.count() >= 15
