"""A digest of the code that makes an artifact.

TFX's cache key leaves the code out. With this digest among a node's properties, changed code runs
again and unchanged code does not.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).parent.parent


@cache
def code_version(*packages: str) -> str:
    """sha256 (first 16 hex digits) over the Python files and schemas of some packages.

    Args:
        packages: folders relative to the project, e.g. ``components/density_sampler``.
    """
    digest = hashlib.sha256()
    for package in sorted(packages):
        folder = _ROOT / package
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".pbtxt"):
                digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0")
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def project_version() -> str:
    """Version of all the code that a run of any pipeline uses."""
    return code_version("affectflow", "components", "pipelines", "schemas")
