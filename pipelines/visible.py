"""Texts from elsewhere as a terminal, or who reads a log, may see them."""

from __future__ import annotations

import logging
import unicodedata

_INDENT = "  "
_OURS = ("affectflow", "components", "pipelines")


def visible(text: object) -> str:
    r"""A text in which nothing moves the cursor or changes colours: ``\x1b``, not an escape.

    Names of files and runs may hold anything. What cannot be seen is written as in a Python
    string, ends of lines, marks that turn the direction of writing and halves of characters among
    it.
    """
    return "".join(char if _shown(char) else _escape(char) for char in str(text))


def visible_lines(text: str, indent: str = "") -> str:
    """The same of a text of several lines, which stay lines."""
    return "\n".join(indent + visible(line) if line else "" for line in text.split("\n"))


class VisibleFormatter(logging.Formatter):
    """Writes what this project logs as one line each, whatever it names.

    What libraries log may have several lines, and so have tracebacks. All but the first are
    indented, so that none can be taken for a line of the log.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The record's own line."""
        if is_ours(record):
            record.message = visible(record.message)
        else:
            record.message = visible_lines(record.message, _INDENT).removeprefix(_INDENT)
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:
        """Its traceback."""
        return visible_lines(super().formatException(ei), _INDENT)  # type: ignore[arg-type]


def is_ours(record: logging.LogRecord) -> bool:
    """Whether this project wrote it, and no library."""
    return record.name.partition(".")[0] in _OURS


def _shown(character: str) -> bool:
    # C: controls, formats (of which some turn the direction), halves of pairs, unassigned.
    # Zl and Zp break lines.
    category = unicodedata.category(character)
    return not (category.startswith("C") or category in ("Zl", "Zp"))


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
