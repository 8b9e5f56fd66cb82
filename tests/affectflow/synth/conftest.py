from __future__ import annotations

import pytest

from affectflow.synth.photograph import Photograph, load_photograph


@pytest.fixture(scope="session")
def photograph() -> Photograph:
    return load_photograph()
