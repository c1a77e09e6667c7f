"""What differs between two texts or two versions of a page, word by word. Must not mark anything up (templates do)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import unescape

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pages.content import PageContent, SectionContent
from pages.models import SECTION_MODELS

# Words that stay are shown only near what changed.
NEAR = 8
_KINDS = {model.kind: model._meta.verbose_name for model in SECTION_MODELS}
_LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>', re.DOTALL)
_END = re.compile(r"</(?:p|li|h3)>|<br>")
_TAG = re.compile(r"<[^>]+>")
_WORDS = {
    "path": _("Path"),
    "title": _("Title"),
    "nav_title": _("Short title"),
    "description": _("Description"),
    "lead": _("Introduction"),
    "place": _("Linked from"),
}


@dataclass(frozen=True)
class Piece:
    """A run of words: "same", "gone" or "new"; "cut" stands for words that stay and are not shown."""

    kind: str
    words: str


@dataclass(frozen=True)
class Change:
    """One place that differs: what it is, and its words."""

    place: str
    pieces: Sequence[Piece]


def words(old: str, new: str) -> list[Piece]:
    """Two plain texts, word by word."""
    before, after = _split(old), _split(new)
    pieces: list[Piece] = []
    for operation, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if operation == "equal":
            pieces += _shortened(before[a:b], is_first=a == 0, is_last=b == len(before))
        else:
            pieces += [Piece(kind, _joined(run)) for kind, run in (("gone", before[a:b]), ("new", after[c:d])) if run]
    return pieces


def plain(markup: str) -> str:
    """Rich text as lines of words; where a link leads stands behind its words."""
    return unescape(_TAG.sub("", _END.sub("\n", _LINK.sub(r"\2 (\1)", markup)))).strip()


def between(old: PageContent, new: PageContent) -> list[Change]:
    """Every place that two versions of a page say differently."""
    changes = [
        _change(str(label), getattr(old, name), getattr(new, name))
        for name, label in _WORDS.items()
        if getattr(old, name) != getattr(new, name)
    ]
    if old.references != new.references:
        changes.append(_change(str(_("Sources")), " ".join(old.references), " ".join(new.references)))
    for before, after in _pairs(old.sections, new.sections):
        if before != after:
            changes.append(_section_change(before, after))
    return changes


def _change(place: str, old: str, new: str) -> Change:
    pieces = words(old, new)
    if all(piece.kind in {"same", "cut"} for piece in pieces):
        pieces = [Piece("cut", str(_("Only bold, lists or other forms changed.")))]
    return Change(place, pieces)


def _section_change(before: SectionContent | None, after: SectionContent | None) -> Change:
    section = after or before
    place = str(_KINDS.get(section.kind, section.kind)) if section else ""
    name = (section.heading or section.anchor) if section else ""
    if before is None:
        place = str(_("Added: %(kind)s") % {"kind": place})
    elif after is None:
        place = str(_("Removed: %(kind)s") % {"kind": place})
    return _change(f"{place} “{name}”" if name else place, _section_text(before), _section_text(after))


def _section_text(section: SectionContent | None) -> str:
    if section is None:
        return ""
    extras: list[tuple[str | Promise, str]] = [
        (_("link to"), section.link_path),
        (_("words of the link"), section.link_text),
        (_("urgency"), section.urgency),
        (_("topic"), section.topic),
        (_("service"), section.service),
        (_("drawing"), section.figure),
        (_("name in links"), section.anchor),
    ]
    lines = [section.heading, plain(section.body), section.caption, section.table]
    return "\n".join([line for line in lines if line] + [f"[{label}: {value}]" for label, value in extras if value])


def _pairs(
    old: Sequence[SectionContent], new: Sequence[SectionContent]
) -> Iterator[tuple[SectionContent | None, SectionContent | None]]:
    """Sections that belong together: same kind and name, or, between two that match, same kind in order."""
    before, after = ([(s.kind, s.anchor or s.heading) for s in sections] for sections in (old, new))
    for operation, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if operation == "equal":
            yield from zip(old[a:b], new[c:d], strict=True)
            continue
        left = list(new[c:d])
        for section in old[a:b]:
            twin = next((other for other in left if other.kind == section.kind), None)
            if twin is not None:
                left.remove(twin)
            yield section, twin
        yield from ((None, section) for section in left)


def _split(text: str) -> list[str]:
    return re.findall(r"\n|[^\s]+", text)


def _joined(run: Sequence[str]) -> str:
    return re.sub(r" ?\n ?", "\n", " ".join(run))


def _shortened(run: Sequence[str], *, is_first: bool, is_last: bool) -> list[Piece]:
    head = 0 if is_first else NEAR
    tail = 0 if is_last else NEAR
    if len(run) <= head + tail + 4:
        return [Piece("same", _joined(run))]
    shown = [Piece("same", _joined(run[:head])), Piece("cut", "…"), Piece("same", _joined(run[len(run) - tail :]))]
    return [piece for piece in shown if piece.words]
