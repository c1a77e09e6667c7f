"""What search engines are told is true to schema.org's own vocabulary, on every page in both languages."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from pages import publishing, starter_content, starter_demo, starter_files
from pages.management.commands.load_starter_content import FOLDER
from pages.models import Fact, OfficesSection, OpeningHours, Page, PeopleSection, PriceLine, PricesSection, TopicSection
from pages.paths import FIXED_PATHS
from tests.pages.content_rows import a_fact, a_page, a_physician, a_question, an_office, published
from tests.pages.schema_org import subset

pytestmark = pytest.mark.django_db
SCRIPT = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)

# What a text has to look like to be of a kind.
FORMS = {
    "Text": r".+",
    "URL": r"https?://\S+",
    "Date": r"\d{4}-\d{2}-\d{2}",
    "Time": r"\d{2}:\d{2}",
    "DayOfWeek": r"https://schema\.org/(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day",
}


def told(path: str) -> list[dict[str, Any]]:
    """The data as a crawler finds it in the page."""
    return [json.loads(block) for block in SCRIPT.findall(Client().get(path).content.decode())]


def mistakes(thing: dict[str, Any], where: str = "") -> Iterator[str]:
    """What the vocabulary does not allow in a thing, with all that is in it."""
    kind = thing.get("@type", "")
    if kind not in subset.vocabulary()["types"]:
        yield f"{where}: there is no type {kind!r}"
        return
    for name, value in thing.items():
        if name.startswith("@"):
            continue
        rule = subset.vocabulary()["properties"].get(name)
        if rule is None or not subset.ancestors(kind) & set(rule["domain"]):
            yield f"{where}/{kind}: has no property {name!r}"
            continue
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield from mistakes(one, f"{where}/{kind}.{name}")
            if not any(_is_a(one, wanted) for wanted in rule["range"]):
                yield f"{where}/{kind}.{name}: {one!r} is none of {', '.join(rule['range'])}"


def _is_a(value: Any, wanted: str) -> bool:
    if isinstance(value, dict):
        return wanted in subset.ancestors(value.get("@type", ""))
    if isinstance(value, int):
        return wanted in {"Integer", "Number"}
    return isinstance(value, str) and bool(value) and wanted in FORMS and bool(re.fullmatch(FORMS[wanted], value))


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        ({"@type": "Hospice"}, "there is no type 'Hospice'"),
        ({"@type": "Offer", "streetAddress": "x"}, "Offer: has no property 'streetAddress'"),
        ({"@type": "Offer", "offeredBy": "me"}, "Offer.offeredBy: 'me' is none of Organization, Person"),
        ({"@type": "Offer", "itemOffered": {"@type": "Person"}}, "is none of AggregateOffer"),
        ({"@type": "Offer", "itemOffered": {"@type": "Service", "price": "1"}}, "Service: has no property 'price'"),
        ({"@type": "WebPage", "name": ""}, "is none of Text"),
    ],
)
def test_what_the_vocabulary_does_not_allow_is_found(thing: dict[str, Any], words: str) -> None:
    assert words in "; ".join(mistakes(thing))


def test_the_vocabulary_names_its_source_and_its_licence() -> None:
    assert "schema.org release" in subset.vocabulary()["source"]
    assert "CC BY-SA 3.0" in subset.vocabulary()["licence"]


def test_every_page_and_office_of_the_starter_content_is_valid_in_both_languages() -> None:
    starter_content.load(starter_files.read(FOLDER))
    starter_demo.fill()
    offices = [root + "los-angeles/" for root in ("/locations/", "/es/consultorios/")]
    found = {path: told(path) for path in [*(path for pair in FIXED_PATHS.values() for path in pair), *offices]}
    assert [mistake for path, things in found.items() for thing in things for mistake in mistakes(thing, path)] == []
    kinds = {path: {thing["@type"] for thing in things} for path, things in found.items()}
    assert all(kinds.values())
    assert kinds["/"] == {"MedicalWebPage", "MedicalClinic"}
    assert kinds["/pricing/"] == {"WebPage", "BreadcrumbList", "Offer"}
    assert kinds["/es/hsg/"] == {"MedicalWebPage", "BreadcrumbList", "Offer"}
    assert kinds["/faq/"] == {"MedicalWebPage", "BreadcrumbList", "FAQPage"}
    assert kinds["/doctor/"] == {"MedicalWebPage", "BreadcrumbList", "Physician"}
    assert kinds["/locations/los-angeles/"] == {"WebPage", "BreadcrumbList", "MedicalClinic"}
    offer = next(thing for thing in found["/es/precios/"] if thing["@type"] == "Offer")
    assert (offer["price"], offer["priceCurrency"], offer["itemOffered"]["name"]) == ("950", "USD", "Examen HSG")


def everything_known() -> Page:
    """A page that tells all that can be told."""
    office = an_office(phone="+12135550101")
    OpeningHours.objects.create(office=office, weekday=0, opens="09:00", closes="17:00")
    a_physician()
    a_fact("hsg_price", "950")
    a_fact("clinic_email", "hello@example.com")
    PriceLine.objects.create(service="hsg", label_en="The test")
    page = a_page("faq", path="/faq/", medical=True, checked_by="Dr. A", checked_on="2026-10-02", due_on="2027-10-02")
    question = a_question("q", "Is it safe?")
    TopicSection.objects.create(parent=page, topic=question.topic, ordering=1)
    for place, model in enumerate((PricesSection, OfficesSection, PeopleSection), start=2):
        model._default_manager.create(parent=page, ordering=place)
    return published(page)


def test_a_page_with_everything_known_is_valid() -> None:
    everything_known()
    things = told("/faq/")
    assert [mistake for thing in things for mistake in mistakes(thing)] == []
    assert {thing["@type"] for thing in things} == {"MedicalWebPage", "MedicalClinic", "Offer", "Physician", "FAQPage"}
    page = things[0]
    assert (page["reviewedBy"]["name"], page["lastReviewed"]) == ("Dr. A", "2026-10-02")


def test_the_offer_follows_the_price_and_goes_when_nobody_knows_it() -> None:
    everything_known()
    Fact.objects.filter(key="hsg_price").update(value="975")
    publishing.bump()
    assert [thing["price"] for thing in told("/faq/") if thing["@type"] == "Offer"] == ["975"]
    Fact.objects.filter(key="hsg_price").update(value="")
    publishing.bump()
    assert not [thing for thing in told("/faq/") if thing["@type"] == "Offer"]
