"""Measures how hard a text is to read: Flesch-Kincaid for English, Fernández-Huerta for Spanish, with a syllable count
of its own. Must not need word lists or the network, nor judge (pages/editing/hints.py does)."""

import re
from dataclasses import dataclass
from functools import cache

# Names of the test, its parts and its neighbours, and the clinic's own name: no plainer word exists, and each has
# its plain word beside it. They count like an ordinary word of two syllables.
REQUIRED = frozenset(
    {
        "hysterosalpingography", "hysterosalpingogram", "his-ter-oh-sal-pin-gog-ruh-fee", "fluoroscopy",
        "flor-oss-kuh-pee", "recanalization", "hydrosalpinx", "fallopian", "lipiodol", "ibuprofen", "acetaminophen",
        "antibiotic", "interventional", "vascular", "radiology", "radiologist", "california", "accessibility",
        "javascript",
    }
)  # fmt: skip
LONG = 20
ABBREVIATION = re.compile(r"\b(Dr|MD|vs|St)\.")
WORD = re.compile(r"[A-Za-z0-9$À-ÿ][A-Za-z0-9$À-ÿ,'’-]*")
END = re.compile(r"(?<=[.?!])[\"”)]?\s+|\n+")
VOWELS = re.compile(r"[aeiouy]+")
SPANISH_VOWELS = re.compile(r"[aeiouyáéíóúü]+")
STRONG = re.compile(r"[aeoáéíóú]")
# Rules of thumb for English spelling; test_starter_words holds them against words whose count is known.
SILENT_INSIDE = re.compile(r"(some|home|care|where|there|line|more|side|safe|live)(?=[bcdfghjklmnpqrstvwxyz])")
SILENT_END = re.compile(r"(?<![cgsxz])(?<!sh)(?<!ch)(?<![^aeiouy]l)es$|(?<![td])ed$|(?<![^aeiouy]l)e$|e(?=ly$)")
SPOKEN_APART = re.compile(
    r"(?<![cgst])ia(?!ge)|(?<![cgstx])io(?!n)|(?<![cgstxln])ion|iu|(?<![cst])ie[nt](?!d)|iety|ier$|iest$"
    r"|ea$|creat|react|eo(?![pu]|n$)|(?<!g)ua(?!r)|(?<![gb])ui[dn]|[aeiouy]ing|ism|[^aeiou]n['’]t$"
)


@dataclass(frozen=True)
class Reading:
    """What was counted in a text."""

    sentences: int
    words: int
    syllables: int
    long_sentences: int

    @property
    def grade(self) -> float:
        """Flesch-Kincaid: the school year in which a reader follows it."""
        if not self.sentences:
            return 0.0
        return 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59

    @property
    def ease_es(self) -> float:
        """Fernández-Huerta: 100 is very plain, 70 is plain, 50 is hard."""
        if not self.sentences:
            return 100.0
        return 206.84 - 60 * self.syllables / self.words - 1.02 * self.words / self.sentences

    @property
    def long_share(self) -> float:
        """The part of the sentences that has over 20 words."""
        return self.long_sentences / self.sentences if self.sentences else 0.0


@cache
def syllables(word: str) -> int:
    """The syllables of an English word."""
    bare = re.sub(r"['’](s|re|ll|ve)$", "", word.lower())
    if bare in REQUIRED or not bare.isascii() or bare[0] in "$0123456789":
        return 2
    if "-" in bare:
        return sum(syllables(part) for part in bare.split("-") if part)
    spelled = SILENT_END.sub("", SILENT_INSIDE.sub(lambda part: part[0][:-1], bare.replace("qu", "kw")))
    return max(1, len(VOWELS.findall(spelled)) + len(SPOKEN_APART.findall(spelled)))


@cache
def syllables_es(word: str) -> int:
    """Each group of vowels holds as many syllables as it has strong or stressed vowels, and at least one."""
    bare = re.sub(r"gu(?=[eéií])|qu", "g", word.lower())
    return max(1, sum(max(1, len(STRONG.findall(group))) for group in SPANISH_VOWELS.findall(bare)))


def sentences(text: str) -> list[str]:
    """Sentences of four words or more: headings and short bullets would flatter the grade."""
    whole = END.split(ABBREVIATION.sub(r"\1", text))
    return [sentence.strip() for sentence in whole if len(WORD.findall(sentence)) >= 4]


def read(text: str, language: str = "en") -> Reading:
    """Plain text, one paragraph or list item in each line."""
    count = syllables_es if language == "es" else syllables
    counted = [WORD.findall(sentence) for sentence in sentences(text)]
    return Reading(
        sentences=len(counted),
        words=sum(len(words) for words in counted),
        syllables=sum(count(word) for words in counted for word in words),
        long_sentences=sum(len(words) > LONG for words in counted),
    )
