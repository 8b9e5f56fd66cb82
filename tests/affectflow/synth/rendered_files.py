"""What a rendered corpus holds, for comparing it with what it should hold."""

from __future__ import annotations

import hashlib
from pathlib import Path


def files(root: Path) -> dict[str, str]:
    """Path below root -> digest of what is in it."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
