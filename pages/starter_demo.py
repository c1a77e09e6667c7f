"""Clearly made-up values for what only the clinic knows, so that a site that is being tried out looks whole. Must not
overwrite a real value; a live site refuses these (pages/checks.py)."""

from django.db import transaction

from pages import publishing
from pages.models import Fact, Office

# 555-0100 to 555-0199 are set aside for fiction, and so is example.com.
FACT_VALUES: dict[str, tuple[str, str]] = {
    "clinic_phone": ("213-555-0100", ""),
    "clinic_email": ("clinic@example.com", ""),
    "cycle_first_day": ("6", ""),
    "cycle_last_day": ("12", ""),
    "arrive_minutes_before": ("20", ""),
    "payment_when": (
        "You pay on the day of the visit, by card or in cash (example).",
        "Usted paga el día de la visita, con tarjeta o en efectivo (ejemplo).",
    ),
    "deposit_rule": ("We do not ask for a deposit (example).", "No pedimos un depósito (ejemplo)."),
    "sedation_price": ("Sedation costs $100 (example).", "La sedación cuesta $100 (ejemplo)."),
    "insurance_rule": (
        "We do not send bills to insurance plans (example).",
        "No enviamos facturas a los seguros (ejemplo).",
    ),
    "cancellation_rule": (
        "You can cancel or move your visit at no cost up to 1 day before (example).",
        "Puede cancelar o cambiar su visita sin costo hasta 1 día antes (ejemplo).",
    ),
    "report_when": (
        "You get the report on the day of the test (example).",
        "Usted recibe el informe el día del examen (ejemplo).",
    ),
    "parking": ("You can park next to the building (example).", "Puede estacionar junto al edificio (ejemplo)."),
}
_CITIES = {
    "los-angeles": ("Los Angeles", "90001", "213-555-0101"),
    "orange-county": ("Irvine", "92602", "213-555-0102"),
    "san-diego": ("San Diego", "92101", "213-555-0103"),
}


@transaction.atomic
def fill() -> list[str]:
    """Give each blank fact and address a made-up value, marked as one; returns a line for each."""
    lines = []
    for fact in Fact.objects.filter(key__in=FACT_VALUES, value=""):
        fact.value, fact.value_es = FACT_VALUES[fact.key]
        fact.is_placeholder = True
        fact.full_clean()
        fact.save()
        lines.append(f"{fact}: {fact.value}")
    for office in Office.objects.filter(slug__in=_CITIES, street=""):
        office.street, office.state = "100 Example Street", "CA"
        office.city, office.postal_code, office.phone = _CITIES[office.slug]
        office.is_placeholder = True
        office.full_clean()
        office.save()
        lines.append(f"{office}: {', '.join(office.address_lines)}")
    if lines:
        publishing.bump()
    return lines
