"""Every text and email to a patient, word for word. There is no free text: a kind, a language and a closed set of
slots make a message. Must not read a request (booking/messaging/addressing.py fills the slots) nor the database: the
words here are built in, those that managers saved are in booking/messaging/wording_versions.py.

No health information by construction: the words below name no test, and a slot whose value holds a health word is
left out together with its sentence. A message is a list of sentences; one whose slot is empty is left out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from booking.messaging.gsm import segments

__all__ = [
    "KINDS",
    "SLOTS",
    "SUBJECT",
    "UnsafeWording",
    "Wording",
    "health_word",
    "problems",
    "render",
    "render_email",
    "segments",
]

SLOTS = frozenset({"brand", "day", "time", "office", "link", "phone", "reference"})

SLOT = re.compile(r"\{(\w+)\}")
# Stems, in both languages, accents folded by the pattern itself.
_HEALTH = re.compile(
    r"hsg|h[iy]sterosalping|x-?ray|rayos? x|radiolog|imag(?:ing|en)|fertil|infertil|pregnan|embaraz|uter[uo]|womb|"
    r"matriz|"
    r"tub(?:e|al|os)|tromp|ovar|ovula|cycle|ciclo|menstru|period[os]?\b|regla\b|antibiotic|antibi[oó]tic|medicin|"
    r"prescri|receta|\bdos[ei]s\b|pill|catheter|cat[eé]ter|specul|esp[eé]cul|contrast|\bdye\b|tinte|lipiodol|"
    r"sedat|sedaci|vascular|gyn|ginec|diagnos|result|\btest\b|prueba|examen|procedure|procedimiento|\biv\b|\bivf\b|"
    r"\biui\b|endometr|sperm|semen\b|esperma|ultras|sonogr|miscarr|abortion|aborto|biops|surger|cirug|laparos|\bscan|"
    r"ibuprof|doxyc|doxicicl|bleed|sangra|sexual|\bcancers?\b|c[aá]ncer\b|\bovum|laborator",
    re.IGNORECASE,
)
_SHORTENER = re.compile(r"\b(?:bit\.ly|tinyurl\.com|t\.co|goo\.gl|ow\.ly|is\.gd|buff\.ly|rebrand\.ly|cutt\.ly)\b", re.I)
# YES opts in and CANCEL opts out at Twilio and by the FCC's rule: neither may be asked for as an answer.
_KEYWORD_BAIT = re.compile(
    r"\b(?:reply|text|responda|env[ií]e)\s+(?:with\s+|con\s+)?[\"'“]?(?:cancel|yes|end|quit)\b", re.I
)


class UnsafeWording(Exception):
    """A wording that must not be sent: it names health, a public shortener, or baits a keyword."""


@dataclass(frozen=True)
class Wording:
    """One kind of message: sentences for a text and for an email, in both languages."""

    kind: str
    text: dict[str, tuple[str, ...]]
    email: dict[str, tuple[str, ...]]


def _wording(kind: str, en: tuple[str, ...], es: tuple[str, ...], mail_en: str, mail_es: str) -> Wording:
    return Wording(kind, {"en": en, "es": es}, {"en": _mail_en(mail_en), "es": _mail_es(mail_es)})


def _mail_en(first: str) -> tuple[str, ...]:
    return (first, "Your reference is {reference}.", "See your page: {link}", "Questions? Call {phone}.")


def _mail_es(first: str) -> tuple[str, ...]:
    return (
        first,
        "El código de su solicitud es {reference}.",
        "Vea su página: {link}",
        "¿Preguntas? Llame al {phone}.",
    )


_ALL = (
    _wording(
        "received",
        # The first text repeats brand, frequency, rates, HELP and STOP, as carriers demand of an opt-in.
        (
            "{brand}: We have your request. {link}",
            "Msg freq varies. Msg&data rates may apply.",
            "HELP for help, STOP to end.",
        ),
        (
            "{brand}: Recibimos su solicitud. {link}",
            "La frecuencia cambia. Puede haber tarifas de mensajes y datos.",
            "Responda HELP para ayuda, STOP para terminar.",
        ),
        "We have your request. You do not have an appointment yet.",
        "Recibimos su solicitud. Todavía no tiene una cita.",
    ),
    _wording(
        "days_link",
        (
            "{brand}: Choose your days: {link}",
            "Msg freq varies. Msg&data rates may apply.",
            "HELP for help, STOP to end.",
        ),
        (
            "{brand}: Elija sus fechas en este enlace cuando pueda: {link}",
            "La frecuencia cambia. Puede haber tarifas de mensajes y datos.",
            "Responda HELP para ayuda, STOP para terminar.",
        ),
        "You can choose your days on your page when you are ready.",
        "Puede elegir sus días en su página cuando quiera.",
    ),
    _wording(
        "offered",
        ("{brand}: We are holding a time for you until {day}, {time}.", "Choose it: {link}", "Questions? {phone}"),
        ("{brand}: Le apartamos un horario hasta: {day}, {time}.", "Elija: {link}", "Dudas: {phone}"),
        "We hold a time for you. You do not have an appointment until you choose it on your page.",
        "Le apartamos un horario. No tiene una cita hasta que lo elija en su página.",
    ),
    _wording(
        "confirmed",
        ("{brand}: Your visit is set: {day}, {time}, {office}.", "{link}", "To change, call {phone}."),
        ("{brand}: Su cita queda fijada: {day}, {time}, {office}.", "{link}", "Para cambiarla: {phone}"),
        "The time of your visit is set. Date, time and place are on your page.",
        "Su cita ya está fijada. La fecha, la hora y el lugar están en su página.",
    ),
    _wording(
        "moved",
        ("{brand}: New time for your visit: {day}, {time}, {office}.", "{link}", "Questions? {phone}"),
        ("{brand}: Nueva hora de su cita: {day}, {time}, {office}.", "{link}", "Dudas: {phone}"),
        "The time of your visit has changed. The new date, time and place are on your page.",
        "La hora de su cita cambió. La fecha, la hora y el lugar nuevos están en su página.",
    ),
    _wording(
        "cancelled",
        ("{brand}: Your visit on {day}, {time} is cancelled.", "{link}", "Questions? {phone}"),
        ("{brand}: Cita cancelada: {day}, {time}.", "{link}", "Dudas: {phone}"),
        "Your visit is cancelled. See your page for details.",
        "Su cita queda cancelada. Vea los detalles en su página.",
    ),
    _wording(
        "clinic_closed",
        ("{brand}: We are closed on {day}, so your visit cannot take place. We will call you.", "{link}", "{phone}"),
        ("{brand}: No tiene cita el {day}: vamos a cerrar. Le vamos a llamar.", "{link}", "{phone}"),
        "We have to close on the day of your visit, so it cannot take place. We will call you to agree on a new time.",
        "Tenemos que cerrar el día de su cita. Le vamos a llamar para acordar otra hora.",
    ),
    _wording(
        "declined",
        ("{brand}: We have an answer to your request: {link}", "Questions? {phone}"),
        ("{brand}: Tenemos una respuesta a su solicitud: {link}", "Dudas: {phone}"),
        "We have an answer to your request. It is on your page.",
        "Tenemos una respuesta a su solicitud. Está en su página.",
    ),
    _wording(
        "expired",
        ("{brand}: We could not set a time on your days. See: {link}", "Questions? {phone}"),
        ("{brand}: No pudimos darle cita en sus fechas. Vea: {link}", "Dudas: {phone}"),
        "We could not set a time on the days you chose, and your request has ended. You can send a new one.",
        "No pudimos darle cita en los días que eligió, y su solicitud terminó. Puede mandar otra.",
    ),
    _wording(
        "nudge",
        ("{brand}: You can still choose your days: {link}", "Questions? {phone}"),
        ("{brand}: Puede elegir sus fechas: {link}", "Dudas: {phone}"),
        "You can still choose your days on your page.",
        "Todavía puede elegir sus días en su página.",
    ),
    # Reminders say “tomorrow” and “today”: gate.validity() sees to it that they arrive on the right day.
    _wording(
        "plan_begins",
        (
            "{brand}: Tomorrow you start to get ready for your visit on {day}.",
            "Steps: {link}",
            "Questions? {phone}",
        ),
        ("{brand}: Recordatorio: mañana empieza a prepararse para su cita del {day}.", "Pasos: {link}", "{phone}"),
        "This is a reminder: you start to get ready tomorrow. The steps are on your page.",
        "Le recordamos que mañana empieza a prepararse para su cita. Los pasos están en su página.",
    ),
    _wording(
        "day_before",
        ("{brand}: Your visit is tomorrow, {day}, {time}, {office}.", "{link}", "To change, call {phone}."),
        ("{brand}: Recordatorio: su cita es mañana, {day}, {time}, {office}.", "{link}", "Cambios: {phone}"),
        "This is a reminder: your visit is tomorrow. Time and place are on your page.",
        "Le recordamos que su cita es mañana. La hora y el lugar están en su página.",
    ),
    _wording(
        "same_morning",
        ("{brand}: Your visit is today, {time}, {office}.", "{link}", "To change, call {phone}."),
        ("{brand}: Recordatorio: su cita es hoy, {time}, {office}.", "{link}", "Cambios: {phone}"),
        "This is a reminder: your visit is today. Time and place are on your page.",
        "Le recordamos que su cita es hoy. La hora y el lugar están en su página.",
    ),
    _wording(
        "link_again",
        ("{brand}: Here is the link to your request: {link}", "If you did not ask for it, call {phone}."),
        ("{brand}: Este es el enlace a su solicitud: {link}", "Si usted no lo ha pedido, llame al {phone}."),
        "Here is the link to your request. If you did not ask for it, you can ignore this message.",
        "Este es el enlace a su solicitud. Si usted no lo pidió, puede ignorar este mensaje.",
    ),
    # From staff: a new link, or one that never reached her. Unlike link_again it waits for the morning.
    _wording(
        "link",
        ("{brand}: Here is the link to your request: {link}", "Questions? {phone}"),
        ("{brand}: Este es el enlace a su solicitud: {link}", "Dudas: {phone}"),
        "Here is the link to your request. If we sent you one before, use this one from now on.",
        "Este es el enlace a su solicitud. Si le mandamos otro antes, use este de ahora en adelante.",
    ),
    _wording(
        "help",
        # The link first: it helps while no phone number is known.
        (
            "{brand}: For help see {link}",
            "Call {phone}.",
            "Msg freq varies. Msg&data rates may apply.",
            "STOP to end.",
        ),
        (
            "{brand}: Para ayuda vea {link}",
            "Llame al {phone}.",
            "La frecuencia cambia. Puede haber tarifas de mensajes y datos.",
            "Responda STOP para terminar.",
        ),
        "You asked for help. Call us or see your page.",
        "Pidió ayuda. Llámenos o vea su página.",
    ),
)
KINDS: dict[str, Wording] = {wording.kind: wording for wording in _ALL}
SUBJECT = {"en": "Your request {reference}", "es": "Su solicitud {reference}"}


def health_word(text: str) -> str:
    """The first word that names health, or empty. Addresses are not looked at."""
    found = _HEALTH.search(re.sub(r"https?://\S+", "", text))
    return found[0].strip() if found else ""


def problems(text: str) -> list[str]:
    """Why a text must not be sent; empty when it may."""
    found = []
    if health_word(text):
        found.append("health word")
    if _SHORTENER.search(text):
        found.append("public shortener")
    if _KEYWORD_BAIT.search(text):
        found.append("asks for a keyword")
    return found


def render(kind: str, language: str, *, slots: dict[str, str], sentences: Sequence[str] = ()) -> str:
    """The words of a text; `sentences` instead of the built-in ones. Raises KeyError for an unknown kind or slot,
    UnsafeWording as a last gate."""
    built_in = KINDS[kind].text["es" if language == "es" else "en"]
    return _safe(_filled(sentences or built_in, slots, joined_by=" "))


def render_email(
    kind: str, language: str, *, slots: dict[str, str], subject: str = "", sentences: Sequence[str] = ()
) -> tuple[str, str]:
    """Subject and body of an email: a neutral sentence, the reference, the link, the phone. Raises like render()."""
    chosen = "es" if language == "es" else "en"
    title = _filled((subject or SUBJECT[chosen],), slots, joined_by=" ")
    body = _filled(sentences or KINDS[kind].email[chosen], slots, joined_by="\n\n")
    return _safe(title), _safe(f"{body}\n\n{slots.get('brand', '')}".rstrip() + "\n")


def _filled(sentences: Sequence[str], slots: dict[str, str], *, joined_by: str) -> str:
    unknown = set(slots) - SLOTS
    if unknown:
        raise KeyError(f"unknown slots: {sorted(unknown)}")
    values = {name: _neutral(name, slots.get(name, "")) for name in SLOTS}
    kept = []
    for sentence in sentences:
        needed = SLOT.findall(sentence)
        if all(values[name] for name in needed if name not in {"brand", "office"}):
            kept.append(SLOT.sub(lambda match: values[match[1]], sentence))
    text = joined_by.join(kept).replace(", .", ".")
    # A time that ends in “p. m.” ends the sentence, too.
    return re.sub(r"(?<!\.)\.\.(?!\.)", ".", text).removeprefix(": ")


def _neutral(name: str, value: str) -> str:
    """A slot's value, or nothing where it would tell what the visit is for."""
    value = " ".join(value.split())
    return "" if name != "link" and _HEALTH.search(value) else value


def _safe(text: str) -> str:
    if found := problems(text):
        raise UnsafeWording(", ".join(found))
    return text
