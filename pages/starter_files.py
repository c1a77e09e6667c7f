"""Reads the starter content (TOML) and checks it strictly: every mistake names its file and key. Must not write to the
database (starter_content.py does)."""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LISTS = {"facts", "offices", "physician", "prices", "questions", "references"}
_WORDED = {"heading", "body"}

# kind: (keys of the section, words per language). A key with * must be there.
SECTION_KEYS: dict[str, tuple[set[str], set[str]]] = {
    "text": ({"doctor_must_approve"}, _WORDED),
    "step": ({"doctor_must_approve", "figure"}, _WORDED),
    "card": ({"doctor_must_approve", "link_path"}, _WORDED | {"link_text"}),
    "care": ({"doctor_must_approve", "urgency*"}, _WORDED),
    "fact": ({"doctor_must_approve"}, _WORDED),
    "comparison": ({"doctor_must_approve"}, _WORDED | {"table"}),
    "topic": ({"topic*"}, {"heading"}),
    "prices": ({"service*"}, {"heading"}),
    "figure": ({"figure*"}, {"heading", "caption"}),
    "people": (set(), {"heading"}),
    "offices": (set(), {"heading"}),
    "references": (set(), {"heading"}),
    "action": ({"doctor_must_approve"}, _WORDED),
    "contents": (set(), {"heading"}),
}
_PAGE_WORDS = {"title*", "nav_title*", "description*", "lead"}


class StarterFileError(Exception):
    """A starter file cannot be used; the message names the file and the key."""


@dataclass(frozen=True)
class Part:
    """A table of a file: its values, its words per language, and where it stands."""

    where: str
    values: dict[str, Any]
    words: dict[str, dict[str, Any]]

    def get(self, key: str, default: Any = "") -> Any:
        """A value, or the default."""
        return self.values.get(key, default)


@dataclass(frozen=True)
class PageFile:
    """One page and its sections."""

    page: Part
    sections: list[Part]


@dataclass(frozen=True)
class Starter:
    """The whole starter content."""

    pages: list[PageFile]
    facts: list[Part]
    offices: list[Part]
    physicians: list[Part]
    prices: list[Part]
    topics: list[Part]
    questions: list[Part]
    references: list[Part]


def read(folder: Path) -> Starter:
    """All files of the folder; StarterFileError at the first mistake."""
    files = {path.stem: _parsed(path) for path in sorted(folder.glob("*.toml"))}
    if not files:
        raise StarterFileError(f"There is no starter content in {folder}.")
    lists = {name: files.pop(name, {}) for name in LISTS}
    questions = lists["questions"]
    _only("questions.toml", questions, {"topics", "questions"})
    return Starter(
        pages=[_page(f"{name}.toml", data) for name, data in files.items()],
        facts=_list("facts", lists, {"key*", "value*", "value_es", "note"}, set()),
        offices=_list(
            "offices",
            lists,
            {"slug*", "name*", "nickname*", "position", "street", "city", "state", "postal_code", "phone"},
            {"description", "parking", "access"},
        ),
        physicians=_physicians(lists["physician"]),
        prices=_list("prices", lists, {"service*", "included*"}, {"label*"}, name="lines"),
        topics=[
            _part(f"questions.toml, topic {place}", row, {"key*", "en*", "es"}, set(), languages=())
            for place, row in enumerate(questions.get("topics", []), start=1)
        ],
        questions=_list(
            "questions",
            lists,
            {"key*", "topic*", "synonyms", "doctor_must_approve"},
            {"question*", "answer*"},
            also={"topics"},
        ),
        references=_list("references", lists, {"key*", "citation*", "url", "supports", "approved"}, set()),
    )


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StarterFileError(f"{path.name} cannot be read: {error}") from error


def _page(file: str, data: dict[str, Any]) -> PageFile:
    sections = data.pop("sections", [])
    keys = {"key*", "path*", "medical", "noindex", "references", "place", "position"}
    page = _part(file, data, keys, _PAGE_WORDS)
    return PageFile(page, [_section(f"{file}, section {n}", row) for n, row in enumerate(sections, start=1)])


def _section(where: str, row: dict[str, Any]) -> Part:
    kind = row.get("kind")
    if kind not in SECTION_KEYS:
        raise StarterFileError(f"{where}: kind is {kind!r}; choose one of {', '.join(SECTION_KEYS)}.")
    keys, words = SECTION_KEYS[kind]
    return _part(f"{where} ({kind})", row, {"kind*", "anchor", *keys}, words)


def _list(
    file: str,
    lists: dict[str, dict[str, Any]],
    keys: set[str],
    words: set[str],
    *,
    name: str = "",
    also: Collection[str] = (),
) -> list[Part]:
    data, name = lists[file], name or file
    _only(f"{file}.toml", data, {name, *also})
    return [_part(f"{file}.toml, {name} {n}", row, keys, words) for n, row in enumerate(data.get(name, []), start=1)]


def _physicians(data: dict[str, Any]) -> list[Part]:
    keys, words = {"slug*", "name*", "short_name*", "position"}, {"role", "summary", "certificates"}
    return [_part("physician.toml", data, keys, words)] if data else []


def _part(
    where: str, row: dict[str, Any], keys: set[str], words: set[str], *, languages: Collection[str] = ("en", "es")
) -> Part:
    texts = {code: row[code] for code in languages if code in row}
    values = {key: value for key, value in row.items() if key not in texts}
    _only(where, values, keys)
    for code, text in texts.items():
        if not isinstance(text, dict):
            raise StarterFileError(f"{where}: {code} is not a table of words.")
        _only(f"{where}, {code}", text, words)
    if any(word.endswith("*") for word in words) and "en" not in texts:
        raise StarterFileError(f"{where}: the English words are missing.")
    return Part(where, values, texts)


def _only(where: str, values: dict[str, Any], keys: set[str]) -> None:
    allowed = {key.removesuffix("*") for key in keys}
    for key in values:
        if key not in allowed:
            raise StarterFileError(f"{where}: there is no key {key!r} here; choose from {', '.join(sorted(allowed))}.")
    for key in sorted(keys):
        if key.endswith("*") and key.removesuffix("*") not in values:
            raise StarterFileError(f"{where}: the key {key.removesuffix('*')!r} is missing.")
