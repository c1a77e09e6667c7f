"""What a patient's text means: stop, start, help, or something for a person to read. Must not act on it.

Any clear wish to stop counts, in any spelling and in both languages (47 CFR 64.1200(a)(10)): the provider's eight
keywords, the words of the rule, and plain sentences. A text that speaks of not getting texts, or of stopping something
else, is no wish to stop: taken for one, it would silence a patient who asks for help.
"""

import re

from booking.encryption import folded
from booking.models import IncomingText

Meaning = IncomingText.Meaning

_STOP_WORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}  # the provider's and the FCC's
    | {"stopp", "stopit", "stoptexts", "unsub", "nomore", "nomas"}
    | {"alto", "parar", "pare", "paren", "para", "cancelar", "basta", "detener", "detenga", "baja", "fin", "terminar"}
)
_START_WORDS = frozenset({"start", "unstop", "yes"})
_HELP_WORDS = frozenset({"help", "info", "ayuda"})

_TEXTS = r"(?:texts?|texting|messages?|msgs?|sms|alerts?|notifications?|mensajes?|textos?|mensajitos)"
_POLITE = r"(?:ok|okay|please|pls|plz|hey|hi|hello|just|(?:can|could|will) you|you need to|i said|por favor|ya|pues)"
_AFTER = (
    r"(?:it|this|that|now|please|pls|plz|all|already|everything|right now|por favor|ya|todo|gracias|thanks|thank you)"
)
_END = r"(?:stop|quit it|unsubscribe|opt ?out|alto|basta|paren?|parar|detengan?(?:se)?|no mas|no more)"
# Must fit a whole clause, that is, what stands between full stops and commas.
_STOP_CLAUSE = re.compile(f"(?:{_POLITE} )*{_END}(?: {_AFTER})*")
# May stand anywhere. Read after accents, case and punctuation are gone ("don't" is "dont").
_SENTENCES = (
    r"\bopt(?:ing|ed)? (?:me )?out\b|\bunsubscribe\b|\brevoke\b|\bwithdraw (?:my )?consent\b",
    r"\bleave me alone\b|\bwrong number\b|\bnumero equivocado\b|\bdar(?:me)? de baja\b",
    r"\b(?:remove|delete|unsubscribe) (?:me|(?:my|this) number)\b|\btake (?:me|(?:my|this) number) off\b",
    r"^stop\b(?! (?:by|in|at|for|taking|eating|drinking|using))|\bplease stop$",
    r"\b(?:stop|quit) (?:texting|messaging|txting|msging|spamming|bothering|harassing|contacting (?:me|us))\b",
    rf"\b(?:stop|quit) sending (?:me )?(?:(?:any|these|those|this|more) ?)*(?:{_TEXTS}|$)",
    rf"^(?:please )?(?:stop|cancel|end|quit) (?:(?:all|the|these|my|your) )*{_TEXTS}\b",
    rf"^(?:por favor )?(?:cancelar|cancelen?|parar|paren|terminar|detener) (?:(?:los|estos|mis|sus) )*{_TEXTS}\b",
    rf"\b(?:stop|quit) (?:all |these |the |your )+{_TEXTS}\b",
    r"\b(?:do not|dont|never) (?:text|message|msg|txt|contact)(?: (?:me|us|this number|again|anymore)\b|$)",
    rf"\b(?:do not|dont|never) send (?:me |us )?(?:(?:any|more|these|those|your) )*{_TEXTS}\b",
    rf"\b(?:do not|dont|no longer) want (?:to )?(?:(?:get|receive|any|more|these|those|your) )*{_TEXTS}\b",
    rf"\bno (?:more|mas) {_TEXTS}\b|^(?:please )?no {_TEXTS}(?: please)?$",
    (
        r"\bno (?:me|nos) (?:(?:envi|mand|contact)(?:e|en|es)|escrib(?:a|an|as)|text(?:ee|een|ees))\b"
        rf"(?! (?:el|la|los|las|un|una) (?!{_TEXTS}))"
    ),
    rf"\bno (?:envi|mand)(?:e|en|es|ar)(?:me)? (?:mas|{_TEXTS})\b",
    r"\b(?:dej\w+|paren?) de (?:envi|mand|escrib|mensaj|text|molest)\w*",
    rf"\bno quiero (?:\w+ ){{0,3}}{_TEXTS}\b|\bno quiero recibir(?: nada)? mas\b",
    r"\b(?:(?:quit|saqu|elimin|borr)(?:e|en)|remuev(?:a|an))(?:me\b| (?:mi|este) numero\b)",
)
_STOP_SENTENCE = re.compile("|".join(_SENTENCES))


def meaning_of(body: str) -> IncomingText.Meaning:
    """What a text means. Only a single word is START or HELP, as at the provider; STOP is understood in sentences."""
    clauses = [" ".join(clause.split()) for clause in re.split(r"[^\w\s']+", re.sub(r"[’`´]", "'", folded(body)))]
    words = " ".join(clause.replace("'", "") for clause in clauses if clause).split()
    # "S.T.O.P", "stop!!!", "opt-out"
    joined = "".join(words)
    is_one_word = len(words) == 1 or (bool(words) and all(len(word) == 1 for word in words))
    if joined in _STOP_WORDS:
        return Meaning.STOP
    if is_one_word and joined in _START_WORDS:
        return Meaning.START
    if is_one_word and joined in _HELP_WORDS:
        return Meaning.HELP
    wants_stop = _STOP_SENTENCE.search(" ".join(words)) or any(_STOP_CLAUSE.fullmatch(clause) for clause in clauses)
    return Meaning.STOP if wants_stop else Meaning.OTHER


def is_one_stop_word(body: str) -> bool:
    """Whether it is a stop word and nothing else: nobody has to look whether it was understood."""
    return "".join(re.sub(r"[^\w]", " ", folded(body)).split()) in _STOP_WORDS


def provider_answers_help(body: str, *, keyword: str) -> bool:
    """Whether the provider has answered it itself: only these two words alone."""
    return keyword.upper() == "HELP" or body.strip().upper() in {"HELP", "INFO"}
