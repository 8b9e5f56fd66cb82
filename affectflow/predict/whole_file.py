"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from affectflow.predict.results import shortened

# Of the 255 bytes that a name may have: the rest is for the process's number and the ending.
_LONGEST = 200


def part_of(target: Path) -> Path:
    """Where ``target`` is written until it is whole: beside it, hidden, of this process alone."""
    return target.with_name(f".{shortened(target.name, _LONGEST)}.{os.getpid()}.part")


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Gives a path to write to, which becomes ``target`` when the block ends well."""
    part = part_of(target)
    try:
        yield part
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
