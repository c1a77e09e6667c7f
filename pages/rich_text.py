"""The one rich text field: what an editor may use and how hostile HTML is cleaned. Must not render anything.
Cleaning happens in clean(): whatever writes rich text outside a form calls full_clean() first."""

import re
from typing import Any

import nh3
from django.core.validators import MaxLengthValidator
from django_prose_editor.fields import ProseEditorField

from pages.fact_list import known_tokens

LONGEST_TEXT = 20_000
TAGS = {"p", "ul", "ol", "li", "strong", "em", "a", "h3", "br"}
EDITOR = {
    "Bold": True,
    "Italic": True,
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Heading": {"levels": [3]},
    "HardBreak": True,
    "Link": {"enableTarget": False, "protocols": ["https", "mailto", "tel"]},
}
_EMPTY = re.compile(r"^(?:<(p|h3)>(?:\s|&nbsp;|<br>)*</\1>\s*)*$")


def _kept_attribute(tag: str, attribute: str, value: str) -> str | None:
    # "//host" and "/\host" leave the site although they look like a path of it.
    if attribute == "href" and re.match(r"^[\s/\\]*[/\\][\s/\\]*[/\\]", value):
        return None
    return value


_CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes={"a": {"href"}},
    attribute_filter=_kept_attribute,
    url_schemes={"https", "mailto", "tel"},
    link_rel=None,
)


def cleaned(html: str | None) -> str:
    """HTML of the closed set only; an editor's empty paragraph counts as nothing."""
    clean = _CLEANER.clean(html or "").strip()
    return "" if _EMPTY.match(clean) else clean


class RichTextField(ProseEditorField):
    """HTML of the closed set, with fact tokens that exist."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("extensions", EDITOR)
        kwargs.setdefault("sanitize", cleaned)
        kwargs.setdefault("validators", [MaxLengthValidator(LONGEST_TEXT), known_tokens])
        super().__init__(*args, **kwargs)
