"""The texts of corpus.txt with what each means, and a table of what they are taken for:

    .venv/bin/python -m tests.booking.messaging.corpus

Must not judge a text itself (booking/messaging/keywords.py does)."""

import os
import sys
from collections import Counter
from pathlib import Path

FILE = Path(__file__).with_name("corpus.txt")
MEANINGS = ("stop", "start", "help", "other")


def load() -> list[tuple[str, str]]:
    """Each text with its label. The newline alone is no part of a text."""
    found, label = [], ""
    for line in FILE.read_text().splitlines():
        if line.startswith("["):
            label = line.strip("[]")
        elif line and not line.startswith("#"):
            found.append((line, label))
    return found


def main() -> int:
    """Print the table; 1 when a text is misread."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from booking.messaging.keywords import meaning_of

    read = [(text, label, str(meaning_of(text))) for text, label in load()]
    counts = Counter((label, taken) for _text, label, taken in read)
    print(f"{'meant ↓  taken for →':22}" + "".join(f"{name:>8}" for name in MEANINGS))
    for label in MEANINGS:
        print(f"{label:22}" + "".join(f"{counts[label, taken]:8}" for taken in MEANINGS))
    wrong = [(text, label, taken) for text, label, taken in read if label != taken]
    print(f"{len(read)} texts, {len(wrong)} misread")
    for text, label, taken in wrong:
        print(f"  {label} taken for {taken}: {text}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
