"""The last gate before a log line is written: takes out what could identify a person. Must not decide what is said."""

import logging
import re

_PATTERNS = (
    # It begins where no such sign stands before it: else a long address without @ costs the square of its length.
    (re.compile(r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"), "[email]"),
    # The token of a private link, of a draft that was shared or of a doctor’s calendar stands in the path.
    (re.compile(r"(/(?:r|preview|calendar)/)[^/\s\"'?]+"), r"\1[token]"),
    # Seven digits or more, however they are spelled; dates and times are shorter or broken by colons.
    (re.compile(r"(?<![\w:.])\+?\(?\d(?:[\s().-]*\d){6,14}(?![\w:])"), "[number]"),
)

# Signs that end a line or steer a terminal, each with its escape: nobody can forge a record or hide one.
_ESCAPES = {code: repr(chr(code))[1:-1] for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}
LONGEST = 2000  # an address may have 60,000 signs, and its line is written each time


def without_personal_data(text: str) -> str:
    """`text` with email addresses, phone numbers and private link tokens replaced by a word."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class NoPersonalDataFormatter(logging.Formatter):
    """Time, level, logger, message, traceback; all of it scrubbed, one record a line for injected line breaks."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S%z")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        """The first line, with line breaks shown as text."""
        stamp = self.formatTime(record, self.datefmt)
        message = without_personal_data(record.message).translate(_ESCAPES)[:LONGEST]
        return f"{stamp} {record.levelname} {record.name} {message}"

    def formatException(self, ei: object) -> str:  # noqa: N802 (logging's name)
        """The traceback without personal values in exception texts."""
        return _inset(super().formatException(ei))  # type: ignore[arg-type]

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 (logging's name)
        """The stack, like a traceback."""
        return _inset(super().formatStack(stack_info))


def _inset(text: str) -> str:
    """Lines that no reader takes for records: each begins with spaces, whatever an exception's text holds."""
    lines = without_personal_data(text).split("\n")
    return "\n".join("    " + line.translate(_ESCAPES) for line in lines)
