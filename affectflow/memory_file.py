"""A file that lies in memory: for what a process says, which is read in a moment."""

from __future__ import annotations

import os
from typing import BinaryIO


def memory_file() -> BinaryIO:
    """An empty file, to be read and written, that other processes can be given.

    Not on a disk: where that is full, a process's words would be lost, and with them why it failed.
    """
    return os.fdopen(os.memfd_create("affectflow"), "w+b")
