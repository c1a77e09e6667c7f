"""The last gate before a log line is written: takes out what could identify a person. Must not decide what is said."""

import logging
import re

_PATTERNS = (
    # It begins where no such sign stands before it: else a long address without @ costs the square of its length.
    (re.compile(r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"), "[email]"),
    # A private link's token stands in the path.
    (re.compile(r"(/r/)[^/\s\"'?]+"), r"\1[token]"),
    # Seven digits or more, however they are spelled; dates and times are shorter or broken by colons.
    (re.compile(r"(?<![\w:.])\+?\(?\d(?:[\s().-]*\d){6,14}(?![\w:])"), "[number]"),
)


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
        """The first line, with line breaks shown as text so that nobody can forge a record."""
        stamp = self.formatTime(record, self.datefmt)
        message = record.message.replace("\r", "\\r").replace("\n", "\\n")
        return f"{stamp} {record.levelname} {record.name} {without_personal_data(message)}"

    def formatException(self, ei: object) -> str:  # noqa: N802 (logging's name)
        """The traceback without personal values in exception texts."""
        return without_personal_data(super().formatException(ei))  # type: ignore[arg-type]
