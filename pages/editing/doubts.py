"""What looks like a slip in the new value of a fact: a zero too many, nothing at all. Must not refuse or save anything:
whoever types is asked, about that very change, and the form (pages/admin/facts.py) takes the answer."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from pages.fact_list import NAMES, Kind, shown
from pages.models import Fact

COUNTED = (Kind.MONEY, Kind.WHOLE)
# Prices change by tenths; a digit too many or too few is a factor of ten.
FACTOR = 2


@dataclass(frozen=True)
class Doubt:
    """The question, and what a tick below it stands for: this change and no other."""

    question: str
    mark: str


def is_needed(fact: Fact) -> bool:
    """Whether the site cannot do without a value that is known and real."""
    return (fact.spec.needs_client or fact.key in NAMES) and not fact.is_placeholder


def of(fact: Fact, *, value: str, value_es: str) -> Doubt | None:
    """What to ask before `fact` is given these values, both as pages/fact_list.py spells them; None for nothing. What
    was made up for trying things out says nothing about the real one."""
    old, old_es = ("", "") if fact.is_placeholder else (fact.value, fact.value_es)
    question = _about(fact, old, value) or (_about_spanish(fact) if value and old_es and not value_es else "")
    return Doubt(question, f"{old}/{old_es} > {value}/{value_es}") if question else None


def _about(fact: Fact, old: str, new: str) -> str:
    if new == old:
        return ""
    words = {"fact": fact, "old": shown(fact.key, old), "new": shown(fact.key, new)}
    if not new:
        text = _("%(fact)s: it was %(old)s, you left it empty. Every sentence with it is hidden. Save it all the same?")
        return text % words
    if fact.spec.kind not in COUNTED or not _is_far(old, new):
        return ""
    if not old:
        return _("%(fact)s: you typed %(new)s. Save it all the same?") % words
    return _("%(fact)s: it was %(old)s, you typed %(new)s. Save it all the same?") % words


def _about_spanish(fact: Fact) -> str:
    text = _("%(fact)s: you left the Spanish empty. Every Spanish sentence with it is hidden. Save it all the same?")
    return text % {"fact": fact}


def _is_far(old: str, new: str) -> bool:
    """Zero; or beyond FACTOR times what was there, or below that part of it. After nothing, or zero, nothing is far."""
    if not int(new):
        return True
    return bool(int(old or 0)) and not int(old) <= FACTOR * int(new) <= FACTOR * FACTOR * int(old)
