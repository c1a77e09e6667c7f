"""WCAG 2.2 AA as far as the HTML alone decides it, on every page and state of patients, in both languages.

The numbers are those of the success criteria. What needs a rendered page is asked in test_in_a_browser.py.
"""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client

from tests.access import dom
from tests.access.dom import Node
from tests.access.states import Shown, named

Problems = Iterator[str]
# Of the tokens of WCAG 2.2 those that a request needs, and `off` for what is not about the person.
TOKENS = {"name", "tel", "email", "language", "off"}
# `list` keeps a list without bullets a list for VoiceOver; the others have no element of their own here.
ROLES = {"list", "img", "alert", "status", "search", "group"}
SAYS_NOTHING = {"here", "click here", "read more", "more", "learn more", "link", "aquí", "leer más", "más", "ver más"}


@pytest.fixture(scope="session")
def read(pages: list[Shown]) -> list[tuple[Shown, Node]]:
    """Every state as a tree. Tags that do not close each other end it here."""
    return trees(pages)


Read = list[tuple[Shown, Node]]


def trees(pages: list[Shown]) -> Read:
    """These states, each as a tree."""
    return [(shown, dom.read(shown.html)) for shown in pages]


def problems(read: Read, judge: Callable[[Node], Problems], *, kinds: str = "") -> list[str]:
    """What a judge finds, with the state it was found in."""
    return [f"{shown}: {found}" for shown, page in read if kinds in shown.name for found in judge(page)]


def main(page: Node) -> Node:
    (found,) = page.all("main")
    return found


def fields(page: Node) -> list[Node]:
    """What a person fills in: no hidden input, no trap for scripts."""
    found = [node for node in page.all("input", "select", "textarea") if node.attrs.get("type") != "hidden"]
    return [node for node in found if not any(above.attrs.get("aria-hidden") == "true" for above in node.above)]


def is_an_answer_to_errors(shown: Shown) -> bool:
    return "errors" in shown.name or shown.name.endswith(("empty", "wrong", "stale", "filled up"))


def test_there_are_states_of_every_kind_in_both_languages(pages: list[Shown], screens: list[Shown]) -> None:
    counted = Counter((shown.kind, shown.language) for shown in pages)
    for kind, least in (("public", 20), ("request", 25), ("patient", 18), ("error", 2)):
        for language in ("en", "es"):
            assert counted[kind, language] >= least, (kind, language)
    assert [str(shown) for shown in pages if shown.status >= 500 and shown.kind != "error"] == []
    unexpected = [str(shown) for shown in pages if shown.kind == "public" and shown.status != 200]
    assert unexpected == []
    working = [shown for shown in screens if not str(shown).startswith("staff: error")]
    refused = [f"{shown}: {shown.status}" for shown in working if shown.status not in {200, 422}]
    assert refused == []


def test_1_1_1_every_drawing_is_named_or_hidden(read: Read) -> None:
    def judge(page: Node) -> Problems:
        for svg in page.all("svg"):
            named = svg.attrs.get("role") == "img" and svg.attrs.get("aria-labelledby", "").split()
            if svg.attrs.get("aria-hidden") != "true" and not (named and set(named) <= set(svg.ids)):
                yield f"a drawing without a name: {svg.attrs}"
            if named and not any(above.tag == "figure" and above.all("figcaption") for above in svg.above):
                yield f"a drawing without a caption that says the same: {svg.attrs}"

    assert problems(read, judge) == []


def test_1_3_1_there_is_one_h1_and_no_level_is_skipped(read: Read) -> None:
    def judge(page: Node) -> Problems:
        levels = [int(node.tag[1]) for node in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
        if levels.count(1) != 1:
            yield f"{levels.count(1)} h1"
        if is_late := [pair for pair in itertools.pairwise(levels[levels.index(1) :]) if pair[1] - pair[0] > 1]:
            yield f"skipped: {is_late}"

    assert problems(read, judge) == []


def test_1_3_1_groups_tables_and_lists_are_what_they_look_like(read: Read) -> None:
    def judge(page: Node) -> Problems:
        for group in page.all("fieldset"):
            first = next(iter(group.walk()), None)
            if first is None or first.tag != "legend" or not first.text:
                yield "a group without its question as legend"
        for choice in [*page.all("input", type="radio"), *page.all("input", type="checkbox")]:
            if not any(above.tag == "fieldset" for above in choice.above):
                yield f"{choice.attrs['name']} stands in no group"
        for table in page.all("table"):
            is_named = table.all("caption") or table.attrs.get("aria-labelledby")
            if not is_named or any("scope" not in cell.attrs for cell in table.all("th")):
                yield "a table without a name or scopes"
        for item in page.all("li"):
            if item.parent is None or item.parent.tag not in {"ul", "ol"}:
                yield f"an item of no list: {item.text[:40]}"

    assert problems(read, judge) == []


def test_1_3_5_browsers_can_fill_in_who_she_is(read: Read) -> None:
    def judge(page: Node) -> Problems:
        for field in fields(page):
            token = field.attrs.get("autocomplete")
            if token is not None and token not in TOKENS:
                yield f"{field.attrs['name']}: {token}"
        wanted = {"name": "name", "phone": "tel", "email": "email", "other_language": "language"}
        for field in fields(page):
            token = wanted.get(field.attrs.get("name", ""))
            if token and field.attrs.get("autocomplete") != token:
                yield f"{field.attrs['name']} is not {token}"

    assert problems(read, judge) == []
    contact = next(page for shown, page in read if shown.name == "request: contact")
    assert {"name", "tel", "email", "language"} <= {f.attrs.get("autocomplete") for f in fields(contact)}


def test_1_4_5_and_1_4_13_no_picture_of_text_and_nothing_that_pops_up(read: Read) -> None:
    def judge(page: Node) -> Problems:
        yield from (f"a picture: {node.attrs}" for node in page.all("img"))
        yield from (f"a tooltip: {node.attrs['title']}" for node in page.walk() if "title" in node.attrs)

    assert problems(read, judge) == []


def test_2_1_and_2_5_nothing_but_clicks_and_submits(read: Read) -> None:
    def judge(page: Node) -> Problems:
        for node in page.walk():
            own = {name for name in node.attrs if name in {"accesskey", "draggable", "style"} or name.startswith("on")}
            yield from (f"<{node.tag} {name}>" for name in own)
            if node.attrs.get("tabindex", "-1") != "-1":
                yield f"a place of its own in the tab order: {node.attrs}"
            if node.tag in {"video", "audio", "marquee", "blink", "iframe", "object", "dialog"}:
                yield f"<{node.tag}>"
            if node.tag == "meta" and node.attrs.get("http-equiv", "").lower() == "refresh":
                yield "reloads by itself"

    assert problems(read, judge) == []


def test_2_2_1_there_are_20_hours_and_the_page_of_an_ended_session_says_what_happened(pages: list[Shown]) -> None:
    assert settings.SESSION_COOKIE_AGE >= 20 * 60 * 60
    for shown, page in trees(named(pages, "request: visit, session ended")):
        assert re.search(r"more than a day|más de un día", main(page).text), shown


def test_2_4_1_the_first_stop_is_a_link_past_the_header(read: Read) -> None:
    def judge(page: Node) -> Problems:
        first = next(node for node in page.all("body")[0].walk() if node.tag in {"a", "button", "input"})
        if first.attrs.get("href") != "#main" or not first.text:
            yield f"the first stop is {first.attrs}"
        if main(page).attrs.get("id") != "main" or main(page).attrs.get("tabindex") != "-1":
            yield "main cannot be jumped to"

    assert problems(read, judge) == []


def test_2_4_2_titles_name_the_page_first_and_errors_before_it(read: Read) -> None:
    titles: dict[tuple[str, str], set[str]] = defaultdict(set)
    for shown, page in read:
        title = page.all("title")[0].text
        assert title, shown
        assert re.match(r"Error: ", title) if is_an_answer_to_errors(shown) else not title.startswith("Error"), shown
        if shown.kind == "public":
            titles[shown.language, title].add(shown.path)
            if "found" in shown.name:
                assert re.match(r"\d+ ", title), shown
    assert {title: paths for title, paths in titles.items() if len(paths) > 1} == {}


def test_2_4_4_links_say_where_they_lead_and_one_name_leads_to_one_place(read: Read) -> None:
    def judge(page: Node) -> Problems:
        targets = defaultdict(set)
        for link in page.all("a"):
            name = link.attrs.get("aria-label") or link.text
            if not name or name.casefold() in SAYS_NOTHING:
                yield f"says nothing: {link.attrs}"
            # What stands under the heading “On this page” says so before its name does.
            in_contents = any(above.attrs.get("class") == "toc" for above in link.above)
            targets[name.casefold(), in_contents].add(link.attrs.get("href", ""))
        yield from (f"“{name}” leads to {sorted(found)}" for (name, _), found in targets.items() if len(found) > 1)

    assert problems(read, judge) == []


def test_2_4_5_there_is_a_menu_a_search_and_a_list_of_all_pages(read: Read, pages: list[Shown]) -> None:
    for language in ("en", "es"):
        menu = next(page for shown, page in read if (shown.name, shown.language) == ("public: home", language))
        linked = {link.attrs["href"] for link in menu.all("a")}
        public = [shown.path for shown in pages if shown.kind == "public" and shown.language == language]
        assert len(linked & set(public)) >= 8
    questions = next(page for shown, page in read if shown.name == "public: faq")
    assert questions.all("form", role="search")


@pytest.mark.parametrize("language", ["en", "es"])
def test_3_1_the_language_of_pages_and_of_foreign_words_is_marked(read: Read, language: str) -> None:
    other = {"en": "es", "es": "en"}[language]
    for shown, page in read:
        if shown.language == language:
            assert page.all("html")[0].attrs["lang"] == language, shown
            for link in page.all("a", hreflang=other):
                assert link.attrs.get("lang") == other, shown


def test_3_2_3_the_menu_is_the_same_on_every_page(read: Read) -> None:
    menus = defaultdict(set)
    for shown, page in read:
        for menu in page.all("nav"):
            if any(above.tag == "main" for above in menu.above):
                continue
            menus[shown.language].add(tuple((link.text, link.attrs["href"]) for link in menu.all("a")))
    assert {language: len(found) for language, found in menus.items()} == {"en": 1, "es": 1}


def test_3_2_6_help_stands_at_the_same_place_everywhere(read: Read) -> None:
    def judge(page: Node) -> Problems:
        (header,), (footer,) = page.all("header"), page.all("footer")
        if not [link for link in header.all("a") if link.attrs.get("href", "").startswith("tel:")]:
            yield "no phone number in the header"
        first = next(iter(footer.all("p", "ul")), None)
        if first is None or not [link for link in first.all("a") if link.attrs["href"].startswith("tel:")]:
            yield "the footer does not begin with the phone number"

    assert problems(read, judge) == []


def test_3_3_1_every_error_stands_at_its_field_and_in_a_summary_that_leads_there(read: Read) -> None:
    seen = 0
    for shown, page in read:
        summaries = page.all(id="errors")
        assert bool(summaries) == is_an_answer_to_errors(shown), shown
        for summary in summaries:
            seen += 1
            assert "autofocus" in summary.attrs, shown
            assert summary.attrs["tabindex"] == "-1", shown
            first = next(node for node in main(page).walk() if node.tag in {"div", "h1", "p"} and node.attrs.get("id"))
            assert first is summary, shown
            for link in summary.all("a"):
                assert link.attrs["href"].removeprefix("#") in page.ids, shown
                assert [node for node in page.all("span") if node is not link and link.text in node.text], shown
            said = [node for node in page.walk() if node.attrs.get("id", "").endswith("_error")]
            assert len(summary.all("li")) >= len(said), shown
            for error in said:
                assert re.match(r"Error: ", error.text), shown
                described = [n for n in page.walk() if error.attrs["id"] in n.attrs.get("aria-describedby", "").split()]
                assert described, (str(shown), error.text)
    assert seen >= 14


def test_3_3_1_what_was_typed_is_still_there(pages: list[Shown]) -> None:
    for shown, page in trees(named(pages, "request: contact, all wrong")):
        values = {field.attrs.get("name"): field.attrs.get("value") for field in fields(page)}
        assert (values["name"], values["phone"], values["email"]) == ("x" * 101, "12", "ana"), shown
        assert page.all("input", name="sms_consent")[0].attrs.get("checked") is not None, shown


def test_3_3_2_every_field_has_a_visible_label_and_no_placeholder(read: Read) -> None:
    def judge(page: Node) -> Problems:
        labels = Counter(label.attrs.get("for") for label in page.all("label") if label.text)
        for field in fields(page):
            if labels[field.attrs.get("id")] != 1:
                yield f"{field.attrs.get('name')} has {labels[field.attrs.get('id')]} labels"
            yield from (f"{name} on a field" for name in ("placeholder", "required", "pattern") if name in field.attrs)

    assert problems(read, judge) == []


def test_3_3_3_no_error_blames_begs_or_shouts(read: Read) -> None:
    words = r"please|sorry|oops|invalid|por favor|lo sentimos|inválid|!|¡"
    found = [
        f"{shown}: {error.text}"
        for shown, page in read
        for error in page.all("span")
        if error.attrs.get("class") == "err" and re.search(words, error.text, re.IGNORECASE)
    ]
    assert found == []


def test_3_3_4_she_sees_all_answers_before_sending_and_can_cancel_afterwards(pages: list[Shown]) -> None:
    for shown, page in trees(named(pages, "request: check")):
        assert len(page.all("dt")) >= 8, shown
        assert len(page.all("dd", class_="change")) >= 8, shown
    for shown, page in trees(named(pages, "patient: new")):
        assert [link for link in page.all("a") if link.attrs["href"].endswith("/cancel/")], shown


def test_3_3_8_nothing_has_to_be_solved_or_remembered(read: Read) -> None:
    def judge(page: Node) -> Problems:
        for field in fields(page):
            if field.attrs.get("type") == "password":
                yield "a password"
        if "captcha" in page.text.casefold():
            yield "a puzzle"

    assert problems(read, judge) == []
    sign_in = dom.read(Client().get("/admin/login/").content.decode())
    tokens = {field.attrs.get("name"): field.attrs.get("autocomplete") for field in fields(sign_in)}
    assert (tokens["username"], tokens["password"]) == ("username", "current-password")


def test_4_1_2_native_controls_with_unique_ids_and_names_that_resolve(read: Read) -> None:
    def judge(page: Node) -> Problems:
        yield from (f"twice: #{name}" for name, times in Counter(page.ids).items() if times > 1)
        for node in page.walk():
            if "role" in node.attrs and node.attrs["role"] not in ROLES:
                yield f"role {node.attrs['role']} on <{node.tag}>"
            for reference in ("aria-labelledby", "aria-describedby", "aria-controls"):
                yield from (f"{reference} {i}" for i in node.attrs.get(reference, "").split() if i not in page.ids)
            if node.tag == "a" and "href" not in node.attrs:
                yield "a link that leads nowhere"
            if node.tag == "button" and node.attrs.get("type") != "submit":
                yield f"a button that sends nothing: {node.text}"

    assert problems(read, judge) == []


def test_one_button_on_a_page_of_the_request_is_the_way_on(read: Read) -> None:
    def judge(page: Node) -> Problems:
        inner = [node for node in main(page).walk() if "btn" in node.attrs.get("class", "").split()]
        first = [node for node in inner if not {"btn-2", "btn-danger"} & set(node.attrs["class"].split())]
        if len(first) > 1:
            yield f"{[node.text for node in first]}"

    assert problems(read, judge, kinds="request: ") == []


def test_links_to_the_page_itself_lead_to_something(read: Read) -> None:
    def judge(page: Node) -> Problems:
        for link in page.all("a"):
            target = link.attrs.get("href", "")
            if target.startswith("#") and target[1:] not in page.ids:
                yield target

    assert problems(read, judge) == []
