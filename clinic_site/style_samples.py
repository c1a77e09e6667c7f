"""Made-up content for the style page: every part of the public pages at its states, in both languages. Must not read
the database, and nothing in it is a fact of the clinic."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.safestring import SafeString, mark_safe

from booking.forms.fields import PlainText, Radios, StepForm, Ticks
from pages.content import Review
from pages.models.sections import FigureSection, StepSection
from pages.shown import Group, Office, Person, Question, Section, Source

Say = Callable[[str, str], str]
TOKENS = (
    *("bg", "surface", "tint", "ink", "ink-2", "line", "control", "link", "visited", "primary", "on-primary", "deep"),
    *("on-deep", "ok", "ok-bg", "err", "err-bg", "warn", "warn-bg", "info", "info-bg"),
    *("sun", "peach", "clay", "leaf", "hill", "water", "sheet"),
)
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


class SampleForm(StepForm):
    """One field of each kind; the words come with the language."""

    name = PlainText(longest=20)
    phone = forms.CharField()
    email = forms.EmailField(required=False, disabled=True)
    language = forms.ChoiceField()
    avoid = forms.CharField(required=False, widget=forms.Textarea)
    visit = Radios(missing=" ")
    days = Ticks()
    help = Ticks()
    texts = forms.BooleanField(required=False)

    def __init__(self, *args: Any, say: Say, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hsg, video = say("HSG test", "HSG"), say("Video visit to ask questions", "Visita por video para preguntas")
        words = {
            "name": (say("Full name", "Nombre completo"), say("The name to use when we call", "El nombre que usamos")),
            "phone": (say("Phone number", "Número de teléfono"), ""),
            "email": (say("Email address (optional)", "Correo electrónico (opcional)"), ""),
            "language": (say("Language", "Idioma"), ""),
            "avoid": (say("Dates you cannot come", "Fechas en que no puede venir"), ""),
            "visit": (say("What do you want to request?", "¿Qué quiere solicitar?"), say("Choose one", "Elija una")),
            "days": (say("Which days could you come?", "¿Qué días podría venir?"), ""),
            "help": (say("Do you need help?", "¿Necesita ayuda?"), ""),
            "texts": (
                say("Yes, text me (optional)", "Sí, mándenme mensajes (opcional)"),
                say("STOP ends them.", "STOP."),
            ),
        }
        for name, (label, hint) in words.items():
            self.fields[name].label, self.fields[name].help_text = label, hint
        choices: dict[str, list[Any]] = {
            "language": [("en", "English"), ("es", "Español")],
            "visit": [("hsg", hsg), ("video", video), ("long", LONG)],
            "help": [("steps", say("A way in without steps", "Una entrada sin escalones")), ("long", LONG)],
            "days": [
                (say("December 2026", "Diciembre de 2026"), [("1", say("Mon, Dec 7", "lun., 7 dic."))]),
                (say("January 2027", "Enero de 2027"), [("2", say("Mon, Jan 4", "lun., 4 ene."))]),
            ],
        }
        for name, listed in choices.items():
            self.fields[name].choices = listed  # type: ignore[attr-defined]
        fix = {
            "name": say("Enter your full name", "Escriba su nombre completo"),
            "phone": say("Enter a phone number with 10 digits", "Escriba un teléfono de 10 números"),
            "visit": say("Select what you want to request", "Elija qué quiere solicitar"),
        }
        for name, message in fix.items():
            self.fields[name].error_messages["required"] = message
        self.fields["name"].error_messages["too_long"] = say("Use 20 letters or fewer", "Use 20 letras o menos")


def in_language(language: str) -> dict[str, Any]:
    """Everything that the style page shows, in one language."""

    def say(en: str, es: str) -> str:
        return es if language == "es" else en

    chosen = {"name": LONG, "visit": "video", "days": ["1"], "language": "es", "avoid": LONG}
    return {
        "tokens": TOKENS,
        "groups": _groups(say),
        "empty_form": SampleForm(say=say, auto_id="empty_%s"),
        "filled_form": SampleForm(initial={**chosen, "texts": True}, say=say, auto_id="filled_%s"),
        "consent_form": SampleForm(say=say, auto_id="consent_%s"),
        "wrong_form": SampleForm({"name": LONG, "language": "en"}, say=say, auto_id="wrong_%s"),
        "rows": [
            {"key": say("Date", "Fecha"), "value": say("Monday, December 7, 2026", "lunes 7 de diciembre de 2026")},
            {"key": say("Time", "Hora"), "value": say("9:30 am", "9:30 a. m.")},
            {"key": say("Full name", "Nombre completo"), "value": LONG, "change_url": "#rows"},
            {"key": say("Email", "Correo electrónico"), "value": "", "change_url": "#rows"},
        ],
        "plan": [
            {"title": say("Get your medicine", "Consiga su medicina"), "body": _words(say)},
            {"title": say("Your visit", "Su visita"), "day": date(2026, 12, 7), "time": "9:30", "body": LONG},
        ],
        "states": [
            {"label": say("Received", "Recibida"), "state": "done", "detail": say("Friday", "viernes")},
            {"label": say("We are arranging a time", "Estamos buscando una hora"), "state": "now"},
            {"label": say("Time set", "Cita fijada"), "state": "next"},
        ],
        "review": Review(
            say("Dr. Example, radiologist", "Dra. Ejemplo, radióloga"), date(2026, 10, 2), date(2027, 10, 1)
        ),
        "crumbs": [(say("Home", "Inicio"), "#main"), (say("HSG test", "Examen HSG"), "#main"), (LONG, "#main")],
        "question": Question("q-alone", say("Does it hurt?", "¿Duele?"), _body(say)),
        "long": LONG,
    }


def _words(say: Say) -> str:
    return say("A few words that say what happens.", "Unas palabras que dicen qué pasa.")


def _body(say: Say) -> SafeString:
    return mark_safe(f"<p>{_words(say)}</p>")  # noqa: S308 (made up above)


def _groups(say: Say) -> list[Group]:
    """Neighbours as on a page, one of each kind of section."""
    body, title = _body(say), say("A heading", "Un título")
    included, extra = [say("The test", "El examen"), LONG], [say("Sedation", "La sedación")]
    person = Person("p", say("Dr. Example, MD", "Dra. Ejemplo"), "", title, [LONG], _words(say), "#main")
    offices = [
        Office(f"o{n}", f"{title} {n}", "#main", [LONG], "(213) 555-0100", "tel:+12135550100", "") for n in (1, 2)
    ]
    source = Source("Example 2020. A study of 40 people.", "https://example.org/a/long/address/of/a/study")
    groups: list[Sequence[Section]] = [
        [Section("fact", heading=heading, body=body) for heading in ("$950", title, "5,000+", LONG[:24])],
        [Section("contents", entries=[("t", title), ("steps", title), ("long", LONG)])],
        [Section("text", anchor="t", heading=title, body=mark_safe(f"{body}<ul><li>{title}</li><li>{LONG}</li></ul>"))],  # noqa: S308
        [Section("text", anchor="steps", heading=say("Steps", "Pasos"))],
        [Section("step", heading=title, body=body, figure=name) for name in StepSection.Figure.values[:4]],
        [Section("step", heading=title, body=body, figure=name) for name in StepSection.Figure.values],
        [Section("step", heading=title, body=body), Section("step", heading=LONG, body=body)],
        [
            Section("card", heading=title, body=body, link_url="#main", link_text=title),
            Section("card", heading=LONG, body=body),
        ],
        *([Section("care", heading=title, body=body, urgency=urgency)] for urgency in ("info", "urgent", "emergency")),
        [Section("figure", figure=name, caption=_words(say)) for name in FigureSection.Figure.values],
        [
            Section(
                "comparison", anchor="c", heading=title, columns=[title, title], rows=[(title, [_words(say), title])]
            )
        ],
        [Section("prices", heading=title, price="$950", included=included, not_included=extra)],
        [Section("topic", heading=title, questions=[Question("q1", title, body), Question("q2", LONG, body)])],
        [Section("people", people=[person])],
        [Section("offices", offices=offices)],
        [Section("references", references=[source])],
        [Section("action")],
        [Section("action", heading=title, body=body)],
    ]
    return [Group(sections[0].kind, sections[0].anchor, sections) for sections in groups]
