"""Structured data (schema.org) of a page: only what is known, only what the page itself says. Must not query the
database nor invent a value."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe

from pages import facts
from pages.fact_list import price_fact
from pages.live import Hours, OfficeRow, PersonRow
from pages.reading import Reading
from pages.shown import Page, Question, Section

_CONTEXT = "https://schema.org"
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# The characters that could end the script element or start markup, as in Django's json_script.
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}

Thing = dict[str, Any]


def for_page(page: Page, reading: Reading) -> list[Thing]:
    """All that search engines are told about a page; nothing about a draft."""
    if page.is_draft:
        return []
    things = [_web_page(page, reading)]
    if len(page.crumbs) > 1:
        things.append(_breadcrumbs(page.crumbs))
    kinds = {section.kind for group in page.groups for section in group.sections}
    only = page.key.removeprefix("office:") if page.key.startswith("office:") else ""
    if only or page.key == "home" or "offices" in kinds:
        things += [_clinic(row, reading) for row in reading.live.offices if only in ("", row.slug)]
    things += [
        _offer(page, section, reading)
        for group in page.groups
        for section in group.sections
        if section.kind == "prices" and section.price
    ]
    if "people" in kinds:
        things += [_physician(row, reading) for row in reading.live.people]
    questions = [q for group in page.groups for section in group.sections for q in section.questions]
    if questions and page.key == "faq":
        things.append(_questions(page, questions))
    return [{"@context": _CONTEXT, **thing} for thing in things]


def scripts(things: Iterable[Thing]) -> SafeString:
    """The data as script elements. A data block is not a script, so the policy of the page lets it stand."""
    blocks = (json.dumps(thing, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES) for thing in things)
    return mark_safe(  # noqa: S308 (escaped above)
        "".join(f'<script type="application/ld+json">{block}</script>\n' for block in blocks)
    )


def _web_page(page: Page, reading: Reading) -> Thing:
    thing: Thing = {
        "@type": "MedicalWebPage" if page.medical else "WebPage",
        "url": page.canonical_url,
        "name": page.title,
        "description": page.description,
        "inLanguage": page.language,
        "publisher": _clinic_reference(reading),
    }
    if page.review and page.medical:
        thing["reviewedBy"] = {"@type": "Person", "name": page.review.checked_by}
        thing["lastReviewed"] = page.review.checked_on.isoformat()
    return _known(thing)


def _breadcrumbs(crumbs: Sequence[tuple[str, str]]) -> Thing:
    items = [
        {
            "@type": "ListItem",
            "position": place,
            "name": title,
            "item": {"@type": "WebPage", "@id": settings.SITE_URL + path},
        }
        for place, (title, path) in enumerate(crumbs, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def _clinic_reference(reading: Reading) -> Thing:
    return {"@type": "MedicalClinic", "name": reading.facts.text("clinic_name"), "url": settings.SITE_URL + "/"}


def _clinic(row: OfficeRow, reading: Reading) -> Thing:
    address = {
        "@type": "PostalAddress",
        "streetAddress": row.street,
        "addressLocality": row.city,
        "addressRegion": row.state,
        "postalCode": row.postal_code,
        "addressCountry": "US",
    }
    return _known(
        {
            "@type": "MedicalClinic",
            "@id": f"{settings.SITE_URL}/locations/{row.slug}/#clinic",
            "name": f"{reading.facts.text('clinic_name')}, {row.name}",
            "url": f"{settings.SITE_URL}/locations/{row.slug}/",
            "telephone": row.phone or reading.facts.raw("clinic_phone"),
            "email": reading.facts.raw("clinic_email"),
            "address": address if row.street else None,
            "openingHoursSpecification": [_hours(interval) for interval in row.hours],
        }
    )


def _hours(interval: Hours) -> Thing:
    return {
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": f"{_CONTEXT}/{_DAYS[interval.weekday]}",
        "opens": f"{interval.opens:%H:%M}",
        "closes": f"{interval.closes:%H:%M}",
    }


def _offer(page: Page, section: Section, reading: Reading) -> Thing:
    """What a service costs. Its page, where there is one of the same key, gives its name."""
    about = reading.index.get(section.service, reading.language)
    service = {
        "@type": "Service",
        "name": about.nav_title if about else section.service.upper(),
        "url": settings.SITE_URL + about.path if about else "",
        "provider": _clinic_reference(reading),
    }
    return {
        "@type": "Offer",
        "url": page.canonical_url,
        "price": reading.facts.raw(price_fact(section.service)),
        "priceCurrency": "USD",
        "itemOffered": _known(service),
        "offeredBy": _clinic_reference(reading),
    }


def _physician(row: PersonRow, reading: Reading) -> Thing:
    path = reading.index.url("doctor", reading.language)
    return _known(
        {
            "@type": "Physician",
            "name": row.name,
            "description": facts.fill(row.summary, language=reading.language, facts=reading.facts),
            "url": settings.SITE_URL + path if path else "",
            "parentOrganization": _clinic_reference(reading),
        }
    )


def _questions(page: Page, questions: Iterable[Question]) -> Thing:
    answered = [
        {
            "@type": "Question",
            "name": question.question,
            "url": f"{page.canonical_url}#{question.anchor}",
            "acceptedAnswer": {"@type": "Answer", "text": _plain(question.answer)},
        }
        for question in questions
    ]
    return {"@type": "FAQPage", "inLanguage": page.language, "mainEntity": answered}


def _plain(markup: str) -> str:
    return " ".join(strip_tags(markup.replace("<", " <")).split())


def _known(thing: Thing) -> Thing:
    return {name: value for name, value in thing.items() if value not in ("", None, [])}
