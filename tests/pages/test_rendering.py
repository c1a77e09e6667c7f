"""What rendering promises of a page as a whole."""

from django.utils.safestring import SafeString

from pages.rendering import told_apart
from pages.shown import Question, Section

WORDS = SafeString("<p>Words.</p>")


def anchors(*sections: Section) -> list[str]:
    return [name for s in told_apart(sections) for name in [s.anchor, *(q.anchor for q in s.questions)]]


def test_two_sections_of_one_name_are_told_apart() -> None:
    assert anchors(Section("text", "cost"), Section("text", "cost"), Section("text", "cost")) == [
        "cost",
        "cost-2",
        "cost-3",
    ]


def test_a_section_keeps_its_anchor_before_a_question_does() -> None:
    topic = Section("topic", "topic", questions=[Question("insurance", "Can I use it?", WORDS)])
    assert anchors(topic, Section("text", "insurance")) == ["topic", "insurance-2", "insurance"]


def test_the_ids_of_the_frame_are_not_taken_and_nothing_gets_an_anchor_it_did_not_have() -> None:
    assert anchors(Section("text", "main"), Section("step")) == ["main-2", ""]
