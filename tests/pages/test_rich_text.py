"""Hostile HTML is cleaned on the way in, whoever brings it."""

import pytest
from django.core.exceptions import ValidationError

from pages.rich_text import LONGEST_TEXT, cleaned
from tests.pages.content_rows import a_page, a_text


@pytest.mark.parametrize(
    ("hostile", "clean"),
    [
        ("<p>a<script>alert(1)</script></p>", "<p>a</p>"),
        ('<p onclick="x()">a</p>', "<p>a</p>"),
        ('<p style="color:red" class="x" id="y">a</p>', "<p>a</p>"),
        ('<a href="javascript:alert(1)">a</a>', "<a>a</a>"),
        ('<a href="JaVaScRiPt:alert(1)">a</a>', "<a>a</a>"),
        ('<a href="java&#10;script:alert(1)">a</a>', "<a>a</a>"),
        ('<a href="data:text/html,x">a</a>', "<a>a</a>"),
        ('<a href="//evil.example/">a</a>', "<a>a</a>"),
        ('<a href="/\\evil.example/">a</a>', "<a>a</a>"),
        ('<a href=" //evil.example/">a</a>', "<a>a</a>"),
        ('<a href="/\t/evil.example/">a</a>', "<a>a</a>"),
        ('<a href="http://plain.example/">a</a>', "<a>a</a>"),
        ('<a href="/pricing/" target="_blank" rel="x">a</a>', '<a href="/pricing/">a</a>'),
        ('<a href="https://cms.gov/">a</a>', '<a href="https://cms.gov/">a</a>'),
        ('<a href="tel:911">a</a>', '<a href="tel:911">a</a>'),
        ("<svg><p>a</p><script>x</script></svg>", "<p>a</p>"),
        ('<img src="x" onerror="y"><iframe src="z"></iframe>', ""),
        ("<style>p{}</style><p>a</p>", "<p>a</p>"),
        ("<h1>a</h1><h2>b</h2>", "ab"),
        ("<p></p>", ""),
        ("<p>&nbsp;<br></p>", ""),
        ("<math><mtext></mtext><mglyph><style><img src=x onerror=y>", ""),
    ],
)
def test_only_the_closed_set_of_html_is_kept(hostile: str, clean: str) -> None:
    assert cleaned(hostile) == clean


def test_deep_nesting_is_survived() -> None:
    assert "deep" in cleaned("<ul><li>" * 600 + "deep")


def test_no_text_at_all_is_empty() -> None:
    assert cleaned(None) == ""


@pytest.mark.django_db
def test_a_section_is_cleaned_in_both_languages_when_it_is_validated() -> None:
    section = a_text(a_page(), body_en="<p>a<script>x</script></p>", body_es='<p onclick="x">b</p>')
    section.refresh_from_db()
    assert (section.body_en, section.body_es) == ("<p>a</p>", "<p>b</p>")  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_a_paste_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValidationError):
        a_text(a_page(), body_en="<p>" + "a" * LONGEST_TEXT + "</p>")
