"""The error pages help, and stand on nothing that can be down."""

import re

import pytest
from django.template.loader import render_to_string

from pages import error_files

STANDALONE = [f"{name}.html" for name in error_files.NAMES]

each_page = pytest.mark.parametrize("template", [*STANDALONE, "404.html"])


@each_page
def test_it_needs_no_context(template: str) -> None:
    html = render_to_string(template)
    assert len(re.findall(r"<h1\b", html)) == 1
    assert 'href=""' not in html
    assert 'href="/static/css/site.' in html


@each_page
def test_it_blames_nobody_and_shows_no_number(template: str) -> None:
    text = re.sub(r"<[^>]+>", " ", render_to_string(template)).lower()
    for word in ("oops", "sorry", "please", "invalid", template.removesuffix(".html").split("_")[0]):
        assert word not in text
    assert "!" not in text.replace("<!doctype", "")


@each_page
def test_it_shows_the_phone_number_where_it_is_known(template: str) -> None:
    html = render_to_string(template, {"site": {"phone": "(555) 555-0100", "phone_href": "tel:+15555550100"}})
    assert html.count("Call (555) 555-0100") >= 2


@pytest.mark.parametrize("template", STANDALONE)
def test_it_is_not_for_search_engines_and_says_what_to_do_next(template: str) -> None:
    html = render_to_string(template)
    assert '<meta name="robots" content="noindex">' in html
    assert "Go to the home page" in html
    assert "call 911" in html


def test_a_lost_page_offers_the_main_links() -> None:
    html = render_to_string("404.html", {"site": {"nav": [("Cost", "/pricing/", False)], "request_url": "/request/"}})
    main = html.split("<main")[1]
    assert '<a href="/pricing/">Cost</a>' in main
    assert "Request an appointment" in main


def test_a_lost_page_has_the_search_of_the_questions() -> None:
    html = render_to_string("404.html", {"site": {"questions_url": "/faq/"}})
    assert 'role="search" method="get" action="/faq/"' in html
    assert 'role="search"' not in render_to_string("404.html")


def test_what_a_file_says_it_says_in_both_languages() -> None:
    for name in ("500.html", "503.html"):
        html = render_to_string(name, {"site": {"phone": "(555) 555-0100", "phone_href": "tel:+15555550100"}})
        assert '<div lang="es">' in html
        assert "Llame al (555) 555-0100" in html


def test_an_old_form_leads_on_where_answers_were_kept() -> None:
    html = render_to_string("403_csrf.html", {"onward_url": "/request/contact/"})
    assert "We kept your answers." in html
    assert 'href="/request/contact/"' in html


def test_an_old_form_tells_what_was_kept() -> None:
    html = render_to_string("403_csrf.html")
    assert "Nothing was sent" in html
    assert "We kept the answers" in html


def test_a_closed_site_says_when_it_opens() -> None:
    assert "It opens again at 6 pm." in render_to_string("503.html", {"back_at": "6 pm"})
