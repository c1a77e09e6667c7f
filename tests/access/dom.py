"""A page as a tree, read with the standard library. Must not judge it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# Attributes by whose value site.css chooses no colour; test_in_a_browser.py holds that.
WORDS = {"action", "aria-describedby", "aria-labelledby", "content", "for", "href", "id", "lang", "name", "value"}


@dataclass(eq=False)
class Node:
    """One element with what stands in it."""

    tag: str
    attrs: dict[str, str]
    parent: "Node | None" = None
    children: "list[Node | str]" = field(default_factory=list)

    def all(self, *tags: str, **wanted: str) -> "list[Node]":
        """Every element below, in document order, with these tags (any without) and these attributes."""
        return [
            node
            for node in self.walk()
            if (not tags or node.tag in tags)
            and all(node.attrs.get(name.rstrip("_").replace("_", "-")) == value for name, value in wanted.items())
        ]

    def walk(self) -> "Iterator[Node]":
        """Every element below, in document order."""
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child.walk()

    @property
    def above(self) -> "Iterator[Node]":
        """The elements around this one, nearest first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    @property
    def text(self) -> str:
        """The words in it, with single spaces."""
        return " ".join(self._raw().split())

    def _raw(self) -> str:
        inner = (child if isinstance(child, str) else child._raw() for child in self.children)
        return "".join(inner) if self.tag in {"a", "b", "strong", "span", "em"} else f" {''.join(inner)} "

    @property
    def ids(self) -> list[str]:
        """Every id below."""
        return [node.attrs["id"] for node in self.walk() if "id" in node.attrs]


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.open = Node("#document", {})
        self.crooked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self.open)
        self.open.children.append(node)
        if tag not in VOID:
            self.open = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.children.append(Node(tag, {name: value or "" for name, value in attrs}, self.open))

    def handle_endtag(self, tag: str) -> None:
        if self.open.tag == tag and self.open.parent is not None:
            self.open = self.open.parent
        elif tag not in VOID:
            self.crooked.append(f"</{tag}> closes <{self.open.tag}>")

    def handle_data(self, data: str) -> None:
        if self.open.tag not in {"script", "style"}:
            self.open.children.append(data)


class _Shape(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, ...]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, *(f"{name}={'' if name in WORDS else value}" for name, value in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}",))


def shape(html: str) -> tuple[tuple[str, ...], ...]:
    """All that site.css goes by: pages of one shape differ in words, so they have the same colours."""
    builder = _Shape()
    builder.feed(html)
    builder.close()
    return tuple(builder.found)


def read(html: str) -> Node:
    """The whole document. Raises ValueError for tags that do not close each other."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    if builder.crooked or builder.open is not builder.root:
        raise ValueError(f"Not well nested: {builder.crooked[:3] or builder.open.tag}")
    return builder.root
