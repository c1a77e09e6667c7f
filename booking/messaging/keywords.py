"""What a patient's text means: stop, start, help, or something for a person to read. Must not act on it.

Any clear wish to stop counts, in any spelling and in both languages (47 CFR 64.1200(a)(10)): the provider's eight
keywords, the words of the rule, and plain sentences. A text that speaks of not getting texts, or of stopping something
else, is no wish to stop: taken for one, it would silence a patient who asks for help.
"""

import re
import unicodedata

from booking.encryption import folded
from booking.models import IncomingText

Meaning = IncomingText.Meaning

_STOP_WORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}  # the provider's and the FCC's
    | {"stopit", "stoptexts", "unsub", "nomore", "nomas", "sotp", "stpo", "remove", "cancelall", "endall"}
    | {"alto", "parar", "pare", "paren", "para", "cancelar", "basta", "detener", "detenga", "baja", "fin", "terminar"}
)
_STOP_TYPED_LONG = re.compile(r"s+t+o+p+")
_START_WORDS = frozenset({"start", "unstop", "yes"})
_HELP_WORDS = frozenset({"help", "info", "ayuda"})

_TEXTS = (
    r"(?:(?:text|sms|txt) )?(?:texts?|texting|messages?|msgs?|sms|alerts?|notifications?|reminders?|"
    r"mensa[jg]es?|mensjes?|textos?|mensajitos|recordatorios?)"
)
_POLITE = (
    r"(?:ok|okay|please|pls|plz|hey|hi|hello|just|(?:can|could|will|would) (?:you|u)|you need to|i said|por favor|"
    r"ya|pues)"
)
_AFTER = (
    r"(?:it|this|that|now|please|pls|plz|all|already|everything|right now|por favor|ya|todo|gracias|thanks|thank you)"
)
_END = r"(?:stop|quit it|unsubscribe|opt ?out|alto|basta|paren?|parar|detengan?(?:se)?|no mas|no more)"
# Must fit a whole clause, that is, what stands between full stops and commas.
_STOP_CLAUSE = re.compile(f"(?:{_POLITE} )*{_END}(?: {_AFTER})*")
# Must fit the whole text: "I am sick, please cancel" speaks of a visit.
_STOP_TEXT = re.compile(f"(?:{_POLITE} )*(?:cancel|end|quit|revoke|remove|delete|cancelar|terminar)(?: {_AFTER})*")
# At the start of a text, unless it is a question: "Stop the medicine?".
_STOP_FIRST = re.compile(r"^stop\b(?! (?:by|in|at|for|taking|eating|drinking|using|over)\b)")

_SEND = r"(?:envi|mand)(?:e|en|es|ar)"
_WRITE = r"(?:escrib(?:a|an|as|ir)|text(?:ee|een|ees|ear)|contact(?:e|en|es|ar)|molest(?:e|en|es|ar))"
_SENT = rf"{_SEND}(?:me)?(?=$| (?:mas|nada|por favor|ya|esos|estos|sus|{_TEXTS})\b)"
_WEEKDAY = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|"
    r"(?:el|los) (?:lunes|martes|miercoles|jueves|viernes|sabados?|domingos?)"
)
# Speaks of stopping, and wishes the contrary or something else. Taken out before the wish is looked for.
_OTHER_WISHES = re.compile(
    "|".join(
        (
            # "don't stop texting me", "I don't want to opt out", "no dejen de avisarme"
            (
                r"\b(?:do not|dont|never|did not|didnt)(?: (?:want|mean|wish|like))?(?: to)?"
                r" (?:stop|quit|unsubscribe|opt ?out|end)\b(?: \w+){0,4}"
            ),
            r"\bno (?:dej|par|deten|quit)(?:e|en|es|gan?|a|an)\b(?! (?:me|nos) en paz)(?: \w+){0,4}",
            # complaints: "why did you stop texting me", "dejaron de mandarme mensajes"
            r"\b(?:why|when) (?:did|do|does|have|has|will) (?:you|they|it|the \w+|these \w+) stop\w*(?: \w+){0,4}",
            r"\bdid (?:you|they) (?:stop|quit)\b(?: \w+){0,4}|\bdej(?:aron|aste|aban) de \w+(?: \w+){0,3}",
            # "I gave you the wrong number"
            (
                r"\bi (?:\w+ ){0,3}(?:gave|put|wrote|typed|entered|call|called|dial|dialed|left|used)(?: \w+){0,3}"
                r" wrong number\b"
            ),
            r"\b(?:di|puse|escribi|deje|marque|anote)(?: \w+){0,3} numero (?:equivocado|incorrecto)\b",
            # "opt out of sedation", "remove me from the waiting list", "take me off Friday"
            (
                rf"\bopt\w* (?:me )?out of (?!(?:(?:all|any|the|these|those|your|more|future|receiving|getting) )*"
                rf"(?:{_TEXTS}|list|this|these|it|everything|all)\b).*"
            ),
            (
                r"\b(?:remove|take|get) (?:me|us) (?:from|off)(?: of)? (?:(?:the|my|your|that) )?(?:\w+ )?"
                rf"(?:slots?|appointment|visit|schedule|calendar|wait ?list|waiting list|{_WEEKDAY})\b"
            ),
            r"\b(?:quit|saqu|borr|elimin|sac)(?:e|en|a)(?:me|nos) de (?:la |mi )?(?:lista de espera|cita|visita)\b",
            # "don't text me before noon", "no me escriba antes de las 9"
            (
                r"\b(?:do not|dont|never) (?:text|message|contact|call)(?: (?:me|us))?"
                rf" (?:(?:before|after|until) (?:\d+|noon|work)|at work|at night|during|on (?:{_WEEKDAY}))\b"
            ),
            (
                rf"\bno (?:me|nos) (?:{_SEND}|{_WRITE})(?: {_TEXTS})?"
                rf" (?:(?:antes|despues) de las?|hasta las?|(?:en|por) la (?:manana|tarde|noche)|{_WEEKDAY})\b"
            ),
            # voice messages are no texts
            r"\bmensajes? de voz\b|\bvoice ?(?:mail )?messages?\b",
            r"\bmessages? (?:on|in|to) my (?:voice ?mail|machine)\b",
        )
    )
)
# May stand anywhere. Read after accents, case and punctuation are gone ("don't" is "dont").
_SENTENCES = (
    r"\bopt(?:ing|ed)? (?:me )?out\b|\bunsub\w*|\bunsuscri\w*|\bdesu[bs]s?cri\w*|\brevoke\b",
    r"\bwithdraw (?:my )?consent\b|\b(?:revoco|retiro|quito) (?:mi |el )?(?:consentimiento|permiso|autorizacion)\b",
    r"\b(?:unenrol|unregister|deregister)\w*|\bcancel\w* (?:mi |la |esta |my |this )?su[bs]s?criptions?\b",
    r"\bcancel\w* (?:mi |la |esta )?su[bs]s?cripcion\b|\bdar(?:me)? de baja\b|\bdej(?:e|en|a)(?:me|nos) en paz\b",
    r"\b(?:leave|keep) me off\b",
    r"\bleave me alone\b|\bwrong number\b|\bnumero (?:equivocado|incorrecto)\b|\bse equivoc\w+ de numero\b",
    r"\b(?:remove|delete|unsubscribe) (?:me|(?:my|this) number)\b|\btake (?:me|(?:my|this) number) off\b",
    (
        r"\b(?:get|want) (?:me |us )?(?:off|out of) (?:(?:of|your|this|the|that|these|all) )*"
        rf"(?:list|{_TEXTS})\b|\blose (?:my|this) number\b"
    ),
    r"\b(?:please|thanks|thank you|gracias|(?:you|them) to) stop$",
    (
        r"\b(?:stop|quit|cease) (?:texting|messaging|txting|msging|spamming|bothering|harassing|bugging|annoying|"
        r"contacting (?:me|us))\b"
    ),
    rf"\b(?:stop|quit) (?:receiving|getting) (?:(?:any|these|those|your|more) )*{_TEXTS}\b",
    rf"\bno (?:autorizo|acepto|consiento) (?:(?:mas|estos|sus) )*{_TEXTS}\b",
    rf"\b(?:stop|quit) sending (?:me )?(?:(?:any|these|those|this|more) ?)*(?:{_TEXTS}|$)",
    rf"^(?:please )?(?:stop|cancel|end|quit) (?:(?:all|the|these|my|your) )*{_TEXTS}\b",
    rf"\b(?:discontinue|cease|disable|deactivate|turn off) (?:(?:all|the|these|those|my|your) )*{_TEXTS}\b",
    (
        rf"\b(?:cancel(?:ar|en|e|o)|par(?:ar|en|e)|termin(?:ar|en|e)|deten(?:er|gan|ga)|apag(?:uen|ue)|"
        rf"quit(?:en|e)|elimin(?:en|e)) (?:(?:con|los|estos|mis|sus|todos) )*{_TEXTS}\b"
    ),
    rf"\b(?:stop|quit) (?:all |these |the |your )+{_TEXTS}\b|^{_TEXTS} (?:stop|off)(?: please)?$",
    rf"^(?:enough|basta de|ya basta de|alto a) (?:(?:the|these|los|estos|sus|tantos|with) )*{_TEXTS}\b",
    (
        r"\b(?:do not|dont|dnt|never)(?: ever)? (?:text|message|msg|txt|contact)"
        r"(?: (?:me|us|this number|again|anymore)\b|$)"
    ),
    rf"\b(?:do not|dont|never) send (?:me |us )?(?:(?:any|more|of|these|those|your) )*{_TEXTS}\b",
    (
        r"\b(?:do not|dont|no longer) (?:want|wish|need) (?:to )?"
        rf"(?:(?:get|receive|any|more|of|these|those|your) )*{_TEXTS}\b"
    ),
    r"\b(?:do not|dont|no longer) (?:want|wish|like) to (?:be|get) (?:contacted|texted|messaged)\b",
    rf"\bno (?:more|mas) {_TEXTS}\b|^(?:please )?no {_TEXTS}(?: please)?$",
    rf"\bno (?:me|nos) (?:{_SENT}|{_WRITE})\b|\bno (?:me |nos )?vuelv\w+ a (?:{_WRITE}|{_SENT}|\w+me\b)",
    rf"\bno {_SENT}|\bno molest(?:e|en|es)\b",
    r"\b(?:dejen?|dejes|deja|para|pares|paren?) de (?:envi|mand|escrib|mensaj|text|molest)\w*",
    rf"\bdej(?:o|ar) de recibir (?:\w+ ){{0,2}}{_TEXTS}\b",
    rf"\bno (?:quiero|deseo|quisiera) (?:\w+ ){{0,3}}{_TEXTS}\b|\bno (?:quiero|deseo) recibir(?: nada)? mas\b",
    rf"\bno (?:quiero|deseo) que (?:me|nos) (?:{_SENT}|{_WRITE})\b|\bprefiero no recibir (?:\w+ ){{0,2}}{_TEXTS}\b",
    rf"\bprefiero que no (?:me|nos) (?:{_SENT}|{_WRITE})\b",
    (
        r"\b(?:(?:quit|saqu|elimin|borr|sac)(?:e|en|a)|remuev(?:a|an))"
        r"(?:(?:me|nos)(?=$| (?:de|ya|por favor|gracias)\b)| (?:mi|este) numero\b)"
    ),
)
_STOP_SENTENCE = re.compile("|".join(_SENTENCES))


def meaning_of(body: str) -> IncomingText.Meaning:
    """What a text means. Only a single word is START or HELP, as at the provider; STOP is understood in sentences."""
    plain = folded(unicodedata.normalize("NFKC", body))
    clauses = [" ".join(clause.split()) for clause in re.split(r"[^\w\s']+", re.sub(r"[’`´]", "'", plain))]
    words = " ".join(clause.replace("'", "") for clause in clauses if clause).split()
    # "S.T.O.P", "stop!!!", "opt-out"
    joined = "".join(words)
    is_one_word = len(words) == 1 or (bool(words) and all(len(word) == 1 for word in words))
    if joined in _STOP_WORDS or _STOP_TYPED_LONG.fullmatch(joined):
        return Meaning.STOP
    if is_one_word and joined in _START_WORDS:
        return Meaning.START
    if is_one_word and joined in _HELP_WORDS:
        return Meaning.HELP
    return Meaning.STOP if _wants_to_stop(" ".join(words), clauses, is_question="?" in plain) else Meaning.OTHER


def _wants_to_stop(words: str, clauses: list[str], *, is_question: bool) -> bool:
    if _STOP_TEXT.fullmatch(words) or any(_STOP_CLAUSE.fullmatch(clause) for clause in clauses):
        return True
    # The bar ends a sentence, so that what stood around it does not grow together.
    left = _OTHER_WISHES.sub("|", words)
    return bool(_STOP_SENTENCE.search(left) or (not is_question and _STOP_FIRST.search(left)))


def is_one_stop_word(body: str) -> bool:
    """Whether it is a stop word and nothing else: nobody has to look whether it was understood."""
    return "".join(re.sub(r"[^\w]", " ", folded(body)).split()) in _STOP_WORDS


def provider_answers_help(body: str, *, keyword: str) -> bool:
    """Whether the provider has answered it itself: only these two words alone."""
    return keyword.upper() == "HELP" or body.strip().upper() in {"HELP", "INFO"}
