"""Files that appear whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Of the 255 bytes that a name may have: the rest is for the process's number and the ending.
_LONGEST = 200


def part_of(target: Path) -> Path:
    """Where ``target`` is written until it is whole: beside it, hidden, of this process alone."""
    return target.with_name(f".{shortened(target.name, _LONGEST)}.{os.getpid()}.part")


def shortened(name: str, most: int) -> str:
    """A name of at most so many bytes; one that is cut is told from others by a digest."""
    whole = os.fsencode(name)
    if len(whole) <= most:
        return name
    digest = hashlib.sha256(whole).hexdigest()[:8]
    # A letter that would be cut in two goes.
    return f"{whole[: most - len(digest) - 1].decode('utf-8', 'ignore')}~{digest}"


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Gives a path to write to, which becomes ``target`` when the block ends well."""
    part = part_of(target)
    try:
        yield part
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
