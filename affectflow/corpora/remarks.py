"""What is said of a corpus while it is listed: it stops no build, but people should know it.

An adapter remarks (``remark("7 rows name no video …")``) without knowing who hears it: the log
does, and whoever collects remarks meanwhile, such as a command line or the page of a run.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

_log = logging.getLogger(__name__)
_collected: ContextVar[list[str] | None] = ContextVar("remarks", default=None)

EXAMPLES = 3
"""How many names a message gives as examples."""


def remark(text: str) -> None:
    """Says something of the corpus that is listed; the same text is said once."""
    _log.warning("%s", text)
    heard = _collected.get()
    if heard is not None and text not in heard:
        heard.append(text)


@contextmanager
def collected() -> Iterator[list[str]]:
    """Gives the list of the remarks that are made in the block, in order."""
    heard: list[str] = []
    token = _collected.set(heard)
    try:
        yield heard
    finally:
        _collected.reset(token)


def examples(names: Sequence[str]) -> str:
    """The first few names, and an ellipsis where there are more."""
    return ", ".join(names[:EXAMPLES]) + (", …" if len(names) > EXAMPLES else "")
