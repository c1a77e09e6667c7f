"""The Spanish words of the site: nothing missing, nothing left in English, dates and times as Spanish writes them."""

import ast
import html
import io
import re
from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from babel.messages import Message
from babel.messages.extract import extract_python
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation
from django.utils.translation.template import templatize

from booking import actors, lifecycle, links, prep_plan, promise
from booking.forms.times import day_words
from booking.models import AppointmentRequest, DeclineReason, Status
from booking.views import state_words
from clinic_site.management.commands.makemessages import STAFF_ONLY
from pages import error_files
from pages.paths import FIXED_PATHS, OFFICE_ROOTS
from tests import factories
from tests.booking.views.flow import CONTACT, TIMES, VISIT, answer

ROOT = Path(settings.BASE_DIR)
FOLDER = Path(settings.LOCALE_PATHS[0], "es", "LC_MESSAGES")
NBSP = "\N{NO-BREAK SPACE}"
# "name": words of ours; index: which arguments hold the message, "c" marks the context.
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
ENGLISH = re.compile(
    r"\b(?:the|your|you|yours|we|our|this|that|with|from|please|and|for|not|are|is|will|day|days|time|call)\b", re.I
)
# Loud, too close, or said to women alone; "the list" of days is meant.
NOT_OUR_WORDS = re.compile(
    r"[¡!]|\b(?:tú|tu|tus|(?<!la )lista|segura|bienvenida|agendar|reservar|coste|contraste|por favor)\b", re.I
)
DATE_FORMATS = "date format"
# Two words or more, so that "No" and "Error:" are not taken for English left over.
LONG_ENOUGH = 2


def forms(words: Any) -> list[str]:
    """A text, or the singular and the plural."""
    return [words] if isinstance(words, str) else list(words)


CATALOG = read_po(io.BytesIO((FOLDER / "django.po").read_bytes()), locale="es")
MESSAGES: list[Message] = [message for message in CATALOG if message.id]
PAIRS = [pair for m in MESSAGES for pair in zip(forms(m.id), forms(m.string), strict=True)]


def holes(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)[sd]", text))


def patients_files() -> list[Path]:
    """Every source file whose words a patient can read."""
    found = [path for app in ("booking", "clinic_site", "pages") for path in (ROOT / app).rglob("*.py")]
    found += [path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".svg"}]
    names = [(path, str(path.relative_to(ROOT))) for path in found if "migrations" not in path.parts]
    return sorted(path for path, name in names if not any(fnmatch(name, pattern) for pattern in STAFF_ONLY))


def wrapped_in(path: Path) -> Iterator[tuple[str, str]]:
    """Context and text (the singular of a plural) of every wrapped string of a file."""
    source = path.read_text()
    if path.suffix != ".py":  # Django turns a template into calls of gettext between blanked-out words
        calls = [line.strip() for line in templatize(source, origin=str(path)).splitlines()]
        source = "\n".join(re.findall(r"\b(?:n?p?gettext|_)\([^\n]*?['\"]\s*(?:,\s*\w+)?\)", "\n".join(calls)))
    for _line, function, found, _comments in extract_python(io.BytesIO(source.encode()), KEYWORDS, [], {}):
        texts = [found] if isinstance(found, str) else [text for text in found if text is not None]
        yield (texts[0], texts[1]) if "pgettext" in function else ("", texts[0])


def test_the_compiled_catalogue_is_in_step_with_its_source() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, CATALOG)
    compiled.seek(0)
    fresh, stored = read_mo(compiled), read_mo(io.BytesIO((FOLDER / "django.mo").read_bytes()))
    as_pairs = [{(m.context, str(m.id)): m.string for m in c if m.id} for c in (fresh, stored)]
    assert as_pairs[0] == as_pairs[1]
    assert len(as_pairs[0]) == len(MESSAGES)


@pytest.mark.parametrize("path", patients_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_string_that_a_patient_can_read_is_in_the_catalogue(path: Path) -> None:
    known = {(message.context or "", forms(message.id)[0]) for message in MESSAGES}
    assert sorted(set(wrapped_in(path)) - known) == []


def test_strings_are_found_in_python_and_in_templates() -> None:
    assert ("", "Enter your full name") in set(wrapped_in(ROOT / "booking/forms/contact.py"))
    assert (DATE_FORMATS, "l, F j") in set(wrapped_in(ROOT / "templates/components/plan_list.html"))
    assert ("", "Call %(phone)s") in set(wrapped_in(ROOT / "templates/base.html"))
    assert ("", "1 answer needs fixing") in set(wrapped_in(ROOT / "templates/components/error_summary.html"))
    assert ("", "Egg released") in set(wrapped_in(ROOT / "templates/figures/cycle.svg"))
    found = {found for path in patients_files() for found in wrapped_in(path)}
    assert len(found) == len(MESSAGES)


@pytest.mark.parametrize("path", [p for p in patients_files() if p.suffix == ".py"], ids=lambda p: p.name)
def test_no_string_is_wrapped_where_the_collector_cannot_see_it(path: Path) -> None:
    joined = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.JoinedStr)]
    calls = [call for node in joined for call in ast.walk(node) if isinstance(call, ast.Call)]
    assert not [c.lineno for c in calls if isinstance(c.func, ast.Name) and c.func.id in KEYWORDS]


def test_nothing_is_untranslated_or_guessed() -> None:
    assert [m.id for m in MESSAGES if m.fuzzy or not all(forms(m.string))] == []
    assert not CATALOG.obsolete


def test_a_translation_has_the_same_holes_and_tags() -> None:
    for before, after in PAIRS:
        assert holes(before) == holes(after)
        assert re.findall(r"<[^>]+>", before) == re.findall(r"<[^>]+>", after)


def test_a_translation_is_calm_and_speaks_to_everybody() -> None:
    for _before, after in PAIRS:
        assert not NOT_OUR_WORDS.search(after), after


def test_a_request_is_not_called_an_appointment() -> None:
    for before, after in PAIRS:
        if "request" in before.lower() and "appointment" not in before.lower():
            assert "cita" not in re.findall(r"\w+", after.lower()), after


def visible(page: str) -> str:
    """A page without its tags, but with the words of attributes that people hear."""
    heard = " ".join(re.findall(r'(?:aria-label|content|data-\w+)="([^"]*)"', page))
    without = re.sub(
        r"<a [^>]*lang=\"en\"[^>]*>.*?</a>|<(?:style|script)\b.*?</(?:style|script)>", " ", page, flags=re.S
    )
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", without) + " " + heard).split())


def english_in(page: str) -> list[str]:
    """Texts of the catalogue that stand on a page in English."""
    seen = visible(page)
    left = []
    for before, after in PAIRS:
        parts = [part.strip(" .,:") for part in re.split(r"%\(\w+\)[sd]|<[^>]+>", before)]
        longest = max(parts, key=len)
        if before != after and len(longest.split()) >= LONG_ENOUGH:
            left += [before] if re.search(rf"\b{re.escape(longest)}(?!\w)", seen) else []
    return left


def assert_spanish(response: Any) -> str:
    page: str = response.content.decode()
    assert '<html lang="es">' in page
    assert response.headers["Content-Language"] == "es"
    assert english_in(page) == []
    assert ENGLISH.findall(visible(page).replace("California Vascular & Interventional Center", "")) == []
    return visible(page)


def test_english_that_is_left_over_would_be_found() -> None:
    assert english_in("<p>¿Cuándo? Call us if you want a new time.</p>")
    assert english_in("<p>We answer by lunes.</p>")
    assert not english_in("<p>Llámenos si quiere una nueva hora.</p>")


@pytest.fixture
def clock(clinic: None) -> Iterator[Any]:
    """Monday, December 7, 2026; facts that the cycle helper and the plan need are known."""
    cache.clear()
    factories.facts(cycle_first_day="6", cycle_last_day="12", arrive_minutes_before="15", clinic_phone="+12135550100")
    with time_machine.travel(factories.NOW, tick=False) as traveller:
        yield traveller


FLOW = "/es/solicitud/"


@pytest.mark.usefixtures("clock")
class TestTheFlow:
    """Under /es/solicitud/."""

    def test_every_page_of_the_request_is_in_spanish(self) -> None:
        client = Client()
        steps = (
            ("", VISIT),
            ("fechas/", TIMES),
            ("contacto/", {**CONTACT, "email": "ana@gmial.com"}),
            ("revisar/", {}),
        )
        for step, values in steps:
            assert_spanish(client.get(FLOW + step))
            assert answer(client, FLOW + step, values).status_code == 302
        sent = assert_spanish(client.get(FLOW + "enviada/"))
        assert "Le respondemos a más tardar el martes 8 de diciembre, 5 p. m." in sent
        assert AppointmentRequest.objects.get().page_language == "es"

    def test_a_video_visit_asks_in_spanish(self) -> None:
        client = Client()
        answer(client, FLOW, {**VISIT, "visit": "video"})
        assert_spanish(client.get(FLOW + "fechas/"))

    def test_days_are_named_as_spanish_names_them(self) -> None:
        client = Client()
        answer(client, FLOW, VISIT)
        page = visible(client.get(FLOW + "fechas/").content.decode())
        assert "Diciembre de 2026" in page
        assert "Mié 16 de dic" in page

    @pytest.mark.parametrize(
        ("step", "values", "errors"),
        [
            ("", {}, ("Elija lo que quiere pedir", "Elija un consultorio, o elija cualquier consultorio")),
            ("", {"visit": "x", "office": "any"}, ("Elija una de las opciones de esta página",)),
            ("fechas/", {}, ("Elija cuándo puede venir",)),
            ("fechas/", {"timing": "days"}, ("Elija 1, 2 o 3 días",)),
            (
                "fechas/",
                {"timing": "days", "days": ["2026-12-10"]},
                ("El jueves 10 de diciembre ya no está libre. Elija otro día",),
            ),
            ("fechas/", {"timing": "help", "avoid": "x" * 121}, ("deben tener 120 caracteres o menos",)),
            ("contacto/", {}, ("Escriba su nombre completo", "Elija cómo quiere que nos comuniquemos")),
            (
                "contacto/",
                {"contact": "phone"},
                ("Escriba un número de teléfono al que podamos llamar", "Elija sí o no para el mensaje de voz"),
            ),
            ("contacto/", {"contact": "phone", "phone": "12"}, ("de 10 dígitos, como 213 555 0134",)),
            ("contacto/", {"contact": "phone", "phone": "abc"}, ("debe tener solo números",)),
            ("contacto/", {"contact": "email"}, ("Escriba su correo electrónico para que podamos escribirle",)),
            ("contacto/", {"contact": "email", "email": "ana"}, ("con el signo @ y un dominio",)),
            ("contacto/", {"contact": "text", "phone": "2135550134"}, ("Marque esta casilla",)),
            ("contacto/", {"contact": "email", "sms_consent": "yes"}, ("o quite la marca",)),
            ("contacto/", {"language": "other"}, ("Escriba el idioma que quiere hablar",)),
        ],
    )
    def test_errors_are_in_spanish(self, step: str, values: dict[str, Any], errors: tuple[str, ...]) -> None:
        client = Client()
        answer(client, FLOW, VISIT)
        answer(client, FLOW + "fechas/", {"timing": "help"})
        response = client.post(FLOW + step, values, follow=True)
        page = response.content.decode()
        seen = visible(page)
        assert '<html lang="es">' in page
        assert "<title>Error: " in page
        for error in errors:
            assert seen.count(error) == 2  # in the summary and at the field
        assert re.search(r"Hay 1 respuesta que corregir|Hay \d respuestas que corregir", seen)
        assert english_in(page) == []

    def test_answers_that_were_changed_elsewhere_are_named_in_spanish(self) -> None:
        client = Client()
        for step, values in (("", VISIT), ("fechas/", TIMES), ("contacto/", CONTACT)):
            answer(client, FLOW + step, values)
        page = client.post(FLOW + "revisar/", {"form_id": "old"}).content.decode()
        assert "Sus respuestas se cambiaron en otra ventana" in page

    def test_finding_a_lost_link_is_in_spanish(self) -> None:
        client = Client()
        assert_spanish(client.get("/es/buscar-solicitud/"))
        assert "Escriba su código de solicitud" in assert_spanish(client.post("/es/buscar-solicitud/", {}))
        values = {"reference": "7K4P29XM", "phone": "2135550134"}
        assert "Revise sus mensajes" in assert_spanish(client.post("/es/buscar-solicitud/", values))

    def test_a_clinic_that_takes_no_requests_says_so_in_spanish(self) -> None:
        factories.an_office().__class__.objects.update(is_open_for_requests=False)
        assert "no recibimos solicitudes" in assert_spanish(Client().get(FLOW))


def open_page(hers: AppointmentRequest, page: str = "") -> Any:
    return Client().get(f"/r/{links.token(hers)}/{page}")


@pytest.mark.usefixtures("clock")
class TestThePatientsPage:
    """/r/…, in the language of the request."""

    @pytest.mark.parametrize("status", [status for status in Status if status != Status.CONFIRMED])
    def test_every_status_is_told_in_spanish(self, status: Status) -> None:
        hers = factories.a_request(page_language="es")
        closed = factories.NOW if state_words.WORDS[status].step is None or status == Status.COMPLETED else None
        AppointmentRequest.objects.filter(pk=hers.pk).update(status=status, closed_at=closed)
        assert_spanish(open_page(hers))

    def test_choosing_days_cancelling_and_stopping_texts_are_in_spanish(self) -> None:
        hers = factories.a_request(page_language="es", timing="later", days=())
        for page in ("", "days/", "cancel/"):
            assert_spanish(open_page(hers, page))
        assert_spanish(Client().post(f"/r/{links.token(hers)}/stop-texts/"))

    @pytest.mark.parametrize("reason", list(DeclineReason))
    def test_a_reason_to_say_no_is_in_spanish(self, reason: DeclineReason) -> None:
        hers = factories.a_request(page_language="es")
        lifecycle.decline(request=hers, reason=reason, by=actors.staff(factories.a_staff_user()), now=factories.NOW)
        with translation.override("es"):
            assert str(reason.label) in assert_spanish(open_page(hers))

    def test_a_confirmed_visit_its_plan_and_its_calendar_are_in_spanish(self) -> None:
        visit = factories.a_visit(
            factories.a_request(page_language="es"), starts_at=factories.at("2026-12-10", "15:30")
        )
        page = assert_spanish(open_page(visit.request))
        assert "Fecha jueves 10 de diciembre de 2026" in page
        assert "Hora 3:30 p. m., hora de Los Ángeles" in page
        plan = assert_spanish(open_page(visit.request, "plan/"))
        assert "Martes 8 de diciembre Primer día de antibiótico" in plan
        assert "Jueves 10 de diciembre, 2:30 p. m. Medicina para el dolor" in plan
        assert "Llegue a esta hora: 3:15 p. m. Use ropa cómoda" in plan
        assert_spanish(open_page(visit.request, "cancel/"))
        assert "SUMMARY:Cita\\, CVI" in open_page(visit.request, "calendar.ics").content.decode()


def test_times_are_written_as_each_language_writes_them(clinic: None, now: datetime) -> None:
    visit = factories.a_visit(starts_at=factories.at("2026-12-10", "15:30"))
    clocks = {code: prep_plan.plan(visit, language=code)[-2].time for code in ("en", "es")}
    assert clocks == {"en": f"3:30{NBSP}pm", "es": f"3:30{NBSP}p.{NBSP}m."}
    assert promise.words(visit.starts_at, "en") == f"Thursday, December 10, 3:30{NBSP}pm"
    assert promise.words(visit.starts_at, "es") == f"jueves 10 de diciembre, 3:30{NBSP}p.{NBSP}m."
    day = visit.starts_at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    with translation.override("es"):
        assert day_words(day) == f"jueves{NBSP}10{NBSP}de diciembre"
        assert state_words.visit_rows(visit)[0].value == f"jueves{NBSP}10{NBSP}de diciembre de 2026"
    with translation.override("en"):
        assert day_words(day) == f"Thursday, December{NBSP}10"
        assert state_words.visit_rows(visit)[0].value == f"Thursday, December{NBSP}10, 2026"


@pytest.mark.parametrize("name", ["404", *error_files.NAMES])
def test_an_error_page_is_in_spanish(name: str) -> None:
    with translation.override("es"):
        page = render_to_string(f"{name}.html")
    # A file cannot know who reads it: some say it in short in the other language, too, and mark that.
    page = re.sub(r'<div lang="en">.*?</div>', "", page, flags=re.DOTALL)
    assert '<html lang="es">' in page
    assert english_in(page) == []


@pytest.mark.django_db
def test_every_starter_page_has_a_spanish_twin() -> None:
    call_command("load_starter_content", demo=True, verbosity=0)
    client = Client()
    paths = [spanish for _english, spanish in FIXED_PATHS.values()]
    paths += [OFFICE_ROOTS["es"] + slug + "/" for slug in ("los-angeles", "orange-county", "san-diego")]
    for path in paths:
        response = client.get(path)
        page = response.content.decode()
        assert response.status_code == 200, path
        assert '<html lang="es">' in page, path
        assert english_in(page) == [], path
        assert 'lang="en" hreflang="en">English</a>' in page, path
    missing = client.get("/es/no-existe/")
    assert missing.status_code == 404
    assert "No encontramos esa página" in visible(missing.content.decode())


@pytest.mark.django_db
def test_a_search_in_spanish_answers_in_spanish() -> None:
    call_command("load_starter_content", demo=True, verbosity=0)
    for query in ("precio", "xyzxyz"):
        page = Client().get("/es/preguntas/", {"q": query}).content.decode()
        assert f"para “{query}”" in html.unescape(page)
        assert english_in(page) == []
