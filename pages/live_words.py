"""The live rows as templates read them: offices with addresses, questions with answers, prices, doctors, sources. Must
not query the database (live.py did)."""

from collections.abc import Sequence

from pages import facts, links, opening
from pages.fact_list import FACTS, price_fact
from pages.fact_list import shown as fact_words
from pages.live import OfficeRow, QuestionRow
from pages.paths import OFFICE_ROOTS
from pages.reading import Reading
from pages.shown import Office, Person, Prices, Question, Source


def questions(topic: str, reading: Reading) -> list[Question]:
    """The questions of a topic, without those that a fact is missing for."""
    return [found for row in reading.live.questions if row.topic == topic if (found := question(row, reading))]


def question(row: QuestionRow, reading: Reading) -> Question | None:
    """One question; None when its words or its whole answer stand on a fact that is not known."""
    asked = facts.fill(row.question, language=reading.language, facts=reading.facts)
    markup = links.rewritten(row.answer, language=reading.language, index=reading.index)
    answer = facts.fill_html(markup, language=reading.language, facts=reading.facts)
    return Question(row.key, asked, answer) if asked and answer else None


def prices(service: str, reading: Reading) -> Prices:
    """The price of a service is the fact named after it."""
    key = price_fact(service)
    lines = [row for row in reading.live.prices if row.service == service]
    labels = {True: [], False: []}  # type: dict[bool, list[str]]
    for row in lines:
        if label := facts.fill(row.label, language=reading.language, facts=reading.facts):
            labels[bool(row.included)].append(label)
    price = reading.facts.text(key, reading.language) if key in FACTS else ""
    return Prices(price, labels[True], labels[False])


def people(reading: Reading) -> list[Person]:
    """The doctors, linked to their page unless that is the page itself."""
    url = reading.index.url("doctor", reading.language)
    return [
        Person(
            slug=row.slug,
            name=row.name,
            short_name=row.short_name,
            role=row.role,
            certificates=[line.strip() for line in row.certificates.splitlines() if line.strip()],
            body=facts.fill(row.summary, language=reading.language, facts=reading.facts),
            url="" if url == reading.path else url,
        )
        for row in reading.live.people
    ]


def offices(reading: Reading) -> list[Office]:
    """The offices, each linked to its page while it has one."""
    return [_office(row, reading) for row in reading.live.offices]


def clinic_hours(reading: Reading) -> list[str]:
    """When the clinic answers: a line for each run of days."""
    return opening.lines(reading.live.hours, reading.language)


def office_url(slug: str, reading: Reading) -> str:
    """The path of an office's page; empty while the locations are not published in the language."""
    has_page = reading.index.url("locations", reading.language)
    return f"{OFFICE_ROOTS[reading.language]}{slug}/" if has_page else ""


def sources(keys: Sequence[str], reading: Reading) -> list[Source]:
    """The approved ones of a page's sources, in the page's order."""
    approved = {row.key: row for row in reading.live.references}
    return [Source(approved[key].citation, approved[key].url) for key in keys if key in approved]


def _office(row: OfficeRow, reading: Reading) -> Office:
    phone = row.phone or reading.facts.raw("clinic_phone")
    return Office(
        slug=row.slug,
        name=row.name,
        url=office_url(row.slug, reading),
        address_lines=[row.street, f"{row.city}, {row.state} {row.postal_code}"] if row.street else [],
        phone=fact_words("clinic_phone", phone),
        phone_href=f"tel:{phone}" if phone else "",
        hours="\n".join(opening.lines(row.hours, reading.language)),
    )
