"""All content goes out into one file and comes back the same: on an empty site, on the same site, on another one."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import QuerySet
from django.test import Client

from pages import publishing, starter_content, starter_files
from pages.editing import fact_changes
from pages.management.commands.load_starter_content import FOLDER
from pages.models import (
    SECTION_MODELS,
    Fact,
    FactChange,
    Page,
    PageVersion,
    PriceLine,
    Publication,
    Question,
    Redirect,
    TextSection,
)
from pages.transfer import file, incoming, outgoing, tables
from tests import factories
from tests.pages.content_rows import a_fact, a_page, a_question, a_text, an_office, published

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 7, 18, tzinfo=UTC)
SPANISH = {"title_es": "La prueba", "nav_title_es": "Prueba", "description_es": "Qué es."}


def emptied() -> None:
    """A site without any content. Versions are never deleted one by one; here the whole site is another one."""
    QuerySet(Publication).delete()
    QuerySet(PageVersion).delete()
    for model in (*SECTION_MODELS, *(table.model for table in reversed(tables.TABLES))):
        QuerySet(model).delete()


def exported(folder: Path) -> Path:
    target = folder / "content.json"
    call_command("export_content", output=target, verbosity=0)
    return target


def imported(source: Path, **options: Any) -> str:
    out = StringIO()
    call_command("import_content", str(source), stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def starter() -> None:
    """The content of a new site."""
    starter_content.load(starter_files.read(FOLDER))


def a_new_site() -> None:
    """A little content of each sort, where the whole starter content would only take time."""
    a_fact("hsg_price", "950")
    a_fact("antibiotic_total_days", "5")
    a_question("q", "Is it safe?")
    PriceLine.objects.create(service="hsg", label_en="The test", label_es="El examen")
    tables.Reference.objects.create(key="s", citation="Smith 2000", approved_by="Dr. A", approved_on="2026-01-01")


@pytest.fixture
def some() -> None:
    a_new_site()


@pytest.fixture
def edited(django_user_model: Any) -> None:
    """What staff did with it."""
    editor = django_user_model.objects.create_user("editor")
    office = an_office(slug="long-beach", parking_en="Free.", parking_es="Gratis.")
    office.hours.create(weekday=1, opens="09:00", closes="12:30")
    price, medical = Fact.objects.get(key="hsg_price"), Fact.objects.get(key="antibiotic_total_days")
    fact_changes.change(price, value="975", by=editor)
    fact_changes.change(medical, value="6", by=editor)  # it waits for its sign-off
    page = a_page("own", path="/our-van/", path_es="/es/camioneta/", owner=editor, **SPANISH)
    text = a_text(page, body_en="<p>It costs {{hsg_price}}.</p>", body_es="<p>Cuesta {{hsg_price}}.</p>")
    published(published(page), "es")
    page.path_en = "/van/"
    page.save()
    publishing.publish(page, language="en", by=None, note="Moved")
    publishing.publish(page, language="es", by=None, starts_at=datetime.now(UTC) + timedelta(days=3))
    text.heading_en = "Only a draft"  # type: ignore[attr-defined]
    text.save()
    a_page("draft", path="/draft/", title_en="Never published")
    Redirect.objects.create(path="/old.html", target="/hsg/")


def test_an_empty_site_becomes_exactly_the_other_one(starter: None, edited: None, tmp_path: Path) -> None:
    before = outgoing.content()
    for name in ("fact_changes", "versions", "publications", "redirects", "questions", "prices", "hours", "references"):
        assert before[name], name
    source = exported(tmp_path)
    emptied()
    imported(source)
    assert outgoing.content() == before
    assert "It costs $975." in Client().get("/van/").content.decode()
    assert Client().get("/our-van/").headers["Location"] == "/van/"
    assert Client().get("/draft/").status_code == 404


def test_the_same_site_stays_as_it_is(some: None, edited: None, tmp_path: Path) -> None:
    before = outgoing.content()
    assert "0 things changed." in imported(exported(tmp_path))
    assert outgoing.content() == before


def test_another_site_with_a_history_of_its_own_keeps_it_and_shows_the_file(
    some: None, tmp_path: Path, django_user_model: Any, request: pytest.FixtureRequest
) -> None:
    published(a_page())
    request.getfixturevalue("edited")
    source = exported(tmp_path)
    told = json.loads(source.read_text())["content"]
    emptied()
    django_user_model.objects.all().delete()
    a_new_site()
    published(published(a_page()))
    own = PageVersion.objects.count()
    a_question("theirs", "Is this theirs?")
    extra = published(a_page("extra", path="/extra/"))
    said = imported(source, verbosity=2)
    assert "add version hsg en 1 as 3" in said
    assert "keep as a draft pages extra" in said
    assert PageVersion.objects.count() == own + 1 + len(told["versions"])
    assert Page.objects.filter(pk=extra.pk).exists()
    assert Client().get("/extra/").status_code == 404
    assert not Question.objects.filter(key="theirs").exists()
    assert "It costs $975." in Client().get("/van/").content.decode()
    now = outgoing.content()
    for name in ("questions", "topics", "offices", "hours", "prices", "references", "doctors", "redirects"):
        assert now[name] == told[name], name
    # The price of this site was another one: that is remembered here too, and can be undone.
    assert FactChange.objects.filter(fact__key="hsg_price", old_value="950", value="975").count() == 2


def test_a_dry_run_says_what_would_change_and_changes_nothing(some: None, edited: None, tmp_path: Path) -> None:
    source = exported(tmp_path)
    Fact.objects.filter(key="hsg_price").update(value="1")
    PriceLine.objects.all().delete()
    before = outgoing.content()
    said = imported(source, dry_run=True)
    assert "change facts hsg_price" in said
    assert "things would change." in said
    assert outgoing.content() == before


def test_two_pages_that_changed_places_are_taken_over(some: None, edited: None, tmp_path: Path) -> None:
    source = exported(tmp_path)
    draft, own = Page.objects.get(key="draft"), Page.objects.get(key="own")
    Page.objects.filter(pk=own.pk).update(path_en="/elsewhere/")
    Page.objects.filter(pk=draft.pk).update(path_en="/van/")
    Page.objects.filter(pk=own.pk).update(path_en="/draft/")
    imported(source)
    assert {page.key: page.path_en for page in Page.objects.filter(key__in=["draft", "own"])} == {
        "draft": "/draft/",
        "own": "/van/",
    }


def test_what_is_hostile_is_cleaned_on_the_way_in(tmp_path: Path) -> None:
    a_text(published(a_page()), body_en="<p>Words.</p>")
    a_question("q", "Is it safe?")
    publishing.publish(Page.objects.get(), language="en", by=None)
    source = exported(tmp_path)
    dirt = "<p>Words.</p><script>alert(1)</script><p onclick='x()' style='x'>More.</p><svg onload=x()></svg>"
    raw = source.read_text()
    source.write_text(raw.replace("<p>Words.</p>", dirt).replace("<p>Yes.</p>", dirt))
    imported(source)
    clean = "<p>Words.</p><p>More.</p>"
    assert TextSection.objects.get().body_en == clean  # type: ignore[attr-defined]
    assert Question.objects.get().answer_en == clean  # type: ignore[attr-defined]
    assert {v.content["sections"][0]["body"] for v in PageVersion.objects.all() if v.content["sections"]} >= {clean}
    body = Client().get("/hsg/").content.decode()
    assert "More." in body
    for sign in ("alert", "onclick", "onload", "<p style"):
        assert sign not in body


def _first(name: str, **values: Any) -> Any:
    return lambda _whole, content: content[name][0].update(values)


def _snapshot(**values: Any) -> Any:
    return lambda _whole, content: content["versions"][0]["content"].update(values)


def _drop(name: str) -> Any:
    return lambda _whole, content: content.pop(name)


WRONG: dict[str, tuple[Any, str]] = {
    "newer": (lambda whole, _c: whole.update(format=file.FORMAT + 1), "Update this site first."),
    "older": (lambda whole, _c: whole.update(format=0), "does not say its format"),
    "something else": (lambda whole, _c: whole.update(what="recipes"), "This is no content file."),
    "list missing": (_drop("facts"), "The list “facts” is missing."),
    "list unknown": (lambda _w, content: content.update(patients=[]), "The list “patients” is not known here."),
    "no list": (lambda _w, content: content.update(facts={}), "“facts” is no list."),
    "row is text": (lambda _w, content: content["facts"].append("x"), "facts 2 is no row."),
    "unknown column": (_first("facts", is_admin=True), "there is no “is_admin” here"),
    "wrong kind": (_first("pages", position="first"), "position is of the wrong kind"),
    "yes for a number": (_first("pages", position=True), "position is of the wrong kind"),
    "huge number": (_first("pages", position=10**30), "position"),
    "no date": (_first("references", approved_on="soon", approved_by="x"), "approved_on: this value cannot be"),
    "unknown token": (_first("pages", lead_en="{{no_such}}"), "There is no fact called {{no_such}}"),
    "token loop": (_first("facts", value="{{hsg_price}}"), "Write a price in whole dollars"),
    "unknown fact": (_first("facts", key="no_such"), "this site has no such fact"),
    "hostile fact": (_first("fact_changes", value='"><script>'), "Write a price in whole dollars"),
    "fact twice": (lambda _w, content: content["facts"].append(content["facts"][0]), "stands there twice"),
    "path taken": (_first("pages", key="other", path_en="/admin/x/"), "This path is taken by the site itself."),
    "section of no kind": (
        lambda _w, content: content["pages"][0]["sections"][0].update(kind="marquee"),
        "is of no kind that this site has",
    ),
    "source missing": (_first("pages", references=["no-such"]), "a source is not in the file"),
    "topic missing": (_first("questions", topic="no-such"), "there is no “no-such” in the file"),
    "script as link": (
        _snapshot(sections=[{"kind": "card", "heading": "x", "link_path": "javascript:alert(1)"}]),
        "this version cannot be shown",
    ),
    "words that are no text": (_snapshot(title={"a": 1}), "this version cannot be shown"),
    "version of another page": (_snapshot(key="pricing"), "this version cannot be shown"),
    "snapshot of a newer format": (_first("versions", format=99), "this version cannot be shown"),
    "live under a number that is none": (_first("publications", number=[]), "number is no number"),
    "live without a version": (_first("publications", number=7), "there is no such version in the file"),
    "NUL": (_first("pages", title_en="a\0b"), "characters that no text has"),
    "half a character": (_first("pages", title_en="\ud800"), "characters that no text has"),
    "redirect to a stranger": (_first("redirects", target="//evil.example/"), "starts with a slash"),
}


def test_a_file_that_is_wrong_is_refused_with_a_sentence_and_nothing_changes(tmp_path: Path, admin_user: Any) -> None:
    fact_changes.change(a_fact("hsg_price", "950"), value="975", by=admin_user)
    page = a_page()
    a_text(page)
    published(page)
    a_question("q", "Is it safe?")
    tables.Reference.objects.create(key="s", citation="Smith 2000")
    Redirect.objects.create(path="/old.html", target="/hsg/")
    before, source = outgoing.content(), exported(tmp_path)
    good = source.read_text()
    said = {what: _refusal(source, good, change) for what, (change, _words) in WRONG.items()}
    assert {what: words for what, words in said.items() if WRONG[what][1] not in words} == {}
    assert all(words.endswith("Nothing was changed.") for words in said.values())
    assert outgoing.content() == before


def _refusal(source: Path, good: str, change: Any) -> str:
    whole = json.loads(good)
    change(whole, whole["content"])
    source.write_text(json.dumps(whole))
    with pytest.raises(CommandError) as error:
        imported(source)
    return str(error.value)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"\xff\xfe", b'"text"', b"[" * 100_000, b'{"what": "content of a clinic site"}'],
    ids=["empty", "cut off", "list", "no text", "text", "deep", "without content"],
)
def test_a_file_that_is_broken_is_refused_with_a_sentence(raw: bytes, tmp_path: Path) -> None:
    source = tmp_path / "broken.json"
    source.write_bytes(raw)
    with pytest.raises(CommandError, match="Nothing was changed"):
        imported(source)


def test_a_file_that_is_too_large_or_not_there_is_refused_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        imported(tmp_path / "missing.json")
    source = exported(tmp_path)
    monkeypatch.setattr(file, "LARGEST", 10)
    with pytest.raises(CommandError, match="It is no content file"):
        imported(source)


def test_an_office_that_something_else_needs_is_not_taken_away(some: None, edited: None, tmp_path: Path) -> None:
    factories.clinic()
    source = exported(tmp_path)
    factories.a_visit()
    whole = json.loads(source.read_text())
    whole["content"]["offices"] = [row for row in whole["content"]["offices"] if row["slug"] != "los-angeles"]
    whole["content"]["hours"] = [row for row in whole["content"]["hours"] if row["office"] != "los-angeles"]
    source.write_text(json.dumps(whole))
    with pytest.raises(CommandError, match="lacks something that this site still needs"):
        imported(source)


def test_a_disk_that_is_full_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = exported(tmp_path)
    old = target.read_bytes()
    a_page()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(CommandError, match="could not be written: No space left on device"):
        exported(tmp_path)
    assert target.read_bytes() == old
    assert list(tmp_path.iterdir()) == [target]


def test_an_export_that_is_disturbed_reads_again(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter([1, 2, 3, 3])
    monkeypatch.setattr(publishing, "generation", lambda: next(numbers))
    assert outgoing.content()["pages"] == []
    monkeypatch.setattr(publishing, "generation", iter(range(100)).__next__)
    with pytest.raises(outgoing.NeverStillError):
        outgoing.content()


def test_an_older_file_is_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = exported(tmp_path)
    monkeypatch.setattr(file, "FORMAT", 2)
    with pytest.raises(CommandError, match="does not know any more"):
        imported(source)
    monkeypatch.setattr(file, "UPGRADES", {1: lambda content: content})
    assert "0 things changed." in imported(source)


def test_the_report_of_a_take_over_is_the_same_dry_or_not(some: None, edited: None, tmp_path: Path) -> None:
    content = outgoing.content()
    Fact.objects.filter(key="hsg_price").update(value="1")
    dry = incoming.take_over(content, by=None, now=NOW, dry_run=True)
    assert incoming.take_over(content, by=None, now=NOW).lines == dry.lines != []
