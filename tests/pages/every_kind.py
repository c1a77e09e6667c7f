"""A page with a sample of every kind of section, in English and Spanish, saved the way forms save it."""

from typing import Any

from pages.models import (
    SECTION_MODELS,
    ActionSection,
    CardSection,
    CareSection,
    ComparisonSection,
    ContentsSection,
    Fact,
    FactSection,
    FigureSection,
    Office,
    OfficesSection,
    Page,
    PeopleSection,
    Physician,
    PriceLine,
    PricesSection,
    Question,
    Reference,
    ReferencesSection,
    Section,
    StepSection,
    TextSection,
    Topic,
    TopicSection,
)

PATHS = ("/every-kind/", "/es/cada-clase/")


def _both(**words: tuple[str, str]) -> dict[str, str]:
    return {
        f"{name}_{code}": said for name, pair in words.items() for code, said in zip(("en", "es"), pair, strict=True)
    }


def make() -> Page:
    """The draft; publish it in both languages."""
    page = _saved(
        Page(
            key="every-kind",
            path_en=PATHS[0],
            path_es=PATHS[1],
            **_both(
                title=("Every kind of section", "Cada clase de sección"),
                nav_title=("Every kind", "Cada clase"),
                description=("A sample of each.", "Una muestra de cada una."),
                lead=("Here they are.", "Aquí están."),
            ),
        )
    )
    page.references.add(_lists())
    for place, (model, values) in enumerate(_samples(), start=1):
        _saved(model(parent=page, ordering=place * 10, **values))
    return page


def kinds() -> set[str]:
    """Which kinds the samples are of."""
    return {model.kind for model in SECTION_MODELS}


def _lists() -> Reference:
    """What the kinds look up, unless the site has it."""
    _there(Fact, key="hsg_price", defaults={"value": "950"})
    if not Office.objects.exists():
        _saved(Office(slug="sample", name="Long Beach", nickname="Long Beach"))
    if not Physician.objects.exists():
        _saved(Physician(slug="sample", name="Ana Sample, MD", short_name="Dr. Sample"))
    if not PriceLine.objects.filter(service="hsg").exists():
        _saved(PriceLine(service="hsg", **_both(label=("The test", "El examen"))))
        _saved(PriceLine(service="hsg", included=False, **_both(label=("Sedation", "La sedación"))))
    topic = _there(Topic, key="sample", defaults=_both(name=("Samples", "Muestras")))
    answer = _both(question=("Is it a sample?", "¿Es una muestra?"), answer=("<p>It is.</p>", "<p>Sí.</p>"))
    _there(Question, key="is-it-a-sample", defaults={"topic": topic, **answer})
    source = {"citation": "Sample 2000", "url": "https://example.org/", "approved_by": "Dr. Sample"}
    found: Reference = _there(Reference, key="sample", defaults={**source, "approved_on": "2026-01-01"})
    return found


def _samples() -> list[tuple[type[Section], dict[str, Any]]]:
    link = {"link_path": "/every-kind/#text", **_both(link_text=("To the text", "Al texto"))}
    tables = (
        "| By video | At the office\nWhere | At home | Here\nPrice | Free | {{hsg_price}}",
        "| Por video | En el consultorio\nDónde | En casa | Aquí\nPrecio | Gratis | {{hsg_price}}",
    )
    return [
        (FactSection, _worded("{{hsg_price}}", "{{hsg_price}}", "In all", "En total")),
        (ContentsSection, {}),
        (TextSection, {"anchor": "text", **_worded("A text", "Un texto", "Words.", "Palabras.")}),
        (StepSection, _worded("First", "Primero", "Lie back.", "Recuéstese.")),
        (StepSection, _worded("Then", "Después", "Get up.", "Levántese.")),
        (CardSection, {**link, **_worded("If open", "Si está abierta", "Good.", "Bien.")}),
        (CareSection, {"urgency": "info", **_worded("Good to know", "Bueno saber", "Note.", "Nota.")}),
        (CareSection, {"urgency": "urgent", **_worded("Call today", "Llame hoy", "Pain.", "Dolor.")}),
        (CareSection, {"urgency": "emergency", **_worded("Call 911", "Llame al 911", "Now.", "Ya.")}),
        (FigureSection, {"figure": "cycle", **_both(caption=("A cycle of 28 days.", "Un ciclo de 28 días."))}),
        (
            ComparisonSection,
            {**_worded("Two ways", "Dos maneras", "You choose.", "Usted elige.", anchor="ways"), **_both(table=tables)},
        ),
        (PricesSection, {"service": "hsg", **_both(heading=("The price", "El precio"))}),
        (
            TopicSection,
            {
                "anchor": "questions",
                "topic": Topic.objects.get(key="sample"),
                **_both(heading=("Questions", "Preguntas")),
            },
        ),
        (PeopleSection, _both(heading=("Doctors", "Médicos"))),
        (OfficesSection, _both(heading=("Offices", "Consultorios"))),
        (ReferencesSection, _both(heading=("Sources", "Fuentes"))),
        (ActionSection, _worded("Ask for a time", "Pida una cita", "Two minutes.", "Dos minutos.")),
    ]


def _worded(heading: str, heading_es: str, words: str, words_es: str, **more: str) -> dict[str, str]:
    return {**more, **_both(heading=(heading, heading_es), body=(f"<p>{words}</p>", f"<p>{words_es}</p>"))}


def _there(model: type[Any], *, defaults: dict[str, Any], **key: Any) -> Any:
    return model.objects.filter(**key).first() or _saved(model(**key, **defaults))


def _saved(row: Any) -> Any:
    row.full_clean()
    row.save()
    return row
