"""The one script of the public pages: it counts the days of a cycle. It stands inside its page, and the policy lets
through these bytes and no other script. Must not import Django's settings, which name `SOURCE`.

Inside, because a request of its own kept the first words of the page waiting (pages/DECISIONS.md).
"""

import hashlib
import re
from base64 import b64encode
from pathlib import Path
from typing import Final

from django.utils.safestring import SafeString, mark_safe

FILE: Final = Path(__file__).resolve().parent.parent / "templates/components/cycle_helper.js"


def sent(source: str) -> str:
    """The script without whole lines of comment and without indentation, which are a third of its bytes.

    Raises ValueError where its text would end the element it stands in.
    """
    if re.search(r"</script|<!--", source, re.IGNORECASE):
        raise ValueError(f"{FILE.name} holds text that ends or opens an element")
    return re.sub(r"^[ \t]+", "", re.sub(r"^[ \t]*//.*\n", "", source, flags=re.MULTILINE), flags=re.MULTILINE)


def allowed(script: str) -> str:
    """The name of a script in a policy: the digest of its bytes (W3C, Content Security Policy Level 3, hash-source)."""
    return f"'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


_SENT: Final = sent(FILE.read_text())
SOURCE: Final = allowed(_SENT)
# A module waits until the page is there. Nothing depends on it.
ELEMENT: Final[SafeString] = mark_safe(f'<script type="module">{_SENT}</script>')  # noqa: S308 (our own file)
