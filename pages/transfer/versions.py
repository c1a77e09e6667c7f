"""Takes published versions over from a file and makes those live that were live there. Must not publish a draft
(pages/publishing.py does), nor change a version that is here."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError

from pages import content, publishing, rich_text
from pages.content import PageContent, UnreadableSnapshotError
from pages.fact_list import known_tokens
from pages.models import SECTION_MODELS, Page, PageVersion, Publication
from pages.models.page import well_formed_path
from pages.models.sections import internal_path
from pages.transfer import tables
from pages.transfer.file import UnusableFileError
from pages.transfer.tables import Row

Number = tuple[str, str, int]  # page, language, number in the file
_KINDS = {model.kind for model in SECTION_MODELS}


def take_over(rows: Sequence[Any], lines: list[str]) -> dict[Number, PageVersion]:
    """Each version of the file as a row: the one that is here already, or a new one under its number, or under the next
    number where this site has published its own under that one."""
    table = tables.VERSIONS
    found: dict[Number, PageVersion] = {}
    for place, raw in enumerate(rows, start=1):
        where = f"{table.name} {place}"
        data = tables.checked(table, raw, where)
        version = tables.filled(table, PageVersion(), data, where, leave=["content"])
        version.content = _cleaned(version, where)
        key = (version.page.key, version.language, version.number)
        if key in found:
            raise UnusableFileError(f"{where}: this version stands there twice.")
        kept = _here(version)
        found[key] = kept or publishing.adopt(version)
        if kept is None:
            renumbered = f" as {found[key].number}" if found[key].number != data["number"] else ""
            lines.append(f"add version {key[0]} {key[1]} {key[2]}{renumbered}")
    return found


def set_live(rows: Sequence[Any], here: Sequence[Row], found: dict[Number, PageVersion], lines: list[str]) -> None:
    """Patients see what the file's patients saw, and nothing else."""
    table, live = tables.PUBLICATIONS, []
    for place, raw in enumerate(rows, start=1):
        where = f"{table.name} {place}"
        data = tables.checked(table, raw, where)
        row = tables.filled(table, Publication(), data, where, leave=["version"])
        if not isinstance(data["number"], int):
            raise UnusableFileError(f"{where}, number is no number.")
        version = found.get((row.page.key, row.language, data["number"]))
        if version is None or version.content.get("path") != row.path:
            raise UnusableFileError(f"{where}: there is no such version in the file.")
        row.version = version
        live.append(row)
        if data not in here:
            lines.append(f"make live {row.path}")
    paths = {row.path for row in live}
    lines += [f"take away {row['path']}" for row in here if row["path"] not in paths]
    publishing.replace_live(live)


def _here(version: PageVersion) -> PageVersion | None:
    same = PageVersion.objects.filter(
        page=version.page, language=version.language, published_at=version.published_at, format=version.format
    )
    return next((row for row in same if row.content == version.content), None)


def _cleaned(version: PageVersion, where: str) -> dict[str, Any]:
    """The snapshot with its rich text cleaned, if this program can show it."""
    stored = version.content
    sections = stored.get("sections") or []
    if not isinstance(sections, list) or not all(isinstance(section, dict) for section in sections):
        raise UnusableFileError(f"{where}: its sections are no list of sections.")
    stored = {**stored, "sections": [_with_clean_body(section) for section in sections]} if sections else stored
    try:
        _refuse_what_cannot_be_shown(content.from_json(stored, format=version.format), version.page, version.language)
    except (UnreadableSnapshotError, ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnusableFileError(f"{where}: this version cannot be shown.") from error
    return stored


def _with_clean_body(section: dict[str, Any]) -> dict[str, Any]:
    body = section.get("body")
    return {**section, "body": rich_text.cleaned(body)} if isinstance(body, str) else section


def _refuse_what_cannot_be_shown(shown: PageContent, page: Page, language: str) -> None:
    """Every word is text with known tokens, every link stays on the site, and the version is of its page."""
    if (shown.key, shown.language) != (page.key, language):
        raise ValueError("of another page")
    well_formed_path(shown.path)
    if not isinstance(shown.position, int) or not isinstance(shown.medical, bool):
        raise TypeError("position or medical")
    words = [shown.title, shown.nav_title, shown.description, shown.lead, shown.place, *shown.references]
    for section in shown.sections:
        if section.kind not in _KINDS or rich_text.cleaned(section.body) != section.body:
            raise ValueError("a section that this program does not have")
        if section.link_path:
            internal_path(section.link_path)
        words += [getattr(section, name) for name in content.SECTION_WORDS]
    for text in words:
        if not isinstance(text, str):
            raise TypeError("words that are no text")
        known_tokens(text)
