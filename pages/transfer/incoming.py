"""Makes the content of this site what a file says, all or nothing. Must not trust the file: each row goes through
full_clean(), each published version through the reader of versions and the cleaning of rich text."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import Error, transaction
from django.db.models import ProtectedError, QuerySet

from pages import publishing
from pages.editing import fact_changes
from pages.fact_list import FACTS
from pages.models import SECTION_MODELS, Fact, Page, PageVersion, Reference
from pages.transfer import outgoing, tables, versions
from pages.transfer.file import Content, UnusableFileError
from pages.transfer.tables import Row, Table

Actor = AbstractBaseUser | AnonymousUser | None  # None: the command


@dataclass
class Report:
    """What was done, or would be: one line for each thing."""

    lines: list[str] = field(default_factory=list)

    def say(self, what: str, table: Table, name: str) -> None:
        """For example "changed facts hsg_price"."""
        self.lines.append(f"{what} {table.name} {name}".strip())


def take_over(content: Content, *, by: Actor, now: datetime, dry_run: bool = False) -> Report:
    """Raises UnusableFileError, and then nothing has changed; after a dry run nothing has changed either."""
    lists = tables.lists(content)
    report = Report()
    try:
        with transaction.atomic():
            publishing.bump()  # first, because it makes whoever else changes content wait
            _take_over(lists, report, by=by, now=now)
            transaction.set_rollback(dry_run)
    except ProtectedError as error:
        names = ", ".join(sorted({str(row) for row in error.args[1]})[:3])
        raise UnusableFileError(f"The file lacks something that this site still needs: {names}.") from error
    except (Error, RecursionError) as error:
        raise UnusableFileError(f"The rows of the file do not go together ({type(error).__name__}).") from error
    return report


def _take_over(lists: dict[str, list[Any]], report: Report, *, by: Actor, now: datetime) -> None:
    here = outgoing.read()
    publishing.replace_live([])  # within this transaction: nobody sees the site without its pages
    _free_the_paths(lists["pages"])
    for table in tables.KEYED:
        _keyed(table, lists[table.name], here[table.name], report, by=by, now=now)
    _fact_changes(lists["fact_changes"], report)
    for table in tables.REPLACED:
        _replaced(table, lists[table.name], here[table.name], report)
    # Before the pages are live again: a redirect may lie under a page that took its address.
    _replaced(tables.REDIRECTS, lists["redirects"], here["redirects"], report)
    numbers = versions.take_over(lists["versions"], report.lines)
    versions.set_live(lists["publications"], here["publications"], numbers, report.lines)
    for table in reversed(tables.KEYED):
        _remove(table, {row[table.key] for row in lists[table.name]}, report)


def _free_the_paths(rows: list[Any]) -> None:
    """Two pages may have changed places; no path is taken twice on the way."""
    wanted = {
        str(row.get(name)): row.get("key") for row in rows if isinstance(row, dict) for name in ("path_en", "path_es")
    }
    for page in Page.objects.select_for_update().order_by("pk"):
        if any(wanted.get(path or "", page.key) != page.key for path in (page.path_en, page.path_es)):
            Page.objects.filter(pk=page.pk).update(path_en=f"/was-{page.pk}/", path_es=None)


def _keyed(table: Table, rows: list[Any], here: list[Row], report: Report, *, by: Actor, now: datetime) -> None:
    before = {row[table.key]: row for row in here}
    checked = [tables.checked(table, row, f"{table.name} {n}") for n, row in enumerate(rows, start=1)]
    tables.once((str(row[table.key]) for row in checked), table.name)
    for data in checked:
        name = str(data[table.key])
        if data == before.get(name):
            continue
        where = f"{table.name} “{name[:60]}”"
        if table.model is Fact and name not in FACTS:
            raise UnusableFileError(f"{where}: this site has no such fact. Update this site first.")
        row = tables.here(table, name)
        old = (row.value, row.value_es) if isinstance(row, Fact) else None
        report.say("add" if row is None else "change", table, name)
        row = tables.filled(table, row or table.model(), data, where)
        tables.save(row, data)
        if isinstance(row, Page):
            _page_parts(row, data, where)
        if isinstance(row, Fact) and old is not None and old != (row.value, row.value_es):
            fact_changes.taken_over(row, old=old, by=by, now=now)


def _page_parts(page: Page, data: Row, where: str) -> None:
    names = tables.texts(data["references"], f"{where}, references")
    found = list(Reference.objects.filter(key__in=names))
    if len(found) != len(names):
        raise UnusableFileError(f"{where}: a source is not in the file.")
    page.references.set(found)
    for model in SECTION_MODELS:
        model._default_manager.filter(parent=page).delete()
    if not isinstance(data["sections"], list):
        raise UnusableFileError(f"{where}: “sections” is no list.")
    for number, section in enumerate(data["sections"], start=1):
        place = f"{where}, section {number}"
        kind = section.get("kind") if isinstance(section, dict) else None
        table = tables.SECTIONS.get(kind) if isinstance(kind, str) else None
        if table is None:
            raise UnusableFileError(f"{place} is of no kind that this site has.")
        tables.filled(table, table.model(parent=page), tables.checked(table, section, place), place).save()


def _fact_changes(rows: list[Any], report: Report) -> None:
    """What this site does not remember yet. A value that waits for sign-off stays the one that waits here."""
    table = tables.FACT_CHANGES
    known = Counter(_same(tables.as_data(table, row)) for row in tables.rows(table))
    for number, data in enumerate(rows, start=1):
        where = f"{table.name} {number}"
        if known[_same(tables.checked(table, data, where))] > 0:
            known[_same(data)] -= 1
            continue
        change = tables.filled(table, table.model(), data, where, leave=["fact", "made_by", "decided_by", "decided_at"])
        try:
            is_kept = fact_changes.may_be_kept(change)
        except fact_changes.ChangeRefusedError as error:
            raise UnusableFileError(f"{where}: {error}") from error
        if is_kept:
            change.save()
            report.say("add", table, str(change))
        else:
            report.say("leave out", table, f"{change}: another value waits for sign-off here")


def _same(data: Mapping[str, Any]) -> str:
    """Without the people, whom another site may not have."""
    return repr([(name, data[name]) for name in ("fact", "old_value", "value", "value_es", "made_at")])


def _replaced(table: Table, rows: list[Any], here: list[Row], report: Report) -> None:
    checked = [tables.checked(table, row, f"{table.name} {n}") for n, row in enumerate(rows, start=1)]
    if checked == here:
        return
    for what, some, others in (("remove", here, checked), ("add", checked, here)):
        for data in some:
            if data not in others:
                report.say(what, table, _short(data))
    QuerySet(table.model).delete()
    for number, data in enumerate(checked, start=1):
        tables.save(tables.filled(table, table.model(), data, f"{table.name} {number}"), data)


def _short(data: Row) -> str:
    return ", ".join(str(value) for value in list(data.values())[:3] if value not in (None, ""))


def _remove(table: Table, names: set[Any], report: Report) -> None:
    """What the file does not have. Facts are a closed list, and a page that was ever published keeps its versions: it
    stays as a draft that nobody sees."""
    if table.model is Fact:
        return
    for row in tables.rows(table):
        if getattr(row, table.key) in names:
            continue
        if isinstance(row, Page) and PageVersion.objects.filter(page=row).exists():
            report.say("keep as a draft", table, row.key)
            continue
        report.say("remove", table, str(getattr(row, table.key)))
        row.delete()
