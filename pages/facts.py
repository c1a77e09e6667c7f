"""Reads the facts once and puts them into words: the only place where a token becomes a value. Must not write facts
(the admin does) nor know what a page is."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from pages.fact_list import FACTS, NAMES, TOKEN, FactSpec, Kind, shown, tokens
from pages.models.facts import Fact

__all__ = ["FACTS", "FactSpec", "Facts", "Kind", "current", "fill", "fill_html"]

_BLOCK = re.compile(r"<(p|h3|li)>((?:(?!<(?:p|h3|li|ul|ol)>).)*?)</\1>", re.DOTALL)
_EMPTY_BLOCK = re.compile(r"<(p|h3|li|ul|ol)>\s*</\1>\s*")
_TAG = re.compile(r"(<[^>]+>)")
_OPEN_TAG = re.compile(r"<(strong|em|a)\b")
_CLOSE_TAG = re.compile(r"</(strong|em|a)>")
# A sentence ends before a space that is followed by something that can start one, but not after "Dr." and the like.
_SENTENCE_END = re.compile(
    r"(?<=[.!?])(?<!\bDr\.)(?<!\bDra\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bMrs\.)(?<!\bSr\.)(?<!\bSra\.)(?<!\bSt\.)"
    r"(?<!\bNo\.)(?<!\bvs\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\b[ap]\.m\.)\s+(?=[\"“(¿¡<{A-ZÁÉÍÓÚÑ0-9])"
)


@dataclass(frozen=True)
class Facts:
    """The facts as they were at one moment. `values` maps a key to its value and its Spanish value."""

    values: Mapping[str, tuple[str, str]]

    def number(self, key: str) -> int | None:
        """The value of a money, whole or percent fact; None while it is not known."""
        value = self.values[key][0]
        return int(value) if value else None

    def raw(self, key: str) -> str:
        """The value as it is stored: "+12135550100", "950"."""
        return self.values[key][0]

    def text(self, key: str, language: str = "en") -> str:
        """The value as people read it; empty while it is not known in that language."""
        spec = FACTS[key]
        value, value_es = self.values[key]
        return shown(key, value_es if language == "es" and spec.is_bilingual else value)


def current() -> Facts:
    """The facts of this moment, in one query. What has no row is not known, except the names of the clinic."""
    rows = {key: (value, value_es) for key, value, value_es in Fact.objects.values_list("key", "value", "value_es")}
    return Facts({key: rows.get(key, (spec.default if key in NAMES else "", "")) for key, spec in FACTS.items()})


def fill(text: str, *, language: str, facts: Facts) -> str:
    """Plain text with its tokens replaced. A sentence with a fact that is not known is left out."""
    if "{{" not in text:
        return text
    kept = _known_sentences(text, language=language, facts=facts)
    return TOKEN.sub(lambda match: facts.text(match[1], language), kept)


def fill_html(markup: str, *, language: str, facts: Facts) -> SafeString:
    """Cleaned rich text with its tokens replaced. A sentence, list item or paragraph with a fact that is not known is
    left out, and so is what it leaves empty. The caller passes only HTML that pages/rich_text.py has cleaned."""
    if "{{" in markup:
        if not all(facts.text(key, language) for key in tokens(markup)):
            markup = _known_blocks(markup, language=language, facts=facts)
        markup = _replaced(markup, language=language, facts=facts)
    return mark_safe(markup)  # noqa: S308 (cleaned on the way in, values are escaped)


def _known_sentences(text: str, *, language: str, facts: Facts) -> str:
    sentences = _SENTENCE_END.split(text)
    return " ".join(s for s in sentences if all(facts.text(key, language) for key in tokens(s)))


def _known_blocks(markup: str, *, language: str, facts: Facts) -> str:
    def known(match: re.Match[str]) -> str:
        inner = _known_sentences(match[2], language=language, facts=facts)
        # The sentence that went held one end of a link or of bold text: the block goes with it.
        whole = len(_OPEN_TAG.findall(inner)) == len(_CLOSE_TAG.findall(inner))
        return f"<{match[1]}>{inner if whole else ''}</{match[1]}>"

    markup = _BLOCK.sub(known, markup)
    # What is left stands beside a nested list: there each run of text is looked at by itself.
    runs = _TAG.split(markup)
    markup = "".join(
        run if run.startswith("<") or "{{" not in run else _known_sentences(run, language=language, facts=facts)
        for run in runs
    )
    while (smaller := _EMPTY_BLOCK.sub("", markup)) != markup:
        markup = smaller
    return markup.strip()


def _replaced(markup: str, *, language: str, facts: Facts) -> str:
    def value(match: re.Match[str]) -> str:
        text = html.escape(facts.text(match[1], language))
        before = markup[: match.start()]
        if before.rfind("<a ") > before.rfind("</a>"):
            return text
        if FACTS[match[1]].kind is Kind.PHONE:
            return f'<a href="tel:{facts.raw(match[1])}">{text}</a>'
        if FACTS[match[1]].kind is Kind.EMAIL:
            return f'<a href="mailto:{text}">{text}</a>'
        return text

    return TOKEN.sub(value, markup)
