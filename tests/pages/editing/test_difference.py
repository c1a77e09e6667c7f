"""Word by word, readable, and safe to show."""

from dataclasses import replace

from pages.content import PageContent, SectionContent
from pages.editing import difference

PAGE = PageContent("hsg", "/hsg/", "en", "The test", "Test", "What it is.")


def kinds(old: str, new: str) -> list[tuple[str, str]]:
    return [(piece.kind, piece.words) for piece in difference.words(old, new)]


def test_only_the_words_that_changed_are_marked() -> None:
    assert kinds("It costs 950 dollars today.", "It costs 1100 dollars today.") == [
        ("same", "It costs"),
        ("gone", "950"),
        ("new", "1100"),
        ("same", "dollars today."),
    ]


def test_a_long_run_that_stays_is_cut_near_the_change() -> None:
    long = " ".join(f"w{number}" for number in range(100))
    assert [piece.kind for piece in difference.words(f"{long} old", f"{long} new")] == ["cut", "same", "gone", "new"]
    assert difference.words(f"{long} old", f"{long} new")[1].words.split()[0] == "w92"


def test_equal_texts_and_empty_ones() -> None:
    assert kinds("a b", "a b") == [("same", "a b")]
    assert kinds("", "a") == [("new", "a")]
    assert kinds("a", "") == [("gone", "a")]
    assert kinds("", "") == []


def test_rich_text_is_compared_as_words_with_the_targets_of_links() -> None:
    assert difference.plain('<p>See <a href="/a/">this &amp; that</a>.</p><ul><li>One</li></ul>') == (
        "See this & that (/a/).\nOne"
    )


def test_pages_that_say_the_same_do_not_differ() -> None:
    assert difference.between(PAGE, PAGE) == []


def test_each_place_that_differs_is_named() -> None:
    old = replace(PAGE, sections=(SectionContent("text", "why", "Why", "<p>Old words.</p>"),))
    new = replace(
        PAGE,
        title="A test",
        sections=(
            SectionContent("text", "why", "Why", "<p>New words.</p>"),
            SectionContent("care", "", "Call us", urgency="urgent"),
        ),
    )
    found = {change.place: [(p.kind, p.words) for p in change.pieces] for change in difference.between(old, new)}
    assert found["Title"] == [("gone", "The"), ("new", "A"), ("same", "test")]
    assert ("gone", "Old") in found["text “Why”"]
    assert found["Added: care card “Call us”"] == [("new", "Call us\n[urgency: urgent]")]


def test_a_section_in_between_does_not_make_the_others_differ() -> None:
    a, b, c = (SectionContent("text", name, name.title(), f"<p>{name}</p>") for name in "abc")
    changes = difference.between(replace(PAGE, sections=(a, c)), replace(PAGE, sections=(a, b, c)))
    assert [change.place for change in changes] == ["Added: text “B”"]


def test_a_change_of_form_alone_says_so() -> None:
    old = replace(PAGE, sections=(SectionContent("text", "a", "A", "<p>Words</p>"),))
    new = replace(PAGE, sections=(SectionContent("text", "a", "A", "<p><strong>Words</strong></p>"),))
    assert "Only bold" in difference.between(old, new)[0].pieces[0].words


def test_the_longest_texts_are_compared_in_time() -> None:
    old = " ".join(f"w{number % 50}" for number in range(4000))
    assert difference.words(old, old.replace("w7 ", "w8 "))
