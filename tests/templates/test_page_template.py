"""A page of every kind of section, rendered: one h1, no skipped heading, unique ids, names that resolve."""

import itertools
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from pages.content import Review
from pages.models import SECTION_MODELS
from pages.shown import Group, Office, Page, Person, Question, Search, Section, Source

BODY = SafeString("<p>Some words.</p>")
QUESTION = Question("cost", "What does it cost?", BODY)
SITE: dict[str, Any] = {
    "clinic_name": "California Vascular & Interventional Center",
    "short_name": "CVI",
    "phone": "(555) 555-0100",
    "phone_href": "tel:+15555550100",
    "hours": "Monday to Friday, 9 am to 5 pm",
    "nav": [("HSG test", "/hsg/", True), ("Cost", "/pricing/", False)],
    "request_url": "/request/",
    "footer_links": [("Privacy", "/privacy/")],
    "language": "en",
    "other_language_url": "/es/hsg/",
}
SECTIONS = [
    Section("fact", heading="$950", body=BODY),
    Section("contents", entries=[("why", "Why")]),
    Section("text", anchor="why", heading="Why", body=BODY),
    Section("step", heading="You lie back", body=BODY),
    Section("card", heading="If open", body=BODY, link_url="/procedures/", link_text="About procedures"),
    Section("care", heading="Call us if:", body=BODY, urgency="urgent"),
    Section("figure", figure="tubes-open", caption="Both tubes look open."),
    Section(
        "comparison",
        anchor="ways",
        heading="Two ways",
        columns=["By video", "At the office"],
        rows=[("Where", ["At home", "Here"])],
    ),
    Section("prices", price="$950", included=["The test"], not_included=["Sedation"]),
    Section("topic", heading="Cost", questions=[QUESTION]),
    Section("people", people=[Person("a", "A Doctor, MD", "Dr. A", "Radiologist", ["Board"], "Reads.", "/doctor/")]),
    Section(
        "offices", offices=[Office("la", "Los Angeles", "/l/", ["1 Street"], "(555) 555-0100", "tel:+1555", "Mon")]
    ),
    Section("references", references=[Source("Somebody 2020", "https://example.org/")]),
    Section("action", heading="Ask for a time", body=BODY),
]
PAGE = Page(
    key="hsg",
    title="HSG test: are your tubes open?",
    nav_title="HSG test",
    description="What it is.",
    lead="A short X-ray test.",
    language="en",
    path="/hsg/",
    medical=True,
    review=Review("Dr. A, radiologist", date(2026, 10, 2), date(2027, 10, 1)),
    crumbs=[("Home", "/"), ("HSG test", "/hsg/")],
    groups=[Group(section.kind, section.anchor, [section]) for section in SECTIONS],
    alternate_url="https://clinic.example/es/hsg/",
    canonical_url="https://clinic.example/hsg/",
)


def shown(page: Page = PAGE, template: str = "pages/page.html", **site: Any) -> str:
    return render_to_string(template, {"page": page, "site": {**SITE, **site}})


def test_the_sample_has_every_kind_of_section() -> None:
    assert {section.kind for section in SECTIONS} == {model.kind for model in SECTION_MODELS}


def test_there_is_one_h1_and_no_heading_is_skipped() -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])\b", shown())]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), levels


def test_ids_are_unique_and_what_is_named_exists() -> None:
    html = shown()
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    for names in re.findall(r'aria-(?:labelledby|describedby)="([^"]+)"', html):
        assert set(names.split()) <= set(ids)


def test_every_svg_is_named_or_hidden() -> None:
    for tag in re.findall(r"<svg[^>]*>", shown()):
        assert 'aria-hidden="true"' in tag or 'role="img" aria-labelledby=' in tag


def test_help_stands_in_the_header_and_in_the_footer() -> None:
    html = shown()
    header, footer = html.split("</header>")[0], html.split("<footer")[1]
    assert "Call (555) 555-0100" in header
    assert "Call (555) 555-0100" in footer


def test_the_icon_in_the_page_is_the_icon_of_the_site() -> None:
    """As a request of its own it would stand before the first paint (pages/DECISIONS.md)."""
    [address] = re.findall(r'<link rel="icon" href="([^"]+)">', shown())
    drawn = unquote(address.removeprefix("data:image/svg+xml,")).replace("'", '"')
    assert drawn == Path(settings.BASE_DIR, "static/favicon.svg").read_text().strip()


def test_without_a_phone_nothing_offers_to_call() -> None:
    html = shown(replace(PAGE, groups=[g for g in PAGE.groups if g.kind != "offices"]), phone="", phone_href="")
    assert "tel:" not in html
    assert "Call (" not in html


def test_the_review_dates_stand_before_the_last_call_to_action() -> None:
    html = shown()
    assert "Checked by Dr. A, radiologist on October 2, 2026. We will check it again by October 2027." in html
    assert html.index("Checked by") < html.index("Ask for a time")


def test_a_page_nobody_checked_says_nothing_about_checks() -> None:
    assert "Checked by" not in shown(replace(PAGE, review=None))


def test_the_other_language_is_linked_in_its_own_language() -> None:
    assert '<a href="/es/hsg/" lang="es" hreflang="es">Español</a>' in shown()
    assert "Español" not in shown(other_language_url="")


def test_a_draft_says_so_and_a_page_for_nobody_is_not_indexed() -> None:
    assert "Draft." in shown(replace(PAGE, is_draft=True))
    assert '<meta name="robots" content="noindex">' in shown(replace(PAGE, noindex=True))


def test_an_action_without_a_heading_is_only_its_buttons() -> None:
    html = shown(replace(PAGE, review=None, groups=[Group("action", "", [Section("action")])]))
    assert "<h2" not in html.split("<footer")[0]
    assert 'class="g g-go"' in html


def test_titles_name_the_page_first_and_the_clinic_last() -> None:
    assert "<title>HSG test: are your tubes open? – CVI</title>" in shown()


@pytest.mark.parametrize(("found", "heading"), [([QUESTION], "What we found"), ([], "No question has these words")])
def test_a_search_shows_what_was_found_and_keeps_the_words(found: list[Question], heading: str) -> None:
    page = replace(PAGE, key="faq", groups=[], search=Search("pain <b>", found))
    html = shown(page, "pages/faq.html")
    assert f"<h2>{heading}</h2>" in html
    assert 'value="pain &lt;b&gt;"' in html
    assert html.count('role="search"') == 1


def test_the_questions_page_has_no_results_without_a_search() -> None:
    html = shown(replace(PAGE, key="faq"), "pages/faq.html")
    assert "What we found" not in html
    assert 'value=""' in html
