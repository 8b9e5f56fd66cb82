"""Zip files, and NumPy's, of which no byte need be as it was written."""

from __future__ import annotations

import errno
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

UNUSABLE = (
    zipfile.BadZipFile, zlib.error, ValueError, TypeError, KeyError, AttributeError, EOFError,
    RuntimeError, struct.error,
)  # fmt: skip
"""What zipfile, NumPy and json raise of damage, inside of :func:`damage_told`."""


@contextmanager
def damage_told() -> Iterator[None]:
    """Makes one of UNUSABLE of an OSError that speaks of the file's content and not of the disk."""
    try:
        yield
    except OSError as error:
        # A damaged table of contents may name a place before the file's beginning.
        if error.errno != errno.EINVAL:
            raise
        raise zipfile.BadZipFile("its table of contents is damaged") from error
