from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def tree(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder from {relative path: text}; adapters look at names only, never into videos."""

    def make(files: dict[str, str]) -> Path:
        root = tmp_path / "corpus"
        root.mkdir(exist_ok=True)
        for name, text in files.items():
            path = root / name
            assert root in path.parents, f"{name} would be written outside of the test's folder"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return root

    return make
