"""A release of untrained networks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.untrained import write_release


@pytest.fixture(scope="session")
def make_release(tmp_path_factory) -> Callable[..., Path]:
    """make_release(outputs="both", label="next", smooth_radius=0) -> folder of a release"""

    def make(**options) -> Path:
        root = tmp_path_factory.mktemp("release")
        return write_release(root / "releases", root / "serving", **options)

    return make


@pytest.fixture(scope="session")
def release(make_release) -> Path:
    """A release of both labels, next-frame, unsmoothed."""
    return make_release()
